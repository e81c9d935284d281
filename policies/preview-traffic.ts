/**
 * How many message bodies cross the links between nodes per second at the rates of now. Asked by previews. Where publishers
 * are connected is not known here: they are taken to be spread evenly over the running nodes.
 */
import type { Placement } from './preview-placement.ts'

/**
 * Bodies between nodes for one publish to a queue of this placement, in a cluster of `running` nodes, deliveries left out: a
 * queue without mirrors takes one from a publisher elsewhere; one with k replicas takes one for each replica that is not the
 * publisher's node, and k round the ring of replicas (docs/costs.md §1).
 */
export function bodiesPerPublish({ mirrors, chosen }: Placement, running: number): number {
  const replicas = 1 + mirrors.length + (chosen?.count ?? 0)
  const local = running === 0 ? 0 : 1 / running
  return replicas === 1 ? 1 - local : replicas - replicas * local + replicas
}
