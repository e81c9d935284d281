// Throughput second by second and the distribution of latencies, as charts of the HTML report. Called by `page`; one scale for all
// variants, so that they can be compared by eye.

import type { Comparison, Distribution, VariantRun } from '../scenario/result.ts'
import {
  acrossScale,
  at,
  curve,
  drawing,
  legend,
  logScale,
  moment,
  type Scale,
  shareScale,
  span,
  upScale,
  width,
} from './chart.ts'
import { figure, type Row, runName, safe, seconds, table, moment as time } from './words.ts'

/** More points than this are drawn as means. */
const mostPoints = 400

const kinds = ['published', 'confirmed', 'delivered'] as const

/** One chart a run: what was published, confirmed and delivered in each second; faults as lines, waits as bands. */
export function throughput(comparison: Comparison): string[] {
  const runs = comparison.runs.filter(({ series }) => kinds.some((kind) => series[kind].length > 0))
  if (runs.length === 0) return []
  const most = Math.max(
    1,
    ...runs.flatMap(({ series }) => kinds.flatMap((kind) => means(series[kind]).values)),
  )
  const length = Math.max(1, ...runs.flatMap(({ series }) => kinds.map((kind) => series[kind].length)))
  const x = acrossScale(length, (value) => `${figure(value)} s`)
  const y = upScale(most, (value) => `${figure(value)}/s`)
  const charts = runs.map((run) => {
    const name = runName(run, comparison)
    const curves = kinds.map((kind, i) => seriesCurve(run.series[kind], x, y, i + 1)).join('')
    const words = `messages per second of ${name}`
    return `<div><h3>${safe(name)}</h3>${drawing(words, x, y, waits(run, x), curves + faultLines(run, x))}</div>`
  })
  const note =
    '<p class="note">Dashed lines are faults, bands are waits of clients for more than a second.</p>'
  return [legend(kinds), `<div class="grid">${charts.join('\n')}</div>`, note]
}

function seriesCurve(values: readonly number[], x: Scale, y: Scale, number: number): string {
  const { values: drawn, step } = means(values)
  if (drawn.length === 1)
    return `<circle class="f${number}" cx="${at(x.place(0.5))}" cy="${at(y.place(drawn[0]!))}" r="3"/>`
  return curve(
    drawn.map((value, i) => [x.place((i + 0.5) * step), y.place(value)] as const),
    number,
  )
}

function means(values: readonly number[]): { values: readonly number[]; step: number } {
  const step = Math.max(1, Math.ceil(values.length / mostPoints))
  if (step === 1) return { values, step }
  const few: number[] = []
  for (let i = 0; i < values.length; i += step) {
    const part = values.slice(i, i + step)
    few.push(part.reduce((sum, one) => sum + one, 0) / part.length)
  }
  return { values: few, step }
}

const faultLines = ({ timeline }: VariantRun, x: Scale) =>
  timeline
    .filter(({ who }) => who === 'fault')
    .map(({ atMs, text }) => moment(x.place(atMs / 1000), `${time(atMs)} ${text}`))
    .join('')

const waits = ({ gaps }: VariantRun, x: Scale) =>
  gaps
    .map(({ client, operation, fromMs, toMs }) =>
      span(
        x.place(fromMs / 1000),
        Math.min(x.place(toMs / 1000), width),
        `${client} waited to ${operation} from ${time(fromMs)} to ${time(toMs)}`,
      ),
    )
    .join('')

/** Distributions and their course, with a curve a run, and the numbers under them. */
export function latency(comparison: Comparison): string[] {
  const charts = [
    latencyChart('From handing over to first delivery', comparison, ({ latency }) => latency),
    latencyChart('From sending to the confirm', comparison, ({ confirmLatency }) => confirmLatency),
    secondsChart('To first delivery, mean of each second', comparison, ({ series }) => series.meanMs),
    secondsChart('To first delivery, longest of each second', comparison, ({ series }) => series.longestMs),
  ].filter((chart) => chart !== '')
  if (charts.length === 0) return []
  return [
    legend(comparison.runs.map((run) => runName(run, comparison))),
    `<div class="grid">${charts.join('\n')}</div>`,
    latencyTable(comparison),
  ]
}

