// Filling the mirrors of a queue led on this node, and no longer filling them. Called for rabbitmqctl's verbs and by
// `node-replicas` when a policy wants it (ha-sync-mode automatic); what is sent is `replication-sync`'s business.

import type { Node } from './node.ts'
import type { Queue } from './queue.ts'

/** Brings the mirrors of a queue level with its leader, which does nothing else meanwhile: rabbitmqctl sync_queue. */
export function synchronise(node: Node, queue: Queue): void {
  const record = node.definitions.queuesById.get(queue.identity.id)
  if (record === undefined) return
  if (queue.hold.active) return queue.hold.add(() => synchronise(node, queue))
  const { timings, memory, trace } = node.peers
  const started = queue.replication.synchronise({
    entries: queue.entries(),
    batchSize: queue.settings.haSyncBatchSize,
    pace: timings.sync,
    stalled: () => memory.alarm,
    over: () => queue.release(),
  })
  if (started === null) return
  queue.hold.begin()
  record.syncing = true
  trace.event(node.loop.now, 'sync-started', node.name, record.name, queue.depth)
}

/** rabbitmqctl cancel_sync_queue: the mirrors are left with nothing. */
export function cancelSynchronisation(node: Node, queue: Queue): void {
  const record = node.definitions.queuesById.get(queue.identity.id)
  if (record !== undefined) record.syncing = false
  queue.replication.synchronisation?.cancel(queue.nextMessageId)
}
