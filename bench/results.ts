// What was measured: values by workload and metric over the rounds, beside them those of a RabbitMQ in the same rounds, and the
// file that a later run is held against. Filled by run.ts, read by table.ts and write.ts; it measures nothing itself.
import { Complaint } from './complaint.ts'
import type { Machine } from './machine.ts'
import type { Unit } from './workloads.ts'

/** One metric: a value per round, null where the round gave none. */
export interface Series {
  readonly workload: string
  readonly metric: string
  readonly unit: Unit
  readonly values: readonly (number | null)[]
  /** RabbitMQ's, in the same rounds; empty where it was not asked. */
  readonly rabbit: readonly (number | null)[]
}

/** A whole run, as --json writes it and --against reads it. */
export interface Report {
  readonly format: 2
  readonly when: string
  readonly commit: string | null
  readonly target: string
  /** Version of the RabbitMQ beside it; null without one. */
  readonly rabbitmq: string | null
  readonly machine: Machine
  readonly rounds: number
  readonly seconds: number
  readonly series: readonly Series[]
  /** What went wrong, a sentence each. A failed step leaves no value behind. */
  readonly faults: readonly string[]
}

export type Side = 'values' | 'rabbit'

interface Growing extends Series {
  readonly values: (number | null)[]
  readonly rabbit: (number | null)[]
}

/** Gathers values in the order in which workloads and metrics first appear. */
export class Results {
  readonly faults: string[] = []
  readonly #series = new Map<string, Growing>()

  /** `round` counts from 0. */
  add(
    workload: string,
    metric: string,
    unit: Unit,
    value: number,
    round: number,
    side: Side = 'values',
  ): void {
    const key = `${workload} ${metric}`
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = { workload, metric, unit, values: [], rabbit: [] }))
    while (series[side].length < round) series[side].push(null)
    series[side][round] = value
  }

  get series(): readonly Series[] {
    return [...this.#series.values()]
  }
}

export const numbers = (values: readonly (number | null)[]): number[] =>
  values.filter((value) => value !== null)

/** The middle value, or the mean of the middle two; NaN of nothing. */
export function median(values: readonly (number | null)[]): number {
  const sorted = numbers(values).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A share of something is neither better nor worse than another one. */
export const comparable = (unit: Unit) => unit !== 'factor' && unit !== 'cores'

/** Of rates more is better, of everything else less. */
export const higherIsBetter = (unit: Unit) => unit === 'msg/s' || unit === '/s'

/** The median of the ratios within the rounds, Warren's to RabbitMQ's as they are measured; null without a pair. */
export function pairedRatio({ unit, values, rabbit }: Series): number | null {
  if (!comparable(unit)) return null
  const ratios: number[] = []
  for (const [i, value] of values.entries()) {
    const other = rabbit[i] ?? null
    if (value !== null && other !== null && other > 0) ratios.push(value / other)
  }
  return ratios.length === 0 ? null : median(ratios)
}

/** How a run compares with an earlier one: above 1 is better, whichever way the metric points. */
export interface Comparison {
  readonly factor: number
  /** The ranges of the two runs overlap: no difference is shown. */
  readonly withinNoise: boolean
}

export function compared(now: Series, before: Series): Comparison {
  const [a, b] = [median(now.values), median(before.values)]
  const [mine, earlier] = [numbers(now.values), numbers(before.values)]
  return {
    factor: higherIsBetter(now.unit) ? a / b : b / a,
    withinNoise: Math.min(...mine) <= Math.max(...earlier) && Math.min(...earlier) <= Math.max(...mine),
  }
}

/** Reads what --json wrote. Throws a Complaint that names the file. */
export function parseReport(text: string, fileName: string): Report {
  let value: Partial<Report> | null = null
  try {
    value = JSON.parse(text)
  } catch {
    // Said below, in the same words as for any other file that is not a report.
  }
  if (value?.format !== 2 || !Array.isArray(value.series))
    throw new Complaint(`${fileName} is not a file that --json wrote`)
  return value as Report
}
