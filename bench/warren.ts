// A Warren of its own for each measurement: `warren start` as a separate process on free ports, timed until every AMQP
// port answers, and stopped again. Called by run.ts; it knows nothing of workloads.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Complaint } from './complaint.ts'
import { type ProcessUse, useOf } from './machine.ts'
import { accepts, freePorts, host } from './ports.ts'
import type { Target } from './target.ts'

const startTimeoutMs = 60_000
const stopTimeoutMs = 5_000
/** How often the ports are tried while it starts: the resolution of the start time. */
const probeMs = 5

export class Warren implements Target {
  readonly addresses: readonly string[]
  startMs = 0
  /** Where its HTTP API is, as it said itself. */
  adminUrl = ''
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #orphaned = () => {
    this.#child.kill('SIGKILL')
    this.#remove()
  }

  private constructor(addresses: readonly string[], child: ChildProcess, folder: string) {
    this.addresses = addresses
    this.#child = child
    this.#folder = folder
    // Whatever ends this process ends that one.
    process.once('exit', this.#orphaned)
  }

  /** Starts `nodes` nodes; `extra` options are handed on to `warren start`. Throws a Complaint with its last words. */
  static async start(nodes: number, extra: readonly string[] = []): Promise<Warren> {
    const cli = fileURLToPath(new URL('../cli.js', import.meta.url))
    if (!existsSync(cli)) throw new Complaint(`${cli} is missing: run \`npm run build\` first`)
    const port = await freePorts(nodes)
    const addresses = Array.from({ length: nodes }, (_, i) => `${host}:${port + i}`)
    const folder = mkdtempSync(join(tmpdir(), 'warren-bench-'))
    const options = ['start', '--nodes', String(nodes), '--port', String(port), '--admin-port', '0', ...extra]
    const began = performance.now()
    const child = spawn(process.execPath, [cli, ...options], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = listen(child)
    const warren = new Warren(addresses, child, folder)
    try {
      warren.startMs = await ready(child, said, addresses, began)
      warren.adminUrl = /\bhttp:\/\/\S+/.exec(said.stdout)?.[0] ?? ''
      return warren
    } catch (error) {
      await warren.stop()
      throw error
    }
  }

  use(): ProcessUse | null {
    return useOf(this.#child.pid)
  }

  /** Processor time of all its threads so far, in us. Needs /proc. */
  cpuMicros(): number {
    const tasks = `/proc/${this.#child.pid}/task`
    const nanos = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    )
    return nanos.reduce((sum, one) => sum + one, 0) / 1000
  }

  /** Resident memory at this moment, in bytes. Needs /proc. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  async stop(): Promise<void> {
    await end(this.#child)
    process.removeListener('exit', this.#orphaned)
    this.#remove()
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Everything the process has written so far; read on so that its pipes never fill. */
interface Said {
  stdout: string
  stderr: string
}

function listen(child: ChildProcess): Said {
  const said: Said = { stdout: '', stderr: '' }
  const tail = (before: string, chunk: Buffer) => (before + chunk.toString()).slice(-16_384)
  child.stdout?.on('data', (chunk: Buffer) => (said.stdout = tail(said.stdout, chunk)))
  child.stderr?.on('data', (chunk: Buffer) => (said.stderr = tail(said.stderr, chunk)))
  return said
}

/** Resolves with the start time once every port accepts and the URLs are printed. */
async function ready(
  child: ChildProcess,
  said: Said,
  addresses: readonly string[],
  began: number,
): Promise<number> {
  const closed = new Set(addresses)
  let openMs = 0
  for (;;) {
    for (const address of closed) if (await accepts(address)) closed.delete(address)
    const now = performance.now() - began
    if (closed.size === 0 && openMs === 0) openMs = now
    if (openMs > 0 && /\bamqp:\/\//.test(said.stdout)) return openMs
    const last = said.stderr.trim() || said.stdout.trim() || 'it said nothing'
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Complaint(`warren start ended with status ${child.exitCode ?? child.signalCode}: ${last}`)
    if (now > startTimeoutMs) {
      const missing = closed.size > 0 ? `${[...closed].join(', ')} not open` : 'no amqp:// URL printed'
      throw new Complaint(`warren start was not ready after ${startTimeoutMs / 1000} s (${missing}): ${last}`)
    }
    await pause(probeMs)
  }
}

/** SIGTERM, then SIGKILL when it takes too long. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  await gone
  clearTimeout(killer)
}
