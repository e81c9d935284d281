// What is measured on the links between nodes: every placement of publisher, leader and consumer under every number of
// copies, and further operations at one placement. Data only: `work` does it, on a real cluster and on Warren alike.

export type NodeNumber = 1 | 2 | 3

/** 0: an ordinary queue; otherwise a mirrored one with so many copies, its leader among them. */
export type Copies = 0 | 1 | 2 | 3

export type Work =
  | 'confirmed'
  | 'hasty'
  | 'auto'
  | 'auto drain'
  | 'drain'
  | 'get'
  | 'get auto'
  | 'get nothing'
  | 'requeue'
  | 'global prefetch'
  | 'dead letters'
  | 'unroutable'
  | 'headers'
  | 'fan-out'
  | 'sync'
  | 'queue'
  | 'transient queue'
  | 'queue deleted'
  | 'binding'
  | 'topic binding'
  | 'unbinding'
  | 'exchange'
  | 'exchange deleted'
  | 'policy'
  | 'policy cleared'
  | 'consumer'
  | 'consumer cancelled'

export interface WireCase {
  readonly name: string
  readonly work: Work
  readonly copies: Copies
  readonly leader: NodeNumber
  readonly publisher: NodeNumber
  readonly consumer: NodeNumber
  readonly bodyBytes: number
  /** How many units the figures are divided by: messages, or operations. */
  readonly count: number
}

export const sizes = [1000, 16_000] as const
export const copies = [0, 1, 2, 3] as const
const nodes = [1, 2, 3] as const

/** A mirror of a queue with two copies is on the node after its leader's. */
export const mirrorOf = (leader: NodeNumber): NodeNumber => ((leader % 3) + 1) as NodeNumber

/** The nodes that hold the case's queue, its leader first. */
export function replicasOf({ copies: k, leader }: WireCase): NodeNumber[] {
  if (k < 2) return [leader]
  const mirror = mirrorOf(leader)
  return k === 2 ? [leader, mirror] : [leader, mirror, mirrorOf(mirror)]
}

export const kindOf = (k: Copies) => (k === 0 ? 'ordinary' : `mirrored ${k}`)

/** Confirmed persistent messages, one at a time, each acknowledged as it comes. */
export const placements: readonly WireCase[] = sizes.flatMap((bodyBytes) =>
  copies.flatMap((k) =>
    nodes.flatMap((leader) =>
      nodes.flatMap((publisher) =>
        nodes.map((consumer) => ({
          name: `${bodyBytes} B, ${kindOf(k)}, leader ${leader}, publisher ${publisher}, consumer ${consumer}`,
          work: 'confirmed' as const,
          copies: k,
          leader,
          publisher,
          consumer,
          bodyBytes,
          count: 100,
        })),
      ),
    ),
  ),
)

function further(work: Work, copies: Copies, more: Partial<WireCase> = {}): WireCase {
  const at = { leader: 1, publisher: 2, consumer: 3, bodyBytes: 1000, count: 100, ...more } as const
  const where = `leader ${at.leader}, publisher ${at.publisher}, consumer ${at.consumer}`
  return { name: `${work}, ${kindOf(copies)}, ${where}`, work, copies, ...at }
}

/** Each way of publishing and taking, and each change of the definitions. */
export const operations: readonly WireCase[] = [
  ...([0, 2, 3] as const).flatMap((k) => [
    further('auto', k),
    further('auto', k, { publisher: 1, consumer: 1 }),
    further('hasty', k, { count: 1000 }),
    further('auto drain', k, { count: 500 }),
    further('drain', k, { count: 500 }),
    further('get', k, { consumer: 2 }),
    further('get auto', k, { consumer: 2 }),
    further('requeue', k, { consumer: 2 }),
    further('queue', k, { count: 10, publisher: 1 }),
    further('queue deleted', k, { count: 10, publisher: 1 }),
    further('fan-out', k, { publisher: 2 }),
  ]),
  further('get nothing', 0, { consumer: 2 }),
  further('global prefetch', 0),
  further('dead letters', 0),
  further('unroutable', 0),
  further('headers', 0),
  further('headers', 3),
  further('sync', 2, { count: 500 }),
  further('sync', 3, { count: 500 }),
  further('transient queue', 0, { count: 10, publisher: 1 }),
  further('binding', 0, { count: 10, publisher: 1 }),
  further('topic binding', 0, { count: 10, publisher: 1 }),
  further('unbinding', 0, { count: 10, publisher: 1 }),
  further('exchange', 0, { count: 10, publisher: 1 }),
  further('exchange deleted', 0, { count: 10, publisher: 1 }),
  further('policy', 0, { count: 10, publisher: 1 }),
  further('policy cleared', 0, { count: 10, publisher: 1 }),
  further('consumer', 0, { count: 10, consumer: 2 }),
  further('consumer cancelled', 0, { count: 10, consumer: 2 }),
]
