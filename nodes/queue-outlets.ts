// What a queue has delivered to each channel and not heard of since, and the channels' shares of a channel-wide prefetch.
// Owned by `queue`; settled by message id, so that ids the queue does not hold are simply not found.

import { Consumer } from './consumer.ts'
import type { Entry } from './message.ts'
import type { ChannelRef } from './protocol.ts'
import { RingById } from './ring-by-id.ts'

class Outlet {
  readonly channel: ChannelRef
  readonly unacked = new RingById<Entry>()
  /** The channel has a channel-wide prefetch: each delivery needs a grant. */
  limited = false
  /** Deliveries granted and not used yet. */
  tokens = 0
  /** Grants asked for and not answered yet. */
  asked = 0
  /** Consumers that wait for a grant. */
  readonly parked: Consumer[] = []

  constructor(channel: ChannelRef) {
    this.channel = channel
  }
}

function unpark({ parked }: Outlet): Consumer[] {
  for (const consumer of parked) consumer.parked = false
  return parked.splice(0)
}

export type AskLimiter = (channel: ChannelRef, verb: 'ask' | 'release', count: number) => void

export class Outlets {
  count = 0
  bytes = 0
  private readonly byChannel = new Map<number, Outlet>()
  private readonly askLimiter: AskLimiter
  private asking = false

  constructor(askLimiter: AskLimiter) {
    this.askLimiter = askLimiter
  }

  /** The message is the channel's until it settles it; `consumer` is null for basic.get. */
  handOut(channel: ChannelRef, entry: Entry, consumer: Consumer | null): void {
    entry.message.keep()
    entry.consumer = consumer
    if (consumer !== null) consumer.unacked++
    this.of(channel).unacked.add(entry)
    this.count++
    this.bytes += entry.message.size
  }

  /** Takes a message back; undefined when the channel does not hold it. `release` says who may go on. */
  take(channel: number, id: number): Entry | undefined {
    return this.byChannel.get(channel)?.unacked.take(id)
  }

  /** The channel is gone: everything it held. */
  drop(channel: number): Entry[] {
    const entries = [...(this.byChannel.get(channel)?.unacked.values() ?? [])]
    this.byChannel.delete(channel)
    for (const entry of entries) this.release(entry)
    return entries
  }

  /** Channels of `node` that hold something or have asked for something. */
  channelsOn(node: string): number[] {
    return [...this.byChannel.values()]
      .filter(({ channel }) => channel.node === node)
      .map(({ channel }) => channel.channel)
  }

  *entries(): IterableIterator<Entry> {
    for (const { unacked } of this.byChannel.values()) yield* unacked.values()
  }

  /** May the consumer be sent one more? Under a channel-wide limit it may have to wait for a grant. */
  admits(consumer: Consumer): boolean {
    const outlet = this.byChannel.get(consumer.channel.channel)
    if (outlet === undefined || !outlet.limited) return true
    if (outlet.tokens === 0 && outlet.asked === 0) {
      outlet.asked = 1
      // A local channel grants before this returns; the grant is then used right here.
      this.asking = true
      this.askLimiter(consumer.channel, 'ask', 1)
      this.asking = false
    }
    if (outlet.tokens > 0) {
      outlet.tokens--
      // Whoever need not acknowledge waits for room like the others, but takes none.
      if (consumer.options.noAck) this.askLimiter(consumer.channel, 'release', 1)
      return true
    }
    consumer.parked = true
    outlet.parked.push(consumer)
    return false
  }

  /** A grant has come: the consumers that may look again. */
  granted(channel: ChannelRef, count: number): Consumer[] {
    const outlet = this.of(channel)
    outlet.tokens += count
    outlet.asked = Math.max(0, outlet.asked - count)
    return this.asking ? [] : unpark(outlet)
  }

  /** Gives back what a grant was not used for. */
  releaseUnused(channel: ChannelRef): void {
    const outlet = this.of(channel)
    if (this.asking || outlet.tokens === 0) return
    this.askLimiter(channel, 'release', outlet.tokens)
    outlet.tokens = 0
  }

  /** Sets or ends the channel-wide limit; returns the consumers that need wait no more. */
  limit(channel: ChannelRef, limited: boolean): Consumer[] {
    const outlet = this.of(channel)
    outlet.limited = limited
    if (limited) return []
    outlet.asked = outlet.tokens = 0
    return unpark(outlet)
  }

  /** Counts a message that was taken back; the consumer that had it, if one did. */
  release(entry: Entry): Consumer | null {
    this.count--
    this.bytes -= entry.message.size
    const { consumer } = entry
    entry.consumer = null
    if (!(consumer instanceof Consumer)) return null
    consumer.unacked--
    return consumer
  }

  private of(channel: ChannelRef): Outlet {
    let outlet = this.byChannel.get(channel.channel)
    if (outlet === undefined) this.byChannel.set(channel.channel, (outlet = new Outlet(channel)))
    return outlet
  }
}
