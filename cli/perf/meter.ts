// What was counted and timed: totals since the start, and what came in since the last look. Producers and consumers add to
// it, the reports read it. Latencies go into HDR histograms (Node's own), exact to three digits from 1 µs to an hour.

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** In the clock's unit; the least, the median and three percentiles. Null when nothing was timed. */
export interface Latency {
  readonly min: number
  readonly median: number
  readonly p75: number
  readonly p95: number
  readonly p99: number
}

const counters = ['sent', 'returned', 'confirmed', 'nacked', 'received'] as const
export type Counter = (typeof counters)[number]
export type Counts = { readonly [C in Counter]: number }

/** One stretch of time: rates per second and latencies. */
export interface Reading {
  readonly seconds: number
  /** Totals since the start. */
  readonly counts: Counts
  readonly rates: Counts
  readonly consumerLatency: Latency | null
  readonly confirmLatency: Latency | null
}

const highest = 3_600_000_000

const histogram = () => createHistogram({ lowest: 1, highest, figures: 3 })

/** A latency's histogram for the present stretch and for the whole run. */
class Timer {
  readonly #stretch: RecordableHistogram = histogram()
  readonly #whole: RecordableHistogram = histogram()

  /** A stamp that is no stamp of this clock gives nonsense, and is left out. */
  record(value: number): void {
    if (value >= 0 && value <= highest) this.#stretch.record(value < 1 ? 1 : Math.floor(value))
  }

  take(): Latency | null {
    const latency = latencyOf(this.#stretch)
    if (latency === null) return null
    this.#whole.add(this.#stretch)
    this.#stretch.reset()
    return latency
  }

  get whole(): Latency | null {
    return latencyOf(this.#whole)
  }
}

function latencyOf(from: RecordableHistogram): Latency | null {
  if (from.count === 0) return null
  const at = (percentile: number) => from.percentile(percentile)
  return { min: from.min, median: at(50), p75: at(75), p95: at(95), p99: at(99) }
}

export class Meter implements Record<Counter, number> {
  sent = 0
  returned = 0
  confirmed = 0
  nacked = 0
  received = 0
  readonly consumerLatency = new Timer()
  readonly confirmLatency = new Timer()
  #before = this.counts

  get counts(): Counts {
    return Object.fromEntries(counters.map((name) => [name, this[name]])) as Record<Counter, number>
  }

  /** What came in since the last reading, which was `seconds` ago. */
  read(seconds: number): Reading {
    const { counts } = this
    const rates = ratesOf(counts, this.#before, seconds)
    this.#before = counts
    return {
      seconds,
      counts,
      rates,
      consumerLatency: this.consumerLatency.take(),
      confirmLatency: this.confirmLatency.take(),
    }
  }

  /** The whole run, whose counting ended with `counts` after `seconds`. */
  whole(counts: Counts, seconds: number): Reading {
    this.consumerLatency.take()
    this.confirmLatency.take()
    return {
      seconds,
      counts,
      rates: ratesOf(counts, null, seconds),
      consumerLatency: this.consumerLatency.whole,
      confirmLatency: this.confirmLatency.whole,
    }
  }
}

function ratesOf(now: Counts, before: Counts | null, seconds: number): Counts {
  const per = (name: Counter) => (seconds > 0 ? (now[name] - (before?.[name] ?? 0)) / seconds : 0)
  return Object.fromEntries(counters.map((name) => [name, per(name)])) as Record<Counter, number>
}
