// The sampler: every few seconds it looks at the counters of all there is and keeps what has changed, for rates and graphs
// (RabbitMQ's statistics interval). Nothing is asked of those who count but to count. Started with the admin port; it
// must never take more than its bound of samples, nor keep anything of an object that has gone.

import type { Definitions } from '../nodes/definitions.ts'
import type { Live } from '../nodes/live.ts'
import { noRanges, type Range, type RangeKind, type Ranges } from './ranges.ts'
import { Samples } from './samples.ts'

export type Counters = Readonly<Record<string, number>>

/** An object and its counters, by the names they are shown under. `depth`: for how long, see `samples`. */
export interface Sampled {
  readonly of: object
  readonly depth: 1 | 2 | 4
  /** Changes whenever one of the counters does: what stays the same is not looked at. */
  readonly mark: number
  readonly counters: () => Counters
}

/** Most rows of samples, of some 100 bytes each. */
const mostRows = 250_000
const longestMs = 600_000
const shortestMs = 60_000

export class Statistics {
  private samples = new WeakMap<object, Samples>()
  private marks = new WeakMap<object, number>()
  private readonly live: Live
  private readonly all: () => Iterable<Sampled>
  private readonly timer: NodeJS.Timeout
  private lookedAt = Number.NEGATIVE_INFINITY
  private shortMs = longestMs

  /** `all`: everything that has counters, anew for each look. */
  constructor(live: Live, intervalMs: number, all: () => Iterable<Sampled>) {
    this.live = live
    this.all = all
    this.timer = setInterval(() => this.look(), intervalMs).unref()
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Forgets what has been. */
  reset(): void {
    this.samples = new WeakMap()
    this.marks = new WeakMap()
  }

  /** Looks once; of a cluster whose time stands still there is nothing new to see. */
  look(): void {
    const now = this.live.act(() => this.live.cluster.loop.now)
    if (now <= this.lookedAt) return
    this.lookedAt = now
    let rows = 0
    for (const sampled of this.all()) rows += this.lookAt(sampled, now)
    if (rows > mostRows) this.shortMs = Math.max(shortestMs, this.shortMs / 2)
    else if (rows < mostRows / 4) this.shortMs = Math.min(longestMs, this.shortMs * 2)
  }

  private lookAt({ of, depth, mark, counters }: Sampled, now: number): number {
    const known = this.samples.get(of)
    // Its last change needs one more look, at which the rate becomes nothing again.
    if (known !== undefined && mark === this.marks.get(of) && known.changedAt < known.latest) {
      known.unchanged(now)
      return known.size
    }
    this.marks.set(of, mark)
    const found = counters()
    const row = Float64Array.from(Object.values(found))
    if (known !== undefined && known.names.length === row.length) known.add(now, row, this.shortMs)
    else this.samples.set(of, new Samples(Object.keys(found), depth, now, row))
    return known?.size ?? 1
  }

  /** Growth per second of a counter of `of`, 0 as long as it has not been looked at twice. */
  rate(of: object, name: string): number {
    return this.samples.get(of)?.rate(name) ?? 0
  }

  /** When a counter of `of` last changed, in ms since the epoch; null unless a later look found nothing new. */
  idleSince(of: object): number | null {
    const samples = this.samples.get(of)
    return samples === undefined || samples.latest <= samples.changedAt ? null : samples.changedAt
  }

  /**
   * `{name: value, name_details: {rate}}` for each counter, in the given order; within one of `ranges` with samples, the
   * newest first, and their averages.
   */
  details(of: object, counters: Counters, ranges: Ranges = noRanges, kind: RangeKind = 'msg_rates') {
    const shown: Record<string, unknown> = {}
    const range = ranges[kind]
    for (const [name, value] of Object.entries(counters)) {
      shown[name] = value
      shown[`${name}_details`] =
        range === undefined ? { rate: this.rate(of, name) } : this.history(of, name, range)
    }
    return shown
  }

  private history(of: object, name: string, { ageMs, stepMs }: Range) {
    const samples = this.samples.get(of)
    const newest = Math.floor(this.live.cluster.loop.now / stepMs) * stepMs
    const points: { sample: number; timestamp: number }[] = []
    for (let timestamp = newest; timestamp >= newest - ageMs; timestamp -= stepMs) {
      // Nothing is known from before the first look, and counts as nothing: graphs get as many points as they asked for.
      if (samples !== undefined) points.push({ sample: samples.value(name, timestamp) ?? 0, timestamp })
    }
    const perSecond = (grown: number, ms: number) => (ms === 0 ? 0 : (grown * 1000) / ms)
    const [first, second, last] = [points[0], points[1], points.at(-1)]
    if (first === undefined || last === undefined) return { rate: 0, samples: [], avg_rate: 0, avg: 0 }
    return {
      rate: second === undefined ? 0 : perSecond(first.sample - second.sample, stepMs),
      samples: points,
      avg_rate: perSecond(first.sample - last.sample, first.timestamp - last.timestamp),
      avg: points.reduce((total, { sample }) => total + sample, 0) / points.length,
    }
  }
}

const vhostKeys = new WeakMap<Definitions, Map<string, object>>()

/** What stands for a vhost of an island, whatever its record is. */
export function vhostKey(definitions: Definitions, name: string): object {
  let keys = vhostKeys.get(definitions)
  if (keys === undefined) vhostKeys.set(definitions, (keys = new Map()))
  let key = keys.get(name)
  if (key === undefined) keys.set(name, (key = {}))
  return key
}
