// What was measured: values by workload and metric over the rounds, their medians, the printed table and the file that a
// later run is held against. Called by run.ts and its tests; it measures nothing itself.
import { Complaint } from './complaint.ts'
import type { Unit } from './workloads.ts'

/** All values of one metric, one per round that went well. */
export interface Series {
  readonly workload: string
  readonly metric: string
  readonly unit: Unit
  readonly values: readonly number[]
}

/** A whole run, as --json writes it and --against reads it. */
export interface Report {
  readonly format: 1
  readonly when: string
  readonly target: string
  readonly machine: string
  readonly rounds: number
  readonly seconds: number
  readonly series: readonly Series[]
  /** What went wrong, a sentence each. A failed step leaves no value behind. */
  readonly faults: readonly string[]
}

/** Gathers values in the order in which workloads and metrics first appear. */
export class Results {
  readonly faults: string[] = []
  readonly #series = new Map<string, { workload: string; metric: string; unit: Unit; values: number[] }>()

  add(workload: string, metric: string, unit: Unit, value: number): void {
    const key = `${workload} ${metric}`
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = { workload, metric, unit, values: [] }))
    series.values.push(value)
  }

  get series(): readonly Series[] {
    return [...this.#series.values()]
  }
}

/** The middle value, or the mean of the middle two; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How a run compares with an earlier one: above 1 is better, whichever way the metric points. */
export interface Comparison {
  readonly factor: number
  /** The ranges of the two runs overlap: no difference is shown. */
  readonly withinNoise: boolean
}

export function compared(now: Series, before: Series): Comparison {
  const higherIsBetter = now.unit === 'msg/s'
  const [a, b] = [median(now.values), median(before.values)]
  return {
    factor: higherIsBetter ? a / b : b / a,
    withinNoise:
      Math.min(...now.values) <= Math.max(...before.values) &&
      Math.min(...before.values) <= Math.max(...now.values),
  }
}

const count = (value: number) => Math.round(value).toLocaleString('en')

/** Lines of the table: a heading, then one row per metric; with an earlier run, its median and the comparison. */
export function tableLines(series: readonly Series[], before?: Report): string[] {
  const rows = [['workload', 'metric', 'median', 'min..max', 'unit', ...(before ? ['before', 'factor'] : [])]]
  let last = ''
  for (const now of series) {
    const range = `${count(Math.min(...now.values))}..${count(Math.max(...now.values))}`
    const row = [
      now.workload === last ? '' : now.workload,
      now.metric,
      count(median(now.values)),
      range,
      now.unit,
    ]
    if (before) row.push(...beforeCells(now, before))
    rows.push(row)
    last = now.workload
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const toTheRight = new Set([2, 3, 5, 6])
  return rows.map((row) =>
    row
      .map((cell, i) => (toTheRight.has(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

function beforeCells(now: Series, before: Report): [string, string] {
  const then = before.series.find((s) => s.workload === now.workload && s.metric === now.metric)
  if (!then || then.values.length === 0) return ['-', '-']
  const { factor, withinNoise } = compared(now, then)
  return [count(median(then.values)), `${withinNoise ? '~' : ''}${factor.toFixed(2)}`]
}

/** Reads what --json wrote. Throws a Complaint that names the file. */
export function parseReport(text: string, fileName: string): Report {
  let value: Partial<Report> | null = null
  try {
    value = JSON.parse(text)
  } catch {
    // Said below, in the same words as for any other file that is not a report.
  }
  if (value?.format !== 1 || !Array.isArray(value.series))
    throw new Complaint(`${fileName} is not a file that --json wrote`)
  return value as Report
}
