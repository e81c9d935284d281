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

  push(entry: Entry): void {
    this.backlog.push(entry)
    if (entry.expiresAt !== Infinity) this.arm()
    this.enforce()
  }

  /** Returns entries to their places by publish order. */
  requeue(entries: Entry[]): void {
    this.backlog.requeue(entries)
    this.arm()
    this.enforce()
  }

  /** The next message that has not expired. */
  shift(): Entry | undefined {
    this.expire()
    const entry = this.backlog.shift()
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

  /** Drops from the head what is too much. */
  enforce(): void {
    while (exceeds(this.owner.settings, this.backlog.length, this.backlog.bytes)) {
      const entry = this.backlog.shift()
      if (entry === undefined) break
      this.owner.drop(entry, 'maxlen')
    }
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
