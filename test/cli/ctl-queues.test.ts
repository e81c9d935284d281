// The verbs of `warren ctl` that need a queue in a certain state: one that waits for its leader, one that fills its mirrors,
// leaders to be spread (docs/observed.md §4.6, §4.8, §20).
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { type RunningCluster, type StartOptions, startCluster } from '../../index.ts'
import { connect, put } from '../support/clients.ts'
import { endAll, warren } from './warren.ts'

afterAll(endAll)

async function cluster(options: StartOptions = {}): Promise<RunningCluster> {
  const started = await startCluster({ nodes: 3, port: 0, adminPort: 0, ...options })
  onTestFinished(() => started.stop())
  return started
}

async function ctl({ adminUrl }: RunningCluster, ...words: string[]): Promise<string> {
  const { code, out, err } = await warren('ctl', '--url', adminUrl!, ...words)
  expect({ words, code, err }).toEqual({ words, code: 0, err: '' })
  return out
}

async function channelOf({ urls }: RunningCluster, number: number) {
  const client = await connect(urls[number - 1]!)
  onTestFinished(() => client.close().catch(() => {}))
  return client.createConfirmChannel()
}

const ha = (definition: Record<string, unknown>) => ({ name: 'ha', pattern: '', definition })

test('a queue that waits for its leader is in no list (docs/observed.md §4.6)', async () => {
  const running = await cluster()
  const channel = await channelOf(running, 1)
  await channel.assertQueue('waits')
  await put(channel, 'waits', 'm')
  await running.setPolicy(ha({ 'ha-mode': 'all', 'ha-promote-on-failure': 'when-synced' }))
  await running.node(1).kill()
  for (const option of ['-q', '--offline', '--online'])
    expect(await ctl(running, 'list_queues', '-s', option)).toBe('')
})

test('a queue that fills its mirrors is shown with what it has sent, and cancelled (docs/observed.md §4.8)', async () => {
  const running = await cluster({ syncThroughput: 1000 })
  const channel = await channelOf(running, 1)
  await channel.assertQueue('large')
  await put(channel, 'large', ...Array.from({ length: 40 }, () => 'x'.repeat(1000)))
  await running.setPolicy(ha({ 'ha-mode': 'all', 'ha-sync-batch-size': 1 }))
  const api = `${running.adminUrl}/api/queues/%2F/large`
  const headers = { authorization: `Basic ${btoa('guest:guest')}` }
  const body = JSON.stringify({ action: 'sync' })
  expect((await fetch(`${api}/actions`, { method: 'POST', headers, body })).status).toBe(204)
  const [state, level] = (await ctl(running, 'list_queues', '-s', 'state', 'synchronised_mirrors')).split(
    '\t',
  )
  expect([state, level]).toEqual([expect.stringMatching(/^\{syncing, \d+\}$/), '[]\n'])
  const entry = (await (await fetch(api, { headers })).json()) as Record<string, unknown>
  expect(entry).toMatchObject({ state: 'syncing', sync_messages: expect.any(Number), messages: 40 })
  expect(await ctl(running, 'cancel_sync_queue', 'large')).toBe(
    "Stopping synchronising queue 'large' in vhost '/' ...\n",
  )
  expect(await ctl(running, 'list_queues', '-s', 'state', 'synchronised_mirrors')).toBe('running\t[]\n')
  expect(await ctl(running, 'cancel_sync_queue', 'large')).toContain('\nnot_syncing\n')
})

test('sync_queue comes back when the mirrors are level', async () => {
  const running = await cluster({ syncThroughput: 20_000 })
  const channel = await channelOf(running, 1)
  await channel.assertQueue('large')
  await put(channel, 'large', ...Array.from({ length: 10 }, () => 'x'.repeat(1000)))
  await running.setPolicy(ha({ 'ha-mode': 'nodes', 'ha-params': ['rabbit@node1', 'rabbit@node3'] }))
  await ctl(running, 'sync_queue', 'large')
  expect(await ctl(running, 'list_queues', '-s', 'state', 'synchronised_mirrors')).toBe(
    'running\t[rabbit@node3]\n',
  )
})

describe('rebalance', () => {
  const edge = (letters: string) => `\x1b(0${letters}\x1b(B`
  const bold = (text: string) => `\x1b[1m${text}\x1b[0m`
  const bar = edge('x')

  test('spreads the leaders and draws who leads how many', async () => {
    const running = await cluster()
    await running.setPolicy(ha({ 'ha-mode': 'all' }))
    const channel = await channelOf(running, 1)
    for (const name of ['a', 'b', 'c', 'd']) await channel.assertQueue(name)
    const [q, w] = ['q'.repeat(14), 'q'.repeat(25)]
    const row = (name: string, count: number) =>
      `${bar} ${name} ${bar} 0                       ${bar} ${count}                                   ${bar}`
    const rule = edge(`t${q}n${w}n${'q'.repeat(37)}u`)
    expect(await ctl(running, 'rebalance', 'all')).toBe(
      [
        'Re-balancing leaders of all queues...',
        edge(`l${q}w${w}w${'q'.repeat(37)}k`),
        `${bar} ${bold('Node name')}    ${bar} ${bold('Number of quorum queues')} ${bar} ` +
          `${bold('Number of replicated classic queues')} ${bar}`,
        ...[rule, row('rabbit@node3', 1), rule, row('rabbit@node2', 1), rule, row('rabbit@node1', 2)],
        edge(`m${q}v${w}v${'q'.repeat(37)}j`),
        '',
      ].join('\n'),
    )
    const nodes = (await ctl(running, 'list_queues', '-s', 'node')).trim().split('\n').sort()
    expect(nodes).toEqual(['rabbit@node1', 'rabbit@node1', 'rabbit@node2', 'rabbit@node3'])
  })

  test('is bounded by patterns, and silent or JSON as asked', async () => {
    const running = await cluster()
    await running.setPolicy(ha({ 'ha-mode': 'all' }))
    const channel = await channelOf(running, 1)
    for (const name of ['a1', 'a2', 'b1', 'b2']) await channel.assertQueue(name)
    const json = await ctl(running, 'rebalance', 'classic', '--queue-pattern', '^a', '--formatter', 'json')
    const cells = (name: string) => [
      ['Node name', name],
      ['Number of quorum queues', 0],
      ['Number of replicated classic queues', 1],
    ]
    const { node, result, value } = JSON.parse(json) as { node: string; result: string; value: unknown[][][] }
    expect([node, result, value.at(-1)]).toEqual(['rabbit@node1', 'ok', cells('rabbit@node1')])
    const leaders = await ctl(running, 'list_queues', '-s', 'name', 'node')
    expect(leaders).toContain('b1\trabbit@node1\n')
    expect(leaders).toContain('b2\trabbit@node1\n')
    expect(await ctl(running, 'rebalance', 'all', '-q', '--vhost-pattern', '^none$')).toBe(
      [
        edge('lqqqqqqqqk'),
        `${bar} ${bold('Output')} ${bar}`,
        edge('tqqqqqqqqu'),
        `${bar} []     ${bar}`,
        edge('mqqqqqqqqj'),
        '',
      ].join('\n'),
    )
  })

  test('knows three types, and says which', async () => {
    const running = await cluster()
    const { code, err } = await warren('ctl', '--url', running.adminUrl!, 'rebalance', 'nope')
    expect([code, err]).toEqual([
      69,
      'Error:\ntype nope is not supported. Try one of all, classic, quorum.\n',
    ])
    expect(await ctl(running, 'rebalance', 'quorum')).toContain('Re-balancing leaders of quorum queues...')
  })
})
