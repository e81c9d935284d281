// Clusters of three under autoheal and pause_if_all_down, and partial partitions (docs/observed.md §19.1, §19.4).

import {
  cutLink,
  declare,
  heal,
  look,
  nodes,
  passive,
  publish,
  type Scenario,
  start,
  stop,
} from '../../../compare/steps.ts'
import { consumersAndDeclarations, crowd, mirroredQueue, ordinaryQueues } from './partition-shapes.ts'
import { mirrored, several } from './scenario.ts'

const groups = [[1], [2, 3]]
const only = (nodes: number[], recover: 'ignore' | 'autoheal' = 'ignore') =>
  ({ mode: 'pause_if_all_down', nodes, recover }) as const

export const partitionsOfThree: Scenario[] = [
  several(
    'partition-three/autoheal/mirrored, more clients at 1',
    mirroredQueue({ handling: 'autoheal', groups }, [1, 2, 3], crowd(1, 4)),
    { handling: 'autoheal' },
  ),
  several(
    'partition-three/autoheal/mirrored, as many clients',
    mirroredQueue({ handling: 'autoheal', groups }, [2, 1, 3]),
    { handling: 'autoheal' },
  ),
  several(
    'partition-three/autoheal/ordinary, more clients at 3',
    ordinaryQueues({ handling: 'autoheal', groups }, crowd(3, 2)),
    { handling: 'autoheal' },
  ),
  several(
    'partition-three/autoheal/consumers and declarations, more clients at 1',
    consumersAndDeclarations({ handling: 'autoheal', groups }, [1, 2, 3], crowd(1, 4)),
    { handling: 'autoheal' },
  ),
  several(
    'partition-three/autoheal/three parts',
    mirroredQueue({ handling: 'autoheal', groups: [[1], [2], [3]] }, [1, 2, 3]),
    { handling: 'autoheal' },
  ),
  ...[only([1]), only([2]), only([1, 3]), only([9])].flatMap((handling) => [
    several(
      `partition-three/pause_if_all_down ${handling.nodes.join()}/mirrored`,
      mirroredQueue({ handling, groups }, [1, 2, 3]),
      { handling },
    ),
    several(
      `partition-three/pause_if_all_down ${handling.nodes.join()}/ordinary`,
      ordinaryQueues({ handling, groups }),
      { handling },
    ),
  ]),
  several(
    'partition-three/pause_if_all_down 1,3 autoheal/mirrored',
    mirroredQueue({ handling: only([1, 3], 'autoheal'), groups }, [1, 2, 3], crowd(1, 4)),
    { handling: only([1, 3], 'autoheal') },
  ),
  ...([stop] as const).map((end) =>
    several(
      'partition-three/pause_if_all_down 1/the preferred one stopped',
      [
        mirrored('q', [1, 2, 3]),
        declare(2, 'p2'),
        publish(2, 'q', 4),
        end(1),
        nodes(),
        passive(2, 'p2'),
        publish(3, 'q', 2, { body: 'alone' }),
        start(1),
        nodes(),
        look(1, 'q'),
        look(2, 'p2'),
      ],
      { handling: only([1]) },
    ),
  ),
  ...(['ignore', 'pause_minority', 'autoheal', only([1]), only([3])] as const).flatMap((handling) => {
    const name = typeof handling === 'string' ? handling : `${handling.mode} ${handling.nodes.join()}`
    const shape = { handling, groups: [[1], [2], [3]], apart: [cutLink(1, 2)] }
    // A node that comes back through the third may stay listed.
    const open = ['mirror order', 'who lists whom'] as const
    return [
      several(`partition-partial/${name}/mirrored`, mirroredQueue(shape, [1, 2, 3]), { handling, open }),
      // After autoheal the HTTP API now and then shows the other's queue as down for a while.
      ...(handling === 'autoheal'
        ? []
        : [several(`partition-partial/${name}/ordinary`, ordinaryQueues(shape), { handling, open })]),
      several(
        `partition-partial/${name}/nodes`,
        [
          declare(3, 'p3'),
          publish(3, 'p3', 2),
          cutLink(1, 2),
          nodes(),
          passive(1, 'p3'),
          passive(2, 'p3'),
          heal(),
          nodes(),
        ],
        { handling, open },
      ),
    ]
  }),
]
