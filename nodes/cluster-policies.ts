// Policies of an island: set and cleared in the view of one node, and felt by every leader that can be reached. Called by
// `cluster`; what a policy means is the business of `definitions` and of the leaders.

import type { Policy } from '../policies/policy.ts'
import { Finder } from '../policies/ranking.ts'
import type { Cluster, PolicyKind } from './cluster.ts'
import { type Definitions, key } from './definitions.ts'

/** Policies that come and go in one step; a policy that is set replaces that of its name. */
export interface PolicyChanges {
  readonly set?: readonly Policy[]
  readonly setOperator?: readonly Policy[]
  readonly clear?: readonly { readonly vhost: string; readonly name: string }[]
  readonly clearOperator?: readonly { readonly vhost: string; readonly name: string }[]
}

export function setPolicy(cluster: Cluster, node: string, policy: Policy, kind: PolicyKind): void {
  changePolicies(cluster, node, kind === 'policies' ? { set: [policy] } : { setOperator: [policy] })
}

/**
 * All of it at once: queues go from what held before to what holds afterwards, and never through what lies between. Throws
 * when the node does not run.
 */
export function changePolicies(cluster: Cluster, node: string, changes: PolicyChanges): void {
  const { definitions } = cluster.islandOf(node)
  // While somebody does not answer, a policy is set when that has ended (docs/observed.md §19.5).
  if (cluster.unanswering(node)) return cluster.onAnswer(() => retry(cluster, node, changes))
  const { set = [], setOperator = [], clear = [], clearOperator = [] } = changes
  const vhosts = new Set([
    ...setIn(cluster, node, definitions.policies, set),
    ...setIn(cluster, node, definitions.operatorPolicies, setOperator),
    ...clearIn(cluster, node, definitions.policies, clear),
    ...clearIn(cluster, node, definitions.operatorPolicies, clearOperator),
  ])
  if (vhosts.size > 0) applyPolicies(cluster, node, vhosts)
}

function retry(cluster: Cluster, node: string, changes: PolicyChanges): void {
  if (cluster.member(node).island !== null) changePolicies(cluster, node, changes)
}

/** False when there is no such policy. */
export function clearPolicy(
  cluster: Cluster,
  node: string,
  vhost: string,
  name: string,
  kind: PolicyKind,
): boolean {
  const cleared = clearIn(cluster, node, cluster.islandOf(node).definitions[kind], [{ vhost, name }])
  if (cleared.length > 0) applyPolicies(cluster, node, new Set(cleared))
  return cleared.length > 0
}

type Table = Definitions[PolicyKind]

/** The vhosts concerned. */
function setIn(cluster: Cluster, node: string, table: Table, policies: readonly Policy[]): string[] {
  return policies.map((policy) => {
    table.set(key(policy.vhost, policy.name), policy)
    cluster.trace.event(cluster.loop.now, 'policy-set', node, policy.name)
    return policy.vhost
  })
}

function clearIn(
  cluster: Cluster,
  node: string,
  table: Table,
  names: readonly { readonly vhost: string; readonly name: string }[],
): string[] {
  return names.flatMap(({ vhost, name }) => {
    if (!table.delete(key(vhost, name))) return []
    cluster.trace.event(cluster.loop.now, 'policy-cleared', node, name)
    return [vhost]
  })
}

function applyPolicies(cluster: Cluster, node: string, vhosts: ReadonlySet<string>): void {
  const { definitions } = cluster.islandOf(node)
  for (const vhost of vhosts) {
    applyToExchanges(definitions, vhost)
    for (const record of applyToQueues(definitions, vhost))
      cluster.member(node).node?.send(record.leader, { kind: 'reconfigure', queue: record.id })
  }
  definitions.changed('policy')
}

function applyToExchanges(definitions: Definitions, vhost: string): void {
  const records = [...definitions.exchanges.values()].filter((record) => record.vhost === vhost)
  const found = new Finder(definitions.policies.values(), 'exchange').findAll(vhost, records.map(nameOf))
  for (const [i, record] of records.entries()) definitions.applyExchangePolicy(record, found[i]!)
}

/** The queues whose settings are others now. */
function applyToQueues(definitions: Definitions, vhost: string) {
  // A queue that is down keeps the policy it had, until the first change after its return (seen, docs/observed.md §13).
  const records = [...definitions.queues.values()].filter(
    (record) => record.vhost === vhost && record.state !== 'down',
  )
  const names = records.map(nameOf)
  const found = new Finder(definitions.policies.values(), 'queue').findAll(vhost, names)
  const foundOperator = new Finder(definitions.operatorPolicies.values(), 'queue').findAll(vhost, names)
  return records.filter((record, i) => definitions.applyQueuePolicy(record, found[i]!, foundOperator[i]!))
}

const nameOf = ({ name }: { readonly name: string }) => name