function latencyChart(title: string, { runs }: Comparison, of: (run: VariantRun) => Distribution): string {
  const points = runs.map((run) => of(run).points.filter(({ ms }) => ms > 0))
  const all = points.flat()
  if (all.length === 0) return ''
  const shares = all.map(({ share }) => share).filter((share) => share < 1)
  const x = shareScale(Math.max(0.99, ...shares))
  const y = logScale(Math.min(...all.map(({ ms }) => ms)), Math.max(...all.map(({ ms }) => ms)), (ms) =>
    seconds(ms / 1000),
  )
  const curves = points.map((list, i) =>
    list.length < 2
      ? ''
      : curve(
          list.map(({ share, ms }) => [x.place(share), y.place(ms)] as const),
          i + 1,
        ),
  )
  return `<div><h3>${safe(title)}</h3>${drawing(title, x, y, '', curves.join(''))}</div>`
}

/** Second by second; where nothing was delivered the curve has a hole. */
function secondsChart(
  title: string,
  { runs }: Comparison,
  of: (run: VariantRun) => readonly number[],
): string {
  const all = runs.flatMap(of).filter((ms) => ms > 0)
  if (all.length === 0) return ''
  const length = Math.max(...runs.map((run) => of(run).length))
  const x = acrossScale(length, (value) => `${figure(value)} s`)
  const y = logScale(Math.min(...all), Math.max(...all), (ms) => seconds(ms / 1000))
  const curves = runs.flatMap((run, i) =>
    stretches(of(run)).map((stretch) => {
      const points = stretch.map(([second, ms]) => [x.place(second + 0.5), y.place(ms)] as const)
      // A lone second is a short line.
      const [[lone, height]] = points as [readonly [number, number]]
      return curve(
        points.length > 1
          ? points
          : [
              [lone - 2, height],
              [lone + 2, height],
            ],
        i + 1,
      )
    }),
  )
  return `<div><h3>${safe(title)}</h3>${drawing(title, x, y, '', curves.join(''))}</div>`
}

/** The seconds that have a value, as runs without a hole; of very many only every so many. */
function stretches(values: readonly number[]): (readonly [second: number, ms: number])[][] {
  const step = Math.max(1, Math.ceil(values.length / mostPoints))
  const found: (readonly [number, number])[][] = []
  let open = false
  for (let second = 0; second < values.length; second += step) {
    const ms = Math.max(...values.slice(second, second + step))
    if (ms > 0 && open) found.at(-1)!.push([second, ms])
    else if (ms > 0) found.push([[second, ms]])
    open = ms > 0
  }
  return found
}

function latencyTable(comparison: Comparison): string {
  const rows = comparison.runs.flatMap((run) =>
    (
      [
        ['delivery', run.latency],
        ['confirm', run.confirmLatency],
      ] as const
    )
      .filter(([, { count }]) => count > 0)
      .map(([what, { count, meanMs, points }]): Row => {
        const cell = (share: number) =>
          safe(seconds((points.find((point) => point.share >= share)?.ms ?? 0) / 1000))
        const cells = [0.5, 0.9, 0.99, 0.999, 1].map(cell)
        return {
          cells: [
            safe(runName(run, comparison)),
            what,
            figure(count),
            safe(seconds(meanMs / 1000)),
            ...cells,
          ],
        }
      }),
  )
  const numbers = ['messages', 'mean', '50 %', '90 %', '99 %', '99.9 %', 'longest']
  return table(
    [{ title: 'Variant' }, { title: 'Until' }, ...numbers.map((title) => ({ title, number: true }))],
    rows,
  )
}
