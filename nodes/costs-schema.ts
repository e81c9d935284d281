// What it costs on a real cluster's links that a node joins: the definitions are copied to it (docs/costs.md §4).
// Used by `cluster-membership` when it meters; it must never influence what is done.

/** Between the new member and the node it is told to join; `records`: of queues, exchanges, bindings and the like. */
export const schemaBytes = (records: number) => ({ there: 60_000 + 400 * records, back: 60_000 })

/** Between the new member and each other node. */
export const memberBytes = { there: 20_000, back: 20_000 } as const
