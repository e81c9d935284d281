// A real RabbitMQ of its own to compare with: one or three nodes of the installed server on loopback, by the script that the
// behaviour tests use. Called by run.ts; whatever happens, its nodes end with the run.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlScript } from '../compare/targets/rabbitmq-own.ts'
import { Complaint } from './complaint.ts'
import { type ProcessUse, useOfAll } from './machine.ts'
import { accepts, allFree, host } from './ports.ts'
import type { Target } from './target.ts'

const servers = '/usr/lib/rabbitmq/lib'
/** Between two looks at the ports of nodes that start. */
const probeMs = 10
const patienceMs = 120_000

/** The version of the RabbitMQ that is installed here, or null. */
export function installedVersion(): string | null {
  if (!existsSync(servers)) return null
  const versions = readdirSync(servers).map((name) => /^rabbitmq_server-([\d.]+)$/.exec(name)?.[1])
  return (
    versions
      .filter((version) => version !== undefined)
      .sort()
      .at(-1) ?? null
  )
}

export class RabbitMq implements Target {
  readonly addresses: readonly string[]
  startMs: number | null = null
  readonly #folder: string
  readonly #env: NodeJS.ProcessEnv
  readonly #orphaned = () => this.#down()
  #pids: readonly number[] = []

  private constructor(nodes: number, folder: string, shift: number) {
    this.addresses = Array.from({ length: nodes }, (_, i) => `${host}:${5701 + i + shift}`)
    this.#folder = folder
    this.#env = {
      ...process.env,
      ORACLE_DIR: folder,
      ORACLE_SHIFT: String(shift),
      // Without the management plugin, whose statistics cost time with every message.
      ORACLE_PLUGINS: 'rabbitmq_consistent_hash_exchange',
    }
  }

  /** Starts a cluster and waits until it is whole. Throws a Complaint with the server's last words. */
  static async start(nodes: number): Promise<RabbitMq> {
    const folder = mkdtempSync(join(tmpdir(), 'rabbitmq-bench-'))
    const rabbit = new RabbitMq(nodes, folder, await freeShift(nodes))
    process.once('exit', rabbit.#orphaned)
    try {
      await rabbit.#run('up', String(nodes))
      rabbit.#pids = rabbit.#readPids()
      if (nodes > 1) await rabbit.#run('ctl', 'r1', 'set_policy', '--apply-to', 'queues', ...mirroring)
      return rabbit
    } catch (error) {
      await rabbit.stop()
      throw error
    }
  }

  /** Stops all nodes and starts them at once, which is how long a cluster takes that has been one before. */
  async restart(): Promise<number> {
    const names = this.addresses.map((_, i) => `r${i + 1}`)
    for (const name of names) await this.#run('stop', name)
    const began = performance.now()
    await Promise.all(names.map((name) => this.#run('start', name, 'nowait')))
    const closed = new Set(this.addresses)
    while (closed.size > 0) {
      for (const address of closed) if (await accepts(address)) closed.delete(address)
      if (performance.now() - began > patienceMs) throw new Complaint('RabbitMQ did not start again')
      await new Promise((resolve) => setTimeout(resolve, probeMs))
    }
    this.startMs = performance.now() - began
    for (const name of names) await this.#run('ctl', name, 'await_startup')
    this.#pids = this.#readPids()
    return this.startMs
  }

  use(): ProcessUse | null {
    return useOfAll(this.#pids)
  }

  async stop(): Promise<void> {
    process.removeListener('exit', this.#orphaned)
    this.#down()
  }

  /** Nothing in it is worth a clean stop. */
  #down(): void {
    for (const pid of this.#pids) spawnSync('kill', ['-KILL', String(pid)])
    spawnSync(controlScript(), ['down'], { env: this.#env, stdio: 'ignore' })
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #readPids(): number[] {
    const status = execFileSync(controlScript(), ['status'], { env: this.#env, encoding: 'utf8' })
    return [...status.matchAll(/ pid=(\d+)/g)].map(([, pid]) => Number(pid))
  }

  #run(...words: string[]): Promise<void> {
    const options = { env: this.#env, timeout: patienceMs }
    return new Promise((resolve, reject) => {
      execFile(controlScript(), words, options, (error, _out, err) => {
        if (error === null) return resolve()
        const last = err.trim().split('\n').at(-1) ?? ''
        reject(new Complaint(`RabbitMQ could not be used (${words.join(' ')}): ${last || error.message}`))
      })
    })
  }
}

const mirroring = ['bench-mirrored', '^mirrored\\.', '{"ha-mode":"all"}']

/** By how much the script's ports must be moved for all of them to be free. */
async function freeShift(nodes: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const shift = 2000 + Math.floor(Math.random() * 6000)
    const each = Array.from({ length: nodes }, (_, i) => [5701, 25_701].map((port) => port + i + shift))
    if (await allFree([4371 + shift, ...each.flat()])) return shift
  }
  throw new Complaint('no free ports found for RabbitMQ')
}
