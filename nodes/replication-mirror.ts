// One mirror: what it holds of its leader's queue, and what channels sent it that the leader has not ordered yet. Kept by
// `node`; when the leader is lost, `promote` hands everything over to a new `queue`. It must never serve a client.

import { Entry, type Message } from './message.ts'
import type { ChannelRef, PassedOnMessage, PublishMessage, ReplicaOperation } from './protocol.ts'
import { Ring } from './ring.ts'
import { RingById } from './ring-by-id.ts'
import type { Store } from './store/index.ts'

interface Sender {
  readonly ref: ChannelRef
  /** The leader has ordered all publishes up to this one. */
  orderedUpTo: number
  /** Highest ordered publish that wanted a confirm and gets it. */
  confirmUpTo: number
  /** Those that the leader refused, of the last `refusalsKept`. */
  readonly refused: Ring<number>
  readonly direct: Ring<PublishMessage>
}

/** Puts `publish` in its place by number, unless it is there. */
function insert(direct: Ring<PublishMessage>, publish: PublishMessage): void {
  const later: PublishMessage[] = []
  while ((direct.at(direct.length - 1)?.seq ?? 0) > publish.seq) later.push(direct.pop()!)
  if (direct.at(direct.length - 1)?.seq !== publish.seq) direct.push(publish)
  for (const one of later.reverse()) direct.push(one)
}

/** No channel has more refusals under way at the moment its queue's leader is lost. */
const refusalsKept = 4096

/** As many channels that have gone are known as such: their publishes may come on another, slower link. */
const goneKept = 256

/** A publish that reached the mirror but not, in order, through the leader. */
export interface Unordered {
  readonly sender: ChannelRef
  readonly seq: number
  readonly message: Message
  readonly confirm: boolean
}

/** All a mirror hands over to the queue it becomes. */
export interface Inheritance {
  readonly entries: Entry[]
  readonly nextId: number
  /** Senders and how far their publishes are in `entries`: to drop repeats and to confirm again. */
  readonly ordered: ReadonlyMap<number, number>
  /** In order of publishing, for each sender. */
  readonly confirms: readonly {
    readonly sender: ChannelRef
    readonly seq: number
    readonly refused: boolean
  }[]
  readonly unordered: readonly Unordered[]
}

export class Mirror {
  readonly queue: number
  term: number
  /** It holds nothing older than this unless it was synchronised. */
  private fromId: number
  /** Position reached in the leader's stream, and the store sequence that makes it durable. */
  position = 0
  stored = 0
  private readonly durable: boolean
  private readonly store: Store
  /** The leader's own: never changed here. */
  private readonly entries = new RingById<Entry>()
  private readonly senders = new Map<number, Sender>()
  private readonly gone = new Set<number>()
  private nextId: number
  /** A synchronisation has begun and not ended: what is held is of no use. */
  private filling = false

  constructor(queue: number, term: number, fromId: number, durable: boolean, store: Store) {
    this.queue = queue
    this.term = term
    this.fromId = fromId
    this.nextId = fromId
    this.durable = durable
    this.store = store
  }

  get depth(): number {
    return this.entries.size
  }

  /** A publish straight from its channel: kept until the leader's stream says what became of it. */
  direct(publish: PublishMessage): void {
    const known = this.senders.get(publish.sender.channel)
    // The leader has had all of what that one sent.
    if (known === undefined && this.gone.has(publish.sender.channel)) return
    const sender = known ?? this.sender(publish.sender)
    if (publish.seq <= sender.orderedUpTo) return
    publish.message.keep()
    const { direct } = sender
    if (direct.length > 0 && direct.at(direct.length - 1)!.seq >= publish.seq) insert(direct, publish)
    else direct.push(publish)
  }

  /** As `direct`, by way of the leader that gave up: later ones of its channel may have come before. */
  late({ queue, message, sender: ref, seq, confirm }: PassedOnMessage): void {
    this.direct({ kind: 'publish', role: 'mirror', queues: [queue], message, sender: ref, seq, confirm })
  }

  apply(operations: readonly ReplicaOperation[], position: number): void {
    for (const operation of operations) {
      switch (operation.op) {
        case 'publish':
          this.keep(operation.entry)
          this.order(operation.sender, operation.seq, operation.confirm, false)
          break
        case 'discard':
          this.order(operation.sender, operation.seq, operation.confirm, operation.refused)
          break
        case 'remove':
          for (const id of operation.ids) this.drop(id)
          break
        case 'sender-gone':
          this.senderGone(operation.sender)
          break
        case 'node-gone':
          // One that the leader has not heard of yet is of the node's next life.
          for (const [channel, { ref, direct }] of this.senders)
            if (ref.node === operation.node && direct.length === 0) this.senders.delete(channel)
      }
    }
    this.position = position
  }

