// How good predictions are: modes on placements and sizes that calibrate does not use, measured in turns and predicted, and the
// ratios between modes held against each other. Pure; the command measures and writes the page.

import type { Costs } from './file.ts'
import type { Measured } from './load.ts'
import { type Measure, median, type Progress } from './run.ts'
import { type Shape, shapeOf } from './shape.ts'
import { simulate } from './simulate.ts'

/** One mode's shape, and what people call it. */
export interface Case {
  readonly mode: string
  readonly shape: Shape
}

export const predictedBytes = [1000, 16_384] as const

/** By size, the first is what the others are compared with. */
export function casesOf(bytes: number): Case[] {
  return [
    { mode: 'single', shape: shapeOf('111', [], bytes) },
    { mode: 'ordinary, a node each', shape: shapeOf('213', [], bytes) },
    { mode: 'ordinary, clients on one other node', shape: shapeOf('212', [], bytes) },
    { mode: 'exactly 2, a mirror on the publisher’s node', shape: shapeOf('213', [2], bytes) },
    { mode: 'exactly 2, clients on the third node', shape: shapeOf('313', [2], bytes) },
    { mode: 'all, a node each', shape: shapeOf('213', [2, 3], bytes) },
    { mode: 'all, clients on one other node', shape: shapeOf('212', [2, 3], bytes) },
  ]
}

/** Within this of the median, as a share, a predicted ratio is good whatever the spread. */
export const tolerance = 0.25

/** One ratio of rates, `mode` to `base`. */
export interface Ratio {
  readonly bytes: number
  readonly mode: string
  readonly base: string
  readonly predicted: number
  /** Of the ratios within rounds. */
  readonly measured: number
  readonly lowest: number
  readonly highest: number
  readonly good: boolean
}

/** Rates and latencies of one case. */
export interface Compared {
  readonly bytes: number
  readonly mode: string
  readonly predicted: Measured
  /** Medians over the rounds. */
  readonly measured: Measured
}

export interface Predictions {
  readonly rounds: number
  readonly ratios: readonly Ratio[]
  readonly cases: readonly Compared[]
}

/** Measures each case `rounds` times in turns, and predicts it once. */
export async function check(
  measure: Measure,
  costs: Costs,
  rounds: number,
  progress: Progress,
): Promise<Predictions> {
  const all = predictedBytes.map((bytes) => ({ bytes, cases: casesOf(bytes) }))
  const results = new Map<Shape, Measured[]>()
  const of = rounds * all.reduce((sum, { cases }) => sum + cases.length, 0)
  let done = 0
  for (let round = 0; round < rounds; round++)
    for (const { cases } of all)
      for (const { shape } of cases) {
        const measured = await measure(shape)
        results.set(shape, [...(results.get(shape) ?? []), measured])
        progress(++done, of, `${shape.name}: ${Math.round(measured.rate)}/s`)
      }
  return held(
    all.map(({ bytes, cases }) => ({
      bytes,
      cases: cases.map((one) => ({
        ...one,
        predicted: simulate(one.shape, costs),
        measured: results.get(one.shape) ?? [],
      })),
    })),
  )
}

interface Held extends Case {
  readonly predicted: Measured
  /** By round. */
  readonly measured: readonly Measured[]
}

/** The ratios of what was predicted held against what was measured. */
export function held(
  all: readonly { readonly bytes: number; readonly cases: readonly Held[] }[],
): Predictions {
  const ratios = all.flatMap(({ bytes, cases }) => {
    // To the single node, and mirrored to ordinary in the same place.
    const pairs = cases.slice(1).map((one) => [one, cases[0]!] as const)
    const ordinary = cases.find(({ shape }) => placeOf(shape) === '213' && shape.mirrors.length === 0)
    const mirrored = cases.filter(({ shape }) => placeOf(shape) === '213' && shape.mirrors.length > 0)
    if (ordinary !== undefined) pairs.push(...mirrored.map((one) => [one, ordinary] as const))
    return pairs.map(([one, base]) => ratioOf(bytes, one, base))
  })
  const cases = all.flatMap(({ bytes, cases: some }) =>
    some.map(({ mode, predicted, measured }) => ({ bytes, mode, predicted, measured: medians(measured) })),
  )
  return {
    rounds: Math.min(...all.flatMap(({ cases: some }) => some.map((c) => c.measured.length))),
    ratios,
    cases,
  }
}

