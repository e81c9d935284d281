// One schedule tried on one variant: the scenario with the faults of the schedule, played in virtual time, and which of the
// assertions it breaks. Used by the search and by `shrink`; equal trials have equal outcomes.

import { readAssertion } from '../scenario/assertion.ts'
import type { VariantRun } from '../scenario/result.ts'
import { runScenario } from '../scenario/run.ts'
import type { OpenTarget } from '../scenario/target.ts'
import type { Assertion, Scenario, Variant } from '../scenario/types.ts'
import { weigh } from '../scenario/weigh.ts'
import { openEmulated } from '../targets/emulated-scenario.ts'
import { faultsOf, type Move } from './moves.ts'

/** What is looked for when a scenario asserts nothing of a variant. */
export const usualAssertion = 'confirmed-lost = 0'

export interface Trial {
  readonly scenario: Scenario
  readonly variant: Variant
  readonly moves: readonly Move[]
  /** Of all that chance decides while it is played. */
  readonly seed: number
}

/** Plays a trial; `open` is the emulator, with or without a model of costs. */
export type Play = (trial: Trial) => Promise<VariantRun>

export const player =
  (readFile: (path: string) => string, open: OpenTarget = openEmulated): Play =>
  (trial) =>
    runScenario(scenarioOf(trial), trial.variant, open, trial.seed, { readFile })

/** The scenario with the trial's faults instead of its own. */
export const scenarioOf = ({ scenario, moves }: Trial): Scenario => ({ ...scenario, faults: faultsOf(moves) })

/** The assertions that one run can break: all but ratios. Those of the scenario, or the usual one. */
export function assertionsFor({ assertions }: Scenario, variant: string): Assertion[] {
  const own = assertions.filter(
    ({ ratio, variants }) => ratio === null && (variants === null || variants.includes(variant)),
  )
  return own.length > 0 ? own : [assertionOf(usualAssertion)]
}

/** Throws RangeError for a text that is none. */
export function assertionOf(text: string): Assertion {
  const sentence = readAssertion(text)
  if (typeof sentence === 'string') throw new RangeError(`"${text}": ${sentence}`)
  if (sentence.ratio !== null) throw new RangeError(`"${text}" compares variants; here each is on its own`)
  return { ...sentence, variants: null, line: 0, column: 0 }
}

/** The texts of the assertions that the run breaks. A metric that is not known breaks none here: nothing was seen to go wrong. */
export const brokenBy = (run: VariantRun, assertions: readonly Assertion[]): string[] =>
  weigh(assertions, [run])
    .filter(({ holds, actual }) => !holds && actual !== null)
    .map(({ assertion }) => assertion.text)
