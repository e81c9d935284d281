// What a variant's links carried, by kind, and what arithmetic says they must carry. `run` adds up, tests compare the two.

import { linkKinds, type Meters } from '../nodes/link.ts'

/** A number for each kind of traffic, and their sum. */
export type ByKind = Readonly<Record<'total' | keyof Meters, number>>

/** Message bodies that crossed links, by kind; `redeliver` are deliveries that the broker marks as such. */
export function bodiesOf(meters: Meters): ByKind {
  return byKind((kind) => meters[kind].bodies)
}

/** Bytes that crossed links, by kind, as a real cluster would have sent them. */
export function bytesOf(meters: Meters): ByKind {
  return byKind((kind) => meters[kind].bytes)
}

function byKind(value: (kind: keyof Meters) => number): ByKind {
  const entries = linkKinds.map((kind) => [kind, value(kind)] as const)
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  return Object.fromEntries([['total', total], ...entries]) as ByKind
}

/**
 * Bodies that cross links for one message, published once, delivered once and acknowledged. `replicas` are the nodes that
 * hold the queue, its leader among them. Ordinary: one to the leader, one to the consumer's node. Mirrored, with k
 * replicas: one from the publisher's node to each replica elsewhere, k round the ring of replicas, one to the consumer's
 * node. Measured on a real cluster (docs/costs.md §1).
 */
export function expectedBodies(at: {
  readonly publisher: string
  readonly leader: string
  readonly consumer: string
  readonly replicas: readonly string[]
}): number {
  const { publisher, leader, consumer, replicas } = at
  const delivery = leader === consumer ? 0 : 1
  const k = replicas.length
  if (k < 2) return (publisher === leader ? 0 : 1) + delivery
  return k - (replicas.includes(publisher) ? 1 : 0) + k + delivery
}
