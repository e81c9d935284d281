// A calibration from beginning to end: measure each shape some times over, take medians, fit. Called by the command with a way to
// measure, which is a real cluster or, in tests, a simulated one; it must never look at a clock.

import { type Calibration, fitErrors } from './file.ts'
import { fitTimes, type Observation } from './fit.ts'
import type { Measured } from './load.ts'
import { calibrationShapes, flushShapes, type Shape } from './shape.ts'
import { simulate, simulatedMs } from './simulate.ts'

/** In ms: before the count, and the count. */
export interface Lengths {
  readonly warmMs: number
  readonly countMs: number
}

export type Measure = (shape: Shape) => Promise<Measured>

/** Told what has been done so far. */
export type Progress = (done: number, of: number, what: string) => void

export type Circumstances = Pick<Calibration, 'broker' | 'machine' | 'cores' | 'date'>

/** The value in the middle; of an even number the lower one of the two. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? Number.NaN

/** Measures every shape `rounds` times, in turns, so that a busy spell of the machine touches all alike. */
export async function calibrate(
  measure: Measure,
  rounds: number,
  circumstances: Circumstances,
  progress: Progress,
): Promise<Calibration> {
  const shapes = [flushShapes.with, flushShapes.without, ...calibrationShapes]
  const results = new Map<Shape, Measured[]>(shapes.map((shape) => [shape, []]))
  let done = 0
  for (let round = 0; round < rounds; round++)
    for (const shape of shapes) {
      const measured = await measure(shape)
      results.get(shape)!.push(measured)
      progress(++done, rounds * shapes.length, `${shape.name}: ${Math.round(measured.rate)}/s`)
    }
  progress(done, done, 'fitting')
  return fitted(results, rounds, circumstances)
}

/** The calibration that follows from what was measured. */
export function fitted(
  results: ReadonlyMap<Shape, readonly Measured[]>,
  rounds: number,
  circumstances: Circumstances,
): Calibration {
  const flush = flushOf(results.get(flushShapes.with) ?? [], results.get(flushShapes.without) ?? [])
  const observed: Observation[] = calibrationShapes.map((shape) => ({
    shape,
    msPerMessage: median((results.get(shape) ?? []).map(({ rate }) => 1000 / rate)),
  }))
  const times = fitTimes(observed, simulatedMs(flush))
  const fits = observed.map(({ shape, msPerMessage }) => ({
    shape: shape.name,
    measured: 1000 / msPerMessage,
    fitted: simulate(shape, { times, flush }).rate,
  }))
  return { ...circumstances, machines: 'shared', rounds, times, flush, fits }
}

/** What a confirm of one message at a time takes longer when it is persistent. */
function flushOf(persistent: readonly Measured[], transient: readonly Measured[]) {
  const without = median(transient.map(({ confirm }) => confirm.p50))
  const withIt = persistent.map(({ confirm }) => Math.max(0, confirm.p50 - without)).sort((a, b) => a - b)
  return { minMs: withIt[0] ?? 0, maxMs: withIt.at(-1) ?? 0 }
}

/** How well the fit explains what was measured, in a sentence. */
export function fitSentence({ fits }: Calibration): string {
  const { median: middle, largest } = fitErrors(fits)
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  return `The fit is off by ${percent(middle)} in the median, by ${percent(largest)} at most.`
}
