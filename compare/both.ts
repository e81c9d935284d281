// One scenario on the emulator and on a real cluster, variant by variant: what each run gave, in what the two differ, and what
// each asserts. Called by the command and by the library's check; partial results are kept when one side fails.

import { type Difference, differencesOf, type Open } from './agreement.ts'
import type { VariantRun, Weighed } from './scenario/result.ts'
import { runScenario } from './scenario/run.ts'
import type { OpenTarget } from './scenario/target.ts'
import type { Scenario, Variant } from './scenario/types.ts'
import { weigh } from './scenario/weigh.ts'

export interface Pair {
  readonly variant: string
  readonly emulated: VariantRun | null
  readonly real: VariantRun | null
  /** Empty when a side is missing. */
  readonly differences: readonly Difference[]
  /** Why a side is missing. */
  readonly failure: string | null
}

export interface Both {
  readonly scenario: Scenario
  readonly pairs: readonly Pair[]
  readonly weighed: readonly Weighed[]
}

export interface BothOptions {
  readonly seed: number
  readonly emulated: OpenTarget
  readonly real: OpenTarget
  readonly open: readonly Open[]
  readonly readFile?: (path: string) => string
  /** Told before each run. */
  readonly begins?: (variant: string, target: VariantRun['target']) => void
}

export async function runBoth(scenario: Scenario, options: BothOptions): Promise<Both> {
  const pairs: Pair[] = []
  for (const variant of scenario.variants) pairs.push(await pairOf(scenario, variant, options))
  const runs = pairs.flatMap(({ emulated, real }) => [emulated, real]).filter((run) => run !== null)
  return { scenario, pairs, weighed: weigh(scenario.assertions, runs) }
}

async function pairOf(scenario: Scenario, variant: Variant, options: BothOptions): Promise<Pair> {
  const { seed, readFile, begins } = options
  const run = async (target: VariantRun['target']) => {
    begins?.(variant.name, target)
    const open = target === 'emulated' ? options.emulated : options.real
    return runScenario(scenario, variant, open, seed, readFile === undefined ? {} : { readFile })
  }
  let emulated: VariantRun | null = null
  try {
    emulated = await run('emulated')
    const real = await run('rabbitmq')
    const differences = differencesOf(scenario.name, emulated, real, options.open)
    return { variant: variant.name, emulated, real, differences, failure: null }
  } catch (error) {
    const failure = (error as Error).message
    return { variant: variant.name, emulated, real: null, differences: [], failure }
  }
}

/** Whether both sides agree and hold what is asserted. */
export function agrees({ pairs, weighed }: Both): boolean {
  return (
    pairs.every(
      ({ failure, differences }) => failure === null && differences.every(({ reason }) => reason !== null),
    ) && weighed.every(({ holds }) => holds)
  )
}

/** What nobody outside a broker can know, such as the bodies on its links, says nothing against a real cluster. */
export const isUnknown = ({ target, actual }: Weighed): boolean => target === 'rabbitmq' && actual === null
