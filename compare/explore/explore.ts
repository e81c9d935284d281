// An exploration without the terminal: what threads report is gathered, and each broken variant's first schedule is made simple.
// Called by the command; where the threads are, and when to stop, is its business.

import type { Assertion, Scenario } from '../scenario/types.ts'
import { type Drawing, faultsOf } from './moves.ts'
import { type Plan, type Report, trialOf } from './search.ts'
import { shrink } from './shrink.ts'
import type { Found } from './story.ts'
import { assertionsFor, brokenBy, type Play } from './trial.ts'

/** `assertions`: instead of the scenario's own. */
export function planOf(
  scenario: Scenario,
  schedules: number,
  firstSeed: number,
  drawing: Drawing,
  assertions: readonly Assertion[] = [],
): Plan {
  const each = scenario.variants.map(({ name }) =>
    assertions.length > 0 ? assertions : assertionsFor(scenario, name),
  )
  return { scenario, assertions: each, firstSeed, schedules, drawing }
}

/** What has been reported so far. */
export class Findings {
  schedules = 0
  runs = 0
  /** By variant: the first seed that breaks it. */
  readonly first = new Map<number, { readonly seed: number; readonly broken: readonly string[] }>()
  readonly failed: { readonly variant: number; readonly seed: number; readonly reason: string }[] = []

  take(report: Report): void {
    switch (report.kind) {
      case 'played':
        this.schedules += report.schedules
        this.runs += report.runs
        return
      case 'failed':
        this.failed.push(report)
        return
      case 'broken': {
        const known = this.first.get(report.variant)
        if (known === undefined || report.seed < known.seed) this.first.set(report.variant, report)
      }
    }
  }
}

/** The variant's first schedule, as simple as it can be made; `goOn` is asked before each trial. */
export async function simplify(
  plan: Plan,
  variant: number,
  { seed, broken }: { readonly seed: number; readonly broken: readonly string[] },
  play: Play,
  goOn: () => Promise<boolean> = async () => true,
): Promise<Found> {
  const given = trialOf(plan, variant, seed)
  const assertions = plan.assertions[variant]!
  const wanted = broken[0]!
  const trial = await shrink(given, async (simpler) => {
    if (!(await goOn())) return false
    try {
      return brokenBy(await play(simpler), assertions).includes(wanted)
    } catch {
      // A simpler form that cannot be played at all is none.
      return false
    }
  })
  const run = await play(trial)
  return {
    ...{ trial, run, broken: brokenBy(run, assertions) },
    ...{ seed, faultsBefore: faultsOf(given.moves).length },
  }
}
