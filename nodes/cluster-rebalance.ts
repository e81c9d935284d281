// Moves leaders of mirrored queues so that each node leads about as many: rabbitmq-queues rebalance. Called by the HTTP and
// control APIs; where leaders go is decided in policies/rebalance.

import { type Balanced, balance } from '../policies/rebalance.ts'
import type { Cluster } from './cluster.ts'
import type { QueueRecord } from './definitions.ts'

interface Candidate extends Balanced {
  readonly record: QueueRecord
}

/**
 * Moves the leaders of those queues of `node`'s island that `wanted` names; how many of them each node leads then. A queue
 * keeps only its destination for the move, whether that has all messages or not, and gets its mirrors anew
 * (docs/observed.md §20).
 */
export function rebalance(
  cluster: Cluster,
  node: string,
  wanted: (record: QueueRecord) => boolean = () => true,
): ReadonlyMap<string, number> {
  const { definitions } = cluster.islandOf(node)
  const running = cluster.runningWith(node)
  const queues = [...definitions.queues.values()].flatMap((record): Candidate[] => {
    const queue = cluster.member(record.leader).node?.leaders.get(record.id)
    if (queue === undefined || record.state !== 'running' || record.settings.haMode === null) return []
    const candidates = record.mirrors.map((mirror) => mirror.node).filter((name) => running.includes(name))
    return wanted(record) ? [{ record, leader: record.leader, candidates, ready: queue.ready }] : []
  })
  const { moves, leaders } = balance(queues, running.length)
  for (const { queue, to } of moves) handOver(cluster, queue.record, to)
  return leaders
}

/** The leader gives up to the mirror on `to`, which is all that stays of the queue for the moment. */
function handOver(cluster: Cluster, record: QueueRecord, to: string): void {
  const { node } = cluster.member(record.leader)
  const queue = node?.leaders.get(record.id)
  if (node === null || queue === undefined) return
  if (queue.hold.active) return queue.hold.add(() => handOver(cluster, record, to))
  for (const mirror of record.mirrors) if (mirror.node !== to) queue.replication.leave(mirror.node, true)
  record.mirrors = record.mirrors.filter((mirror) => mirror.node === to)
  node.definitions.changed('mirror')
  if (record.mirrors.length > 0) cluster.handOver(record, to)
}
