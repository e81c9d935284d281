// Asks a real cluster, scenario by scenario, and writes down what it answers. Called by `record`; it knows nothing of Warren.

import { faultKey, type Scenario } from '../../compare/steps.ts'
import { drive } from '../../compare/targets/drive.ts'
import { RabbitCluster } from '../../compare/targets/rabbitmq.ts'
import { hung } from './open.ts'
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

/** How many scenarios share one cluster at a time. */
const sideBySide = 27

/** Asks a real cluster (cluster.sh; ORACLE_DIR and ORACLE_SHIFT say where) and writes down what it answers. */
export async function record({ scenarios, runs, add, say }: RecordOptions): Promise<void> {
  const rabbit = new RabbitCluster({ path: 'test/oracle/cluster.sh', env: {} })
  const begun = new Set<Scenario>()
  for (let run = 0; run < runs; run++) {
    let left = [...scenarios]
    for (let attempt = 0; attempt < attempts && left.length > 0; attempt++) {
      const again: Scenario[] = []
      for (const batch of batches(left)) {
        say(`run ${run + 1}: ${batch.length} like '${batch[0]!.name}'`)
        try {
          await rabbit.up(batch[0]!.handling)
          const outcomes = await drive(rabbit, batch)
          for (const [i, outcome] of outcomes.entries()) {
            const scenario = batch[i]!
            if (hung(outcome, scenario.open)) {
              say(`hung, once more: ${scenario.name}`)
              again.push(scenario)
              rabbit.distrust()
              continue
            }
            addOutcome(scenario, rabbit.version, outcome, !add && !begun.has(scenario))
            begun.add(scenario)
          }
        } catch (error) {
          say(`failed, once more: ${String(error)}`)
          again.push(...batch)
          rabbit.distrust()
        }
      }
      left = again
    }
  }
}

/** Scenarios that meet the same faults, at most so many at a time; equal handling together. */
function batches(scenarios: readonly Scenario[]): Scenario[][] {
  const groups = new Map<string, Scenario[]>()
  for (const scenario of scenarios) {
    const key = faultKey(scenario)
    groups.set(key, [...(groups.get(key) ?? []), scenario])
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) =>
      Array.from({ length: Math.ceil(group.length / sideBySide) }, (_, i) =>
        group.slice(i * sideBySide, (i + 1) * sideBySide),
      ),
    )
}
