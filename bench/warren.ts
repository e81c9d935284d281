// A Warren of its own for each measurement: `warren start` as a separate process on free ports, timed until every AMQP
// port answers, weighed, and stopped again. Called by run.ts; it knows nothing of workloads.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Complaint } from './complaint.ts'

const host = '127.0.0.1'
const startTimeoutMs = 60_000
const stopTimeoutMs = 5_000
/** How often the ports are tried while it starts: the resolution of the start time. */
const probeMs = 10
/** Memory is read once start-up garbage had a moment to go. */
const settleMs = 1_000

export class Warren {
  /** host:port of each node. */
  readonly addresses: readonly string[]
  /** From spawning the process to the last AMQP port accepting, in ms. */
  readonly startMs: number
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(addresses: readonly string[], startMs: number, child: ChildProcess, folder: string) {
    this.addresses = addresses
    this.startMs = startMs
    this.#child = child
    this.#folder = folder
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
    try {
      const startMs = await ready(child, said, addresses, began)
      return new Warren(addresses, startMs, child, folder)
    } catch (error) {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Resident memory in MB after a moment of rest, or null where there is no /proc. */
  async idleMegabytes(): Promise<number | null> {
    await pause(settleMs)
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
      return kilobytes === undefined ? null : Number(kilobytes) / 1024
    } catch {
      return null
    }
  }

  async stop(): Promise<void> {
    await end(this.#child)
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

function accepts(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(address.slice(address.lastIndexOf(':') + 1)), host)
    const done = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => done(true)).once('error', () => done(false))
  })
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

/** The first of `count` neighbouring ports that were all free a moment ago. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = await claim(0)
    const last = first === null ? null : first + count - 1
    if (first === null || last === null || last > 65_535) continue
    let free = true
    for (let port = first + 1; free && port <= last; port++) free = (await claim(port)) !== null
    if (free) return first
  }
  throw new Complaint(`no ${count} neighbouring free ports found`)
}

/** Opens and closes a port; 0 asks the system for one. Null when it is taken. */
function claim(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null))
    })
  })
}
