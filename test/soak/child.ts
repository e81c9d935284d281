// The server processes of the soak tests: one that tells its heap, and the real command. Every process started here is
// ended by the test that asked for it.

import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

// `npm test` has built already; then this is one look at the files' times.
execFileSync(process.execPath, [join(root, 'build.mjs'), '--if-stale'], { stdio: 'pipe' })

/** Bytes after a full collection, and how many connections are open. */
export interface Memory {
  readonly heapUsed: number
  readonly external: number
  readonly rss: number
  readonly connections: number
}

export interface SoakServer {
  readonly url: string
  readonly tlsUrl: string
  /** That vouches for the TLS port. */
  readonly ca: string
  memory(): Promise<Memory>
  stop(): Promise<void>
}

/** Resident memory of a process, in bytes, as the system counts it. */
export function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) * 1024
}

/** One node in a child that can be asked for its memory. */
export async function soakServer(): Promise<SoakServer> {
  const child = fork(join(import.meta.dirname, 'server.mjs'), { execArgv: ['--expose-gc'] })
  const [places] = await once(child, 'message')
  return {
    ...places,
    memory: async () => {
      child.send({})
      return (await once(child, 'message'))[0]
    },
    stop: () => end(child),
  }
}

export interface Command {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** `warren start` with one node, exactly as a user runs it. */
export async function command(): Promise<Command> {
  const words = ['start', '--nodes', '1', '--port', '0']
  const child = fork(join(root, 'dist', 'cli.js'), words, { silent: true, execArgv: [] })
  let said = ''
  while (!said.includes('Ctrl-C')) said += (await once(child.stdout!, 'data'))[0]
  return { url: /amqp:\S+/.exec(said)![0], pid: child.pid!, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
