// What becomes of the queues of a node that the cluster forgets (docs/observed.md §18). Called by `cluster-membership` with the
// definitions of an island, or with those on the disk of a node that does not run.

import type { Definitions, QueueRecord } from './definitions.ts'

/**
 * Queues that `name` led go to the first node that mirrored them and does not run: it leads them once it starts, with what
 * its disk holds. Others are deleted with their bindings, and `deleted` is told.
 */
export function forgetQueuesOf(
  definitions: Definitions,
  name: string,
  runs: (node: string) => boolean,
  deleted: (record: QueueRecord) => void,
): void {
  for (const record of [...definitions.queues.values()]) {
    if (definitions.queuesById.get(record.id) !== record) continue
    const { leader, mirrors, recoverable } = record
    const copies = [...new Set([...recoverable, ...mirrors.map(({ node }) => node)])].filter(
      (node) => node !== name,
    )
    if (leader !== name) {
      record.recoverable = recoverable.filter((node) => node !== name)
      continue
    }
    // A mirror that runs is about to take over: then nothing is lost with the node.
    if (record.state === 'running' && mirrors.some(({ node }) => runs(node))) continue
    const heir = copies.find((node) => definitions.nodes.has(node) && !runs(node))
    if (heir === undefined) {
      definitions.removeQueue(record)
      deleted(record)
    } else {
      record.leader = heir
      record.mirrors = []
      record.recoverable = copies.filter((node) => node !== heir)
    }
  }
  definitions.version++
}

/** The nodes `lost` have gone: whoever of them mirrored a queue may be wanted to lead it once nobody else is left. */
export function noteRecoverable(definitions: Definitions, lost: readonly string[]): void {
  for (const record of definitions.queues.values())
    for (const { node } of record.mirrors)
      if (lost.includes(node) && !record.recoverable.includes(node))
        record.recoverable = [...record.recoverable, node]
}

/** The node `name` has come back: it follows whoever leads now. */
export function noteReturned(definitions: Definitions, name: string): void {
  for (const record of definitions.queues.values())
    if (record.recoverable.includes(name))
      record.recoverable = record.recoverable.filter((node) => node !== name)
}
