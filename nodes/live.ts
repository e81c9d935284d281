// Drives a cluster by the wall clock: runs its loop to the present and arms one timer for what is due next. Input from
// sockets is gathered until the event loop's next turn, so that one turn's output leaves in one write per connection.
// With `listener` the only file of this room that knows real time.

import type { Cluster } from './cluster.ts'

/** A timer's longest wait in Node.js; what is later is looked at again then. */
const longestMs = 2_147_483_647

export class Live {
  readonly cluster: Cluster
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
    const now = this.startedAt + performance.now() - this.offset
    this.cluster.loop.runUntil(now)
    return now
  }

  private turn(): void {
    if (this.stopped) return
    const now = this.advance()
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    const due = this.cluster.loop.nextDue()
    const next = Math.min(due.now, due.peer)
    if (next === Infinity) return
    this.timer = setTimeout(() => this.turn(), Math.min(longestMs, Math.max(0, Math.ceil(next - now))))
  }
}
