// The cluster at this moment as one of its nodes sees it, for those who explain, preview and judge policies: the records of
// the node's island, and the counters of the leaders in it. It copies what it reads and must never change it.

import type { ExchangeSnapshot, QueueSnapshot, Snapshot } from '../policies/snapshot.ts'
import type { Cluster } from './cluster.ts'
import { argumentsOf, type Definitions, type ExchangeRecord, type QueueRecord } from './definitions.ts'
import type { Queue } from './queue.ts'

/** Publishes to a queue per second, where somebody with a clock knows. */
export type PublishRate = (queue: Queue) => number

const unknownRate: PublishRate = () => 0

/** What a snapshot holds beside nodes and policies. */
export interface Objects {
  readonly queues: Iterable<QueueRecord>
  readonly exchanges: Iterable<ExchangeRecord>
}

/** `objects`: all of the island's, unless somebody asks about a few. Throws when the node does not run. */
export function snapshotOf(
  cluster: Cluster,
  node: string,
  publishRate = unknownRate,
  objects: Objects | null = null,
): Snapshot {
  const { definitions } = cluster.islandOf(node)
  const { queues, exchanges } = objects ?? {
    queues: definitions.queues.values(),
    exchanges: definitions.exchanges.values(),
  }
  const running = new Set(cluster.runningWith(node))
  const { partitionHandling: handling } = cluster
  return {
    nodes: membersOf(cluster, definitions).map((name) => ({ name, running: running.has(name) })),
    partitionHandling: typeof handling === 'string' ? handling : handling.mode,
    exchanges: [...exchanges].map(exchangeSnapshot),
    queues: [...queues].map((record) => {
      const leader = record.state === 'running' && running.has(record.leader) ? record.leader : null
      const queue = leader === null ? undefined : cluster.member(leader).node?.leaders.get(record.id)
      return queueSnapshot(record, queue, publishRate)
    }),
    policies: [...definitions.policies.values()],
    operatorPolicies: [...definitions.operatorPolicies.values()],
  }
}

/** In the order of the cluster's nodes. */
function membersOf({ members }: Cluster, { nodes }: Definitions): string[] {
  return members.map(({ name }) => name).filter((name) => nodes.has(name))
}

function exchangeSnapshot(record: ExchangeRecord): ExchangeSnapshot {
  const { vhost, name, type, durable, autoDelete, internal } = record
  return { vhost, name, type, durable, autoDelete, internal, arguments: argumentsOf(record) }
}

function queueSnapshot(
  record: QueueRecord,
  queue: Queue | undefined,
  publishRate: PublishRate,
): QueueSnapshot {
  const { vhost, name, durable, autoDelete, state, leader, policy, operatorPolicy } = record
  const messages = queue?.depth ?? 0
  const messageBytes = queue === undefined ? 0 : queue.readyBytes + queue.outlets.bytes
  const rate = queue === undefined ? 0 : publishRate(queue)
  return {
    vhost,
    name,
    durable,
    autoDelete,
    arguments: argumentsOf(record),
    type: 'classic',
    exclusive: record.exclusiveOwner !== null,
    state,
    leader,
    mirrors: record.mirrors.map(({ node, synced }) => ({
      node,
      synced,
      missing: missing(queue, node, synced),
    })),
    messages,
    messageBytes,
    persistent: queue?.disk.count ?? 0,
    publishRate: rate,
    publishBytesRate: messages === 0 ? 0 : (rate * messageBytes) / messages,
    ready: queue?.ready ?? 0,
    inForce: { policy, operatorPolicy },
  }
}

function missing(queue: Queue | undefined, node: string, synced: boolean): number {
  if (synced || queue === undefined) return 0
  const follower = queue.replication.followers.find((one) => one.node === node)
  return Math.min(follower?.missing ?? 0, queue.depth)
}
