// When may a publish be confirmed? A ledger, in the order of publishing, of what each publish still waits for: a position
// that the mirrors must reach and a sequence that the store must have made durable. Confirms leave once a turn, one per
// sender. It must never confirm out of order for one sender.

import type { ChannelRef } from './protocol.ts'
import { Ring } from './ring.ts'

interface Pending {
  readonly sender: ChannelRef
  readonly seq: number
  readonly position: number
  readonly stored: number
  readonly rejected: boolean
}

interface Outgoing {
  readonly sender: ChannelRef
  upTo: number
  rejected: number[]
}

export type SendConfirm = (sender: ChannelRef, upTo: number, rejected: readonly number[]) => void

export class Confirms {
  /** Highest replication position that may be confirmed. */
  safe = 0
  /** Highest store sequence that is durable. */
  durable = 0
  private readonly pending = new Ring<Pending>()
  private readonly outgoing = new Map<number, Outgoing>()

  /** A publish whose confirm waits for `position` on the mirrors and `stored` in the store (0: for nothing). */
  add(sender: ChannelRef, seq: number, position: number, stored: number, rejected = false): void {
    if (this.pending.length === 0 && position <= this.safe && stored <= this.durable)
      this.settle(sender, seq, rejected)
    else this.pending.push({ sender, seq, position, stored, rejected })
  }

  /** Settles what has become safe and durable; true when something is to be sent. */
  advance(): boolean {
    let next = this.pending.peek()
    while (next !== undefined && next.position <= this.safe && next.stored <= this.durable) {
      this.pending.shift()
      this.settle(next.sender, next.seq, next.rejected)
      next = this.pending.peek()
    }
    return this.outgoing.size > 0
  }

  get hasOutgoing(): boolean {
    return this.outgoing.size > 0
  }

  /** Sends this turn's confirms, one per sender. */
  flush(send: SendConfirm): void {
    for (const { sender, upTo, rejected } of this.outgoing.values()) send(sender, upTo, rejected)
    this.outgoing.clear()
  }

  private settle(sender: ChannelRef, seq: number, rejected: boolean): void {
    const entry = this.outgoing.get(sender.channel)
    if (entry === undefined)
      this.outgoing.set(sender.channel, { sender, upTo: seq, rejected: rejected ? [seq] : [] })
    else {
      entry.upTo = seq
      if (rejected) entry.rejected.push(seq)
    }
  }
}
