// What a queue has delivered to one channel and not heard of since, and that channel's share of a channel-wide prefetch.
// Owned by `queue`; settled by message id, so that ids the queue does not hold are simply not found.

import type { Consumer } from './consumer.ts'
import type { Entry } from './message.ts'
import type { ChannelRef } from './protocol.ts'

export class Outlet {
  readonly channel: ChannelRef
  /** The channel has a channel-wide prefetch: each delivery needs a grant. */
  limited = false
  readonly unacked = new Map<number, Entry>()
  /** Deliveries the channel has granted under its channel-wide limit and that were not used yet. */
  tokens = 0
  /** Grants asked for and not answered yet. */
  asked = 0
  /** Consumers that wait for a grant. */
  readonly parked: Consumer[] = []

  constructor(channel: ChannelRef) {
    this.channel = channel
  }

  /** Takes a delivered message back; undefined when this channel does not hold it. */
  take(id: number): Entry | undefined {
    const entry = this.unacked.get(id)
    if (entry !== undefined) this.unacked.delete(id)
    return entry
  }
}