const placeOf = ({ publisher, leader, consumer }: Shape) => `${publisher}${leader}${consumer}`

function ratioOf(bytes: number, one: Held, base: Held): Ratio {
  const within = one.measured.map(({ rate }, round) => rate / base.measured[round]!.rate)
  const measured = median(within)
  const [lowest, highest] = [Math.min(...within), Math.max(...within)]
  const predicted = one.predicted.rate / base.predicted.rate
  const good =
    Math.abs(predicted / measured - 1) <= tolerance || (predicted >= lowest && predicted <= highest)
  return { bytes, mode: one.mode, base: base.mode, predicted, measured, lowest, highest, good }
}

function medians(all: readonly Measured[]): Measured {
  const of = (pick: (one: Measured) => number) => median(all.map(pick))
  return {
    rate: of(({ rate }) => rate),
    confirm: { p50: of(({ confirm }) => confirm.p50), p99: of(({ confirm }) => confirm.p99) },
    latency: { p50: of(({ latency }) => latency.p50), p99: of(({ latency }) => latency.p99) },
  }
}

/** The page, in Markdown. */
export function predictionsText(predictions: Predictions, made: string): string {
  const { ratios, cases, rounds } = predictions
  const missed = ratios.filter(({ good }) => !good)
  const off = median(ratios.map(({ predicted, measured }) => Math.abs(predicted / measured - 1)))
  const verdict =
    missed.length === 0
      ? `All ${ratios.length} ratios are within 25 % of the measured median or within the measured spread`
      : `${missed.length} of ${ratios.length} ratios miss: ${missed.map((r) => `${r.mode} to ${r.base} at ${r.bytes} B`).join('; ')}`
  const ms = (value: number) => value.toPrecision(3)
  return `${[
    '# Predictions beside measurements',
    '',
    made,
    `${rounds} rounds; in each, every case is measured once, in turns. Durable queue, persistent messages, 100 in flight, each`,
    'delivery acknowledged. Neither these sizes nor, but for the single node, these placements are used by `warren calibrate`.',
    '',
    `${verdict}; the median difference is ${(100 * off).toFixed(0)} %.`,
    '',
    '## Ratios of throughput between modes',
    '',
    'Measured: the median of the ratios within rounds, and the lowest and highest.',
    '',
    '| bytes | mode | to | predicted | measured | spread | off by | |',
    '| ---: | --- | --- | ---: | ---: | --- | ---: | --- |',
    ...ratios.map((r) => {
      const by = `${(100 * (r.predicted / r.measured - 1)).toFixed(0)} %`
      const spread = `${r.lowest.toFixed(2)}–${r.highest.toFixed(2)}`
      const figures = `${r.predicted.toFixed(2)} | ${r.measured.toFixed(2)} | ${spread} | ${by}`
      return `| ${r.bytes} | ${r.mode} | ${r.base} | ${figures} | ${r.good ? 'within' : '**misses**'} |`
    }),
    '',
    '## Rates and latencies',
    '',
    'Predicted / measured (medians); messages per second, ms. Latencies are those of a saturated broker with 100 in flight.',
    '',
    '| bytes | mode | rate | confirm p50 | confirm p99 | delivery p50 | delivery p99 |',
    '| ---: | --- | ---: | ---: | ---: | ---: | ---: |',
    ...cases.map(({ bytes, mode, predicted: p, measured: m }) => {
      const pairs = [
        `${Math.round(p.rate)} / ${Math.round(m.rate)}`,
        `${ms(p.confirm.p50)} / ${ms(m.confirm.p50)}`,
        `${ms(p.confirm.p99)} / ${ms(m.confirm.p99)}`,
        `${ms(p.latency.p50)} / ${ms(m.latency.p50)}`,
        `${ms(p.latency.p99)} / ${ms(m.latency.p99)}`,
      ]
      return `| ${bytes} | ${mode} | ${pairs.join(' | ')} |`
    }),
  ].join('\n')}\n`
}
