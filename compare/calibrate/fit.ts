// From measured rates to service times: the times, none negative, whose sums explain best what each shape took per message. What a
// simulation with them would give is asked and corrected for, since not all waiting is work. Pure; called by calibrate and tests.

import { type Operation, operations, type ServiceTimes } from '../../nodes/work.ts'
import { operationsOf, type Shape } from './shape.ts'

/** Milliseconds per message that `shape` took. */
export interface Observation {
  readonly shape: Shape
  readonly msPerMessage: number
}

/** Milliseconds per message by arithmetic: each operation as often as it happens, on one machine that is never idle. */
export function workOf(shape: Shape, times: ServiceTimes): number {
  const counts = operationsOf(shape)
  const cost = (name: Operation) => counts[name] * (times[name].fixedMs + times[name].byteMs * shape.bytes)
  return operations.reduce((sum, name) => sum + cost(name), 0)
}

/** Rounds of asking the simulation; each removes most of what the one before was off by. */
const rounds = 5

/**
 * Fits the times to what was observed. `simulated` gives the ms per message that a simulation with given times comes to; where
 * that differs from the plain sum, the sum aims higher or lower.
 */
export function fitTimes(
  observed: readonly Observation[],
  simulated: (shape: Shape, times: ServiceTimes) => number,
): ServiceTimes {
  let times = fitSums(observed)
  for (let round = 0; round < rounds; round++) {
    const aims = observed.map(({ shape, msPerMessage }) => {
      const share = workOf(shape, times) / simulated(shape, times)
      return { shape, msPerMessage: msPerMessage * Math.min(1, Math.max(0.05, share)) }
    })
    times = fitSums(aims)
  }
  return times
}

/** The non-negative times whose sums differ least from the observations, each difference as a share of what was observed. */
export function fitSums(observed: readonly Observation[]): ServiceTimes {
  const rows = observed.map(({ shape, msPerMessage }) => {
    const counts = operationsOf(shape)
    // A byte's time in the same range as a message's: per 10 kB.
    return operations
      .flatMap((name) => [counts[name], (counts[name] * shape.bytes) / byteScale])
      .map((value) => value / msPerMessage)
  })
  const solution = nonNegative(
    rows,
    rows.map(() => 1),
  )
  const entries = operations.map((name, i) => [
    name,
    { fixedMs: solution[2 * i]!, byteMs: solution[2 * i + 1]! / byteScale },
  ])
  return Object.fromEntries(entries) as ServiceTimes
}

const byteScale = 10_000
const sweeps = 20_000

/** Least squares with no unknown below zero, by improving one unknown after the other. */
export function nonNegative(rows: readonly (readonly number[])[], aims: readonly number[]): number[] {
  const width = rows[0]?.length ?? 0
  const products = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  )
  const wanted = Array.from({ length: width }, (_, i) =>
    rows.reduce((sum, row, at) => sum + row[i]! * aims[at]!, 0),
  )
  const found = new Array<number>(width).fill(0)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0
    for (let i = 0; i < width; i++) {
      const own = products[i]![i]!
      if (own === 0) continue
      let rest = wanted[i]!
      for (let j = 0; j < width; j++) if (j !== i) rest -= products[i]![j]! * found[j]!
      const next = Math.max(0, rest / own)
      moved = Math.max(moved, Math.abs(next - found[i]!))
      found[i] = next
    }
    if (moved < 1e-12) break
  }
  return found
}
