// The ready messages of a queue under its rules: the head expires, too many push the head out. Wraps the backlog; what
// must go is handed to `drop`, which knows about dead letters. It must never deliver.

import type { QueueSettings } from '../policies/effective.ts'
import type { Loop } from './loop.ts'
import type { Entry } from './message.ts'
import { Backlog } from './queue-backlog.ts'
import type { DropReason } from './queue-host.ts'
import { exceeds } from './queue-rules.ts'
import { HeadTimer } from './queue-timers.ts'

/** The queue as its ready messages see it. */
export interface ReadyOwner {
  readonly settings: QueueSettings
  drop(entry: Entry, reason: DropReason): void
  /** The head's time has come. */
  headDue(): void
}

export class Ready {
  private readonly backlog = new Backlog()
  private readonly loop: Loop
  private readonly owner: ReadyOwner
  private readonly timer: HeadTimer

  constructor(loop: Loop, owner: ReadyOwner) {
    this.loop = loop
    this.owner = owner
    this.timer = new HeadTimer(loop, () => owner.headDue())
  }

  get length(): number {
    return this.backlog.length
  }

  get bytes(): number {
    return this.backlog.bytes
  }

  get lengths(): number[] {
    return this.backlog.lengths()
  }

  /**
   * The head is looked at only when it may be another one than before, in the way of RabbitMQ: in a priority queue that is
   * not empty a message that comes to the front is neither timed out nor watched (docs/observed.md §12, §14).
   */
  push(entry: Entry): void {
    this.backlog.push(entry)
    const dropped = this.enforce()
    if (!dropped && this.backlog.length !== 1) return
    this.expire()
    this.arm()
  }

  /** Returns entries to their places by publish order. */
  requeue(entries: Entry[]): void {
    this.backlog.requeue(entries)
    this.enforce()
    this.expire()
    this.arm()
  }

  /**
   * Takes what a restart found. What has expired meanwhile goes in a turn of its own: its dead letters may be for queues
   * that the start has not come to yet.
   */
  restore(entries: Entry[]): void {
    this.backlog.requeue(entries)
    this.enforce()
    this.arm()
  }

  /** The next message. What it hid may have expired, and goes. */
  shift(): Entry | undefined {
    const entry = this.backlog.shift()
    this.expire()
    this.arm()
    return entry
  }

  clear(): Entry[] {
    this.timer.cancel()
    return this.backlog.clear()
  }

  /** A message expires only at the head: one that lives longer hides those behind it (docs/observed.md §5.4). */
  expire(): void {
    const { now } = this.loop
    for (
      let head = this.backlog.peek();
      head !== undefined && head.expiresAt <= now;
      head = this.backlog.peek()
    ) {
      this.backlog.shift()
      this.owner.drop(head, 'expired')
    }
  }

  /** Drops from the head what is too much; true when there was something. */
  enforce(): boolean {
    let dropped = false
    while (exceeds(this.owner.settings, this.backlog.length, this.backlog.bytes)) {
      const entry = this.backlog.shift()
      if (entry === undefined) break
      this.owner.drop(entry, 'maxlen')
      dropped = true
    }
    return dropped
  }

  /** Watches the head's time. */
  arm(): void {
    const head = this.backlog.peek()
    if (head !== undefined) this.timer.arm(head.expiresAt)
  }

  stop(): void {
    this.timer.cancel()
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.backlog[Symbol.iterator]()
  }
}
