// The leader's side of a mirrored queue: numbers the operations, sends each turn's stretch to every mirror, and knows how
// far each has come. Used by `queue`; the mirror's side is `replication-mirror`. It must never decide who is a mirror.

import { ringBytes, ringPacketBytes, ringPackets } from './costs.ts'
import type { LinkKind } from './link.ts'
import type { Loop, Runnable } from './loop.ts'
import type { Entry, Message } from './message.ts'
import type { ChannelRef, PeerMessage, ReplicaOperation } from './protocol.ts'
import { Synchronisation, type SyncPlan } from './replication-sync.ts'

/** The way to other nodes, fulfilled by `node`. */
export interface Road {
  readonly name: string
  send(to: string, message: PeerMessage, bytes?: number): void
  /** Counts traffic between any two nodes; a real cluster's ring also runs from mirror to mirror. */
  meter(from: string, to: string, kind: LinkKind, packets: number, bodies: number, bytes: number): void
}

export interface Follower {
  readonly node: string
  /** The last position it acknowledged. */
  acked: number
  /** Messages older than this it does not hold unless synchronised. */
  fromId: number
  /** How many messages the leader holds and it does not; 0 means synchronised. */
  missing: number
  /** Which these are, once it has said so after a promotion; null: all that are older than `fromId`. */
  lacking: Set<number> | null
  syncing: boolean
}

/** Why a message goes: settled, taken from the ready ones for good, or purged with all the others. */
export type Removal = 'settle' | 'fetch' | 'purge'

export interface ReplicationEvents {
  /** Some mirror acknowledged, joined or left: what is safe may have changed. */
  progressed(): void
  /** This mirror now holds all the leader holds, or (after a promotion) turns out not to. */
  synchronised(node: string, synced: boolean): void
}

export class Replication implements Runnable {
  position = 0
  readonly followers: Follower[] = []
  readonly queue: number
  readonly term: number
  /** The one under way. */
  synchronisation: Synchronisation | null = null
  private readonly loop: Loop
  private readonly road: Road
  private readonly events: ReplicationEvents
  private operations: ReplicaOperation[] = []
  private removed: number[] | null = null
  private bytes = 0
  private bodies = 0

  constructor(queue: number, term: number, loop: Loop, road: Road, events: ReplicationEvents) {
    this.queue = queue
    this.term = term
    this.loop = loop
    this.road = road
    this.events = events
  }

  get active(): boolean {
    return this.followers.length > 0
  }

  publish(entry: Entry, sender: ChannelRef, seq: number, confirm: boolean): void {
    if (this.followers.length === 0) return
    this.append({ op: 'publish', entry, sender, seq, confirm })
    this.bodies++
    this.bytes +=
      entry.message.size + ringBytes.publish(nameLength(entry.message), entry.message.properties.length)
  }

  /** The leader did not keep this publish (delivered without ack, rejected, expired). */
  discard(sender: ChannelRef, seq: number, confirm: boolean, refused = false): void {
    if (this.followers.length === 0) return
    this.append({ op: 'discard', sender, seq, confirm, refused })
    this.bytes += ringBytes.discard
  }

  remove(entry: Entry, how: Removal): void {
    if (this.followers.length === 0) return
    for (const follower of this.followers)
      if (lacks(follower, entry.id)) {
        follower.lacking?.delete(entry.id)
        if (--follower.missing === 0) this.caughtUp(follower)
      }
    this.bytes += ringBytes[how]
    if (this.removed !== null) return void this.removed.push(entry.id)
    this.removed = [entry.id]
    this.append({ op: 'remove', ids: this.removed }, true)
  }

  /** What a real leader tells its mirrors too and ours need not know: messages handed out or back. For the meters. */
  mention(what: Removal, count: number): void {
    if (this.followers.length === 0) return
    if (this.operations.length === 0 && this.bytes === 0) this.loop.atTurnEnd(this)
    this.bytes += count * ringBytes[what]
  }

  senderGone(sender: number): void {
    if (this.followers.length > 0) this.append({ op: 'sender-gone', sender })
  }

  /** A node is lost: what its channels sent may still be on its way to mirrors when they hear of that. */
  nodeGone(node: string): void {
    if (this.followers.length > 0) this.append({ op: 'node-gone', node })
  }

