// What a request wants to see of the past: an age and a step for each kind of figure, as `lengths_age=60&lengths_incr=5`
// (docs/observed.md §26). Read from every query; it must never let a client ask for more points than a graph has.

import { badRequest } from './http-error.ts'

/** In ms. */
export interface Range {
  readonly ageMs: number
  readonly stepMs: number
}

export const rangeKinds = ['lengths', 'msg_rates', 'data_rates', 'node_stats'] as const
export type RangeKind = (typeof rangeKinds)[number]
export type Ranges = Readonly<Partial<Record<RangeKind, Range>>>

export const noRanges: Ranges = {}

/** RabbitMQ's MAX_RANGE. */
const mostPoints = 500

/** Throws 400 for a range without points or with too many; one that is no number is none. */
export function rangesOf(query: URLSearchParams): Ranges {
  const found: Partial<Record<RangeKind, Range>> = {}
  for (const kind of rangeKinds) {
    const age = wholeNumber(query.get(`${kind}_age`))
    const step = wholeNumber(query.get(`${kind}_incr`))
    if (age === null || step === null) continue
    if (age <= 0 || step <= 0 || age / step > mostPoints)
      throw badRequest(`Invalid range parameters: age ${age}, incr ${step}`)
    found[kind] = { ageMs: age * 1000, stepMs: step * 1000 }
  }
  return found
}

const wholeNumber = (text: string | null): number | null =>
  text !== null && /^[+-]?\d{1,12}$/.test(text) ? Number(text) : null
