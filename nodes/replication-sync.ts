// One synchronisation: all that a leader holds goes to every mirror that lacks some of it, batch by batch, while the queue
// does nothing else (docs/observed.md §20). Owned by `replication`; it must never touch the queue, which learns of the end
// by `over`.

import { syncBytes } from './costs.ts'
import type { Loop, Timer } from './loop.ts'
import type { Entry } from './message.ts'
import type { PeerMessage } from './protocol.ts'
import type { Follower, Road } from './replication.ts'
import type { SyncPace } from './timings.ts'

/** How a queue wants its mirrors to be filled. */
export interface SyncPlan {
  /** Everything held, by id. */
  readonly entries: readonly Entry[]
  /** Messages in one batch (ha-sync-batch-size). */
  readonly batchSize: number
  readonly pace: SyncPace
  /** Nothing is sent for want of memory. */
  readonly stalled: () => boolean
  /** Called once, when all is sent, when it is cancelled, or when no mirror is left. */
  readonly over: () => void
}

/** How often a stalled synchronisation looks whether it may go on, in ms. */
const stalledMs = 100

export class Synchronisation {
  /** Messages sent so far. */
  sent = 0
  private readonly queue: number
  private readonly term: number
  private readonly loop: Loop
  private readonly road: Road
  private readonly plan: SyncPlan
  private followers: readonly Follower[]
  private timer: Timer | null = null

  constructor(
    { queue, term }: { queue: number; term: number },
    loop: Loop,
    road: Road,
    followers: readonly Follower[],
    plan: SyncPlan,
  ) {
    this.queue = queue
    this.term = term
    this.loop = loop
    this.road = road
    this.followers = followers
    this.plan = plan
    for (const follower of followers) {
      follower.syncing = true
      // It forgets what it has before the first batch is ready.
      road.send(follower.node, { kind: 'sync', queue, term, entries: [], first: true, last: false })
    }
    this.next()
  }

  /** A mirror has left. */
  leave(node: string): void {
    this.followers = this.followers.filter((follower) => follower.node !== node)
    if (this.followers.length === 0 && this.timer !== null) this.finish()
  }

  /** The mirrors are left with nothing: half of a queue would be of no use (docs/observed.md §20). */
  cancel(nextId: number): void {
    const { queue, term } = this
    for (const follower of this.followers) {
      follower.syncing = false
      follower.fromId = nextId
      follower.lacking = null
      // It does not come to be level by what is taken from the queue, but by the next synchronisation only.
      follower.missing = Infinity
      this.road.send(follower.node, { kind: 'sync-cancelled', queue, term, fromId: nextId })
    }
    this.finish()
  }

  /** The leader ends. */
  stop(): void {
    this.timer?.cancel()
    this.timer = null
  }

  private next(): void {
    const { entries, batchSize, pace, stalled } = this.plan
    const batch = entries.slice(this.sent, this.sent + batchSize)
    const bytes = batch.reduce((sum, { message }) => sum + message.size, 0)
    const wait = stalled() ? stalledMs : durationOf(pace, batch.length, bytes)
    this.timer = this.loop.at(this.loop.now + wait, () => {
      if (stalled()) return this.next()
      this.send(batch, bytes)
      if (this.sent < entries.length) this.next()
      else this.finish()
    })
  }

  private send(entries: readonly Entry[], bytes: number): void {
    const { queue, term, road } = this
    this.sent += entries.length
    const last = this.sent === this.plan.entries.length
    const message: PeerMessage = { kind: 'sync', queue, term, entries, first: false, last }
    for (const { node } of this.followers) {
      const sent = bytes + entries.length * syncBytes
      road.meter(road.name, node, 'sync', 1, entries.length, sent)
      road.send(node, message, sent)
    }
  }

  private finish(): void {
    this.stop()
    this.plan.over()
  }
}

/** How long a batch takes, in ms. */
function durationOf({ batchMs, messageMs, bytesPerMs }: SyncPace, messages: number, bytes: number): number {
  return batchMs + messages * messageMs + bytes / bytesPerMs
}
