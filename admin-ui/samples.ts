// The past of one object's counters, thinned the older it is: what graphs ask for. Kept by `statistics`, which says when to
// look; only what has changed takes room. It must never read a clock.

/** How often a look is kept and for how long, in ms; RabbitMQ's own retention. */
interface Tier {
  readonly stepMs: number
  keepMs: number
  readonly at: number[]
  readonly rows: Float64Array[]
}

const minute = 60_000

/** Steps and ages of RabbitMQ's sample_retention_policies, in ms. */
const retention = [
  [0, 10 * minute],
  [minute, 60 * minute],
  [10 * minute, 480 * minute],
  [30 * minute, 1440 * minute],
] as const

export class Samples {
  readonly names: readonly string[]
  private readonly tiers: Tier[]
  /** Of the first look: before it nothing is known. */
  private readonly since: number
  /** Of the last two looks, changed or not. */
  private lastAt: number
  private rateOver = 0
  private previous: Float64Array
  /** When something last changed, in ms since the epoch. */
  changedAt: number

  /** `depth`: how many of the four kinds of retention it has. */
  constructor(names: readonly string[], depth: number, now: number, first: Float64Array) {
    this.names = names
    this.tiers = retention
      .slice(0, depth)
      .map(([stepMs, keepMs]) => ({ stepMs, keepMs, at: [now], rows: [first] }))
    this.since = this.lastAt = this.changedAt = now
    this.previous = first
  }

  /** When it was last looked at. */
  get latest(): number {
    return this.lastAt
  }

  /** A look at `now` at which all is as it was before. */
  unchanged(now: number): void {
    this.rateOver = now - this.lastAt
    this.lastAt = now
    this.previous = this.tiers[0]!.rows.at(-1)!
  }

  /** How many rows it keeps. */
  get size(): number {
    return this.tiers.reduce((total, { rows }) => total + rows.length, 0)
  }

  /** A look at `now`, later than the last; `row` is kept when it differs. `shortMs`: how long the finest looks are kept. */
  add(now: number, row: Float64Array, shortMs: number): void {
    const last = this.tiers[0]!.rows.at(-1)!
    this.rateOver = now - this.lastAt
    this.lastAt = now
    this.previous = last
    const changed = row.some((value, i) => value !== last[i])
    if (changed) this.changedAt = now
    const kept = changed ? Float64Array.from(row) : last
    for (const [i, tier] of this.tiers.entries()) {
      const newest = tier.at.at(-1)!
      const due = now - newest >= tier.stepMs
      if (due && kept !== tier.rows.at(-1)) {
        tier.at.push(now)
        tier.rows.push(kept)
      }
      const keepMs = i === 0 ? Math.min(shortMs, tier.keepMs) : tier.keepMs
      // The last before the kept age stays: it says what was so at its beginning.
      while (tier.at.length > 1 && tier.at[1]! <= now - keepMs) {
        tier.at.shift()
        tier.rows.shift()
      }
    }
  }

  /** Growth per second between the last two looks. */
  rate(name: string): number {
    const column = this.names.indexOf(name)
    if (column < 0 || this.rateOver <= 0) return 0
    const grown = this.tiers[0]!.rows.at(-1)![column]! - this.previous[column]!
    return Math.round((grown * 10_000) / this.rateOver) / 10
  }

  /** The value at time `at`; null from before the first look. */
  value(name: string, at: number): number | null {
    const column = this.names.indexOf(name)
    if (column < 0 || at < this.since) return null
    for (const { at: times, rows } of this.tiers) {
      const i = lastUpTo(times, at)
      if (i >= 0) return rows[i]![column]!
    }
    return null
  }
}

/** The place of the last that is not above `limit`; -1 when all are. */
function lastUpTo(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
