// What one node holds in memory for its clients, in bytes: an account for the cluster's memory alarm, made when it is
// asked for. Bodies shared by a leader and its mirrors count once.

import { entryBytes } from './memory.ts'
import type { Node } from './node.ts'

/** Message bodies queued and unacknowledged, entries, unsent output, frames held and bodies that are still arriving. */
export function heldBytes(node: Node): number {
  let held = 0
  for (const queue of node.leaders.values())
    held += queue.readyBytes + queue.outlets.bytes + queue.depth * entryBytes
  for (const mirror of node.replicas.mirrors.values()) held += mirror.depth * entryBytes
  for (const connection of node.connections.values()) held += connection.heldBytes
  return held
}
