// The search for schedules that break assertions, as one thread does its part of it: takes the next schedule from a counter that
// all threads share, plays it on every variant that still holds, and reports. The first broken schedule of a variant is the same
// however many threads there are: what comes before it is always played.

import type { Assertion, Scenario } from '../scenario/types.ts'
import { type Drawing, drawMoves } from './moves.ts'
import { brokenBy, type Play, type Trial } from './trial.ts'

export interface Plan {
  readonly scenario: Scenario
  /** By the scenario's variants: what each must hold. */
  readonly assertions: readonly (readonly Assertion[])[]
  readonly firstSeed: number
  readonly schedules: number
  readonly drawing: Drawing
}

export type Report =
  | {
      readonly kind: 'broken'
      readonly variant: number
      readonly seed: number
      readonly broken: readonly string[]
    }
  /** The schedule could not be played at all: a fault of Warren, which is never kept quiet. */
  | { readonly kind: 'failed'; readonly variant: number; readonly seed: number; readonly reason: string }
  | { readonly kind: 'played'; readonly schedules: number; readonly runs: number }

const none = 0x7fffffff

/** What threads share: the next schedule, whether to stop, and by variant the first schedule that breaks something. */
export class Shared {
  readonly cells: Int32Array

  /** With as many variants, or over the cells that another thread has made. */
  constructor(variants: number | Int32Array) {
    if (typeof variants !== 'number') {
      this.cells = variants
      return
    }
    this.cells = new Int32Array(new SharedArrayBuffer(4 * (2 + variants)))
    this.cells.fill(none, 2)
  }

  take(): number {
    return Atomics.add(this.cells, 0, 1)
  }

  stop(): void {
    Atomics.store(this.cells, 1, 1)
  }

  get stopped(): boolean {
    return Atomics.load(this.cells, 1) !== 0
  }

  /** Whether a variant is still to be tried with this schedule. */
  wants(variant: number, schedule: number): boolean {
    return schedule < Atomics.load(this.cells, 2 + variant)
  }

  broken(variant: number, schedule: number): void {
    for (let seen = Atomics.load(this.cells, 2 + variant); schedule < seen; ) {
      const before = Atomics.compareExchange(this.cells, 2 + variant, seen, schedule)
      if (before === seen) return
      seen = before
    }
  }
}

/** The trial of a seed: both the schedule and what chance decides while it is played follow from it. */
export function trialOf({ scenario, drawing }: Plan, variant: number, seed: number): Trial {
  return { scenario, variant: scenario.variants[variant]!, moves: drawMoves(scenario, seed, drawing), seed }
}

/** `breathe` is awaited after each schedule, so that the thread hears when it is to stop. */
export async function search(
  plan: Plan,
  shared: Shared,
  play: Play,
  report: (report: Report) => void,
  breathe: () => Promise<void> | void = () => {},
): Promise<void> {
  for (;;) {
    if (shared.stopped) return
    const schedule = shared.take()
    const wanted = plan.scenario.variants.map((_, i) => i).filter((i) => shared.wants(i, schedule))
    if (schedule >= plan.schedules || wanted.length === 0) return
    const seed = plan.firstSeed + schedule
    for (const variant of wanted) {
      try {
        const broken = brokenBy(await play(trialOf(plan, variant, seed)), plan.assertions[variant]!)
        if (broken.length === 0) continue
        shared.broken(variant, schedule)
        report({ kind: 'broken', variant, seed, broken })
      } catch (error) {
        report({ kind: 'failed', variant, seed, reason: (error as Error).message })
      }
    }
    report({ kind: 'played', schedules: 1, runs: wanted.length })
    await breathe()
  }
}
