// Policies of an island: set and cleared in the view of one node, and felt by every leader that can be reached. Called by
// `cluster`; what a policy means is the business of `definitions` and of the leaders.

import type { Policy } from '../policies/policy.ts'
import type { Cluster, PolicyKind } from './cluster.ts'
import { key } from './definitions.ts'

export function setPolicy(cluster: Cluster, node: string, policy: Policy, kind: PolicyKind): void {
  // While somebody does not answer, a policy is set when that has ended (docs/observed.md §19.5).
  if (cluster.unanswering(node)) return cluster.onAnswer(() => retry(cluster, node, policy, kind))
  cluster.islandOf(node).definitions[kind].set(key(policy.vhost, policy.name), policy)
  cluster.trace.event(cluster.loop.now, 'policy-set', node, policy.name)
  applyPolicies(cluster, node, policy.vhost)
}

function retry(cluster: Cluster, node: string, policy: Policy, kind: PolicyKind): void {
  if (cluster.member(node).island !== null) setPolicy(cluster, node, policy, kind)
}

/** False when there is no such policy. */
export function clearPolicy(
  cluster: Cluster,
  node: string,
  vhost: string,
  name: string,
  kind: PolicyKind,
): boolean {
  if (!cluster.islandOf(node).definitions[kind].delete(key(vhost, name))) return false
  cluster.trace.event(cluster.loop.now, 'policy-cleared', node, name)
  applyPolicies(cluster, node, vhost)
  return true
}

function applyPolicies(cluster: Cluster, node: string, vhost: string): void {
  const { definitions } = cluster.islandOf(node)
  for (const exchange of definitions.exchanges.values())
    if (exchange.vhost === vhost) definitions.applyExchangePolicy(exchange)
  // A queue that is down keeps the policy it had, until the first change after its return (seen, docs/observed.md §13).
  for (const record of definitions.queues.values())
    if (record.vhost === vhost && record.state !== 'down' && definitions.applyQueuePolicy(record))
      cluster.member(node).node?.send(record.leader, { kind: 'reconfigure', queue: record.id })
  definitions.changed('policy')
}
