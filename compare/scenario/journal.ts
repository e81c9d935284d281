// What clients saw in one run, as columns of numbers: when each message was handed over, sent, confirmed and first delivered, and
// every delivery in its order. Publishers and consumers write it, `judge*` reads it, faults wait for its counts. It knows
// nothing of the broker and must never judge. Messages are numbered from 1 over the whole run, queues by their place.

import { Bits, Numbers } from './column.ts'
import type { Moment } from './result.ts'
import type { counts } from './types.ts'

export type CountOf = (typeof counts)[number]

/** A client's wait up to this long is latency; a longer one is unavailability. */
export const toleratedWaitMs = 1000

/** Of a message. */
export const fate = { nacked: 1, returned: 2, everReturned: 4 } as const
/** Of a delivery. */
export const mark = { redelivered: 1, republished: 2, again: 4 } as const

/** One client: a publisher, or a consumer of a queue. */
export interface Who {
  /** Unique: `orders`, `orders-2`. */
  readonly name: string
  /** As in the scenario. */
  readonly group: string
  /** The consumer's queue by its place; -1 for publishers. */
  readonly queue: number
}

export class Journal {
  // ---- by message; index 0 stays empty
  readonly publisher = new Bits()
  readonly publishedAt = new Numbers()
  /** Of the last time it was sent. */
  readonly sentAt = new Numbers()
  readonly confirmedAt = new Numbers()
  readonly fates = new Bits()
  readonly firstAt = new Numbers()
  /** Bits by queue: delivered from it, left in it, worked on to the end, and more than once. */
  readonly seenFrom = new Bits()
  readonly leftIn = new Bits()
  readonly done = new Bits()
  readonly doneTwice = new Bits()
  // ---- by delivery
  readonly messageOf = new Bits()
  readonly deliveredAt = new Numbers()
  readonly consumerOf = new Bits()
  readonly marks = new Bits()
  // ---- by client
  readonly publishers: Who[] = []
  readonly consumers: Who[] = []
  readonly nacked: number[] = []
  readonly returned: number[] = []
  readonly republished: number[] = []
  readonly acked: number[] = []
  readonly caught: number[] = []
  /** When a consumer last acknowledged, so that its own slowness is no unavailability: by delivery that came next. */
  readonly ackedBefore = new Numbers()
  private readonly lastAck: number[] = []
  /** Waits for confirms or for room to send, longer than tolerated. */
  readonly publishGaps: { readonly publisher: number; readonly from: number; readonly to: number }[] = []
  readonly moments: Moment[] = []
  private readonly said = new Map<string, string>()
  readonly count: Record<CountOf, number> = { published: 0, confirmed: 0, delivered: 0, acked: 0 }
  /** Deliveries of numbers that nobody had sent. */
  strangers = 0
  /** When the work began, and when something was last published, confirmed, delivered or acknowledged. */
  beganAt = 0
  lastAt = 0
  private readonly waiting: { readonly of: CountOf; readonly atLeast: number; readonly task: () => void }[] =
    []

  addPublisher(name: string, group: string): number {
    this.nacked.push(0)
    this.returned.push(0)
    this.republished.push(0)
    return this.publishers.push({ name, group, queue: -1 }) - 1
  }

  addConsumer(name: string, group: string, queue: number): number {
    this.acked.push(0)
    this.caught.push(0)
    this.lastAck.push(Number.NEGATIVE_INFINITY)
    return this.consumers.push({ name, group, queue }) - 1
  }

  /** The new message's number. */
  published(publisher: number, at: number): number {
    const message = ++this.count.published
    this.publisher.set(message, publisher)
    this.publishedAt.set(message, at)
    this.lastAt = at
    this.counted('published')
    return message
  }

  sent(message: number, at: number, again: boolean): void {
    this.sentAt.set(message, at)
    if (again) this.republished[this.publisher.at(message)]!++
  }

  confirmed(message: number, at: number): void {
    if (this.confirmedAt.has(message)) return
    this.confirmedAt.set(message, at)
    this.lastAt = at
    this.count.confirmed++
    this.counted('confirmed')
  }

  nack(message: number): void {
    this.nacked[this.publisher.at(message)]!++
    this.fates.mark(message, fate.nacked)
  }

  return(message: number): void {
    this.returned[this.publisher.at(message)]!++
    this.fates.mark(message, fate.returned | fate.everReturned)
  }

  /** A returned message is sent again: it is not to be counted as returned unless that happens again. */
  retried(message: number): void {
    this.fates.set(message, this.fates.at(message) & ~(fate.returned | fate.nacked))
  }

  delivered(consumer: number, message: number, at: number, redelivered: boolean, attempt: number): void {
    if (message < 1 || message > this.count.published) {
      this.strangers++
      return
    }
    const { queue } = this.consumers[consumer]!
    const again = this.seenFrom.mark(message, 1 << queue)
    if (!this.firstAt.has(message)) this.firstAt.set(message, at)
    this.messageOf.push(message)
    this.deliveredAt.push(at)
    this.lastAt = at
    this.consumerOf.push(consumer)
    this.ackedBefore.push(this.lastAck[consumer]!)
    this.marks.push(
      (redelivered ? mark.redelivered : 0) | (attempt > 1 ? mark.republished : 0) | (again ? mark.again : 0),
    )
    if (again) return
    this.count.delivered++
    this.counted('delivered')
  }

  /** Whether the work on this message was already done by a consumer of the same queue. */
  wasDone(consumer: number, message: number): boolean {
    const { queue } = this.consumers[consumer]!
    return (this.done.at(message) & (1 << queue)) !== 0
  }

  worked(consumer: number, message: number): void {
    const bit = 1 << this.consumers[consumer]!.queue
    if (this.done.mark(message, bit)) this.doneTwice.mark(message, bit)
  }

  recognised(consumer: number): void {
    this.caught[consumer]!++
  }

  ack(consumer: number, count: number, at: number): void {
    this.acked[consumer]! += count
    this.lastAck[consumer] = at
    this.lastAt = at
    this.count.acked += count
    this.counted('acked')
  }

  left(queue: number, message: number): void {
    if (message < 1 || message > this.count.published) this.strangers++
    else this.leftIn.mark(message, 1 << queue)
  }

  /** What a client notices again and again is told once. */
  moment(at: number, where: string, text: string): void {
    if (this.said.get(where) === text) return
    this.said.set(where, text)
    this.moments.push({ atMs: at - this.beganAt, who: 'client', where, text })
  }

  /** Calls `task` once, as soon as so many are counted. */
  when(of: CountOf, atLeast: number, task: () => void): void {
    if (this.count[of] >= atLeast) task()
    else this.waiting.push({ of, atLeast, task })
  }

  /** Raised with each message that moves: while it stands still, nothing happens. */
  get stirrings(): number {
    const { published, confirmed, acked } = this.count
    return published + confirmed + acked + this.messageOf.length
  }

  private counted(of: CountOf): void {
    if (this.waiting.length === 0) return
    for (let i = this.waiting.length - 1; i >= 0; i--) {
      const { of: what, atLeast, task } = this.waiting[i]!
      if (what !== of || this.count[of] < atLeast) continue
      this.waiting.splice(i, 1)
      task()
    }
  }
}
