// Clusters of five, in two or three parts (docs/observed.md §19.3).

import type { Scenario } from '../../../compare/steps.ts'
import { consumersAndDeclarations, crowd, mirroredQueue, ordinaryQueues } from './partition-shapes.ts'
import { several } from './scenario.ts'

const two = [
  [1, 2],
  [3, 4, 5],
]
const three = [[1, 2], [3, 4], [5]]
const only = (nodes: number[], recover: 'ignore' | 'autoheal' = 'ignore') =>
  ({ mode: 'pause_if_all_down', nodes, recover }) as const

export const partitionsOfFive: Scenario[] = [
  ...(['ignore', 'pause_minority'] as const).flatMap((handling) => [
    several(
      `partition-five/${handling}/mirrored, leader in the minority`,
      mirroredQueue({ handling, groups: two }, [1, 3, 2, 4]),
      { handling, nodes: 5 },
    ),
    several(
      `partition-five/${handling}/mirrored, leader in the majority`,
      mirroredQueue({ handling, groups: two }, [4, 1, 3]),
      { handling, nodes: 5 },
    ),
    several(`partition-five/${handling}/ordinary`, ordinaryQueues({ handling, groups: two }), {
      handling,
      nodes: 5,
    }),
    several(
      `partition-five/${handling}/consumers and declarations`,
      consumersAndDeclarations({ handling, groups: two }, [1, 3]),
      { handling, nodes: 5 },
    ),
    several(
      `partition-five/${handling}/three parts, mirrored`,
      mirroredQueue({ handling, groups: three }, [1, 3, 5]),
      { handling, nodes: 5 },
    ),
    several(`partition-five/${handling}/three parts, ordinary`, ordinaryQueues({ handling, groups: three }), {
      handling,
      nodes: 5,
    }),
  ]),
  several(
    'partition-five/autoheal/mirrored, more clients in the minority',
    mirroredQueue({ handling: 'autoheal', groups: two }, [1, 3, 2, 4], crowd(2, 3)),
    { handling: 'autoheal', nodes: 5 },
  ),
  several(
    'partition-five/autoheal/mirrored, as many clients',
    mirroredQueue({ handling: 'autoheal', groups: two }, [4, 1, 3]),
    { handling: 'autoheal', nodes: 5 },
  ),
  several(
    'partition-five/autoheal/three parts, mirrored',
    mirroredQueue({ handling: 'autoheal', groups: three }, [1, 3, 5]),
    { handling: 'autoheal', nodes: 5 },
  ),
  ...[only([1])].flatMap((handling) => [
    several(
      `partition-five/pause_if_all_down ${handling.nodes.join()}/mirrored`,
      mirroredQueue({ handling, groups: two }, [3, 1, 2]),
      { handling, nodes: 5 },
    ),
    several(
      `partition-five/pause_if_all_down ${handling.nodes.join()}/ordinary`,
      ordinaryQueues({ handling, groups: two }),
      {
        handling,
        nodes: 5,
      },
    ),
  ]),
]
