// Links that fall silent and nodes that stand still: nobody is told before the net tick (docs/observed.md §19.5).

import {
  consume,
  deafen,
  declare,
  deliveries,
  drain,
  freeze,
  heal,
  look,
  nodes,
  passive,
  publish,
  type Scenario,
  type Step,
  silence,
  thaw,
  tick,
} from '../../../compare/steps.ts'
import { mirrored, scenario } from './scenario.ts'

const short = { tick: 20 } as const
const minority = { tick: 20, handling: 'pause_minority', open: ['who lists whom'] } as const

/** An ordinary queue on node 1 and a mirrored one led by it, asked from node 2 while node 1 is mute. */
const across = (mute: Step, after: readonly Step[]): Step[] => [
  declare(1, 'p1'),
  ...mirrored('q', [1, 2, 3]),
  publish(1, 'p1', 3),
  publish(1, 'q', 3),
  consume(2, 'p1', 'c2', { prefetch: 2 }),
  consume(2, 'q', 'd2', { prefetch: 2 }),
  deliveries('c2', 2),
  deliveries('d2', 2),
  mute,
  publish(2, 'p1', 2, { body: 'over' }),
  ...after,
]

export const silent: Scenario[] = [
  ...(
    [
      ['silence', silence([1], [2, 3])],
      ['node 1 deaf', deafen(1, 2, 3)],
      ['frozen', freeze(1)],
    ] as const
  ).flatMap(([name, mute]) => [
    scenario(
      `silent/${name}/an ordinary queue beyond`,
      across(mute, [
        tick(),
        nodes(),
        passive(2, 'p1'),
        look(3, 'q'),
        publish(3, 'q', 2, { body: 'later' }),
        look(2, 'q'),
      ]),
      short,
    ),
    scenario(
      `silent/${name}/a mirror beyond`,
      [
        ...mirrored('q', [2, 1, 3]),
        publish(3, 'q', 3),
        mute,
        publish(2, 'q', 2, { body: 'over' }),
        tick(),
        nodes(),
        look(2, 'q'),
        publish(2, 'q', 2, { body: 'later' }),
        drain(3, 'q'),
      ],
      short,
    ),
    scenario(
      `silent/${name}/declarations wait`,
      [
        declare(2, 'old'),
        mute,
        declare(2, 'old'),
        declare(3, 'new'),
        tick(),
        look(2, 'new'),
        declare(3, 'newer'),
      ],
      short,
    ),
    scenario(
      `silent/${name}/pause_minority`,
      [
        ...mirrored('q', [1, 2, 3]),
        publish(1, 'q', 3),
        declare(1, 'p1'),
        consume(1, 'q', 'c1', { prefetch: 1 }),
        deliveries('c1', 1),
        mute,
        publish(2, 'q', 2, { body: 'over' }),
        tick(),
        nodes(),
        look(2, 'q'),
        publish(2, 'q', 2, { body: 'later' }),
        ...(name === 'frozen' ? [thaw(1)] : [heal()]),
        nodes(),
        drain(2, 'q'),
        look(1, 'p1'),
      ],
      minority,
    ),
  ]),
  scenario(
    'silent/silence/mended in time',
    across(silence([1], [2, 3]), [
      heal(),
      nodes(),
      passive(2, 'p1'),
      look(2, 'q'),
      publish(2, 'p1', 1, { body: 'after' }),
    ]),
  ),
  scenario(
    'silent/frozen/thawed in time',
    across(freeze(1), [
      thaw(1),
      nodes(),
      passive(2, 'p1'),
      look(2, 'q'),
      publish(2, 'p1', 1, { body: 'after' }),
    ]),
  ),
  scenario(
    'silent/frozen/thawed too late',
    across(freeze(1), [
      tick(),
      look(3, 'q'),
      thaw(1),
      nodes(),
      passive(1, 'p1'),
      passive(2, 'p1'),
      passive(1, 'q'),
      passive(2, 'q'),
    ]),
    { ...short, open: ['who lists whom'] },
  ),
  scenario('silent/frozen/its own clients', [
    declare(1, 'p1'),
    publish(1, 'p1', 2),
    consume(1, 'p1', 'c1', { prefetch: 1 }),
    deliveries('c1', 1),
    freeze(1),
    passive(1, 'p1'),
    thaw(1),
    nodes(),
    publish(1, 'p1', 2, { body: 'after' }),
  ]),
]
