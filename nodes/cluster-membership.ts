// Who belongs to the cluster, and the verbs that change it: join, reset, forget, force boot, stop and start of the application
// (docs/observed.md §18). Called by the control API and the library inside one turn; each verb refuses as rabbitmqctl does.

import type { Cluster } from './cluster.ts'
import type { Island, Member } from './cluster-member.ts'
import { joinBytes, schemaBytes } from './costs-schema.ts'
import type { Definitions, NodeType } from './definitions.ts'

/** Why a verb is refused; rabbitmqctl's exit code follows from it. */
export type RefusalKind =
  | 'app_running'
  | 'app_stopped'
  | 'process_running'
  | 'node_down'
  | 'refused'
  | 'software'

/** `text` is in rabbitmqctl's words. */
export class MembershipError extends Error {
  override readonly name = 'MembershipError'
  readonly kind: RefusalKind
  /** The node it is about. */
  readonly node: string

  constructor(kind: RefusalKind, node: string, text: string) {
    super(text)
    this.kind = kind
    this.node = node
  }
}

/** The members of the cluster as `member` knows them: on its disk, or as its island does; itself alone when brand-new. */
export function knownTo(member: Member): ReadonlyMap<string, NodeType> {
  return member.island?.definitions.nodes ?? member.disk?.nodes ?? new Map([[member.name, 'disc']])
}

/** Stops the node's application: for the others a clean stop, yet the process lives and can be told to leave or join. */
export function stopApp(cluster: Cluster, name: string): void {
  const member = withProcess(cluster, name)
  if (member.state !== 'app-stopped') cluster.shutDown(member, 'app-stopped')
}

/** Starts the application of a node whose process lives; as `start`, and no effect when it runs. */
export function startApp(cluster: Cluster, name: string): void {
  withProcess(cluster, name)
  cluster.start(name)
}

/** Makes `name` a member of the cluster that `target` runs in; what it had is gone. False: it is one already. */
export function joinCluster(
  cluster: Cluster,
  name: string,
  target: string,
  type: NodeType = 'disc',
): boolean {
  const member = withoutApp(cluster, name)
  if (name === target) throw itself(name)
  const island = runningIsland(cluster, member, target)
  if (island.definitions.nodes.has(name)) {
    if (knownTo(member).has(target)) return false
    throw new MembershipError('refused', name, inconsistent(target, name))
  }
  leave(cluster, member)
  const { definitions } = island
  definitions.nodes.set(name, type)
  definitions.version++
  wipe(member)
  member.disk = definitions.copy(true)
  member.ranWith = [...island.members]
  for (const other of island.members) {
    const records = other === target ? recordsOf(definitions) : 0
    cluster.meter(other, name, 'definitions', 1, 0, joinBytes + records)
    cluster.meter(name, other, 'definitions', 1, 0, joinBytes)
  }
  cluster.trace.event(cluster.loop.now, 'node-joined', name, target)
  return true
}

/** Leaves the cluster, which forgets the node with what it led, and returns to the state of a brand-new one. */
export function reset(cluster: Cluster, name: string): void {
  const member = withoutApp(cluster, name)
  leave(cluster, member)
  wipe(member)
  cluster.trace.event(cluster.loop.now, 'node-reset', name)
}

/** As `reset`, but tells nobody: the others go on believing that the node is one of them. */
export function forceReset(cluster: Cluster, name: string): void {
  wipe(withoutApp(cluster, name))
  cluster.trace.event(cluster.loop.now, 'node-reset', name)
}

/** The node's next start waits for nobody. */
export function forceBoot(cluster: Cluster, name: string): void {
  const member = cluster.member(name)
  if (member.node !== null) throw appRunning(name)
  member.forceBoot = true
}

