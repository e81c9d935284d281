// When may a publish be confirmed? A ledger, in the order of publishing, of what each publish still waits for: a position
// that the mirrors must reach and a sequence that the store must have made durable. Confirms leave once a turn, one per
// sender. It must never confirm out of order for one sender.

import type { Loop, Runnable } from './loop.ts'
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
  count: number
  rejected: number[]
}

/** `count` publishes of `sender`, up to its `upTo`-th, are settled; those in `rejected` are refused. */
export type SendConfirm = (
  sender: ChannelRef,
  upTo: number,
  count: number,
  rejected: readonly number[],
) => void

export class Confirms implements Runnable {
  /** Highest replication position that may be confirmed. */
  private safe = 0
  /** Highest store sequence that is durable. */
  private durable = 0
  private readonly loop: Loop
  private readonly send: SendConfirm
  private readonly pending = new Ring<Pending>()
  private readonly outgoing = new Map<number, Outgoing>()
  private due = false
  private closed = false

  constructor(loop: Loop, send: SendConfirm) {
    this.loop = loop
    this.send = send
  }

  /** A publish whose confirm waits for `position` on the mirrors and `stored` in the store (0: for nothing). */
  add(sender: ChannelRef, seq: number, position: number, stored: number, rejected = false): void {
    if (this.pending.length > 0 || position > this.safe || stored > this.durable)
      this.pending.push({ sender, seq, position, stored, rejected })
    else this.settle(sender, seq, rejected)
  }

  isDurable(stored: number): boolean {
    return stored <= this.durable
  }

  /** The mirrors have come to `safe`. It falls back when a new one has yet to answer. */
  progressed(safe: number): void {
    this.safe = safe
    this.advance()
  }

  storeAdvanced(durable: number): void {
    this.durable = durable
    this.advance()
  }

  /** Sends this turn's confirms, one per sender. Called by the loop at the turn's end. */
  run(): void {
    this.due = false
    if (!this.closed)
      for (const { sender, upTo, count, rejected } of this.outgoing.values())
        this.send(sender, upTo, count, rejected)
    this.outgoing.clear()
  }

  /** The queue ends. `tell`: it was deleted, and has taken its publishes; otherwise nobody hears of them any more. */
  close(tell: boolean): void {
    if (tell) {
      this.progressed(Infinity)
      this.storeAdvanced(Infinity)
      this.run()
    }
    this.closed = true
    this.pending.clear()
  }

  private advance(): void {
    let next = this.pending.peek()
    while (next !== undefined && next.position <= this.safe && next.stored <= this.durable) {
      this.pending.shift()
      this.settle(next.sender, next.seq, next.rejected)
      next = this.pending.peek()
    }
  }

  private settle(sender: ChannelRef, seq: number, rejected: boolean): void {
    const entry = this.outgoing.get(sender.channel)
    if (entry === undefined)
      this.outgoing.set(sender.channel, { sender, upTo: seq, count: 1, rejected: rejected ? [seq] : [] })
    else {
      entry.upTo = seq
      entry.count++
      if (rejected) entry.rejected.push(seq)
    }
    if (this.due) return
    this.due = true
    this.loop.atTurnEnd(this)
  }
}
