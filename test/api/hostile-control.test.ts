// Random requests to the control API, with seeds: never a 5xx but for a node that does not run, never a mistake of Warren's own, and
// afterwards the cluster can be made whole and serves.

import { afterEach, expect, test, vi } from 'vitest'
import { randomStream } from '../../nodes/loop.ts'
import { type Json, site } from './support.ts'

/** Requests a seed; `HOSTILE=20000` for a long look. */
const count = Number(process.env['HOSTILE'] ?? 200)

afterEach(() => void vi.restoreAllMocks())

const names = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3', 'rabbit@node9', '', '__proto__', 'ä/%', '1']
const scalars: readonly unknown[] = [
  ...[0, 1, -1, 5, 1e12, 1e300, 0.5, null, true, '', 'x', 'cut', 'up', 'silent', 'both', 'one', 'ignore'],
  ...['autoheal', 'pause_minority', 'pause_if_all_down', [], {}, [[]], ['rabbit@node1'], [['rabbit@node1']]],
]
const keys = [
  ...['delay_ms', 'bytes_per_second', 'state', 'direction', 'paused', 'speed', 'ms', 'mode', 'nodes'],
  ...['recover', 'groups', 'between', 'node', 'from', 'set', 'clear', 'replace', 'constructor', 'vhost'],
  ...['fraction', 'bytes'],
]
/** Verbs that take a node away would leave nothing to ask; the stream does not end. */
const spared = ['/warren/events/stream', '/warren/nodes/{name}/{verb}']

test.each([1, 2, 3])('seed %i', async (seed) => {
  const bugs = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { ask, get, client } = await site({ seed, trace: 'messages' })
  const described = Object.entries<Json>((await get('/warren/openapi.json')).paths).filter(
    ([path]) => !spared.includes(path),
  )
  const chance = randomStream(seed, 'hostile')
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)]!
  const body = () => {
    const all: Record<string, unknown> = {}
    for (let n = chance() * 3; n > 0; n--) all[pick(keys)] = pick(scalars)
    return pick([all, all, all, pick(scalars), '{', undefined])
  }
  for (let i = 0; i < count; i++) {
    const [path, methods] = pick(described)
    const method = pick([...Object.keys(methods), 'put', 'delete']).toUpperCase()
    // Sixty-four nodes are enough for one machine.
    if (method === 'POST' && path === '/warren/nodes') continue
    const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(pick(names)))
    const query = pick([
      '',
      '',
      `?${pick([...keys, 'since', 'queues', 'queue', 'id', 'how'])}=${pick(names)}`,
    ])
    const sent = method === 'GET' ? undefined : body()
    const { status } = await ask(method, encodeURI(decodeURI(filled)) + encodeURI(query), sent)
    expect([method, filled, query, sent, status < 500 || status === 503]).toEqual([
      method,
      filled,
      query,
      sent,
      true,
    ])
  }
  expect(bugs.mock.calls).toEqual([])
  await ask('PUT', '/warren/clock', { speed: 1 })
  await ask('PUT', '/warren/partition-handling', { mode: 'ignore' })
  await ask('PUT', '/warren/memory-limit', { fraction: 1 })
  for (const { from, to } of await get('/warren/links')) await ask('DELETE', `/warren/links/${from}/${to}`)
  await ask('DELETE', '/warren/partition')
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('q')
  channel.sendToQueue('q', Buffer.from('x'))
  await channel.waitForConfirms()
})
