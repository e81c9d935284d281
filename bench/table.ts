// The table that a run prints: medians and spreads, RabbitMQ's beside them where one ran, an earlier run's where one was given.
// Called by run.ts.
import {
  comparable,
  compared,
  higherIsBetter,
  median,
  numbers,
  pairedRatio,
  type Report,
  type Series,
} from './results.ts'

/** Whole numbers with commas; small ones with as many digits as say something. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return '-'
  if (Math.abs(value) < 10 && !Number.isInteger(value)) return value.toFixed(2)
  return Math.round(value).toLocaleString('en')
}

/** Rates also as the time that one message takes. */
function each({ unit, values }: Series): string {
  if (unit !== 'msg/s') return ''
  const microseconds = 1e6 / median(values)
  return Number.isFinite(microseconds) ? `${microseconds.toFixed(2)} us` : ''
}

function spread(values: readonly (number | null)[]): string {
  const known = numbers(values)
  return known.length === 0 ? '-' : `${figure(Math.min(...known))}..${figure(Math.max(...known))}`
}

/** Lines of the table: a heading, then one row per metric. */
export function tableLines(series: readonly Series[], before?: Report): string[] {
  const paired = series.some(({ rabbit }) => rabbit.length > 0)
  const perMessage = series.some(({ unit }) => unit === 'msg/s')
  const heading = [
    'workload',
    'metric',
    'median',
    'min..max',
    'unit',
    ...(perMessage ? ['each'] : []),
    ...(paired ? ['RabbitMQ', 'ratio'] : []),
    ...(before ? ['before', 'factor'] : []),
  ]
  const rows = [heading]
  let last = ''
  for (const now of series) {
    const row = [now.workload === last ? '' : now.workload, now.metric]
    row.push(figure(median(now.values)), spread(now.values), now.unit)
    if (perMessage) row.push(each(now))
    if (paired) row.push(...rabbitCells(now))
    if (before) row.push(...beforeCells(now, before))
    rows.push(row)
    last = now.workload
  }
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const toTheLeft = new Set(['workload', 'metric', 'unit'])
  return rows.map((row) =>
    row
      .map((cell, i) => (toTheLeft.has(heading[i]!) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

function rabbitCells(now: Series): [string, string] {
  if (numbers(now.rabbit).length === 0) return ['', '']
  const ratio = pairedRatio(now)
  return [figure(median(now.rabbit)), ratio === null ? '' : `${ratioText(ratio)}${mark(now, ratio)}`]
}

/** Three digits, whatever the size. */
export function ratioText(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)
}

/** An exclamation mark where RabbitMQ was the better one. */
function mark({ unit }: Series, ratio: number): string {
  return (higherIsBetter(unit) ? ratio < 1 : ratio > 1) ? ' !' : ''
}

function beforeCells(now: Series, before: Report): [string, string] {
  const then = before.series.find((s) => s.workload === now.workload && s.metric === now.metric)
  if (!then || !comparable(now.unit) || numbers(then.values).length === 0 || numbers(now.values).length === 0)
    return ['-', '-']
  const { factor, withinNoise } = compared(now, then)
  return [figure(median(then.values)), `${withinNoise ? '~' : ''}${factor.toFixed(2)}`]
}
