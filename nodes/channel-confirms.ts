// Which of a channel's publishes are still unconfirmed, and by which queues. Queues settle in order of publishing; what is
// settled leaves once a turn, a run of acks as one basic.ack with `multiple`. It must never confirm before every queue
// has answered.

import { Ring } from './ring.ts'

/** Where confirms go: the connection's writer, or nowhere while a transaction commits. */
export interface ConfirmSink {
  ack(upTo: number, multiple: boolean): void
  nack(seq: number): void
}

/** What is known of a publish; `refused`: by one queue, while others have yet to answer. */
const is = { pending: 0, acked: 1, nacked: 2, sent: 3, refused: 4 } as const

const fewest = 64
const noCounts = new Uint16Array(0)
const noStates = new Uint8Array(0)

export class Unconfirmed {
  /** Publishes not yet answered to the client. */
  outstanding = 0
  /** None before the first: most channels confirm nothing. */
  private counts = noCounts
  private states = noStates
  private base = 1
  private next = 1
  private readonly byQueue = new Map<number, Ring<number>>()
  /** The first publish that is still unsettled; all before it are. */
  private frontier = 1
  /** Settled behind one that was not. */
  private early: number[] = []
  private dirty = false

  get isDirty(): boolean {
    return this.dirty
  }

  /** The publish `seq` (one more than the last) waits for `queues`; none: it is settled at once. */
  add(seq: number, queues: readonly { readonly id: number }[]): void {
    if (this.outstanding === 0) this.base = this.frontier = this.next = seq
    if (seq - this.base >= this.counts.length) this.grow()
    const i = seq & (this.counts.length - 1)
    this.counts[i] = queues.length
    this.states[i] = is.pending
    this.next = seq + 1
    this.outstanding++
    for (const { id } of queues) {
      const ring = this.byQueue.get(id)
      if (ring !== undefined) ring.push(seq)
      else {
        const fresh = new Ring<number>()
        fresh.push(seq)
        this.byQueue.set(id, fresh)
      }
    }
    if (queues.length === 0) this.settle(seq, false)
  }

  /** `queue` has settled all its publishes up to `upTo`; those in `rejected` it refused. */
  settled(queue: number, upTo: number, rejected: readonly number[]): void {
    const ring = this.byQueue.get(queue)
    if (ring === undefined) return
    let r = 0
    for (let seq = ring.peek(); seq !== undefined && seq <= upTo; seq = ring.peek()) {
      ring.shift()
      while (r < rejected.length && rejected[r]! < seq) r++
      this.settle(seq, rejected[r] === seq)
    }
    if (ring.length === 0) this.byQueue.delete(queue)
  }

  /** `queue` will answer nothing more: its outstanding publishes are refused, or (deleted) taken as done. */
  queueLost(queue: number, rejected: boolean): void {
    const ring = this.byQueue.get(queue)
    if (ring === undefined) return
    this.byQueue.delete(queue)
    for (const seq of ring) this.settle(seq, rejected)
  }

  /** Sends what this turn has settled. */
  flush(sink: ConfirmSink): void {
    this.dirty = false
    let ackFrom = 0
    let ackTo = 0
    const emit = () => {
      if (ackTo > 0) sink.ack(ackTo, ackTo > ackFrom)
      ackTo = 0
    }
    for (; this.base < this.next; this.base++) {
      const state = this.states[this.base & (this.states.length - 1)]
      if (state === is.pending || state === is.refused) break
      if (state === is.acked) {
        if (ackTo === 0) ackFrom = this.base
        ackTo = this.base
        this.outstanding--
      } else if (state === is.nacked) {
        emit()
        sink.nack(this.base)
        this.outstanding--
      }
    }
    emit()
    this.flushEarly(sink)
  }

  /** Settled out of turn, behind one that is still pending: answered one by one. */
  private flushEarly(sink: ConfirmSink): void {
    const early = this.early
    if (early.length === 0) return
    this.early = []
    for (const seq of early.sort((a, b) => a - b)) {
      const i = seq & (this.states.length - 1)
      if (seq < this.base || this.states[i] === is.sent) continue
      if (this.states[i] === is.nacked) sink.nack(seq)
      else sink.ack(seq, false)
      this.states[i] = is.sent
      this.outstanding--
    }
  }

  private settle(seq: number, rejected: boolean): void {
    const i = seq & (this.counts.length - 1)
    if (rejected) this.states[i] = is.refused
    if (this.counts[i]! > 0) this.counts[i]!--
    if (this.counts[i] !== 0) return
    this.states[i] = this.states[i] === is.refused ? is.nacked : is.acked
    this.dirty = true
    if (seq !== this.frontier) return void this.early.push(seq)
    while (this.frontier < this.next && this.isSettled(this.frontier)) this.frontier++
  }

  private isSettled(seq: number): boolean {
    const state = this.states[seq & (this.states.length - 1)]
    return state !== is.pending && state !== is.refused
  }

  private grow(): void {
    const size = Math.max(fewest, this.counts.length * 2)
    const counts = new Uint16Array(size)
    const states = new Uint8Array(size)
    for (let seq = this.base; seq < this.next; seq++) {
      counts[seq & (size - 1)] = this.counts[seq & (this.counts.length - 1)]!
      states[seq & (size - 1)] = this.states[seq & (this.states.length - 1)]!
    }
    this.counts = counts
    this.states = states
  }
}
