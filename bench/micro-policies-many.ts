// Policies of a large cluster: 10,000 queues and 200 policies on three nodes, after one of them changes, and in a preview of
// such a change, with the most that either may take. Measured by micro.ts.
import { Cluster } from '../nodes/cluster.ts'
import { changePolicies } from '../nodes/cluster-policies.ts'
import { snapshotOf } from '../nodes/cluster-snapshot.ts'
import { immediate } from '../nodes/timings.ts'
import { explain } from '../policies/explain.ts'
import { type Policy, parsePolicy } from '../policies/policy.ts'
import { preview } from '../policies/preview.ts'
import { keep, type Micro } from './micro.ts'

const queues = 10_000
const teams = 200

/** Patterns of several forms: the start of a name, words in it, its end, and classes. */
const patterns = [
  (team: number) => `^team${team}\\.`,
  (team: number) => `^team${team}\\.(in|out)\\.`,
  (team: number) => `\\.of-${team}$`,
  (team: number) => `^[a-z]+${team}\\.[a-z]+\\..*`,
]

function policyOf(team: number, definition: object): Policy {
  const pattern = patterns[team % patterns.length]!(team)
  return parsePolicy('/', `p${team}`, { pattern, definition, priority: team % 7, 'apply-to': 'queues' })
}

const ha = { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic' }

/** The last team's policy is the one that changes. */
const changes = [ha, { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }].map((definition) =>
  policyOf(teams - 1, definition),
) as [Policy, Policy]

/** The same, of the policy that every queue without another follows. */
const catchAll = [5000, 6000].map((limit) =>
  parsePolicy('/', 'all', { pattern: '', definition: { 'max-length': limit }, priority: -1 }),
) as [Policy, Policy]

function largeCluster(): Cluster {
  const cluster = new Cluster({ nodes: 3, seed: 1, timings: immediate })
  const first = cluster.members[0]!.name
  const set = Array.from({ length: teams - 2 }, (_, team) =>
    policyOf(team, team % 2 ? ha : { 'max-length': 100 + team }),
  )
  changePolicies(cluster, first, { set: [...set, changes[0], catchAll[0]] })
  const { definitions } = cluster.islandOf(first)
  for (let i = 0; i < queues; i++) {
    const { name: leader, node } = cluster.members[i % 3]!
    // A quarter of the queues follows no policy of a team.
    const team = i % (teams + teams / 3)
    const record = definitions.addQueue({
      id: cluster.nextId(),
      vhost: '/',
      name: `team${team}.${i % 2 ? 'in' : 'out'}.queue${i}.of-${team}`,
      durable: true,
      exclusiveOwner: null,
      autoDelete: false,
      arguments: new Map(),
      leader,
    })
    node!.replicas.leaderFor(record)
    if (i % 500 === 0) cluster.loop.runUntil(cluster.loop.now + 10)
  }
  cluster.loop.runUntil(cluster.loop.now + 1000)
  return cluster
}

let made: Cluster | null = null
const large = () => (made ??= largeCluster())

/** Once a call, on the large cluster. */
const once = (name: string, mostMs: number, work: (cluster: Cluster, turn: number) => number): Micro => ({
  name,
  mostMs,
  prepare: () => {
    const cluster = large()
    let turn = 0
    return { run: () => keep(work(cluster, ++turn)), each: 1 }
  },
})

/** Sets a policy, and lets each leader concerned follow. */
function change(cluster: Cluster, policy: Policy): number {
  changePolicies(cluster, cluster.members[0]!.name, { set: [policy] })
  cluster.loop.runUntil(cluster.loop.now + 100)
  return cluster.loop.now
}

export const manyPolicies: readonly Micro[] = [
  once('10,000 queues × 200 policies: one changes', 250, (cluster, turn) =>
    change(cluster, changes[turn % 2]!),
  ),
  once('10,000 queues × 200 policies: that of 2,500 queues changes', 250, (cluster, turn) =>
    change(cluster, catchAll[turn % 2]!),
  ),
  once('10,000 queues × 200 policies: preview', 500, (cluster, turn) => {
    const snapshot = snapshotOf(cluster, cluster.members[0]!.name)
    return preview(snapshot, { set: [changes[turn % 2]!] }).totals.queues
  }),
  once('10,000 queues × 200 policies: preview without any mirroring', 500, (cluster) => {
    const snapshot = snapshotOf(cluster, cluster.members[0]!.name)
    const clear = snapshot.policies.filter(({ definition }) => 'ha-mode' in definition)
    return preview(snapshot, { clear }).totals.mirrorsStopped
  }),
  once('10,000 queues × 200 policies: explain', 250, (cluster) => {
    const snapshot = snapshotOf(cluster, cluster.members[0]!.name)
    return explain(snapshot, 'queue', '/', snapshot.queues[0]!.name)!.policies.length
  }),
]
