// Nodes that join, leave, are forgotten and are made to start: who is in the cluster afterwards, and what becomes of their queues
// (docs/observed.md §18). Scenarios with equal faults share one cluster when they are recorded.

import {
  bind,
  consume,
  declare,
  deliveries,
  drain,
  exchange,
  kill,
  look,
  nodes,
  passive,
  policy,
  publish,
  rest,
  type Scenario,
  type Step,
  start,
  stop,
  until,
} from '../../../compare/steps.ts'
import {
  forceBoot,
  forceReset,
  forget,
  join,
  members,
  reset,
  startApp,
  stopApp,
} from '../../../compare/steps-membership.ts'
import { mirrored, nodesPolicy, scenario } from './scenario.ts'

/** Steps between the faults of a sequence: as many lists as it has places. */
type Between = readonly (readonly Step[])[]

function filled(sequence: readonly Step[], between: Between): Step[] {
  return [...(between[0] ?? []), ...sequence.flatMap((fault, i) => [fault, ...(between[i + 1] ?? [])])]
}

const all = (queue: string, more: Record<string, unknown> = {}): Step =>
  policy(1, 'ha', `^${queue}`, { 'ha-mode': 'all', ...more })

// ---- node 3 leaves, and joins again

const leaves = (...between: Between): Step[] =>
  filled([stopApp(3), reset(3), join(3, 1), startApp(3)], between)

const leaving: Scenario[] = [
  scenario(
    'membership/leaves with its unmirrored queues',
    leaves(
      [
        declare(3, 'own'),
        declare(3, 'brief', { durable: false }),
        declare(1, 'other'),
        exchange(1, 'x'),
        bind(1, 'own', 'x', 'k'),
        publish(1, 'own', 4),
        publish(1, 'other', 4),
      ],
      [
        look(1, 'own'),
        look(1, 'brief'),
        passive(2, 'own'),
        publish(1, 'k', 2, { exchange: 'x', mandatory: true }),
      ],
      [
        look(1, 'own'),
        passive(2, 'own'),
        publish(1, 'own', 2, { mandatory: true }),
        declare(2, 'own'),
        publish(1, 'own', 1, { body: 'new' }),
        members(),
        nodes(),
      ],
      [members(), nodes()],
      [
        members(),
        nodes(),
        look(3, 'own'),
        look(3, 'other'),
        drain(3, 'own'),
        drain(3, 'other'),
        declare(3, 'again'),
        look(1, 'again'),
      ],
    ),
  ),
  scenario(
    'membership/leaves as the leader of a mirrored queue',
    leaves(
      [
        ...mirrored('q', [3, 1, 2]),
        publish(2, 'q', 6),
        consume(1, 'q', 'c', { prefetch: 2 }),
        deliveries('c', 2),
      ],
      [until(1, 'q', { leader: 1, mirrors: [2] }), deliveries('c', 4)],
      [look(1, 'q')],
      [look(1, 'q')],
      [until(1, 'q', { mirrors: [2, 3] }), look(1, 'q'), look(3, 'q')],
    ),
  ),
  scenario(
    'membership/comes back as a mirror of everything',
    leaves(
      [declare(1, 'q'), all('q'), until(1, 'q', { leader: 1, synchronised: [2, 3] }), publish(1, 'q', 5)],
      [until(1, 'q', { leader: 1, synchronised: [2] })],
      [look(1, 'q')],
      [],
      [until(1, 'q', { mirrors: [2, 3], synchronised: [2] }), look(1, 'q'), drain(2, 'q'), look(1, 'q')],
    ),
  ),
  scenario(
    'membership/comes back as a mirror and is synchronised',
    leaves(
      [
        declare(1, 'q'),
        all('q', { 'ha-sync-mode': 'automatic' }),
        until(1, 'q', { leader: 1, synchronised: [2, 3] }),
        publish(1, 'q', 5),
      ],
      [until(1, 'q', { leader: 1, synchronised: [2] })],
      [],
      [],
      [until(1, 'q', { mirrors: [2, 3], synchronised: [2, 3] }), look(3, 'q')],
    ),
  ),
  scenario(
    'membership/the clients of a node that leaves',
    leaves(
      [
        declare(3, 'own'),
        declare(1, 'q'),
        publish(1, 'own', 2),
        publish(1, 'q', 2),
        consume(1, 'own', 'far'),
        consume(3, 'q', 'near'),
        deliveries('far', 2),
        deliveries('near', 2),
      ],
      [rest(), look(1, 'q'), publish(1, 'q', 2, { body: 'later' })],
      [],
      [],
      [consume(3, 'q', 'anew'), deliveries('anew', 2), look(3, 'q')],
    ),
  ),
]

// ---- node 3 stops for good

const forgotten = (...between: Between): Step[] => filled([stop(3), forget(1, 3), start(3, true)], between)

