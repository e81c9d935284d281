// What blocks while mirrors are filled, and what is left when that is cancelled or the leader is lost in the midst of it; the
// queue is large enough for the real one to take its time (docs/observed.md §4.8, §20).

import {
  bind,
  cancelSync,
  consume,
  declare,
  deliveries,
  get,
  http,
  kill,
  look,
  passive,
  publish,
  purge,
  remove,
  rest,
  type Scenario,
  type Step,
  start,
  stop,
  sync,
  until,
} from '../../../compare/steps.ts'
import { nodesPolicy, scenario } from './scenario.ts'

/** A queue whose mirror on node 2 lacks all but the last two of its messages. */
const large = (more: Record<string, unknown> = {}, bytes = 500): Step[] => [
  declare(1, 'q'),
  publish(1, 'q', 6000, { body: 'old', bytes }),
  nodesPolicy('q', [1, 2], { 'ha-sync-batch-size': 1, ...more }),
  until(1, 'q', { mirrors: [2], synchronised: [] }),
  publish(1, 'q', 2, { body: 'new' }),
]
/** So that it is still being filled when a step has waited in vain. */
const larger = large({}, 1000)
const filling: Step[] = [sync(3, 'q'), until(1, 'q', { state: 'syncing' })]

export const fillings: Scenario[] = [
  scenario(
    'filling/while it goes on a passive declare waits, cancelled it is answered',
    [
      larger,
      filling,
      passive(2, 'q'),
      cancelSync(3, 'q'),
      until(1, 'q', { state: 'running' }),
      look(1, 'q'),
      passive(1, 'q'),
    ],
    { open: ['filling may crash'] },
  ),
  scenario(
    'filling/while it goes on basic.get waits',
    [
      larger,
      filling,
      get(2, 'q', 1, 'hold'),
      cancelSync(2, 'q'),
      until(1, 'q', { state: 'running' }),
      look(1, 'q'),
    ],
    { open: ['filling may crash'] },
  ),
  scenario(
    'filling/while it goes on a publish is not confirmed',
    [
      larger,
      filling,
      publish(3, 'q', 1, { body: 'meanwhile' }),
      cancelSync(2, 'q'),
      until(1, 'q', { state: 'running' }),
      look(1, 'q'),
    ],
    { open: ['filling may crash'] },
  ),
  scenario(
    'filling/while it goes on a consumer waits, bindings do not',
    [
      larger,
      filling,
      consume(2, 'q', 'c', { prefetch: 1 }),
      bind(3, 'q', 'amq.direct', 'k'),
      declare(3, 'other'),
      cancelSync(2, 'q'),
      deliveries('c', 1),
      look(1, 'q'),
    ],
    { open: ['filling may crash'] },
  ),
  scenario(
    'filling/while it goes on a purge waits, after which the mirror is no more level than before',
    [
      larger,
      filling,
      purge(2, 'q'),
      cancelSync(2, 'q'),
      until(1, 'q', { state: 'running', ready: 0 }),
      look(1, 'q'),
    ],
    { open: ['filling may crash'] },
  ),
  scenario(
    'filling/while it goes on a deletion waits',
    [larger, filling, remove(2, 'q'), cancelSync(2, 'q'), until(1, 'q', { state: 'absent' }), look(1, 'q')],
    { open: ['filling may crash'] },
  ),
  scenario(
    'filling/while it goes on the policy is taken, and followed afterwards',
    [
      larger,
      filling,
      nodesPolicy('q', [1, 2, 3]),
      rest(),
      cancelSync(2, 'q'),
      until(1, 'q', { mirrors: [2, 3] }),
      look(1, 'q'),
    ],
    { open: ['filling may crash'] },
  ),
  scenario(
    'filling/over HTTP while it goes on',
    [
      larger,
      filling,
      http(2, 'POST', 'queues/VHOST/q/actions', { action: 'nonsense' }),
      http(2, 'GET', 'queues/VHOST/q/bindings'),
      http(2, 'POST', 'queues/VHOST/q/actions', { action: 'cancel_sync' }),
      until(1, 'q', { state: 'running' }),
      http(2, 'POST', 'queues/VHOST/q/actions', { action: 'cancel_sync' }),
      look(1, 'q'),
    ],
    { open: ['filling may crash'] },
  ),
  ...(
    [
      ['killed', kill(1)],
      ['stopped', stop(1)],
    ] as const
  ).map(([word, lose]) =>
    scenario(`filling/cancelled, then the leader is ${word}: what the mirror had is gone too`, [
      large({ 'ha-promote-on-shutdown': 'always' }),
      filling,
      cancelSync(2, 'q'),
      until(1, 'q', { state: 'running' }),
      publish(3, 'q', 2, { body: 'after' }),
      lose,
      until(2, 'q', { leader: 2 }),
      look(2, 'q'),
      start(1),
      get(3, 'q', 3),
    ]),
  ),
  scenario('filling/the leader is killed in the midst of it', [
    large({ 'ha-promote-on-shutdown': 'always' }),
    filling,
    kill(1),
    until(2, 'q', { leader: 2 }),
    look(2, 'q'),
    start(1),
    look(2, 'q'),
  ]),
  scenario('filling/the mirror is killed in the midst of it', [
    large(),
    filling,
    kill(2),
    until(1, 'q', { state: 'running', mirrors: [] }),
    look(1, 'q'),
    start(2),
    look(1, 'q'),
  ]),
  scenario('filling/a batch size of one, to its end', [
    declare(1, 'q'),
    publish(1, 'q', 40),
    nodesPolicy('q', [1, 2], { 'ha-sync-batch-size': 1 }),
    until(1, 'q', { mirrors: [2], synchronised: [] }),
    sync(1, 'q'),
    until(1, 'q', { synchronised: [2] }),
    kill(1),
    until(2, 'q', { leader: 2 }),
    look(2, 'q'),
    start(1),
    get(2, 'q', 40),
  ]),
]
