// A live cluster of three nodes with its ports and admin page, and mutated conversations held with it over real sockets,
// some at once. Between rounds a witness on each node is asked, what was left behind is counted, and queues are deleted.

import { connect, type Socket } from 'node:net'
import { type Admin, startAdmin } from '../admin-ui/server.ts'
import { Cluster } from '../nodes/cluster.ts'
import { Ports } from '../nodes/listener-ports.ts'
import { Live } from '../nodes/live.ts'
import { immediate } from '../nodes/timings.ts'
import type { Chance } from './chance.ts'
import { ClientView } from './client-view.ts'
import { conversation } from './corpus.ts'
import { Broken } from './drive.ts'
import type { Input, Setup } from './input.ts'
import { leftBehind, nodesOf, queueFaults } from './invariants.ts'
import { mutate } from './mutate.ts'
import { SocketWitness } from './socket-witness.ts'

const atOnce = 12
/** How long a connection may take to say its last words. */
const patienceMs = 50

export class LiveTarget {
  readonly cluster: Cluster
  readonly live: Live
  admin!: Admin
  /** The last conversations and requests, for a finding. */
  readonly recent: string[] = []
  /** A request has done what no witness can be asked after: only a new target is of use. */
  disturbed = false
  private readonly setup: Setup
  readonly ports: Ports
  private readonly bugs: unknown[] = []
  private readonly witnesses: SocketWitness[] = []

  private readonly consoleError = console.error

  private constructor(seed: number) {
    // How the admin port tells of mistakes of our own.
    console.error = (...words: unknown[]) =>
      void this.bugs.push(words.find((word) => word instanceof Error) ?? new Error(words.join(' ')))
    this.setup = { nodes: 3, seed, timings: 'immediate', partitionHandling: 'ignore' }
    const onBug = (error: unknown) => void this.bugs.push(error)
    this.cluster = new Cluster({ nodes: 3, seed, timings: immediate, now: Date.now(), onBug })
    this.live = new Live(this.cluster)
    this.ports = new Ports(this.live, { host: '127.0.0.1', port: 0, tls: null })
  }

  static async open(seed: number): Promise<LiveTarget> {
    const target = new LiveTarget(seed)
    const { live, ports } = target
    await ports.open()
    target.admin = await startAdmin({ live, ports, host: '127.0.0.1', port: 0, tls: null, statisticsMs: 200 })
    for (const { port, member } of ports.plain)
      target.witnesses.push(await SocketWitness.open(port, member.name))
    return target
  }

  async close(): Promise<void> {
    console.error = this.consoleError
    for (const witness of this.witnesses) witness.close()
    this.ports.close()
    await this.admin.close()
    this.live.stop()
  }

  /** Throws the first mistake of our own that was reported. */
  checkBugs(): void {
    if (this.bugs.length > 0) throw this.bugs[0]
  }

  note(what: string): void {
    this.recent.push(what)
    if (this.recent.length > 200) this.recent.shift()
  }

  /** Holds `count` conversations; returns how many got past the protocol header. */
  async converse(chance: Chance, count: number): Promise<number> {
    const inputs = Array.from({ length: count }, () => mutate(conversation(chance, this.setup), chance))
    let entered = 0
    const next = async () => {
      for (let input = inputs.pop(); input !== undefined; input = inputs.pop())
        if (await this.hold(input)) entered++
    }
    await Promise.all(Array.from({ length: atOnce }, next))
    return entered
  }

  /** Everything settled: witnesses answer, nothing is left behind. Throws Broken. */
  async check(): Promise<void> {
    for (const witness of this.witnesses) await witness.ask()
    const open = new Set<number>()
    for (const node of nodesOf(this.cluster))
      for (const connection of node.connections.values())
        if (
          this.witnesses.some(
            (witness) => witness.port === (connection as { peer?: { port: number } }).peer?.port,
          )
        )
          open.add(connection.id)
    const faults = () => [...leftBehind(this.cluster, open), ...queueFaults(this.cluster)]
    for (let tries = 0; faults().length > 0 && tries < 100; tries++) await pause(20)
    const found = faults()[0]
    this.checkBugs()
    if (found !== undefined) throw new Broken(found)
    this.live.act(() => {
      for (const node of nodesOf(this.cluster))
        for (const queue of [...node.leaders.values()])
          if (!queue.identity.exclusive) node.replicas.remove(queue)
    })
  }

  private async hold(input: Input): Promise<boolean> {
    const sockets = new Map<number, Client>()
    this.note(
      input.steps
        .map((step) => (step.do === 'send' ? `${step.actor}:${step.bytes.toString('hex')}` : step.do))
        .join(' '),
    )
    for (const step of input.steps) {
      if (step.do === 'wait') await pause(Math.min(5, step.ms))
      if (!('actor' in step)) continue
      const actor = step.actor % input.actors.length
      let client = sockets.get(actor)
      if (client === undefined) {
        const port = this.ports.plain[(input.actors[actor]! - 1) % 3]!.port
        sockets.set(actor, (client = new Client(port)))
      }
      if (step.do === 'send') await client.send(step.bytes, step.more !== true)
      else if (step.do === 'drop') client.drop()
      else if (step.do === 'stall') client.socket.pause()
      else if (step.do === 'read') client.socket.resume()
    }
    for (const client of sockets.values()) await client.end()
    for (const { view } of sockets.values())
      if (view.complaints.length > 0) throw new Broken(view.complaints[0])
    return [...sockets.values()].some(({ answered }) => answered)
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

class Client {
  readonly socket: Socket
  readonly view = new ClientView(null)
  /** The server has taken the protocol header. */
  answered = false
  private closed = false

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk) => {
      this.answered ||= chunk[0] === 1
      this.view.push(chunk)
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
    })
  }

  async send(bytes: Buffer, thenTurn: boolean): Promise<void> {
    if (this.socket.writable) this.socket.write(bytes)
    if (thenTurn) await turn()
  }

  drop(): void {
    this.socket.resetAndDestroy()
  }

  /** Ends the writing side, hears the server out for a moment, and goes. */
  async end(): Promise<void> {
    this.socket.resume()
    this.socket.end()
    const until = performance.now() + patienceMs
    while (!this.closed && performance.now() < until) await pause(2)
    this.socket.destroy()
  }
}
