// A cluster in virtual time as clients meet it: lines to its nodes with a fixed delay each way, and a clock that moves only when told.
// `emulated-scenario`, `calibrate` and `simulate` do the rest on its cluster.

import { Cluster } from '../../nodes/cluster.ts'
import { ClientDoor } from '../../nodes/cluster-door.ts'
import { Connection } from '../../nodes/connection.ts'
import type { Carrier } from '../../nodes/connection-carrier.ts'
import type { PartitionHandling } from '../../nodes/membership.ts'
import { Ring } from '../../nodes/ring.ts'
import { observed, type Timings } from '../../nodes/timings.ts'
import type { Work } from '../../nodes/work.ts'
import { type Clock, type Line, type LineEnd, type Network, roomBytes } from '../line.ts'

/** One direction between a client and its node, in ms. */
export const clientDelayMs = 0.1

/** A node that works on what comes reads so much at a time. */
const pieceBytes = 2048

/** What may be otherwise than in a cluster on loopback: how partitions are handled, and what takes how long. */
export interface EmulatedOptions extends Partial<Timings> {
  readonly partitionHandling?: PartitionHandling
  /** Told of mistakes in Warren itself; by default they are thrown. */
  readonly onBug?: (error: unknown) => void
  /** What work costs; nothing by default. */
  readonly work?: Work | undefined
}

export class EmulatedTarget implements Network, Clock {
  readonly cluster: Cluster
  private ports = 50_000

  constructor(nodes: number, seed: number, options: EmulatedOptions = {}) {
    const { partitionHandling = 'ignore', onBug, work, ...timings } = options
    this.cluster = new Cluster({
      ...{ nodes, seed, timings: { ...observed, ...timings }, partitionHandling },
      ...(onBug !== undefined && { onBug }),
      ...(work !== undefined && { work }),
    })
  }

  get nodes(): string[] {
    return this.cluster.members.map((member) => member.name)
  }

  // ---- time

  get now(): number {
    return this.cluster.loop.now
  }

  after(delayMs: number, task: () => void): void {
    this.cluster.loop.at(this.now + delayMs, task)
  }

  chance(name: string): () => number {
    return this.cluster.loop.chance(name)
  }

  /** Lets virtual time pass up to `now` (ms). */
  runUntil(now: number): void {
    this.cluster.loop.runUntil(now)
  }

  // ---- clients

  dial(node: string, end: LineEnd): Line | null {
    const member = this.cluster.member(node)
    if (member.node === null || !['running', 'frozen'].includes(member.state)) return null
    const door = new ClientDoor(this.cluster.machines, node)
    const line = new EmulatedLine(this, end, ({ node }) => member.node === node, door)
    const peer = { address: '127.0.0.1', port: this.ports++, localAddress: '127.0.0.1', localPort: 5672 }
    line.connection = new Connection(member.node, peer, line)
    return line
  }

  // ---- looking

  isRunning(node: string): boolean {
    return this.cluster.member(node).state === 'running'
  }

  /** The nodes that hold `queue`, its leader first; none when it has no leader. */
  replicas(queue: string): string[] {
    for (const { definitions } of this.cluster.islands) {
      const record = definitions.queue('/', queue)
      if (record?.state === 'running') return [record.leader, ...record.mirrors.map((mirror) => mirror.node)]
    }
    return []
  }

  /** Messages that `queue` holds, ready or unacknowledged; 0 when it has no leader. */
  depth(queue: string): number {
    const [leader] = this.replicas(queue)
    const node = leader === undefined ? null : this.cluster.member(leader).node
    for (const held of node?.leaders.values() ?? []) if (held.identity.name === queue) return held.depth
    return 0
  }
}

class EmulatedLine implements Line, Carrier {
  connection: Connection | null = null
  backlog = 0
  private readonly clock: Clock
  private readonly end: LineEnd
  private readonly isUp: (connection: Connection) => boolean
  /** Arrived, and not read by the broker yet. */
  private readonly inbox = new Ring<Buffer>()
  private readonly door: ClientDoor
  private up = true
  private goneSent = false
  private full = false
  private asked = false

  constructor(clock: Clock, end: LineEnd, isUp: (connection: Connection) => boolean, door: ClientDoor) {
    this.clock = clock
    this.end = end
    this.isUp = isUp
    this.door = door
  }

  send(bytes: Buffer): void {
    this.backlog += bytes.length
    if (this.backlog > roomBytes) this.full = true
    this.clock.after(clientDelayMs, () => {
      this.inbox.push(bytes)
      this.ask()
    })
  }

  hangUp(): void {
    this.up = false
    this.clock.after(clientDelayMs, () => this.connection?.end())
  }

  flush(connection: Connection): void {
    const bytes = connection.takeOutput()
    const delayMs = clientDelayMs + this.door.leavesIn(this.clock.now)
    if (bytes !== null)
      this.clock.after(delayMs, () => {
        connection.outputDrained(bytes.length)
        if (this.up) this.end.received(bytes)
      })
    if (this.inbox.length > 0 && connection.wantsRead) this.clock.after(0, () => this.ask())
    if (!connection.finished || this.goneSent) return
    this.goneSent = true
    this.clock.after(delayMs, () => {
      if (this.up) this.end.broken()
    })
  }

  /** Reads when the node comes to it. */
  private ask(): void {
    if (this.asked) return
    this.asked = true
    this.door.enter(() => {
      this.asked = false
      this.read()
    })
  }

  private read(): void {
    const { connection } = this
    if (connection === null) return
    while (this.inbox.length > 0 && !connection.finished) {
      // A node that is gone takes its sockets with it, those that are still shaking hands included.
      if (!this.isUp(connection)) return connection.end()
      if (!connection.wantsRead) return
      const all = this.inbox.shift()!
      // Where work takes time others have their turn after each piece.
      const bytes = this.door.takesTime ? all.subarray(0, pieceBytes) : all
      if (bytes.length < all.length) this.inbox.unshift(all.subarray(pieceBytes))
      this.backlog -= bytes.length
      connection.receive(bytes)
      if (this.door.takesTime) break
    }
    if (this.inbox.length > 0 && !connection.finished) this.ask()
    if (!this.full || this.backlog > roomBytes) return
    this.full = false
    this.clock.after(clientDelayMs, () => {
      if (this.up) this.end.drained?.()
    })
  }
}
