/**
 * Which leaders of mirrored queues move where so that every node leads about as many: the arithmetic of RabbitMQ's
 * rebalance, on plain data. The cluster asks it and carries the moves out; it changes nothing and decides nothing else.
 */

/** A mirrored queue: who leads it, which other nodes could, and how many messages are ready. */
export interface Balanced {
  readonly leader: string
  readonly candidates: readonly string[]
  readonly ready: number
}

export interface Move<Q> {
  readonly queue: Q
  readonly to: string
}

export interface Balance<Q> {
  /** In the order in which they are made. */
  readonly moves: readonly Move<Q>[]
  /** How many of the queues each node leads afterwards; only nodes that led or lead any. */
  readonly leaders: ReadonlyMap<string, number>
}

interface Share<Q> {
  readonly queue: Q
  readonly settled: boolean
}

/**
 * Takes from the first node, by name, that leads more than its share of `queues` on `running` nodes the queue with the
 * fewest messages, for whichever candidate leads fewest, until none is left to take; each queue moves once at most.
 * Whether the candidate has the messages is not asked. Source: docs/observed.md §20.
 */
export function balance<Q extends Balanced>(queues: readonly Q[], running: number): Balance<Q> {
  const most = Math.ceil(queues.length / Math.max(1, running))
  const shares = new Map<string, Share<Q>[]>()
  for (const queue of [...queues].sort((a, b) => a.ready - b.ready))
    shares.set(queue.leader, [...(shares.get(queue.leader) ?? []), { queue, settled: false }])
  const moves: Move<Q>[] = []
  for (;;) {
    const [from, share] =
      [...shares].sort(byName).find(([, held]) => held.length > most && !held[0]!.settled) ?? []
    if (from === undefined || share === undefined) break
    const { queue } = share.shift()!
    const to = fewest(queue.candidates, shares)
    if (to === undefined) share.push({ queue, settled: true })
    else {
      moves.push({ queue, to })
      shares.set(to, [...(shares.get(to) ?? []), { queue, settled: true }])
    }
  }
  return { moves, leaders: new Map([...shares].sort(byName).map(([node, held]) => [node, held.length])) }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)

function fewest<Q>(nodes: readonly string[], shares: ReadonlyMap<string, readonly Share<Q>[]>) {
  const count = (node: string) => shares.get(node)?.length ?? 0
  let best: string | undefined
  for (const node of nodes) if (best === undefined || count(node) < count(best)) best = node
  return best
}