const forgetting: Scenario[] = [
  scenario(
    'membership/forgotten with its unmirrored queues',
    forgotten(
      [
        declare(3, 'own'),
        declare(1, 'other'),
        exchange(1, 'x'),
        bind(1, 'own', 'x', 'k'),
        publish(1, 'own', 3),
      ],
      [look(1, 'own'), passive(1, 'own'), members()],
      [
        look(1, 'own'),
        passive(1, 'own'),
        publish(1, 'k', 2, { exchange: 'x', mandatory: true }),
        declare(1, 'own'),
        members(),
      ],
      [members(), nodes(), look(2, 'own')],
    ),
  ),
  scenario(
    'membership/forgotten as the leader of a mirrored queue',
    forgotten(
      [...mirrored('q', [3, 1, 2]), publish(2, 'q', 4)],
      [until(1, 'q', { leader: 1, mirrors: [2] })],
      [look(1, 'q'), publish(2, 'q', 1, { body: 'later' })],
      [look(1, 'q'), drain(2, 'q')],
    ),
  ),
  scenario(
    'membership/forgotten while its queue waits for it',
    forgotten(
      [
        declare(3, 'q'),
        publish(3, 'q', 4),
        nodesPolicy('q', [3, 1], {
          'ha-promote-on-shutdown': 'when-synced',
          'ha-promote-on-failure': 'when-synced',
        }),
        until(3, 'q', { mirrors: [1], synchronised: [] }),
      ],
      [look(1, 'q'), publish(2, 'q', 1, { body: 'later' })],
      [
        look(1, 'q'),
        publish(2, 'q', 1, { body: 'later still', mandatory: true }),
        declare(2, 'q'),
        look(2, 'q'),
      ],
      [look(1, 'q')],
    ),
  ),
]

// ---- what is refused, and how a forgotten node comes back

const refusals: Scenario[] = [
  scenario('membership/what is refused', [
    reset(3),
    forceReset(3),
    join(3, 1),
    forceBoot(3),
    forget(1, 3),
    forget(1, 1),
    stopApp(3),
    join(3, 1),
    join(3, 3),
    forget(3, 1),
    forget(1, 3),
    forget(1, 3),
    members(),
    startApp(3),
    nodes(),
    forceReset(3),
    join(3, 2),
    members(),
    startApp(3),
    members(),
    nodes(),
  ]),
]

const forced = (...between: Between): Step[] =>
  filled(
    [stopApp(3), forceReset(3), startApp(3), stopApp(3), join(3, 1), forget(1, 3), join(3, 1), startApp(3)],
    between,
  )

const resetByForce: Scenario[] = [
  scenario(
    'membership/a forced reset tells nobody',
    forced(
      [declare(3, 'own'), publish(3, 'own', 3), declare(1, 'other'), publish(1, 'other', 3)],
      [look(1, 'own')],
      [members(), look(1, 'own'), passive(1, 'own')],
      [members(), nodes(), look(1, 'own')],
      [],
      [look(1, 'own')],
      [members(), look(1, 'own'), declare(1, 'own'), look(1, 'own')],
      [],
      [members(), nodes(), look(3, 'own'), drain(3, 'other')],
    ),
  ),
]

// ---- the whole cluster stops

const forcedBoot = (...between: Between): Step[] =>
  filled([stopApp(1), stopApp(2), stopApp(3), forceBoot(1), startApp(1), startApp(2), startApp(3)], between)

const booting: Scenario[] = [
  scenario(
    'membership/the first to stop is made to start first',
    forcedBoot(
      [1, 2, 3].flatMap((node) => [
        declare(node, `own${node}`),
        publish(1, `own${node}`, 3, { persistent: 'alternate' }),
      ]),
      [declare(2, 'between'), publish(2, 'own2', 1, { body: 'later' })],
      [publish(3, 'own3', 1, { body: 'last' })],
      [],
      [],
      [look(1, 'own1'), look(1, 'own2'), look(1, 'between'), passive(1, 'own2'), drain(1, 'own1'), nodes()],
      [until(1, 'own2', { state: 'running' }), look(1, 'own2'), look(1, 'own3'), drain(1, 'own2'), nodes()],
      [
        until(1, 'own3', { state: 'running' }),
        look(3, 'own3'),
        look(3, 'between'),
        drain(1, 'own3'),
        nodes(),
        members(),
      ],
    ),
  ),
  scenario(
    'membership/a mirrored queue falls back to what the forced node had',
    forcedBoot(
      [...mirrored('q'), publish(1, 'q', 3)],
      [until(2, 'q', { leader: 2 }), publish(2, 'q', 2, { body: 'second' })],
      [until(3, 'q', { leader: 3 }), publish(3, 'q', 2, { body: 'third' })],
      [],
      [],
      [until(1, 'q', { state: 'running' }), look(1, 'q')],
      [until(1, 'q', { mirrors: [2] }), look(2, 'q')],
      [until(1, 'q', { mirrors: [2, 3] }), look(3, 'q'), drain(3, 'q')],
    ),
  ),
  scenario(
    'membership/a forced node knows of a leader that is away',
    forcedBoot(
      [...mirrored('q', [3, 2]), publish(3, 'q', 3)],
      [look(3, 'q')],
      [look(3, 'q')],
      [],
      [],
      [look(1, 'q'), passive(1, 'q'), publish(1, 'q', 1, { body: 'lost', mandatory: true })],
      [look(1, 'q'), passive(1, 'q')],
      [until(1, 'q', { state: 'running' }), look(1, 'q'), drain(1, 'q')],
    ),
  ),
]

