// A mirrored queue that loses its last replica: its leader and mirrors fall one after the other, or a cut leaves a node without
// any of them. It waits, also when it is not durable (docs/observed.md §21).

import {
  consume,
  cut,
  declare,
  deliveries,
  drain,
  get,
  heal,
  kill,
  look,
  passive,
  publish,
  rest,
  type Scenario,
  start,
  stop,
  sync,
} from '../../../compare/steps.ts'
import { mirrored, scenario } from './scenario.ts'

const faults = [
  ['killed', kill],
  ['stopped', stop],
] as const

const apart = cut([1], [2, 3])

const promotions = [
  ['default', {}],
  ['failure when-synced', { 'ha-promote-on-failure': 'when-synced' }],
  ['shutdown always', { 'ha-promote-on-shutdown': 'always' }],
] as const

/** The mirror's node is back before the leader's: with nothing, as its messages were its leader's. */
const mirrorsFirst = faults.flatMap(([mirrorWord, loseMirror]) =>
  faults.flatMap(([leaderWord, loseLeader]) =>
    promotions.map(([kind, more]) =>
      scenario(`last replica/mirror ${mirrorWord}, leader ${leaderWord}/the mirror first, ${kind}`, [
        mirrored('q', [1, 2], more),
        publish(3, 'q', 3),
        loseMirror(2),
        rest(),
        publish(3, 'q', 1, { body: 'n' }),
        rest(),
        loseLeader(1),
        rest(),
        look(3, 'q'),
        start(2),
        rest(),
        look(3, 'q'),
        publish(3, 'q', 2, { body: 'o' }),
        passive(3, 'q'),
        start(1),
        rest(),
        look(3, 'q'),
        drain(3, 'q'),
      ]),
    ),
  ),
)

const waitingConsumer = (name: string, lose: typeof kill, durable: boolean) =>
  scenario(`last replica/${name}, a consumer waits`, [
    mirrored('q', [1, 2], {}, { durable }),
    publish(3, 'q', 3),
    consume(3, 'q', 'c', { prefetch: 1 }),
    deliveries('c', 1),
    lose(2),
    rest(),
    lose(1),
    rest(),
    look(3, 'q'),
    start(1),
    rest(),
    look(3, 'q'),
    start(2),
    rest(),
    look(3, 'q'),
  ])

export const lastReplica: Scenario[] = [
  ...faults.flatMap(([word, lose]) =>
    [true, false].flatMap((durable) => {
      const kind = durable ? 'durable' : 'transient'
      const set = [
        ...mirrored('q', [1, 2], {}, { durable }),
        publish(3, 'q', 3),
        lose(2),
        rest(),
        lose(1),
        rest(),
      ]
      return [
        scenario(`last replica/${word}/${kind}, looked at`, [
          set,
          look(3, 'q'),
          publish(3, 'q', 2, { body: 'n', mandatory: true }),
          sync(3, 'q'),
          start(1),
          rest(),
          look(3, 'q'),
          publish(3, 'q', 1, { body: 'o', mandatory: true }),
          start(2),
          rest(),
          look(3, 'q'),
          drain(3, 'q'),
        ]),
        scenario(`last replica/${word}/${kind}, asked for`, [
          set,
          passive(3, 'q'),
          start(1),
          rest(),
          passive(2, 'q'),
          look(3, 'q'),
          start(2),
          rest(),
          drain(2, 'q'),
        ]),
        scenario(`last replica/${word}/${kind}, declared again`, [
          set,
          declare(3, 'q', { durable }),
          start(1),
          rest(),
          look(3, 'q'),
          start(2),
          rest(),
          look(3, 'q'),
          drain(2, 'q'),
        ]),
        // One that is not durable and whose leader stopped cleanly stays away: after a minute of waiting it ends its consumers.
        ...(durable || word === 'killed' ? [waitingConsumer(`${word}/${kind}`, lose, durable)] : []),
      ]
    }),
  ),
  ...mirrorsFirst,
  ...[true, false].flatMap((durable) => {
    const kind = durable ? 'durable' : 'transient'
    const set = [...mirrored('q', [2, 3], {}, { durable }), publish(1, 'q', 4)]
    return [
      scenario(`last replica/out of reach/${kind}, a consumer resumes once the link is whole`, [
        set,
        consume(1, 'q', 'c', { prefetch: 2 }),
        deliveries('c', 2),
        apart,
        look(1, 'q'),
        look(2, 'q'),
        heal(),
        rest(),
        passive(2, 'q'),
        publish(1, 'q', 2, { body: 'n' }),
        publish(2, 'q', 1, { body: 'o' }),
        passive(1, 'q'),
        stop(1),
        rest(),
        passive(2, 'q'),
        start(1),
        rest(),
        look(1, 'q'),
        drain(1, 'q'),
      ]),
      scenario(`last replica/out of reach/${kind}, asked once the link is whole`, [
        set,
        apart,
        publish(1, 'q', 1, { body: 'lost' }),
        sync(1, 'q'),
        heal(),
        rest(),
        get(1, 'q', 2),
        publish(1, 'q', 2, { body: 'n' }),
        get(1, 'q', 1, 'hold'),
        passive(2, 'q'),
        stop(1),
        rest(),
        passive(2, 'q'),
        start(1),
        rest(),
        look(1, 'q'),
        drain(1, 'q'),
      ]),
      scenario(`last replica/out of reach/${kind}, asked while the link is cut`, [
        set,
        apart,
        get(1, 'q', 2),
        heal(),
        rest(),
        passive(2, 'q'),
        stop(1),
        rest(),
        start(1),
        rest(),
        look(1, 'q'),
        drain(1, 'q'),
      ]),
    ]
  }),
]
