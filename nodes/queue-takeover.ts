// How a leader begins that is not the queue's first: from what its mirror held, or from what the disk kept. Called by
// `node-replicas` right after the queue was opened; it must never be called on one that has served.

import type { Queue } from './queue.ts'
import { firstIdOf } from './queue-host.ts'
import { levelOf } from './queue-rules.ts'
import type { Inheritance } from './replication-mirror.ts'

/** Takes over from a mirror: all of its messages are ready and marked redelivered (docs/observed.md §0.1). */
export function inherit(queue: Queue, from: Inheritance): void {
  queue.ordered = from.ordered
  for (const entry of from.entries) {
    entry.redelivered = true
    queue.disk.inherited(entry)
  }
  queue.nextMessageId = Math.max(from.nextId, firstIdOf(queue.identity.term))
  queue.backlog.requeue(from.entries)
}

/**
 * After the mirrors have been told: what no leader ordered is enqueued, marked like the rest (docs/observed.md §19.5), and
 * confirms are given again.
 */
export function settleInheritance(queue: Queue, from: Inheritance): void {
  for (const { sender, seq, refused } of from.confirms) queue.confirm(sender, seq, 0, refused)
  for (const { sender, seq, message, confirm } of from.unordered) queue.publish(message, sender, seq, confirm)
  if (from.unordered.length > 0)
    for (const entry of queue.backlog)
      if (!entry.redelivered) {
        entry.redelivered = true
        queue.disk.delivered(entry)
      }
  queue.drain()
}

/** Starts from what the disk holds after a restart; time to live went on meanwhile (docs/observed.md §0.6, §28). */
export function recover(queue: Queue, crashed: boolean): void {
  const { settings, identity } = queue
  const entries = queue.disk.recover(crashed, (message) => levelOf(settings, message))
  queue.nextMessageId = Math.max((entries.at(-1)?.id ?? 0) + 1, firstIdOf(identity.term))
  queue.backlog.restore(entries)
}
