// Asks a real cluster, scenario by scenario, and writes down what it answers. Called by `record` and by the hunt for what it
// has found; it knows nothing of Warren.

import type { Scenario } from '../../compare/steps.ts'
import { hung } from './open.ts'
import { batches, type RealCluster } from './real.ts'
import { addOutcome } from './recording.ts'

export interface RecordOptions {
  readonly scenarios: readonly Scenario[]
  readonly runs: number
  /** Keep earlier outcomes and add to them. */
  readonly add: boolean
  readonly say: (line: string) => void
}

/** How often a run is tried that the real one's bug, or a cluster that did not come up, has spoilt. */
const attempts = 4

/** Asks `real` so many times and keeps what it answers. A scenario that met the real one's bug is asked again. */
export async function record(real: RealCluster, { scenarios, runs, add, say }: RecordOptions): Promise<void> {
  const begun = new Set<Scenario>()
  for (let run = 0; run < runs; run++) {
    let left = [...scenarios]
    for (let attempt = 0; attempt < attempts && left.length > 0; attempt++) {
      const again: Scenario[] = []
      for (const batch of batches(left)) {
        say(`run ${run + 1}: ${batch.length} like '${batch[0]!.name}'`)
        const outcomes = await real.ask(batch)
        if (outcomes === null) again.push(...batch)
        for (const [i, outcome] of (outcomes ?? []).entries()) {
          const scenario = batch[i]!
          if (hung(outcome, scenario.open)) {
            say(`hung, once more: ${scenario.name}`)
            again.push(scenario)
            real.distrust()
            continue
          }
          addOutcome(scenario, real.version, outcome, !add && !begun.has(scenario))
          begun.add(scenario)
        }
      }
      left = again
    }
  }
}
