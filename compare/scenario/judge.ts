// The judgement of a run: from what clients saw, and for causes from what the target knows. `run` asks once, after the drain. Pure.

import type { Faults } from './faults.ts'
import type { Journal } from './journal.ts'
import { timelineOf, trafficOf } from './judge-cluster.ts'
import { countsOf } from './judge-counts.ts'
import { findingsOf } from './judge-findings.ts'
import { historyOf } from './judge-history.ts'
import { distributionOf, gapsOf, seriesOf, timesOf } from './judge-times.ts'
import type { VariantRun } from './result.ts'
import { movesMessages, queuesOf } from './routes.ts'
import type { Evidence } from './target.ts'
import type { Scenario, Variant } from './types.ts'

/** All that is known of a run. */
export interface Matter {
  readonly journal: Journal
  readonly faults: Faults
  readonly scenario: Scenario
  readonly variant: Variant
  readonly evidence: Evidence
  /** By the target's clock: when something last moved before the repair. */
  readonly workedUntil: number
}

/** Where messages are to go, by publisher in the journal. */
export interface Routes {
  /** Bits of the queues; null: cannot be foreseen. */
  readonly expected: readonly (number | null)[]
  /** Dead letters and the like may turn up in other queues. */
  readonly moves: boolean
}

export function judge(matter: Matter): Omit<VariantRun, 'variant' | 'target' | 'seed' | 'finished'> {
  const { journal, evidence } = matter
  const routes = routesOf(matter)
  const history = historyOf(matter)
  const counts = countsOf(matter, routes, history)
  const gaps = gapsOf(matter, routes)
  const [latency, confirmLatency] = distributionOf(journal)
  return {
    metrics: {
      ...counts.metrics,
      ...timesOf(matter, gaps, latency, confirmLatency),
      ...trafficOf(matter),
    },
    findings: findingsOf(matter, counts.found, history),
    timeline: timelineOf(matter),
    gaps: gaps.map(({ from, to, ...gap }) => ({
      ...gap,
      fromMs: from - journal.beganAt,
      toMs: to - journal.beganAt,
    })),
    series: seriesOf(matter),
    latency,
    confirmLatency,
    links: evidence.links,
    holdings: evidence.holdings,
  }
}

function routesOf({ journal, scenario, variant }: Matter): Routes {
  const { topology, workload } = scenario
  const names = topology.queues.map(({ name }) => name)
  const expected = journal.publishers.map(({ group }) => {
    const queues = queuesOf(workload.publishers.find(({ name }) => name === group)!, topology)
    return queues === null ? null : queues.reduce((bits, name) => bits | (1 << names.indexOf(name)), 0)
  })
  return { expected, moves: movesMessages(topology, variant) }
}
