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
  private used = 0
  private readonly waiting = new Ring<Ask>()
  private readonly grant: Grant

  constructor(grant: Grant) {
    this.grant = grant
  }

  ask(queue: number, leader: string, count: number): void {
    this.waiting.push({ queue, leader, count })
    this.serve()
  }

  /** `count` granted or delivered places are free again. */
  free(count: number): void {
    this.used = Math.max(0, this.used - count)
    this.serve()
  }

  /** `unacked`: everything that the channel has not settled, which counts from the start (docs/observed.md §14). */
  set(limit: number, unacked: number): void {
    if (this.limit === 0) this.used = unacked
    this.limit = limit
    if (limit === 0) this.used = 0
    this.serve()
  }

  private serve(): void {
    while (this.waiting.length > 0 && (this.limit === 0 || this.used < this.limit)) {
      const { queue, leader } = this.waiting.peek()!
      if (--this.waiting.peek()!.count === 0) this.waiting.shift()
      this.used++
      this.grant(queue, leader, 1)
    }
  }
}
