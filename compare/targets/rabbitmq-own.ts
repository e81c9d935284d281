// A place for a real cluster of one's own: the installed rabbitmq-server, free ports, a temporary folder. Whoever opens it runs
// the control script there; however this process ends, even by SIGKILL, a guard ends the nodes and removes the folder.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Unusable } from './unusable.ts'

/** How the control script is run. */
export interface ControlScript {
  /** Understands up, down, kill, stop, start, freeze, thaw, cut, part, split, silence, deaf, mend and env. */
  readonly path: string
  /** Added to the environment: where its files are and which ports it takes. */
  readonly env: Readonly<Record<string, string>>
  /** Aborted: whatever the script does is given up. */
  readonly signal?: AbortSignal
}

const servers = '/usr/lib/rabbitmq/lib'

/** The script, seen from its folder, from dist/ and from dist/command/. */
const places = [
  join(import.meta.dirname, 'cluster.sh'),
  join(import.meta.dirname, 'compare', 'targets', 'cluster.sh'),
  join(import.meta.dirname, '..', 'compare', 'targets', 'cluster.sh'),
]

/** Where the control script is. */
export const controlScript = (): string => places.find(existsSync) ?? places[0]!

/** Throws Unusable, a sentence that says what to do, when no server is installed here. */
export function assertInstalled(): void {
  const home = process.env['RABBIT_HOME']
  const found =
    home === undefined ? existsSync(servers) && readdirSync(servers).some(isServer) : existsSync(home)
  if (process.platform !== 'linux')
    throw new Unusable('A RabbitMQ of its own is started on Linux only: name a running cluster with --url.')
  if (!found)
    throw new Unusable(
      "No RabbitMQ is installed here: run 'apt-get install rabbitmq-server', or name a running cluster with --url.",
    )
}

const isServer = (name: string) => name.startsWith('rabbitmq_server-')

export class OwnPlace {
  readonly script: ControlScript
  readonly folder: string
  private readonly guard: ChildProcess
  private readonly ended: Promise<void>
  private readonly closing = new AbortController()

  private constructor(folder: string, shift: number) {
    this.folder = folder
    const env = { ORACLE_DIR: folder, ORACLE_SHIFT: String(shift), ORACLE_AT_ONCE: '1' }
    this.script = { path: controlScript(), env, signal: this.closing.signal }
    // In a session of its own, where no Ctrl-C reaches it; its input ends with this process.
    this.guard = spawn('bash', [this.script.path, 'guard'], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, ...env },
    })
    this.ended = new Promise((resolve) => {
      this.guard.once('exit', () => resolve()).once('error', () => resolve())
    })
    this.guard.stdin!.on('error', () => {})
    this.guard.unref()
    ;(this.guard.stdin as unknown as { unref(): void }).unref()
  }

  /** Nothing runs yet. Throws Unusable when no server is installed or no ports are free. */
  static async open(): Promise<OwnPlace> {
    assertInstalled()
    return new OwnPlace(mkdtempSync(join(tmpdir(), 'warren-rabbitmq-')), await freeShift())
  }

  /** Ends all nodes at once, those being started as well, and removes the folder. Never rejects. */
  async close(): Promise<void> {
    // Or what it starts next would outlive the guard.
    this.closing.abort()
    this.guard.ref()
    this.guard.stdin!.end()
    await this.ended
  }
}

/** Ports as the script numbers them; all of a cluster's stay below those that systems hand out for outgoing connections. */
const firstPorts = [5700, 15_700, 15_800, 25_700]
const most = { nodes: 9, shift: 7000 }

/** By how much the script's ports must be moved for all of them to be free. */
async function freeShift(): Promise<number> {
  const begin = process.pid * 10
  for (let attempt = 0; attempt < 100; attempt++) {
    const shift = 1000 + ((begin + attempt * 10) % (most.shift - 1000))
    const ports = firstPorts.flatMap((port) =>
      Array.from({ length: most.nodes }, (_, i) => port + shift + i + 1),
    )
    const free = await Promise.all([4371 + shift, ...ports].map(isFree))
    if (!free.includes(false)) return shift
  }
  throw new Unusable('No free ports were found for a RabbitMQ cluster.')
}

/** Opens and closes a port. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
