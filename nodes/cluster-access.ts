// What the end of a vhost or a user means for the cluster: their queues, permissions and clients go with them. Called by
// the HTTP API inside one turn; the records themselves are those of an island's definitions.

import type { Cluster } from './cluster.ts'
import { connectionForced } from './errors.ts'
import type { NodeConnection } from './node-peers.ts'

/** Deletes a vhost with all that is in it; its clients get 320 (docs/observed.md §16.2). False when there is none. */
export function deleteVhost(cluster: Cluster, node: string, name: string): boolean {
  const { definitions } = cluster.islandOf(node)
  if (!definitions.vhosts.has(name)) return false
  deleteQueues(cluster, node, name)
  for (const exchange of [...definitions.exchanges.values()])
    if (exchange.vhost === name) definitions.removeExchange(exchange)
  forget(definitions.policies, (policy) => policy.vhost === name)
  forget(definitions.operatorPolicies, (policy) => policy.vhost === name)
  forget(definitions.parameters, (parameter) => parameter.vhost === name)
  definitions.kept.forgetVhost(name)
  forget(definitions.permissions, (permission) => permission.vhost === name)
  forget(definitions.topicPermissions, (permission) => permission.vhost === name)
  definitions.vhosts.delete(name)
  definitions.changed('vhost', node)
  shut(cluster, node, `vhost '${name}' is deleted`, (connection) => connection.vhost === name)
  return true
}

/** Deletes a user with its permissions; its clients get 320 (docs/observed.md §16.2). False when there is none. */
export function deleteUser(cluster: Cluster, node: string, name: string): boolean {
  const { definitions } = cluster.islandOf(node)
  if (!definitions.users.delete(name)) return false
  forget(definitions.permissions, (permission) => permission.user === name)
  forget(definitions.topicPermissions, (permission) => permission.user === name)
  definitions.changed('access', node)
  shut(cluster, node, `user '${name}' is deleted`, (connection) => connection.user === name)
  return true
}

/** Leaders that run here end as by queue.delete; of the others only the record is left to go. */
function deleteQueues(cluster: Cluster, node: string, vhost: string): void {
  const island = cluster.islandOf(node)
  const { definitions } = island
  for (const record of [...definitions.queues.values()]) {
    if (record.vhost !== vhost || definitions.queue(vhost, record.name) !== record) continue
    const leader = island.members.has(record.leader) ? cluster.member(record.leader).node : null
    const queue = leader?.leaders.get(record.id)
    if (leader !== null && queue !== undefined) leader.replicas.remove(queue)
    else {
      definitions.removeQueue(record)
      cluster.announceIn(island, record, 'deleted')
    }
  }
}

function forget<T>(records: Map<string, T>, ended: (record: T) => boolean): void {
  for (const [name, record] of records) if (ended(record)) records.delete(name)
}

function shut(
  cluster: Cluster,
  node: string,
  reason: string,
  wanted: (connection: NodeConnection) => boolean,
): void {
  for (const connection of cluster.connectionsWith(node))
    if (wanted(connection)) connection.shut(connectionForced(reason))
}
