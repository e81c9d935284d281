// A place for a real cluster of one's own: what is left of it when the process that opened it ends, however it ends. The nodes
// are stand-ins here, processes started as the control script starts its own; test/oracle has real ones.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { assertInstalled } from '../../compare/targets/rabbitmq-own.ts'

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

test('without a RabbitMQ one sentence says what to install', () => {
  const before = process.env['RABBIT_HOME']
  process.env['RABBIT_HOME'] = '/nowhere'
  try {
    expect(assertInstalled).toThrow(/^No RabbitMQ is installed here: run 'apt-get install rabbitmq-server'/)
  } finally {
    if (before === undefined) delete process.env['RABBIT_HOME']
    else process.env['RABBIT_HOME'] = before
  }
})
