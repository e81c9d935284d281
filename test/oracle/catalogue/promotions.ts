// promote-on-shutdown and promote-on-failure in all combinations with a synchronised mirror, and with one of two
// synchronised; consumers that want to be cancelled by a failover (docs/observed.md §4.1, §4.4, §4.5, §11, §20).

import {
  consume,
  declare,
  deliveries,
  drain,
  get,
  http,
  kill,
  look,
  policy,
  publish,
  remove,
  rest,
  type Scenario,
  settle,
  start,
  stop,
  until,
} from '../../../compare/steps.ts'
import { mirrored, nodesPolicy, scenario } from './scenario.ts'

const faults = [
  ['killed', kill(1)],
  ['stopped', stop(1)],
] as const
const wishes = ['always', 'when-synced'] as const

const combinations = wishes.flatMap((onFailure) =>
  wishes.map((onShutdown) => ({ 'ha-promote-on-failure': onFailure, 'ha-promote-on-shutdown': onShutdown })),
)
const named = (more: (typeof combinations)[number]) =>
  `failure ${more['ha-promote-on-failure']}, shutdown ${more['ha-promote-on-shutdown']}`

export const promotions: Scenario[] = faults.flatMap(([word, lose]) => {
  const leader = (name: string, steps: Parameters<typeof scenario>[1], options = {}) =>
    scenario(`promotions/leader ${word}/${name}`, steps, options)
  return [
    ...combinations.map((more) =>
      leader(`synchronised mirrors, ${named(more)}`, [
        mirrored('q', [1, 2, 3], more),
        publish(1, 'q', 4, { persistent: 'alternate' }),
        consume(3, 'q', 'c', { prefetch: 1 }),
        deliveries('c', 1),
        lose,
        until(2, 'q', { leader: 2, mirrors: [3], synchronised: [3] }),
        look(2, 'q'),
        publish(2, 'q', 1, { body: 'n' }),
        start(1),
        until(2, 'q', { mirrors: [3, 1] }),
        look(2, 'q'),
      ]),
    ),
    ...combinations.map((more) =>
      leader(`the older mirror synchronised, the younger not, ${named(more)}`, [
        mirrored('q', [1, 2], more),
        publish(1, 'q', 3),
        nodesPolicy('q', [1, 2, 3], more),
        until(1, 'q', { mirrors: [2, 3], synchronised: [2] }),
        lose,
        until(2, 'q', { leader: 2 }),
        look(2, 'q'),
        start(1),
        drain(3, 'q'),
      ]),
    ),
    leader('then the second leader, whose mirrors lack what was published last', [
      mirrored('q', [1, 2, 3], { 'ha-promote-on-failure': 'when-synced' }),
      publish(1, 'q', 2),
      lose,
      until(2, 'q', { leader: 2 }),
      start(1),
      until(2, 'q', { mirrors: [3, 1], synchronised: [3] }),
      look(2, 'q'),
      kill(2),
      until(3, 'q', { leader: 3 }),
      look(3, 'q'),
      start(2),
      drain(3, 'q'),
    ]),
    leader('a consumer to be cancelled and one to resume, on one channel each, with messages held', [
      mirrored('q'),
      publish(1, 'q', 4),
      consume(2, 'q', 'gone', { prefetch: 1, arguments: { 'x-cancel-on-ha-failover': true } }),
      consume(3, 'q', 'stays', { prefetch: 1 }),
      deliveries('gone', 1),
      deliveries('stays', 1),
      lose,
      until(2, 'q', { leader: 2 }),
      deliveries('stays', 2),
      settle('gone', 'ack', [1]),
      look(2, 'q'),
      consume(2, 'q', 'again', { prefetch: 1 }),
      deliveries('again', 1),
      start(1),
      look(2, 'q'),
    ]),
    leader('a consumer to be cancelled while nobody may lead', [
      declare(1, 'q'),
      publish(1, 'q', 3),
      nodesPolicy('q', [1, 2], { 'ha-promote-on-failure': 'when-synced' }),
      until(1, 'q', { mirrors: [2], synchronised: [] }),
      consume(3, 'q', 'c', { prefetch: 1, arguments: { 'x-cancel-on-ha-failover': true } }),
      deliveries('c', 1),
      lose,
      rest(),
      look(2, 'q'),
      start(1),
      until(2, 'q', { state: 'running' }),
      rest(),
      look(2, 'q'),
    ]),
    ...[[2], [2, 3]].map((mirrors) =>
      leader(`deleted while ${mirrors.join(' and ')} may not take over`, [
        declare(1, 'q'),
        publish(1, 'q', 3),
        ...mirrors.flatMap((_, i) => [
          nodesPolicy('q', [1, ...mirrors.slice(0, i + 1)], {
            'ha-promote-on-failure': 'when-synced',
            'ha-promote-on-shutdown': 'always',
          }),
          until(1, 'q', { mirrors: mirrors.slice(0, i + 1), synchronised: [] }),
        ]),
        lose,
        remove(2, 'q'),
        rest(),
        look(2, 'q'),
        start(1),
        rest(),
        look(2, 'q'),
      ]),
    ),
    leader('over HTTP, while nobody may lead', [
      declare(1, 'q'),
      publish(1, 'q', 3),
      nodesPolicy('q', [1, 2], { 'ha-promote-on-failure': 'when-synced' }),
      until(1, 'q', { mirrors: [2], synchronised: [] }),
      lose,
      http(2, 'POST', 'queues/VHOST/q/actions', { action: 'sync' }),
      http(2, 'GET', 'queues/VHOST/q/bindings'),
      start(1),
      until(2, 'q', { state: 'running' }),
      look(2, 'q'),
    ]),
    leader(
      'over HTTP, an ordinary queue that is down',
      [
        declare(1, 'q'),
        publish(1, 'q', 2),
        lose,
        http(2, 'GET', 'queues/VHOST/q'),
        http(2, 'PUT', 'queues/VHOST/q', { durable: true }),
        http(2, 'DELETE', 'queues/VHOST/q'),
        http(3, 'DELETE', 'queues/VHOST/q/contents'),
        http(3, 'POST', 'queues/VHOST/q/get', {
          count: 1,
          ackmode: 'ack_requeue_true',
          encoding: 'auto',
        }),
        http(3, 'POST', 'queues/VHOST/q/actions', { action: 'sync' }),
        start(1),
        until(2, 'q', { state: 'running' }),
        drain(2, 'q'),
      ],
      { open: ['handler crashes'] },
    ),
    leader('the policy that wants it elsewhere is set while it is away', [
      mirrored('q', [1, 2], { 'ha-promote-on-failure': 'when-synced' }),
      publish(1, 'q', 2),
      lose,
      until(2, 'q', { leader: 2 }),
      policy(2, 'ha', '^q', { 'ha-mode': 'nodes', 'ha-params': ['node3'] }),
      rest(),
      look(2, 'q'),
      get(3, 'q', 1),
      start(1),
      look(2, 'q'),
      remove(1, 'q'),
    ]),
  ]
})
