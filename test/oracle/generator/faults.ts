// The faults of a generated scenario, and under which partition handling: drawn once for a whole group of seeds, so that all of
// the group share one real cluster and its restarts. Only sequences whose outcome a real cluster determines: a node that has to
// wait for others is not started before them, and links break all at once (docs/observed.md §4.9, §8).

import type { Fault, NodeNumber, PartitionHandling } from '../../../compare/steps.ts'
import { Chance } from '../../../fuzz/chance.ts'

export interface Skeleton {
  readonly handling: PartitionHandling
  readonly faults: readonly Fault[]
}

const start = (node: NodeNumber): Fault => ({ do: 'start', node })

/** A node falls, and by which of two ways. */
const lose = (chance: Chance, node: NodeNumber): Fault =>
  chance.hit(50) ? { do: 'kill', node } : { do: 'stop', node }

type Shape = (chance: Chance, order: readonly NodeNumber[]) => Skeleton

const ignoring = (faults: readonly Fault[]): Skeleton => ({ handling: 'ignore', faults })

/** Links between one node and the rest are cut and mended; under `ignore` the one restarts, which ends the partition. */
const parted = (handling: PartitionHandling, [a, ...rest]: readonly NodeNumber[]): Fault[] => [
  { do: 'cut', groups: [[a!], [...rest].sort()] },
  { do: 'heal' },
  ...(handling === 'ignore' ? ([{ do: 'stop', node: a! }, start(a!)] as const) : []),
]

const shapes: readonly (readonly [weight: number, Shape])[] = [
  [24, (chance, [a]) => ignoring([lose(chance, a!), start(a!)])],
  [14, (chance, [a, b]) => ignoring([lose(chance, a!), lose(chance, b!), start(b!), start(a!)])],
  [8, (chance, [a, b]) => ignoring([lose(chance, a!), lose(chance, b!), start(a!), start(b!)])],
  [14, (chance, [a, b]) => ignoring([lose(chance, a!), start(a!), lose(chance, b!), start(b!)])],
  [6, (chance, [a]) => ignoring([lose(chance, a!), start(a!), lose(chance, a!), start(a!)])],
  [
    10,
    (chance, order) =>
      ignoring([...order.map((node) => lose(chance, node)), ...[...order].reverse().map(start)]),
  ],
  [10, (_, order) => ignoring(parted('ignore', order))],
  [6, (_, order) => ({ handling: 'pause_minority', faults: parted('pause_minority', order) })],
  [
    5,
    (chance, order) => ({
      handling: 'pause_minority',
      faults: [lose(chance, order[0]!), start(order[0]!), ...parted('pause_minority', [...order].reverse())],
    }),
  ],
  [4, (chance, order) => ignoring([...parted('ignore', order), lose(chance, order[1]!), start(order[1]!)])],
]

const app = (verb: 'stop-app' | 'start-app', node: NodeNumber): Fault => ({ do: verb, node })

/** Those of later groups: applications that stop and start, nodes that leave and join, pause_if_all_down. */
const further: typeof shapes = [
  [30, (_, [a]) => ignoring([app('stop-app', a!), app('start-app', a!)])],
  [
    20,
    (chance, [a, b]) => ignoring([lose(chance, b!), app('stop-app', a!), start(b!), app('start-app', a!)]),
  ],
  [
    20,
    (_, [a, b]) =>
      ignoring([
        app('stop-app', a!),
        { do: 'reset', node: a! },
        { do: 'join', node: a!, to: b! },
        app('start-app', a!),
      ]),
  ],
  [
    30,
    (_, order) => {
      const handling = { mode: 'pause_if_all_down', nodes: [order[1]!], recover: 'ignore' } as const
      return { handling, faults: parted(handling, order) }
    },
  ],
]

/** So many groups keep to what the first shapes have. */
const plainGroups = 6

/** Which faults the scenarios of a group meet, in a cluster of three. */
export function skeleton(group: number): Skeleton {
  const chance = new Chance(group, 'faults')
  const left = [1, 2, 3]
  const order = [3, 2, 1].map((size) => left.splice(chance.int(size), 1)[0]!)
  const more = group >= plainGroups && new Chance(group, 'further').hit(30)
  return chance.weighted(more ? further : shapes)(chance, order)
}
