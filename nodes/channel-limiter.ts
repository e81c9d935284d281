// A channel-wide prefetch (basic.qos with global): leaders ask before each delivery, the channel grants while fewer than
// the limit are unacknowledged. One per channel; it must never grant more than is free.

import { Ring } from './ring.ts'

interface Ask {
  readonly queue: number
  readonly leader: string
  count: number
}

export type Grant = (queue: number, leader: string, count: number) => void

export class Limiter {
  /** Most unacknowledged deliveries on the channel; 0 is no limit. */
  limit = 0
  /** Places taken: what counts of the unacknowledged deliveries, and what is granted. */
  private used = 0
  /** Of these, granted and neither delivered nor given back yet. */
  private granted = 0
  private readonly waiting = new Ring<Ask>()
  private readonly grant: Grant

  constructor(grant: Grant) {
    this.grant = grant
  }

  ask(queue: number, leader: string, count: number): void {
    this.waiting.push({ queue, leader, count })
    this.serve()
  }

  /** A delivery to be acknowledged has come. One that was under way when the limit was set never asked, and counts too. */
  delivered(): void {
    if (this.limit === 0) return
    if (this.granted > 0) this.granted--
    else this.used++
  }

  /** `count` deliveries are settled: their places are free. */
  free(count: number): void {
    this.used = Math.max(0, this.used - count)
    this.serve()
  }

  /** Grants come back unused; those of an earlier limit count no more. */
  released(count: number): void {
    const back = Math.min(count, this.granted)
    this.granted -= back
    this.free(back)
  }

  /** `unacked`: everything that the channel has not settled, which counts from the start (docs/observed.md §14). */
  set(limit: number, unacked: number): void {
    if (this.limit === 0 || limit === 0) {
      this.used = limit === 0 ? 0 : unacked
      this.granted = 0
    }
    this.limit = limit
    this.serve()
  }

  private serve(): void {
    while (this.waiting.length > 0 && (this.limit === 0 || this.used < this.limit)) {
      const { queue, leader } = this.waiting.peek()!
      if (--this.waiting.peek()!.count === 0) this.waiting.shift()
      this.used++
      this.granted++
      this.grant(queue, leader, 1)
    }
  }
}
