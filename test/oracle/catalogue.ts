// The comparison: runs a scenario on Warren and says how it differs from what a real cluster was recorded to show (recorder).
// Called by the tests.

import { differences, type Outcome } from '../../compare/outcome.ts'
import type { Scenario } from '../../compare/steps.ts'
import { drive } from '../../compare/targets/drive.ts'
import { liveSite } from '../../compare/targets/live.ts'
import { type RunningCluster, startCluster } from '../../index.ts'
import { reduced } from './open.ts'
import type { Recording } from './recording.ts'

/** A net tick that passes only when a scenario says so, however slow the machine is. */
const never = 3_600_000

/** As much slower than a scenario's patience as the real one is, in bytes a second; see targets/rabbitmq. */
const syncThroughput = 20_000

/** Runs one scenario on a Warren of its own. */
export async function runOnWarren(scenario: Scenario): Promise<Outcome> {
  const cluster = await started(scenario)
  try {
    const [outcome] = await drive(liveSite(cluster, 'warren'), [scenario])
    return outcome!
  } finally {
    await cluster.stop()
  }
}

/**
 * A cluster on ports that the system hands out to nobody: a node that is down must find its port free when it starts again,
 * while other clusters come and go.
 */
async function started(scenario: Scenario): Promise<RunningCluster> {
  const port = 12_000 + 8 * Math.floor(Math.random() * 2250)
  const { handling, nodes = 3 } = scenario
  try {
    return await startCluster({
      nodes,
      port,
      adminPort: 0,
      partitionHandling: handling,
      syncThroughput,
      netTickMs: never,
    })
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EADDRINUSE') return started(scenario)
    throw error
  }
}

/** Empty when `outcome` is one of the recorded ones; else its differences from the nearest of them. */
export function compare(scenario: Scenario, recording: Recording, outcome: Outcome): string[] {
  const mine = reduced(outcome, scenario.open)
  const all = recording.outcomes.map((theirs) => differences(reduced(theirs, scenario.open), mine))
  return all.reduce((nearest, next) => (next.length < nearest.length ? next : nearest))
}
