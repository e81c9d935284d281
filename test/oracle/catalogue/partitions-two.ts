// Clusters of two, node 1 cut off from node 2: nobody has a majority (docs/observed.md §19.2).

import {
  declare,
  drain,
  kill,
  look,
  nodes,
  passive,
  publish,
  type Scenario,
  start,
  stop,
} from '../../../compare/steps.ts'
import { consumersAndDeclarations, crowd, mirroredQueue, ordinaryQueues } from './partition-shapes.ts'
import { mirrored, scenario } from './scenario.ts'

const groups = [[1], [2]]
const only = (nodes: number[], recover: 'ignore' | 'autoheal' = 'ignore') =>
  ({ mode: 'pause_if_all_down', nodes, recover }) as const

export const partitionsOfTwo: Scenario[] = [
  ...(['ignore', 'pause_minority'] as const).flatMap((handling) => [
    scenario(`partition-two/${handling}/mirrored`, mirroredQueue({ handling, groups }, [1, 2]), {
      handling,
      nodes: 2,
    }),
    scenario(`partition-two/${handling}/ordinary`, ordinaryQueues({ handling, groups }), {
      handling,
      nodes: 2,
    }),
    scenario(
      `partition-two/${handling}/consumers and declarations`,
      consumersAndDeclarations({ handling, groups }, [1, 2]),
      { handling, nodes: 2 },
    ),
  ]),
  ...(['autoheal'] as const).flatMap((handling) => [
    scenario(
      `partition-two/autoheal/mirrored, more clients at 1`,
      mirroredQueue({ handling, groups }, [1, 2], crowd(1, 3)),
      { handling, nodes: 2 },
    ),
    scenario(
      `partition-two/autoheal/mirrored, more clients at 2`,
      mirroredQueue({ handling, groups }, [1, 2], crowd(2, 3)),
      { handling, nodes: 2 },
    ),
    scenario(
      `partition-two/autoheal/mirrored, as many clients`,
      mirroredQueue({ handling, groups }, [1, 2]),
      {
        handling,
        nodes: 2,
      },
    ),
    scenario(`partition-two/autoheal/ordinary`, ordinaryQueues({ handling, groups }, crowd(1, 2)), {
      handling,
      nodes: 2,
    }),
    scenario(
      `partition-two/autoheal/consumers and declarations`,
      consumersAndDeclarations({ handling, groups }, [1, 2], crowd(1, 2)),
      { handling, nodes: 2 },
    ),
  ]),
  ...[only([1]), only([2])].flatMap((handling) => [
    scenario(
      `partition-two/pause_if_all_down ${handling.nodes.join()}/mirrored`,
      mirroredQueue({ handling, groups }, [1, 2]),
      { handling, nodes: 2 },
    ),
    scenario(
      `partition-two/pause_if_all_down ${handling.nodes.join()}/ordinary`,
      ordinaryQueues({ handling, groups }),
      {
        handling,
        nodes: 2,
      },
    ),
  ]),
  scenario(
    `partition-two/pause_if_all_down 1,2 autoheal/mirrored`,
    mirroredQueue({ handling: only([1, 2], 'autoheal'), groups }, [1, 2], crowd(2, 3)),
    { handling: only([1, 2], 'autoheal'), nodes: 2 },
  ),
  ...([kill, stop] as const).map((end) =>
    scenario(
      `partition-two/pause_minority/one ${end === kill ? 'killed' : 'stopped'}`,
      [
        mirrored('q', [1, 2]),
        declare(2, 'p2'),
        publish(2, 'q', 4),
        publish(2, 'p2', 2),
        end(1),
        nodes(),
        passive(2, 'p2'),
        publish(2, 'q', 2, { body: 'alone' }),
        start(1),
        nodes(),
        look(1, 'q'),
        drain(2, 'q'),
        drain(2, 'p2'),
      ],
      { handling: 'pause_minority', nodes: 2 },
    ),
  ),
]