const waiting: Scenario[] = [
  scenario('membership/applications wait for the one that stopped last', [
    mirrored('q'),
    declare(1, 'own'),
    publish(1, 'q', 3),
    publish(1, 'own', 3),
    stopApp(1),
    until(2, 'q', { leader: 2 }),
    publish(2, 'q', 2, { body: 'second' }),
    stopApp(2),
    stopApp(3),
    startApp(1, true),
    nodes(),
    startApp(3),
    until(3, 'own', { state: 'running' }),
    startApp(2),
    nodes(),
    until(3, 'q', { mirrors: [1, 2] }),
    look(1, 'q'),
    drain(1, 'q'),
    drain(3, 'own'),
  ]),
  scenario('membership/the whole cluster killed, the first made to start first', [
    mirrored('q'),
    declare(1, 'own'),
    declare(3, 'away'),
    publish(1, 'q', 3),
    publish(1, 'own', 3, { persistent: 'alternate' }),
    publish(1, 'away', 2),
    rest(),
    kill(1),
    until(2, 'q', { leader: 2 }),
    publish(2, 'q', 2, { body: 'second' }),
    rest(),
    kill(2),
    kill(3),
    forceBoot(1),
    start(1),
    look(1, 'q'),
    look(1, 'own'),
    look(1, 'away'),
    drain(1, 'own'),
    start(2),
    start(3),
    until(1, 'away', { state: 'running' }),
    look(1, 'q'),
    drain(3, 'q'),
    drain(1, 'away'),
    nodes(),
  ]),
  scenario('membership/a queue that waits for its leader, after the others have restarted', [
    declare(1, 'q'),
    publish(1, 'q', 4),
    nodesPolicy('q', [1, 2], { 'ha-promote-on-failure': 'when-synced' }),
    until(1, 'q', { mirrors: [2], synchronised: [] }),
    stopApp(1),
    look(2, 'q'),
    stopApp(2),
    look(3, 'q'),
    stopApp(3),
    startApp(3),
    look(3, 'q'),
    passive(3, 'q'),
    startApp(2),
    look(2, 'q'),
    startApp(1),
    until(1, 'q', { mirrors: [2] }),
    look(3, 'q'),
    drain(3, 'q'),
  ]),
]

// ---- further ways

const further: Scenario[] = [
  scenario('membership/a mirror that is away does not inherit', [
    mirrored('q', [3, 2]),
    publish(1, 'q', 3),
    rest(),
    stopApp(2),
    publish(1, 'q', 2, { body: 'later' }),
    rest(),
    stopApp(3),
    look(1, 'q'),
    forget(1, 3),
    look(1, 'q'),
    passive(1, 'q'),
    startApp(2),
    rest(),
    look(1, 'q'),
    drain(1, 'q'),
    members(),
  ]),
  scenario('membership/an application stops and starts', [
    mirrored('q', [3, 1, 2]),
    declare(3, 'own'),
    declare(3, 'brief', { durable: false }),
    publish(1, 'q', 4),
    publish(1, 'own', 4, { persistent: 'alternate' }),
    consume(1, 'q', 'c', { prefetch: 2 }),
    consume(3, 'own', 'near', { prefetch: 1 }),
    deliveries('c', 4),
    deliveries('near', 4),
    stopApp(3),
    stopApp(3),
    until(1, 'q', { leader: 1 }),
    members(),
    nodes(),
    look(1, 'own'),
    passive(2, 'own'),
    look(1, 'brief'),
    startApp(3),
    startApp(3),
    nodes(),
    until(1, 'q', { mirrors: [2, 3] }),
    look(1, 'q'),
    look(3, 'own'),
    drain(3, 'own'),
  ]),
  scenario('membership/joins as a RAM node through the second node', [
    declare(1, 'q'),
    all('q'),
    publish(1, 'q', 2),
    stopApp(3),
    join(3, 2, true),
    reset(3),
    join(3, 2, true),
    members(),
    startApp(3),
    members(),
    until(1, 'q', { mirrors: [2, 3] }),
    declare(3, 'own'),
    publish(3, 'own', 2),
    stopApp(3),
    look(1, 'own'),
    startApp(3),
    until(1, 'own', { state: 'running' }),
    drain(1, 'own'),
  ]),
  scenario('membership/two leave and make a cluster of their own', [
    declare(1, 'q'),
    publish(1, 'q', 2),
    stopApp(3),
    reset(3),
    startApp(3),
    nodes(),
    stopApp(2),
    join(2, 3),
    startApp(2),
    members(),
    nodes(),
    look(1, 'q'),
    stopApp(2),
    join(2, 1),
    startApp(2),
    stopApp(3),
    join(3, 1),
    startApp(3),
    members(),
    nodes(),
    drain(3, 'q'),
  ]),
]

export const membership: readonly Scenario[] = [
  ...leaving,
  ...forgetting,
  ...refusals,
  ...resetByForce,
  ...booting,
  ...waiting,
  ...further,
]