/** Removes a node that does not run from the cluster of `at`. `offline`: `at` does not run either. */
export function forgetNode(cluster: Cluster, at: string, name: string, offline = false): void {
  const asked = cluster.member(at)
  if (offline) return forgetOffline(cluster, asked, name)
  if (asked.island === null) throw asked.state === 'stopped' ? nodeDown(at) : offlineNode(at)
  const { definitions } = asked.island
  if (!definitions.nodes.has(name)) throw notMember(name)
  const { node, island } = cluster.member(name)
  if (node !== null && (island === asked.island || cluster.connected(at, name)))
    throw new MembershipError(
      'refused',
      name,
      `RabbitMQ on node ${name} must be stopped with 'rabbitmqctl -n ${name} stop_app' before it can be removed`,
    )
  remove(cluster, asked.island, name)
}

/** Learns anew from `target` who the members of the cluster are; it must be one of them. */
export function updateNodes(cluster: Cluster, name: string, target: string): void {
  const member = withoutApp(cluster, name)
  if (name === target) throw itself(name)
  const { definitions } = runningIsland(cluster, member, target)
  if (!definitions.nodes.has(name)) throw new MembershipError('refused', name, inconsistent(name, target))
  member.disk = definitions.copy(true)
  member.ranWith = [target]
}

/** Whether the member keeps the definitions on disk; RabbitMQ's word for it is its type. */
export function changeType(cluster: Cluster, name: string, type: NodeType): void {
  const member = withoutApp(cluster, name)
  const island = memberIslands(cluster, member)[0]
  if (knownTo(member).size === 1)
    throw new MembershipError(
      'refused',
      name,
      "{:not_clustered, 'Non-clustered nodes can only be disc nodes.'}",
    )
  if (island === undefined) throw noOnlineNodes()
  island.definitions.nodes.set(name, type)
  member.disk?.nodes.set(name, type)
}

/**
 * Why `member` cannot start, in rabbitmqctl's words; null when it can. Somebody it takes for a fellow runs, and nobody who
 * runs takes it for one.
 */
export function startRefusal(cluster: Cluster, member: Member): string | null {
  let found: string | null = null
  for (const other of knownTo(member).keys()) {
    if (other === member.name || !cluster.hasMember(other) || !cluster.connected(member.name, other)) continue
    const { island } = cluster.member(other)
    if (island === null) continue
    if (island.definitions.nodes.has(member.name)) return null
    found = inconsistent(member.name, other)
  }
  return found && `{:rabbit, {${found}, {:rabbit, :start, [:normal, []]}}}`
}

// ---- parts

/** The islands it can reach that it takes for parts of its cluster and that take it for a member. */
export function memberIslands(cluster: Cluster, member: Member): Island[] {
  const known = knownTo(member)
  return cluster.islands.filter(
    ({ members, definitions }) =>
      definitions.nodes.has(member.name) &&
      [...members].some((name) => known.has(name) && cluster.connected(member.name, name)),
  )
}

/** Tells the cluster it is in, if there is any, that it goes. */
function leave(cluster: Cluster, member: Member): void {
  const others = [...knownTo(member).keys()].filter((name) => name !== member.name)
  if (others.length === 0) return
  const running = others.filter((name) => cluster.hasMember(name) && cluster.member(name).island !== null)
  if (running.length === 0) throw noOnlineNodes()
  for (const island of memberIslands(cluster, member)) remove(cluster, island, member.name)
}

function remove(cluster: Cluster, island: Island, name: string): void {
  const { definitions } = island
  definitions.nodes.delete(name)
  forgetQueuesOf(cluster, island, name)
  definitions.changed('access')
  cluster.trace.event(cluster.loop.now, 'node-forgotten', [...island.members][0] ?? '', name)
}

/** What a forgotten node led is gone, also for mirrors that are away; a mirror that runs is about to take over. */
function forgetQueuesOf(cluster: Cluster, island: Island, name: string): void {
  const { definitions, members } = island
  for (const record of [...definitions.queues.values()]) {
    if (record.leader !== name || definitions.queuesById.get(record.id) !== record) continue
    if (record.state === 'running' && record.mirrors.some(({ node }) => members.has(node))) continue
    definitions.removeQueue(record)
    definitions.changed('queueDelete')
    cluster.announceIn(island, record, 'deleted')
  }
}

