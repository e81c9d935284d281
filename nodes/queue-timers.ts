// The two clocks of a queue: when the message at its head expires, and when the queue itself does for want of use. Arms at
// most one timer each and re-arms lazily. It must never touch messages: `queue` is told and acts.

import type { Loop, Timer } from './loop.ts'

export class HeadTimer {
  private readonly loop: Loop
  private readonly fire: () => void
  private timer: Timer | null = null
  private armedFor = Infinity

  constructor(loop: Loop, fire: () => void) {
    this.loop = loop
    this.fire = fire
  }

  /** Makes sure that `fire` runs at `at` (ms) or earlier; an early call arms it anew. */
  arm(at: number): void {
    if (at === Infinity || at >= this.armedFor) return
    this.timer?.cancel()
    this.armedFor = at
    this.timer = this.loop.at(Math.max(at, this.loop.now), () => {
      this.armedFor = Infinity
      this.timer = null
      this.fire()
    })
  }

  cancel(): void {
    this.timer?.cancel()
    this.timer = null
    this.armedFor = Infinity
  }
}

/** x-expires: runs out when a queue has had no consumer, no declaration and no get for `expiresMs`. */
export class IdleTimer {
  private readonly head: HeadTimer
  private readonly loop: Loop
  private readonly inUse: () => boolean
  private readonly expired: () => void
  private lastUse: number
  private expiresMs: number | null = null

  constructor(loop: Loop, inUse: () => boolean, expired: () => void) {
    this.loop = loop
    this.inUse = inUse
    this.expired = expired
    this.lastUse = loop.now
    this.head = new HeadTimer(loop, () => this.check())
  }

  configure(expiresMs: number | null): void {
    if (expiresMs === this.expiresMs) return
    this.expiresMs = expiresMs
    this.head.cancel()
    this.used()
  }

  used(): void {
    this.lastUse = this.loop.now
    if (this.expiresMs !== null) this.head.arm(this.lastUse + this.expiresMs)
  }

  cancel(): void {
    this.head.cancel()
  }

  private check(): void {
    if (this.expiresMs === null) return
    if (this.inUse()) this.lastUse = this.loop.now
    const due = this.lastUse + this.expiresMs
    if (due <= this.loop.now) this.expired()
    else this.head.arm(due)
  }
}
