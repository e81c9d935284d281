// `warren compare`, without the terminal: runs the comparison and returns the text to print. Called by `cli`; it must never
// print, read argv or look at a clock.

import type { Scenario } from './faults.ts'
import { toJson, toText } from './report.ts'
import { runAll } from './run.ts'
import { defaultWorkload } from './workload.ts'

export interface CompareOptions {
  /** Any integer; equal seeds print equal text. */
  readonly seed: number
  readonly json: boolean
  /** How many messages, 1 to 1,000,000, by default 4,000; the work takes the same virtual time whatever their number. */
  readonly messages?: number | undefined
  /** By default the owner is killed. */
  readonly scenario?: Scenario | undefined
}

/** Compares single, ordinary and mirrored. Throws RangeError for a seed or count outside its range. */
export function runCompare({ seed, json, messages, scenario = 'owner-killed' }: CompareOptions): string {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be an integer, not ${seed}`)
  const workload = { ...defaultWorkload, messages: messages ?? defaultWorkload.messages }
  if (!Number.isInteger(workload.messages) || workload.messages < 1 || workload.messages > 1_000_000)
    throw new RangeError(`messages must be an integer from 1 to 1000000, not ${workload.messages}`)
  const comparison = { seed, scenario, workload, variants: runAll({ seed, scenario, workload }) }
  return json ? toJson(comparison) : toText(comparison)
}
