// Asks the real cluster again what the catalogue has recorded, and says where it no longer answers so: a sample of the batches
// that share faults, another one every day. Called by `differential`; it changes no recording.

import type { Scenario } from '../../compare/steps.ts'
import { compare } from './catalogue.ts'
import { hung } from './open.ts'
import { batches, type RealCluster } from './real.ts'
import { readRecording } from './recording.ts'

export interface AnewOptions {
  readonly scenarios: readonly Scenario[]
  /** Which part, from 0, of how many: neighbouring batches, which mostly want the same cluster. */
  readonly sample: { readonly part: number; readonly of: number }
  /** No batch begins after so many ms. */
  readonly forMs: number
  readonly now: () => number
  readonly say: (line: string) => void
}

/** How often a scenario is asked before its answer counts as another one: the real one varies and has bugs (docs/observed.md §0.13). */
const attempts = 3

/** Texts of those that answered otherwise each time; empty when all is as recorded. */
export async function anew(real: RealCluster, options: AnewOptions): Promise<string[]> {
  const { sample, say, now } = options
  const ends = now() + options.forMs
  const all = batches(options.scenarios)
  const border = (part: number) => Math.round((part * all.length) / sample.of)
  const chosen = all.slice(border(sample.part), border(sample.part + 1))
  const failures: string[] = []
  let asked = 0
  for (const [i, batch] of chosen.entries()) {
    if (i > 0 && now() > ends) {
      say(`time is up: ${chosen.length - i} of ${chosen.length} batches left out`)
      break
    }
    say(`${batch.length} scenarios like '${batch[0]!.name}'`)
    asked += batch.length
    failures.push(...(await failuresOf(real, batch, say)))
  }
  say(
    `${asked} of ${options.scenarios.length} recorded scenarios asked anew: ${failures.length} answered otherwise`,
  )
  return failures
}

async function failuresOf(
  real: RealCluster,
  batch: readonly Scenario[],
  say: (line: string) => void,
): Promise<string[]> {
  let left = batch
  let failures: string[] = []
  for (let attempt = 0; attempt < attempts && left.length > 0; attempt++) {
    const outcomes = await real.ask(left)
    const again: Scenario[] = []
    failures = []
    for (const [i, scenario] of left.entries()) {
      const outcome = outcomes?.[i]
      const recording = readRecording(scenario)
      const found =
        outcome === undefined
          ? ['the real cluster failed']
          : recording === null
            ? ['there is no recording of these steps']
            : compare(scenario, recording, outcome)
      if (found.length === 0) continue
      if (outcome !== undefined && hung(outcome, scenario.open)) real.distrust()
      failures.push(`${scenario.name}\n${found.join('\n')}`)
      again.push(scenario)
    }
    if (again.length > 0 && attempt + 1 < attempts) say(`asked again:\n${failures.join('\n')}`)
    left = again
  }
  return failures
}
