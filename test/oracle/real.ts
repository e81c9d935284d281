// The real cluster that scenarios are asked of: started when it is needed, kept between batches, built anew when it does not
// answer as a cluster should. Used by the recorder and the hunt; cluster.sh does the work, ORACLE_DIR and ORACLE_SHIFT say where.

import type { Outcome } from '../../compare/outcome.ts'
import { faultKey, type Scenario } from '../../compare/steps.ts'
import { drive } from '../../compare/targets/drive.ts'
import { RabbitCluster } from '../../compare/targets/rabbitmq.ts'
import { controlScript } from '../../compare/targets/rabbitmq-own.ts'

/** How many scenarios share one cluster at a time. */
const sideBySide = 27

export class RealCluster {
  private readonly rabbit = new RabbitCluster({ path: controlScript(), env: {} })
  private readonly say: (line: string) => void

  constructor(say: (line: string) => void) {
    this.say = say
  }

  get version(): string {
    return this.rabbit.version
  }

  /** What it answers to scenarios of equal fault keys, in their order; null when the cluster failed, which is worth a second try. */
  async ask(batch: readonly Scenario[]): Promise<Outcome[] | null> {
    try {
      await this.rabbit.up(batch[0]!)
      return await drive(this.rabbit, batch)
    } catch (error) {
      this.say(`the real cluster failed: ${String(error)}`)
      this.rabbit.distrust()
      return null
    }
  }

  /** The next batch gets a new cluster. */
  distrust(): void {
    this.rabbit.distrust()
  }

  down(): Promise<void> {
    return this.rabbit.down()
  }
}

/** Scenarios that meet the same faults, at most so many at a time; equal handling together, so that clusters are kept. */
export function batches(scenarios: readonly Scenario[]): Scenario[][] {
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
