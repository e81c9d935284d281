// The real command, dist/cli.js, as a child process: `warren` runs it to its end, `start` until its ports are open. Used
// by the tests of this folder only; every process it starts is ended by the test file that asked for it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until, within } from '../support/clients.ts'

const root = join(import.meta.dirname, '..', '..')
const cli = join(root, 'dist', 'cli.js')

// `npm test` has built already; then this is one look at the files' times.
execFileSync(process.execPath, [join(root, 'build.mjs'), '--if-stale'], { stdio: 'pipe' })

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A child that collects what it says. */
class Child {
  readonly process: ChildProcess
  /** Settles when the process is gone and its output read. */
  readonly ended: Promise<Ended>
  out = ''
  err = ''

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(process.execPath, [cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.process.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk.toString()
    })
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.err += chunk.toString()
    })
    this.ended = once(this.process, 'close').then(([code]) => ({ code, out: this.out, err: this.err }))
  }
}

/** A command that computes may take its time where the machine is busy. */
const patienceMs = 60_000

/** Runs `warren` with these words until it ends. */
export function warren(...args: string[]): Promise<Ended> {
  const child = new Child(args, { NO_COLOR: '' })
  return within(
    child.ended,
    () => `warren ${args.join(' ')} did not end: ${child.out}${child.err}`,
    patienceMs,
  )
}

/** Runs `warren` with these words and lets it go on; `signal` or `endAll` ends it. */
export const background = (...args: string[]) => goingOn(new Child(args, { NO_COLOR: '' }))

/** The same, and it takes its standard error for a terminal, so that it shows how far it is. */
export function watched(...args: string[]) {
  const terminal = 'process.stderr.isTTY=true;process.stderr.columns=100'
  return goingOn(new Child(args, { NODE_OPTIONS: `--import=data:text/javascript,${terminal}` }))
}

function goingOn(child: Child) {
  running.add(child)
  void child.ended.then(() => running.delete(child))
  return {
    get out() {
      return child.out
    },
    get err() {
      return child.err
    },
    signal: (name: NodeJS.Signals) => void child.process.kill(name),
    ended: child.ended,
  }
}

export interface Started {
  readonly urls: readonly string[]
  readonly adminUrl: string
  /** All it has printed so far, and all it has complained of. */
  readonly out: string
  readonly err: string
  /** `warren ctl` about this cluster. */
  ctl(...args: string[]): Promise<Ended>
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

const running = new Set<Child>()

/** Runs `warren start` with these options and resolves once it has printed its places. */
export async function start(...args: string[]): Promise<Started> {
  const child = new Child(['start', ...args])
  running.add(child)
  void child.ended.then(() => running.delete(child))
  await until(`warren start ${args.join(' ')} says where it is`, () => {
    if (child.process.exitCode !== null) throw new Error(`it ended: ${child.out}${child.err}`)
    return child.out.includes('Ctrl-C')
  })
  const adminUrl = /^admin +(\S+)$/m.exec(child.out)?.[1] ?? ''
  return {
    urls: [...child.out.matchAll(/^rabbit@node\d+ +(amqp:\S+)$/gm)].map(([, url]) => url!),
    adminUrl,
    get out() {
      return child.out
    },
    get err() {
      return child.err
    },
    ctl: (...words) => warren('ctl', '--url', adminUrl, ...words),
    signal: (name) => void child.process.kill(name),
    ended: child.ended,
  }
}

/** Ends what is still running; for afterAll. */
export async function endAll(): Promise<void> {
  for (const child of running) child.process.kill('SIGKILL')
  await Promise.all([...running].map((child) => child.ended))
}
