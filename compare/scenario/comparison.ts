// A whole comparison: every variant of a scenario on every target asked for, one after the other, and its assertions weighed. What
// fails is told and the rest kept. Called by the command, the page and tests; prints nothing.

import type { Comparison, VariantRun } from './result.ts'
import { type Progress, runScenario } from './run.ts'
import type { OpenTarget } from './target.ts'
import type { Scenario, Variant } from './types.ts'
import { isUnknown, weigh } from './weigh.ts'

export interface ComparisonOptions {
  readonly seed: number
  /** In the order in which they run. */
  readonly targets: readonly (readonly [kind: VariantRun['target'], open: OpenTarget])[]
  readonly readFile?: (path: string) => string
  readonly progress?: (variant: Variant, target: VariantRun['target'], ...done: Parameters<Progress>) => void
  /** Looked at now and then; true ends the run under way, and no other begins. */
  readonly stopped?: () => boolean
}

/** Never throws for what happens in a run: that is in `failures`. */
export async function compareVariants(scenario: Scenario, options: ComparisonOptions): Promise<Comparison> {
  const { seed, targets, readFile, progress, stopped } = options
  const runs: VariantRun[] = []
  const failures: Comparison['failures'][number][] = []
  for (const [target, open] of targets)
    for (const variant of scenario.variants) {
      const fail = (reason: string) => failures.push({ variant: variant.name, target, reason })
      if (stopped?.()) {
        fail('interrupted before it began')
        continue
      }
      try {
        const run = await runScenario(scenario, variant, open, seed, {
          ...(readFile !== undefined && { readFile }),
          ...(progress !== undefined && { progress: (done) => progress(variant, target, done) }),
          ...(stopped !== undefined && { stopped }),
        })
        runs.push(run)
      } catch (error) {
        fail(error instanceof Error ? error.message.split('\n')[0]! : String(error))
      }
    }
  return { scenario, seed, runs, weighed: weigh(scenario.assertions, runs), failures }
}

/** Every variant was run to its end and every assertion holds. */
export const allHold = ({ failures, weighed, runs }: Comparison): boolean =>
  failures.length === 0 &&
  runs.every(({ finished }) => finished) &&
  weighed.every((one) => one.holds || isUnknown(one))
