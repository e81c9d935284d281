// What a channel was delivered and has not settled, by delivery tag: a ring of columns from the lowest outstanding tag
// on. It lives as long as the channel, whatever becomes of queues' leaders (docs/observed.md §0.2).

import type { Settling } from './channel-settle.ts'

export interface Delivered {
  readonly tag: number
  readonly queue: number
  readonly id: number
  /** Sent to a consumer: settling it makes room under a channel-wide prefetch, which a basic.get never does (§14). */
  readonly limited: boolean
}

const taken = 0
/** Places of a channel's first delivery: most channels never have many, and there may be thousands. */
const fewest = 8
const none = new Float64Array(0)

export class Unacked {
  count = 0
  /** Taken with `hold` and neither restored nor let go: their places must stay. */
  private held = 0
  private queues = none
  private ids = none
  private times = none
  private limits = new Uint8Array(none.buffer)
  /** Lowest tag that may be outstanding, and the last tag given. */
  private base = 1
  private last = 0

  /** The tag that the next delivery will have. */
  get nextTag(): number {
    return this.last + 1
  }

  /** When the oldest outstanding delivery was made; null for none. */
  get oldestAt(): number | null {
    if (this.count === 0) return null
    let tag = this.base
    while (this.queues[this.place(tag)] === taken) tag++
    return this.times[this.place(tag)]!
  }

  /** The next delivery tag; with `track` it is to be settled. `now`: the time, which `oldestAt` gives back. */
  next(queue: number, id: number, limited: boolean, track: boolean, now: number): number {
    const tag = ++this.last
    // Nothing before it is outstanding, or held by a transaction.
    if (!track && tag === this.base) {
      this.base = tag + 1
      return tag
    }
    if (tag - this.base >= this.queues.length) this.grow()
    const i = this.place(tag)
    this.queues[i] = track ? queue : taken
    this.ids[i] = id
    this.times[i] = now
    this.limits[i] = limited ? 1 : 0
    if (track) this.count++
    return tag
  }

  /**
   * Takes one delivery, or with `multiple` all up to `tag` (0: all there are), in order of tags. False: the tag is not
   * outstanding.
   */
  settle(tag: number, multiple: boolean, into: Settling): boolean {
    const all = multiple && tag === 0
    if (!all && (tag < this.base || tag > this.last || this.queues[this.place(tag)] === taken)) return false
    const upTo = all ? this.last : tag
    for (let each = multiple ? this.base : tag; each <= upTo; each++) {
      const i = this.place(each)
      const queue = this.queues[i]!
      if (queue === taken) continue
      this.queues[i] = taken
      this.count--
      into.add(queue, this.ids[i]!, this.limits[i] === 1)
    }
    this.trim()
    return true
  }

  /** As `settle`, but keeps the places so that `restore` can undo it; null: the tag is not outstanding. */
  hold(tag: number, multiple: boolean): Delivered[] | null {
    if (multiple && tag === 0) return this.holdRange(this.last)
    if (tag < this.base || tag > this.last || this.queues[this.place(tag)] === taken) return null
    if (multiple) return this.holdRange(tag)
    this.held++
    return [this.takeOne(tag)]
  }

  /** Puts deliveries back that were taken with `hold`. */
  restore(deliveries: readonly Delivered[]): void {
    for (const { tag, queue } of deliveries) {
      this.queues[this.place(tag)] = queue
      this.count++
    }
    this.held -= deliveries.length
  }

  /** What was taken with `hold` is settled for good. */
  letGo(): void {
    this.held = 0
    this.trim()
  }

  /** Forgets places at the front that are settled. */
  private trim(): void {
    if (this.held > 0) return
    if (this.count === 0) this.base = this.last + 1
    else while (this.queues[this.place(this.base)] === taken) this.base++
  }

  private place(tag: number): number {
    return tag & (this.queues.length - 1)
  }

  private takeOne(tag: number): Delivered {
    const i = this.place(tag)
    const delivered = { tag, queue: this.queues[i]!, id: this.ids[i]!, limited: this.limits[i] === 1 }
    this.queues[i] = taken
    this.count--
    return delivered
  }

  private holdRange(upTo: number): Delivered[] {
    const all: Delivered[] = []
    for (let tag = this.base; tag <= upTo; tag++)
      if (this.queues[this.place(tag)] !== taken) all.push(this.takeOne(tag))
    this.held += all.length
    return all
  }

  private grow(): void {
    const size = Math.max(fewest, this.queues.length * 2)
    const [queues, ids, times] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)]
    const limits = new Uint8Array(size)
    for (let tag = this.base; tag < this.last; tag++) {
      const from = tag & (this.queues.length - 1)
      const to = tag & (size - 1)
      queues[to] = this.queues[from]!
      ids[to] = this.ids[from]!
      times[to] = this.times[from]!
      limits[to] = this.limits[from]!
    }
    this.queues = queues
    this.ids = ids
    this.times = times
    this.limits = limits
  }
}
