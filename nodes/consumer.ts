// A queue's consumers: who may be sent the next message. Eligible ones wait in a ring per priority, so that choosing is
// O(1) however many are blocked. Used by `queue` only; it must never send anything itself.

import type { Message } from './message.ts'
import type { ChannelRef, ConsumeOptions } from './protocol.ts'
import { Ring } from './ring.ts'

/** What a leader may have under way to one consumer on another node, in units of `creditFor`: about 2 MB. */
export const consumerCredit = 2000

/** What one delivery takes of the credit: by its size, so that large messages cannot pile up before a slow client. */
export const creditFor = (message: Message): number => 1 + (message.size >>> 10)

/** How many ended consumers a queue may keep in line besides as many as it has living ones. */
const staleMost = 32

/** The receiving side on the leader's own node; lets the queue see congestion without a message. */
export interface LocalSink {
  readonly congested: boolean
}

export class Consumer {
  readonly channel: ChannelRef
  readonly options: ConsumeOptions
  /** Deliveries not yet settled; counts against the prefetch. */
  unacked = 0
  /** What may still be sent before the channel's node reports progress; Infinity for a local channel. */
  credit: number
  readonly sink: LocalSink | null
  cancelled = false
  waiting = false
  /** It waits for a grant of its channel's limit. */
  parked = false

  constructor(channel: ChannelRef, options: ConsumeOptions, credit: number, sink: LocalSink | null) {
    this.channel = channel
    this.options = options
    this.credit = credit
    this.sink = sink
  }

  /** May a message be sent now? A channel-wide limit is the queue's to check. */
  get eligible(): boolean {
    const { prefetch, noAck } = this.options
    return (
      !this.cancelled &&
      this.credit > 0 &&
      (noAck || prefetch === 0 || this.unacked < prefetch) &&
      (this.sink === null || !this.sink.congested)
    )
  }
}

export class Consumers {
  readonly all: Consumer[] = []
  /** By channel and tag. */
  private readonly byChannel = new Map<number, Map<string, Consumer>>()
  private readonly rings = new Map<number, Ring<Consumer>>()
  private priorities: number[] = []
  private readonly single: boolean
  /** With single active consumer: the active one. */
  active: Consumer | null = null
  /** Consumers that ended while they stood in line; they leave when they come up, or when there are too many. */
  private stale = 0

  constructor(single: boolean) {
    this.single = single
  }

  add(consumer: Consumer): void {
    this.all.push(consumer)
    const { channel } = consumer.channel
    let tags = this.byChannel.get(channel)
    if (tags === undefined) this.byChannel.set(channel, (tags = new Map()))
    tags.set(consumer.options.consumerTag, consumer)
    if (this.single && this.active === null) this.active = consumer
    this.offer(consumer)
  }

  remove(consumer: Consumer): void {
    consumer.cancelled = true
    const at = this.all.indexOf(consumer)
    if (at >= 0) this.all.splice(at, 1)
    const { channel } = consumer.channel
    const tags = this.byChannel.get(channel)
    tags?.delete(consumer.options.consumerTag)
    if (tags?.size === 0) this.byChannel.delete(channel)
    if (consumer.waiting && ++this.stale > staleMost + this.all.length) this.sweep()
    if (this.active === consumer) {
      this.active = this.single ? this.successor() : null
      if (this.active !== null) this.offer(this.active)
    }
  }

  /** Channels of `node` that consume here, one for each consumer. */
  channelsOn(node: string): number[] {
    return this.all.flatMap(({ channel }) => (channel.node === node ? [channel.channel] : []))
  }

  /** The next active consumer: the highest priority, then the longest there (docs/observed.md §5.4). */
  private successor(): Consumer | null {
    let best: Consumer | null = null
    for (const one of this.all) if (best === null || one.options.priority > best.options.priority) best = one
    return best
  }

  find(channel: number, consumerTag: string): Consumer | undefined {
    return this.byChannel.get(channel)?.get(consumerTag)
  }

  /** The consumers of one channel, in the order they came. */
  of(channel: number): Consumer[] {
    return [...(this.byChannel.get(channel)?.values() ?? [])]
  }

  /** Puts a consumer that may have become eligible in line. */
  offer(consumer: Consumer): void {
    if (consumer.waiting || !consumer.eligible || (this.single && consumer !== this.active)) return
    const { priority } = consumer.options
    let ring = this.rings.get(priority)
    if (ring === undefined) {
      this.rings.set(priority, (ring = new Ring()))
      this.priorities = [...this.rings.keys()].sort((a, b) => b - a)
    }
    consumer.waiting = true
    ring.push(consumer)
  }

  /** The next eligible consumer of the highest priority, taken out of line; `offer` it again after sending. */
  next(): Consumer | null {
    // Whoever is alone need not stand in line.
    if (this.all.length === 1) {
      const [only] = this.all as [Consumer]
      return only.eligible && !only.parked && (!this.single || only === this.active) ? only : null
    }
    for (const priority of this.priorities) {
      const ring = this.rings.get(priority)!
      while (ring.length > 0) {
        const consumer = ring.shift()!
        consumer.waiting = false
        if (consumer.cancelled) this.stale--
        if (consumer.eligible && (!this.single || consumer === this.active)) return consumer
      }
    }
    return null
  }

  /** Consumers may come and go without a message ever: those that went, and priorities nobody has, are forgotten. */
  private sweep(): void {
    for (const [priority, ring] of this.rings) {
      ring.filter((consumer) => !consumer.cancelled)
      if (ring.length === 0) this.rings.delete(priority)
    }
    this.priorities = this.priorities.filter((priority) => this.rings.has(priority))
    this.stale = 0
  }
}