  /** A mirror starts, empty, while the leader holds `depth` messages and will number the next one `nextId`. */
  join(node: string, nextId: number, depth: number): void {
    this.run()
    const { position } = this
    this.followers.push({
      node,
      acked: position,
      fromId: nextId,
      missing: depth,
      lacking: null,
      syncing: false,
    })
    this.road.send(node, { kind: 'join', queue: this.queue, term: this.term, fromId: nextId })
    if (depth === 0) this.events.synchronised(node, true)
    // What is published from now on waits for this mirror too.
    this.events.progressed()
  }

  /** After a promotion: a mirror that already exists is told what the new leader holds, and answers with `adopted`. */
  adopt(node: string, nextId: number, entries: readonly Entry[]): void {
    const missing = entries.length
    this.followers.push({ node, acked: -1, fromId: nextId, missing, lacking: null, syncing: false })
    this.road.send(node, { kind: 'adopt', queue: this.queue, term: this.term, fromId: nextId, entries })
    this.events.progressed()
  }

  /** It has taken over what it may hold and lacks the ids in `lacking`; `held` is what the leader holds by now. */
  adopted(node: string, lacking: readonly number[], held: readonly Entry[]): void {
    const follower = this.find(node)
    if (follower === undefined) return
    const lacked = new Set(lacking)
    follower.lacking = new Set(held.flatMap(({ id }) => (lacked.has(id) ? [id] : [])))
    follower.missing = follower.lacking.size
    follower.acked = Math.max(follower.acked, 0)
    this.events.synchronised(node, follower.missing === 0)
    this.events.progressed()
  }

  leave(node: string, tell: boolean): void {
    const at = this.followers.findIndex((follower) => follower.node === node)
    if (at < 0) return
    this.followers.splice(at, 1)
    if (tell) this.road.send(node, { kind: 'leave', queue: this.queue, term: this.term })
    this.synchronisation?.leave(node)
    if (this.followers.length === 0) this.forget()
    this.events.progressed()
  }

  acknowledged(node: string, position: number): void {
    const follower = this.find(node)
    if (follower === undefined || position <= follower.acked) return
    follower.acked = position
    this.events.progressed()
  }

  /** Begins to fill the mirrors that lack something; null when there is none. */
  synchronise(plan: SyncPlan): Synchronisation | null {
    this.run()
    // One that has not said yet what it lacks will be looked at when it has.
    const lacking = this.followers.filter(
      ({ missing, syncing, acked }) => missing > 0 && !syncing && acked >= 0,
    )
    if (lacking.length === 0) return null
    const over = () => {
      this.synchronisation = null
      plan.over()
    }
    this.synchronisation = new Synchronisation(this, this.loop, this.road, lacking, { ...plan, over })
    return this.synchronisation
  }

  synced(node: string): void {
    const follower = this.find(node)
    if (follower === undefined) return
    follower.syncing = false
    this.caughtUp(follower)
  }

  /** Positions acknowledged, for the mode's `safe`. */
  positions(): number[] {
    return this.followers.map((follower) => follower.acked)
  }

  /** Sends what the turn has gathered. Called by the loop at the turn's end. */
  run(): void {
    const { queue, term, position, operations } = this
    if (operations.length === 0 && this.bytes === 0) return
    if (operations.length > 0)
      for (const { node } of this.followers)
        this.road.send(node, { kind: 'replicate', queue, term, position, operations }, this.bytes)
    this.meterRing()
    this.forget()
  }

  private append(operation: ReplicaOperation, keepRemoved = false): void {
    if (this.operations.length === 0) this.loop.atTurnEnd(this)
    if (!keepRemoved) this.removed = null
    this.operations.push(operation)
    this.position++
  }

  /** In a real cluster the stream runs round a ring of all replicas, back to the leader (docs/costs.md §1). */
  private meterRing(): void {
    let from = this.road.name
    const bytes = this.bytes + ringPackets * ringPacketBytes
    for (const { node } of this.followers) {
      this.road.meter(from, node, 'replicate', ringPackets, this.bodies, bytes)
      from = node
    }
    this.road.meter(from, this.road.name, 'replicate', ringPackets, this.bodies, bytes)
  }

  private forget(): void {
    this.operations = []
    this.removed = null
    this.bytes = this.bodies = 0
  }

  private caughtUp(follower: Follower): void {
    follower.missing = 0
    this.events.synchronised(follower.node, true)
  }

  private find(node: string): Follower | undefined {
    return this.followers.find((follower) => follower.node === node)
  }
}

const lacks = ({ missing, lacking, fromId }: Follower, id: number) =>
  missing > 0 && (lacking === null ? id < fromId : lacking.has(id))

const nameLength = (message: Message) => message.exchange.length + message.routingKey.length
