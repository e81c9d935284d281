// How a node comes up: it joins the island of nodes it can reach, or starts alone from its disk when it was the last to
// stop, or waits for those it saw running last (docs/observed.md §4.9). Called by `cluster`.

import { createHash } from 'node:crypto'
import { addUser } from './auth.ts'
import type { Cluster } from './cluster.ts'
import { meetLeaderless } from './cluster-leaderless.ts'
import type { Island, Member } from './cluster-member.ts'
import { memberIslands, startRefusal } from './cluster-membership.ts'
import { Definitions } from './definitions.ts'
import { newVhost, permissionKey } from './definitions-access.ts'
import { clusterName, firstClusterName } from './definitions-parameters.ts'
import { Node } from './node.ts'
import { WorkedNode } from './node-worked.ts'

/** What a brand-new cluster of these nodes knows: one vhost, and guest. */
export function firstDefinitions(nodes: readonly string[]): Definitions {
  const definitions = new Definitions()
  for (const node of nodes) definitions.nodes.set(node, 'disc')
  definitions.addVhost('/')
  addUser(definitions, 'guest', 'guest', Buffer.from('wrrn'), ['administrator'])
  const everything = { configure: '.*', write: '.*', read: '.*' }
  definitions.permissions.set(permissionKey('guest', '/'), { user: 'guest', vhost: '/', ...everything })
  definitions.vhosts.set('/', { ...newVhost('/'), description: 'Default virtual host' })
  definitions.globalParameters.set(clusterName, firstClusterName)
  const id = createHash('md5').update(nodes.join()).digest('base64url')
  definitions.globalParameters.set('internal_cluster_id', `rabbitmq-cluster-id-${id}`)
  return definitions
}

/** Brings `member` up by whichever way is open to it, or lets it wait. */
export function comeUp(cluster: Cluster, member: Member): void {
  const refusal = startRefusal(cluster, member)
  if (refusal !== null) return fail(cluster, member, refusal)
  const island = reachableIsland(cluster, member)
  if (island !== undefined) join(cluster, member, island)
  else if (member.ranWith.length === 0 || member.forceBoot) bootAlone(cluster, member)
  else {
    if (member.state === 'waiting') return
    cluster.become(member, 'waiting')
    const { loop, timings, trace } = cluster
    trace.event(loop.now, 'node-waiting', member.name)
    const wait = ++member.waits
    loop.at(loop.now + timings.tableWaitMs * timings.tableWaitRetries, () => {
      if (member.state === 'waiting' && member.waits === wait) fail(cluster, member, tablesMissing)
    })
    return
  }
  for (const other of cluster.members) if (other.state === 'waiting') comeUp(cluster, other)
}

/** The start has failed: the process ends with it, unless it was only the application that was to start. */
function fail(cluster: Cluster, member: Member, refusal: string): void {
  member.refusal = refusal
  cluster.become(member, member.appOnly ? 'app-stopped' : 'stopped')
}

const tablesMissing = '{:rabbit, {:timeout_waiting_for_tables, {:rabbit, :start, [:normal, []]}}}'

/** The island to join: one of its cluster with nodes it last ran with, else any it can reach. */
function reachableIsland(cluster: Cluster, member: Member): Island | undefined {
  const reachable = memberIslands(cluster, member).filter(
    ({ members }) =>
      [...members].every((name) => cluster.connected(member.name, name)) &&
      [...members].some((name) => cluster.member(name).state === 'running'),
  )
  return reachable.find((island) => member.ranWith.some((name) => island.members.has(name))) ?? reachable[0]
}

function join(cluster: Cluster, member: Member, island: Island): void {
  island.members.add(member.name)
  const node = startNode(cluster, member, island)
  recoverQueues(cluster, member, node, island)
  meetLeaderless(cluster, member, node, island)
  // A node that has come back may be wanted as a mirror. A leader on the other side of a cut is none of this island's.
  for (const record of [...island.definitions.queues.values()])
    if (record.settings.haMode !== null && record.leader !== member.name && island.members.has(record.leader))
      cluster.member(record.leader).node?.replicas.place(record)
}

function bootAlone(cluster: Cluster, member: Member): void {
  const definitions = member.disk?.copy(true) ?? firstDefinitions([member.name])
  // Whoever leads elsewhere is not up: out of reach, mirrored or not (docs/observed.md §21).
  for (const record of definitions.queues.values()) record.state = 'down'
  const island: Island = { members: new Set([member.name]), definitions }
  cluster.addIsland(island)
  const node = startNode(cluster, member, island)
  recoverQueues(cluster, member, node, island)
}

function startNode(cluster: Cluster, member: Member, island: Island): Node {
  const { machines } = cluster
  const { name, store } = member
  const node =
    machines === null
      ? new Node(name, cluster, store, island.definitions)
      : new WorkedNode(name, cluster, store, island.definitions, machines)
  member.node = node
  member.island = island
  member.startedAt = cluster.loop.now
  member.forceBoot = false
  island.definitions.version++
  cluster.become(member, 'running')
  const { loop, trace } = cluster
  trace.event(loop.now, 'node-started', name)
  for (const other of island.members) if (other !== name) trace.event(loop.now, 'peer-up', other, name)
  return node
}

/** The queues this node led when it went and nobody took over return with what its disk holds. */
function recoverQueues(cluster: Cluster, member: Member, node: Node, island: Island): void {
  for (const { id, leader, state, mirrors } of island.definitions.queues.values()) {
    const heir = mirrors.find((mirror) => island.members.has(mirror.node))
    // A mirror is about to take over: others still take this node for the leader.
    if (leader === member.name && state === 'running' && heir) node.replicas.resigned.set(id, heir.node)
  }
  const own = [...island.definitions.queues.values()].filter(
    // One that is not durable ended with the process that led it, and is waited for in vain.
    (record) => record.leader === member.name && record.state !== 'running' && record.durable,
  )
  member.store.retain(new Set(own.map((record) => record.id)))
  for (const record of own) {
    // Without its policy, a queue that was waited for is for a moment an ordinary one that is away (docs/observed.md §13).
    if (record.state === 'waiting' && record.settings.haMode === null)
      cluster.announceIn(island, record, record.leaderStopped ? 'absent' : 'down')
    // A mirror's disk has no marks of what its leader delivered: all of it may have been.
    const queue = node.replicas.recover(record, member.crashed || member.mirrored.has(record.id))
    cluster.trace.event(cluster.loop.now, 'queue-recovered', member.name, record.name, queue.ready)
    cluster.announceIn(island, record, 'recovered')
    node.replicas.place(record)
  }
  member.crashed = false
}
