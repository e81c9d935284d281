// What must hold of a whole cluster at rest: one island with one view, every queue led by one node and mirrored by those that
// are listed, synchronised mirrors equal to their leader, counters right, and nobody waits for an answer. Looks into the core's
// private parts on purpose and changes nothing.

import { leftBehind, nodesOf, queueFaults } from '../../fuzz/invariants.ts'
import type { Cluster } from '../../nodes/cluster.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import type { Inspector } from '../inspector.ts'
import type { User } from '../user.ts'

/** With every user still connected. */
export function atRest(cluster: Cluster, users: readonly User[]): string[] {
  const gone = forsaken(cluster)
  // Publishes to such a queue stay unanswered, and what stands behind an operation on it waits as long as that.
  const stuck = (what: string) =>
    what.endsWith(' confirms') || [...gone].some((queue) => what.endsWith(` ${queue}`))
  return [
    ...definitionsAgree(cluster),
    ...replicasAgree(cluster),
    ...queueFaults(cluster),
    ...users
      .filter(({ waiting }) => gone.size === 0 || !waiting.some(stuck))
      .flatMap(({ plan, waiting }) => waiting.map((what) => `${plan.name} waits for ${what}`)),
  ]
}

/** Queues without any replica that stay so: they are not durable, and their leader's return changes nothing (§21). */
export function forsaken(cluster: Cluster): ReadonlySet<string> {
  const records = cluster.islands.flatMap(({ definitions }) => [...definitions.queues.values()])
  return new Set(
    records.filter(({ durable, state }) => state === 'waiting' && !durable).map(({ name }) => name),
  )
}

/** When everybody has left. */
export function afterAll(cluster: Cluster, inspectors: readonly Inspector[]): string[] {
  return [
    ...definitionsAgree(cluster),
    ...replicasAgree(cluster),
    ...queueFaults(cluster),
    ...leftBehind(cluster, new Set()),
    ...service(inspectors),
  ]
}

/** One island of all nodes, all of which share what it knows. */
export function definitionsAgree(cluster: Cluster): string[] {
  const faults: string[] = []
  for (const { name, state } of cluster.members) if (state !== 'running') faults.push(`${name} is ${state}`)
  if (cluster.islands.length !== 1) faults.push(`there are ${cluster.islands.length} islands`)
  const views = new Set(nodesOf(cluster).map(({ definitions }) => definitions))
  if (views.size !== 1) faults.push(`${views.size} views of the definitions`)
  for (const { name } of cluster.members)
    if (cluster.partitionsSeenBy(name).length > 0) faults.push(`${name} still sees a partition`)
  return faults
}

/** Leaders and mirrors are where the records say, and equal. */
export function replicasAgree(cluster: Cluster): string[] {
  const [definitions] = nodesOf(cluster).map((node) => node.definitions)
  const records = [...(definitions?.queues.values() ?? [])]
  const known = new Set(records.map(({ id }) => id))
  const strays = nodesOf(cluster).flatMap(({ name, leaders, replicas }) =>
    [...leaders.keys(), ...replicas.mirrors.keys()]
      .filter((id) => !known.has(id))
      .map(() => `${name} has a copy of a queue that does not exist`),
  )
  return [...strays, ...records.flatMap((record) => replicasOf(cluster, record))]
}

function replicasOf(cluster: Cluster, record: QueueRecord): string[] {
  const { id, name, term, state } = record
  if (state === 'waiting' && !record.durable) return []
  if (state !== 'running') return [`${name} is ${state}`]
  const faults: string[] = []
  const leader = cluster.member(record.leader).node?.leaders.get(id)
  if (leader === undefined) return [`nobody leads ${name}`]
  if (record.syncing) faults.push(`${name} is still being synchronised`)
  const held = leader.entries()
  for (const { node, synced } of record.mirrors) {
    const mirror = cluster.member(node).node?.replicas.mirrors.get(id)
    if (mirror === undefined) faults.push(`${name} has no mirror on ${node}`)
    else if (mirror.term !== term) faults.push(`the mirror of ${name} on ${node} follows another leader`)
    else {
      const copies = mirror['entries']
      const equal = held.every((entry) => copies.get(entry.id)?.message === entry.message)
      if (synced && (copies.size !== held.length || !equal))
        faults.push(`the synchronised mirror of ${name} on ${node} has ${copies.size} of ${held.length}`)
      if (!synced && copies.size > held.length) faults.push(`the mirror of ${name} on ${node} has too many`)
    }
  }
  for (const { node } of cluster.members) {
    if (node === null || node.name === record.leader) continue
    if (node.leaders.has(id)) faults.push(`${node.name} leads ${name} too`)
    const wanted = record.mirrors.some((mirror) => mirror.node === node.name)
    if (node.replicas.mirrors.has(id) && !wanted) faults.push(`${node.name} mirrors ${name} unasked`)
  }
  return faults
}

/** Every queue looks the same from every node and serves once more. */
export function service(inspectors: readonly Inspector[]): string[] {
  const faults = inspectors.flatMap(({ unserved }) => unserved)
  const [first, ...others] = inspectors
  for (const { seen } of others)
    for (const [queue, sight] of seen)
      if (first!.seen.get(queue) !== sight)
        faults.push(`${queue} is '${first!.seen.get(queue)}' and '${sight}'`)
  for (const { done } of inspectors) if (!done) faults.push('an operation on a queue is never answered')
  return faults
}
