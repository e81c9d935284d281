// Drives a cluster by the wall clock: runs its loop to the present and arms one timer for what is due next. Input from
// sockets is gathered until the event loop's next turn, so that one turn's output leaves in one write per connection.
// The cluster's own clock may stand, run faster or be put forward; that of its peers is always real. With `listener` the
// only file of this room that knows real time.

import type { Cluster } from './cluster.ts'

/** A timer's longest wait in Node.js; what is later is looked at again then. */
const longestMs = 2_147_483_647

/** How much faster than real time the cluster's clock may run. */
export const fastest = 10_000

export class Live {
  readonly cluster: Cluster
  /** Where the cluster's clock was when it was last set, and the real time then. */
  private base: { readonly now: number; readonly real: number }
  private rate = 1
  private readonly startedAt: number
  private readonly offset: number
  private immediate: NodeJS.Immediate | null = null
  private timer: NodeJS.Timeout | null = null
  private stopped = false

  /** The cluster must have been made with `now` near the present (ms since the epoch). */
  constructor(cluster: Cluster) {
    this.cluster = cluster
    this.startedAt = cluster.loop.now
    this.offset = performance.now()
    this.base = { now: this.startedAt, real: this.startedAt }
    this.turn()
  }

  /** Seconds of the cluster's clock in one of real time; 0: it stands. */
  get speed(): number {
    return this.rate
  }

  /** The real time, in ms since the epoch. */
  get real(): number {
    return this.startedAt + performance.now() - this.offset
  }

  /** From now on the cluster's clock runs `speed` times as fast as real time, 0 to `fastest`; 0: it stands. */
  setSpeed(speed: number): void {
    if (!(speed >= 0 && speed <= fastest))
      throw new RangeError(`the speed must be 0 to ${fastest}, not ${speed}`)
    this.base = { now: this.advance(), real: this.real }
    this.rate = speed
    this.cluster.trace.event(this.cluster.loop.now, 'clock-set', '', '', speed)
    this.turn()
  }

  /** Puts the cluster's clock forward by `ms`; everything due within that time happens, in order, before this returns. */
  step(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a step must be 0 ms or more, not ${ms}`)
    const { now } = this.base
    this.advance()
    this.base = { now: now + ms, real: this.base.real }
    this.cluster.trace.event(this.cluster.loop.now, 'clock-stepped', '', '', ms)
    this.turn()
  }

  /**
   * To be called before anything is received: brings the cluster's time to the present, for a cluster that was idle
   * stands at its last event, and asks for a turn once all of this moment's input is in.
   */
  schedule(): void {
    if (this.immediate !== null || this.stopped) return
    this.advance()
    this.immediate = setImmediate(() => {
      this.immediate = null
      this.turn()
    })
  }

  /** Does something to the cluster and lets its immediate consequences happen before returning. */
  act<T>(action: () => T): T {
    if (!this.stopped) this.advance()
    const result = action()
    this.turn()
    return result
  }

  /** Resolves when `condition` holds, looking after each turn; rejects after `timeoutMs` with `what`. */
  until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + timeoutMs
      const look = () => {
        if (condition()) return resolve()
        if (performance.now() > deadline) return reject(new Error(`timed out waiting: ${what}`))
        setTimeout(look, 2)
      }
      look()
    })
  }

  stop(): void {
    this.stopped = true
    if (this.immediate !== null) clearImmediate(this.immediate)
    if (this.timer !== null) clearTimeout(this.timer)
  }

  private advance(): number {
    const { real } = this
    const now = this.base.now + (real - this.base.real) * this.rate
    this.cluster.loop.runUntil(now, real)
    return now
  }

  private turn(): void {
    if (this.stopped) return
    const now = this.advance()
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    const due = this.cluster.loop.nextDue()
    const own = this.rate === 0 ? Infinity : (due.now - now) / this.rate
    const wait = Math.min(own, due.peer - this.real)
    if (wait === Infinity) return
    this.timer = setTimeout(() => this.turn(), Math.min(longestMs, Math.max(0, Math.ceil(wait))))
  }
}