  private senderGone(channel: number): void {
    this.senders.delete(channel)
    this.gone.add(channel)
    if (this.gone.size <= goneKept) return
    for (const oldest of this.gone) return void this.gone.delete(oldest)
  }

  /** A node is lost: what its channels sent and no leader has ordered was confirmed to nobody, and is forgotten. */
  forgetNode(node: string): void {
    for (const [channel, { ref }] of this.senders) if (ref.node === node) this.senders.delete(channel)
  }

  /** Takes a batch of all that the leader holds; with the first, what was held before is forgotten. */
  synchronise(entries: readonly Entry[], first: boolean, last: boolean): void {
    if (first) this.wipe()
    for (const entry of entries) if (this.entries.get(entry.id) === undefined) this.keep(entry)
    this.filling = !last
  }

  /** The synchronisation has ended too early: nothing is held that is older than `fromId`, which is still to come. */
  notSynchronised(fromId: number): void {
    this.wipe()
    this.filling = false
    this.fromId = fromId
  }

  /**
   * A new leader's inventory: keep what it has and this mirror may hold; `fromId` is that of its next message. Returns the
   * ids that it lacks.
   */
  adopt(term: number, fromId: number, entries: readonly Entry[]): number[] {
    if (this.filling) this.notSynchronised(fromId)
    const wanted = new Set<number>()
    const lacking: number[] = []
    for (const entry of entries) {
      if (entry.id < this.fromId && this.entries.get(entry.id) === undefined) {
        lacking.push(entry.id)
        continue
      }
      wanted.add(entry.id)
      if (this.entries.get(entry.id) === undefined) this.keep(entry)
    }
    for (const { id } of [...this.entries.values()]) if (!wanted.has(id)) this.drop(id)
    this.term = term
    this.position = 0
    return lacking
  }

  /** Everything held, for the queue that takes over on this node. */
  promote(): Inheritance {
    if (this.filling) this.wipe()
    const confirms: { sender: ChannelRef; seq: number; refused: boolean }[] = []
    const ordered = new Map<number, number>()
    const unordered: Unordered[] = []
    for (const [channel, { ref: sender, orderedUpTo, confirmUpTo, refused, direct }] of this.senders) {
      ordered.set(channel, orderedUpTo)
      for (const seq of refused) confirms.push({ sender, seq, refused: true })
      if (confirmUpTo > 0) confirms.push({ sender, seq: confirmUpTo, refused: false })
      for (const { seq, message, confirm } of direct) unordered.push({ sender, seq, message, confirm })
    }
    confirms.sort((a, b) => a.seq - b.seq)
    const entries = Array.from(this.entries.values(), (entry) => this.own(entry)).sort((a, b) => a.id - b.id)
    return { entries, nextId: this.nextId, ordered, confirms, unordered }
  }

  /** Nothing of it stays, nor on the disk: removals noted one by one would reach it after what is kept next. */
  wipe(): void {
    this.entries.clear()
    this.store.drop(this.queue)
  }

  private keep(entry: Entry): void {
    entry.message.keep()
    this.entries.add(entry)
    if (entry.id >= this.nextId) this.nextId = entry.id + 1
    if (this.stores(entry))
      this.stored = this.store.append(this.queue, entry.id, entry.message, entry.expiresAt)
  }

  private stores(entry: Entry): boolean {
    return this.durable && entry.message.persistent
  }

  /** An entry for the queue that takes over. */
  private own(entry: Entry): Entry {
    const own = new Entry(entry.id, entry.message, entry.expiresAt, entry.level)
    own.stored = this.stores(entry)
    return own
  }

  private drop(id: number): void {
    const entry = this.entries.take(id)
    if (entry !== undefined && this.stores(entry)) this.store.remove(this.queue, id)
  }

  private order(ref: ChannelRef, seq: number, confirm: boolean, refused: boolean): void {
    const sender = this.sender(ref)
    sender.orderedUpTo = seq
    if (confirm && refused) {
      sender.refused.push(seq)
      if (sender.refused.length > refusalsKept) sender.refused.shift()
    } else if (confirm) sender.confirmUpTo = seq
    while (sender.direct.length > 0 && sender.direct.peek()!.seq <= seq) sender.direct.shift()
  }

  private sender(ref: ChannelRef): Sender {
    let sender = this.senders.get(ref.channel)
    if (sender === undefined) {
      sender = { ref, orderedUpTo: 0, confirmUpTo: 0, refused: new Ring(), direct: new Ring() }
      this.senders.set(ref.channel, sender)
      // Its node was lost and is heard again.
      this.gone.delete(ref.channel)
    }
    return sender
  }
}
