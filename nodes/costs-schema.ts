// What it costs on a real cluster's links that a node joins and starts: the definitions are copied to it (docs/costs.md §4).
// Used by `cluster-membership` when it meters; it must never influence what is done.

/** Of each kind of record: those of a queue or binding measured, the others taken to be like a queue's. */
const recordBytes = { queue: 300, binding: 650, other: 300 } as const

/** Between the new member and each other node, each way; the records come from the one it is told to join. */
export const joinBytes = 70_000

/** What so many records add on the way to the new member. */
export const schemaBytes = (queues: number, bindings: number, others: number): number =>
  recordBytes.queue * queues + recordBytes.binding * bindings + recordBytes.other * others
