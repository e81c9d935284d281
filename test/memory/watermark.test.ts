// A publisher at full speed into a queue that nobody reads, with a memory limit of 256 MB, against the real command in its
// own process: its memory stays below the limit, the publisher is told, and goes on when a consumer drains. The short form
// runs with all tests; SOAK=long runs every size and several rounds.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import '../soak/child.ts' // builds what is stale
import { connect, until } from '../support/clients.ts'
import { Drain, Flood } from './flood.ts'

const long = process.env['SOAK'] === 'long'
const limit = 256_000_000

let server: ChildProcess | undefined
afterEach(async () => {
  const child = server
  server = undefined
  if (child === undefined || child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
})

/** `warren start` with a memory limit; returns its first URL and the admin port's. */
async function start(nodes: number): Promise<{ url: string; admin: string }> {
  const words = ['start', '--nodes', String(nodes), '--port', '0', '--memory-limit', '256MB']
  server = fork(join(import.meta.dirname, '..', '..', 'dist', 'cli.js'), words, {
    silent: true,
    execArgv: [],
  })
  let said = ''
  while (!said.includes('Ctrl-C')) said += (await once(server.stdout!, 'data'))[0]
  return { url: /amqp:\S+/.exec(said)![0], admin: /http:\S+/.exec(said)![0] }
}

/** Resident memory at its highest so far, in bytes, as the kernel counts it. */
const peak = () =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server!.pid}/status`, 'utf8'))![1]) * 1024

async function api(admin: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Basic ${btoa('guest:guest')}`, 'content-type': 'application/json' }
  const init = body === undefined ? { headers } : { headers, method: 'PUT', body: JSON.stringify(body) }
  const response = await fetch(`${admin}/api${path}`, init)
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

const cases = [
  { size: 100, persistent: false, nodes: 1 },
  { size: 10_000, persistent: true, nodes: 1 },
  { size: 100, persistent: true, nodes: 1 },
  { size: 10_000, persistent: false, nodes: 1 },
  { size: 100, persistent: true, nodes: 3 },
  { size: 1_000_000, persistent: false, nodes: 3 },
]

describe.each(long ? cases : cases.slice(0, 2))(
  'a flood of $size bytes each (persistent: $persistent, mirrored on $nodes)',
  ({ size, persistent, nodes }) => {
    it('stays below the limit, is told that it is blocked, and goes on when a consumer drains', async () => {
      const { url, admin } = await start(nodes)
      await api(admin, '/policies/%2F/all', { pattern: '^flooded$', definition: { 'ha-mode': 'all' } })
      const onlooker = await connect(url)
      onlooker.on('error', () => {})
      const channel = await onlooker.createChannel()
      await channel.assertQueue('flooded')
      const ready = async () => (await channel.checkQueue('flooded')).messageCount
      const flood = new Flood(url, 'flooded', size, persistent)
      for (let round = 1; round <= (long ? 5 : 2); round++) {
        const full = await until('it is blocked and nothing more comes', async () => {
          const count = await ready()
          const { status } = await api(admin, '/health/checks/alarms')
          return status === 503 && flood.blocked > flood.unblocked && count === (await ready()) ? count : 0
        })
        if (round === 1) expect(full).toBeGreaterThan(0.25 * (limit / (size + 600)))
        const alarms = Array(nodes).fill({ resource: 'memory' })
        expect(await api(admin, '/health/checks/alarms')).toMatchObject({ status: 503, body: { alarms } })
        const entries = (await api(admin, '/nodes')).body as { mem_alarm: boolean; mem_limit: number }[]
        for (const entry of entries) expect(entry).toMatchObject({ mem_alarm: true, mem_limit: limit })
        const { blocked } = flood
        const drain = new Drain(url, 'flooded')
        await until('it is unblocked', () => flood.unblocked >= blocked)
        // More than was there: what is published now is delivered too.
        await until('it goes on', () => drain.delivered > full)
        drain.close()
      }
      flood.close()
      const last = new Drain(url, 'flooded')
      await until('all is drained', async () => (await ready()) === 0)
      last.close()
      console.log(
        `${size} bytes, persistent ${persistent}, ${nodes} nodes: at most ${Math.round(peak() / 1e6)} MB`,
      )
      expect(peak()).toBeLessThan(limit)
      await onlooker.close()
    }, 120_000)
  },
)
