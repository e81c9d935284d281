// The ready messages of one queue: a ring per priority level, ordered by message id, so that what is requeued returns to
// its original place. Knows counts and bytes; it must never decide what to drop.

import type { Entry } from './message.ts'
import { Ring } from './ring.ts'

const byId = (a: Entry, b: Entry) => a.id - b.id

export class Backlog {
  length = 0
  bytes = 0
  private readonly levels: Ring<Entry>[] = []
  private top = 0

  push(entry: Entry): void {
    entry.message.keep()
    this.level(entry.level).push(entry)
    this.count(entry, 1)
    if (entry.level > this.top) this.top = entry.level
  }

  /** The next message to deliver: the oldest of the highest level. */
  peek(): Entry | undefined {
    return this.head()?.peek()
  }

  shift(): Entry | undefined {
    const entry = this.head()?.shift()
    if (entry !== undefined) this.count(entry, -1)
    return entry
  }

  /** Returns entries to their places. */
  requeue(entries: Entry[]): void {
    for (const entry of entries) {
      entry.message.keep()
      this.count(entry, 1)
    }
    for (const level of new Set(entries.map((entry) => entry.level))) {
      const back = entries.filter((entry) => entry.level === level).sort(byId)
      const ring = this.level(level)
      if (level > this.top) this.top = level
      const head = ring.peek()
      if (head === undefined || back[back.length - 1]!.id < head.id)
        for (let i = back.length - 1; i >= 0; i--) ring.unshift(back[i]!)
      else this.merge(ring, back)
    }
  }

  clear(): Entry[] {
    const entries = [...this]
    this.levels.length = 0
    this.top = this.length = this.bytes = 0
    return entries
  }

  /** Ready messages per level, as backing_queue_status.priority_lengths shows them. */
  lengths(): number[] {
    return Array.from(this.levels, (ring) => ring?.length ?? 0)
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const ring of this.levels) if (ring !== undefined) yield* ring
  }

  private head(): Ring<Entry> | undefined {
    while (this.top > 0 && (this.levels[this.top]?.length ?? 0) === 0) this.top--
    return this.levels[this.top]
  }

  private level(level: number): Ring<Entry> {
    return (this.levels[level] ??= new Ring())
  }

  private count(entry: Entry, sign: 1 | -1): void {
    this.length += sign
    this.bytes += sign * entry.message.size
  }

  private merge(ring: Ring<Entry>, back: Entry[]): void {
    const all = [...ring]
    ring.clear()
    let i = 0
    for (const entry of all) {
      while (i < back.length && back[i]!.id < entry.id) ring.push(back[i++]!)
      ring.push(entry)
    }
    while (i < back.length) ring.push(back[i++]!)
  }
}
