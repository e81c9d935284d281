// What the loss of a node would cost, queue by queue, with the rules by which it would happen. Asked before a node is killed or
// stopped over HTTP, and by the metrics. It reads and never changes.

import type { Cluster } from '../nodes/cluster.ts'
import type { Island } from '../nodes/cluster-member.ts'
import type { QueueRecord } from '../nodes/definitions.ts'
import type { Queue } from '../nodes/queue.ts'
import type { LossCause } from '../policies/loss.ts'
import { lossOf, type QueueLoss } from '../policies/preview-loss.ts'

/** The leader of a queue in the view of an island; null while there is none. */
export function leaderIn(cluster: Cluster, { members }: Island, record: QueueRecord): Queue | null {
  if (record.state !== 'running' || !members.has(record.leader)) return null
  return cluster.member(record.leader).node?.leaders.get(record.id) ?? null
}

/** How many of its messages the mirror on `node` lacks. */
export function missingOn(queue: Queue | null, { node, synced }: QueueRecord['mirrors'][number]): number {
  if (synced || queue === null) return 0
  return queue.replication.followers.find((one) => one.node === node)?.missing ?? 0
}

/** What becomes of a queue when its leader's node goes. */
export function lossOfLeader(
  island: Island,
  record: QueueRecord,
  queue: Queue,
  cause: LossCause = 'crash',
): QueueLoss {
  const mirrors = record.mirrors
    .filter(({ node }) => island.members.has(node))
    .map((mirror) => ({
      node: mirror.node,
      synced: mirror.synced,
      missing: Math.min(missingOn(queue, mirror), queue.depth),
    }))
  return lossOf(
    {
      queue: { durable: record.durable, exclusive: record.exclusiveOwner !== null, state: record.state },
      settings: record.settings,
      placement: { leader: record.leader, mirrors, chosen: null },
      messages: queue.depth,
      persistent: queue.disk.count,
    },
    cause,
  )
}
