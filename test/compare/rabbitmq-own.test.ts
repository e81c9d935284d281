// A place for a real cluster of one's own: what is left of it when the process that opened it ends, however it ends. The nodes
// are stand-ins here, processes started as the control script starts its own; test/oracle has real ones.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test, vi } from 'vitest'
import type { Opening } from '../../compare/scenario/target.ts'
import { assertInstalled } from '../../compare/targets/rabbitmq-own.ts'
import { OwnClusters } from '../../compare/targets/real-own.ts'

const opener = `
  import { spawn } from 'node:child_process'
  const { OwnPlace } = await import(process.argv[1])
  const place = await OwnPlace.open()
  const node = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env: { ...process.env, HOME: place.folder + '/home' } })
  // Before the lines that tell the test to go on.
  process.on('SIGTERM', async () => {
    await place.close()
    process.exit(143)
  })
  console.log(place.folder)
  console.log(node.pid)
  setInterval(() => {}, 1000)
`
const module = new URL('../../dist/compare/targets/rabbitmq-own.js', import.meta.url).href
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** A process that has opened a place; the pid is that of a node in it. */
async function opened(): Promise<{ child: ChildProcess; folder: string; pid: number }> {
  const env = { ...process.env, RABBIT_HOME: '/' }
  const child = spawn(process.execPath, ['--input-type=module', '-e', opener, module], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  started.push(child)
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const folder = String((await lines.next()).value)
  return { child, folder, pid: Number((await lines.next()).value) }
}

const runs = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const gone = (folder: string, pid: number) =>
  expect.poll(() => existsSync(folder) || runs(pid), { timeout: 10_000 }).toBe(false)

test('when it is closed, its nodes and its folder are gone', async () => {
  const { child, folder, pid } = await opened()
  expect([existsSync(folder), runs(pid)]).toEqual([true, true])
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  expect(code).toBe(143)
  expect([existsSync(folder), runs(pid)]).toEqual([false, false])
})

test('when its process is killed, its nodes and its folder go all the same', async () => {
  const { child, folder, pid } = await opened()
  child.kill('SIGKILL')
  await gone(folder, pid)
})

const opening = {
  ...{ seed: 1, nodes: 1, partitionHandling: 'ignore', netTickMs: 60_000, costs: 'none', messages: 1 },
  ...{ links: { delayMs: null, bandwidth: null, pairs: [] }, disk: { flushMs: null } },
  ...{ policies: [], operatorPolicies: [], readFile: () => '' },
  topology: { exchanges: [], queues: [], bindings: [] },
} satisfies Opening

test('a server that does not start ends it with what it said, in one sentence, and leaves nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'warren-no-server-'))
  const program = (name: string, text: string) =>
    writeFileSync(join(home, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  mkdirSync(join(home, 'sbin'))
  mkdirSync(join(home, 'temporary'))
  program(
    join('sbin', 'rabbitmq-server'),
    'echo BOOT FAILED; echo "ERROR: no room on the disk"; echo; exit 1',
  )
  program('epmd', 'exit 0')
  vi.stubEnv('RABBIT_HOME', home)
  vi.stubEnv('PATH', `${home}:${process.env['PATH']}`)
  vi.stubEnv('TMPDIR', join(home, 'temporary'))
  const own = new OwnClusters()
  try {
    await expect(own.open(opening)).rejects.toThrow(
      /^RabbitMQ could not be started: r1 died while starting: ERROR: no room on the disk\.?$/,
    )
    await own.close()
    expect(readdirSync(join(home, 'temporary'))).toEqual([])
    await expect(own.open(opening)).rejects.toThrow(/^interrupted$/)
  } finally {
    await own.close()
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true })
  }
})

test('without a RabbitMQ one sentence says what to install', () => {
  vi.stubEnv('RABBIT_HOME', '/nowhere')
  try {
    expect(assertInstalled).toThrow(/^No RabbitMQ is installed here: run 'apt-get install rabbitmq-server'/)
  } finally {
    vi.unstubAllEnvs()
  }
})