function forgetOffline(cluster: Cluster, at: Member, name: string): void {
  if (at.state !== 'stopped')
    throw new MembershipError(
      'process_running',
      at.name,
      'this command requires the target node to be stopped.',
    )
  const known = knownTo(at)
  if (!known.has(name) || at.disk === null) throw notMember(name)
  if (name === at.name)
    throw new MembershipError(
      'refused',
      name,
      `{:failed_to_remove_node, :"${name}", {:active, 'Mnesia is running', :"${name}"}}`,
    )
  const alive = [...known.keys()].filter(
    (other) => cluster.hasMember(other) && cluster.member(other).node !== null,
  )
  if (alive.length > 0 || known.get(at.name) === 'ram')
    throw new MembershipError(
      'refused',
      at.name,
      "{:removing_node_from_offline_node, 'To remove a node remotely from an offline node, the node you are removing " +
        "from must be a disc node and all the other nodes must be offline.'}",
    )
  at.disk.nodes.delete(name)
  at.ranWith = at.ranWith.filter((other) => other !== name)
}

/** What a new member is sent of the cluster's records, in bytes. */
function recordsOf({ exchanges, queues, bindings, users, vhosts, policies }: Definitions): number {
  const bound = [...bindings].length
  return schemaBytes(queues.size, bound, exchanges.size + users.size + vhosts.size + policies.size)
}

/** Back to the state of a brand-new node. */
function wipe(member: Member): void {
  member.disk = null
  member.ranWith = []
  member.crashed = member.forceBoot = false
  member.refusal = null
  member.store.retain(new Set())
  member.store.held.clear()
}

// ---- refusals, in rabbitmqctl's words

const appRunning = (name: string) =>
  new MembershipError(
    'app_running',
    name,
    "this command requires the 'rabbit' app to be stopped on the target node. Stop it with 'rabbitmqctl stop_app'.",
  )

const offlineNode = (name: string) =>
  new MembershipError(
    'refused',
    name,
    "{:offline_node_no_offline_flag, 'You are trying to remove a node from an offline node. That is dangerous, but can be " +
      "done with the --offline flag. Please consult the manual for rabbitmqctl for more information.'}",
  )

const nodeDown = (name: string) =>
  new MembershipError(
    'node_down',
    name,
    `unable to perform an operation on node '${name}'. Please see diagnostics information and suggestions below.`,
  )

const itself = (name: string) =>
  new MembershipError('software', name, `Error: cannot cluster node with itself: ${name}`)

const notMember = (name: string) =>
  new MembershipError('refused', name, "{:not_a_cluster_node, 'The node selected is not in the cluster.'}")

const noOnlineNodes = () =>
  new MembershipError(
    'refused',
    '',
    "{:no_running_cluster_nodes, 'You cannot leave a cluster if no online nodes are present.'}",
  )

const inconsistent = (a: string, b: string) =>
  `{:inconsistent_cluster, 'Node ${a} thinks it\\'s clustered with node ${b}, but ${b} disagrees'}`

/** The node's process lives. */
function withProcess(cluster: Cluster, name: string): Member {
  const member = cluster.member(name)
  if (member.state === 'stopped') throw nodeDown(name)
  return member
}

/** The node's process lives and its application does not run. */
function withoutApp(cluster: Cluster, name: string): Member {
  const member = withProcess(cluster, name)
  if (member.state !== 'app-stopped' && member.state !== 'paused') throw appRunning(name)
  return member
}

/** The island that `target` runs in and `member` can reach. */
function runningIsland(cluster: Cluster, member: Member, target: string): Island {
  if (!cluster.hasMember(target)) throw nodeDown(target)
  const { island, state } = cluster.member(target)
  if (state === 'stopped' || !cluster.connected(member.name, target)) throw nodeDown(target)
  if (island === null) throw new MembershipError('refused', target, 'mnesia_not_running')
  return island
}
