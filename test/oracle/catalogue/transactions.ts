// Transactions whose queue loses its leader, node 1, before the commit: select, publishes, acknowledgements, commit and
// rollback through other nodes and through the lost one (docs/observed.md §5.4, §20).

import {
  declare,
  drain,
  kill,
  look,
  publish,
  rest,
  type Scenario,
  type Step,
  start,
  stop,
  tx,
  txGet,
  txPublish,
  txSelect,
  until,
} from '../../../compare/steps.ts'
import { mirrored, nodesPolicy, scenario } from './scenario.ts'

const faults = [
  ['killed', kill(1)],
  ['stopped', stop(1)],
] as const

const waiting: Step[] = [
  declare(1, 'q'),
  publish(1, 'q', 2, { body: 'old' }),
  nodesPolicy('q', [1, 2], { 'ha-promote-on-failure': 'when-synced' }),
  until(1, 'q', { mirrors: [2], synchronised: [] }),
]

export const transactions: Scenario[] = faults.flatMap(([word, lose]) => {
  const during = (name: string, steps: Parameters<typeof scenario>[1], options = {}) =>
    scenario(`transactions/leader ${word}/${name}`, steps, options)
  const promoted = [lose, until(2, 'q', { leader: 2 })]
  return [
    during('mirrored: publishes committed after the promotion', [
      mirrored('q'),
      txSelect(2, 't'),
      txPublish('t', 'q', 2),
      promoted,
      txPublish('t', 'q', 2, 'n'),
      tx('t', 'commit'),
      start(1),
      drain(3, 'q'),
    ]),
    during('mirrored: rolled back after the promotion', [
      mirrored('q'),
      txSelect(2, 't'),
      txPublish('t', 'q', 2),
      promoted,
      tx('t', 'rollback'),
      txPublish('t', 'q', 1, 'n'),
      tx('t', 'commit'),
      start(1),
      drain(3, 'q'),
    ]),
    during('mirrored: an acknowledgement committed after the promotion', [
      mirrored('q'),
      publish(1, 'q', 3),
      txSelect(3, 't'),
      txGet('t', 'q'),
      tx('t', 'ack'),
      promoted,
      tx('t', 'commit'),
      rest(),
      look(2, 'q'),
      start(1),
      drain(3, 'q'),
    ]),
    during('mirrored: an acknowledgement rolled back after the promotion', [
      mirrored('q'),
      publish(1, 'q', 3),
      txSelect(3, 't'),
      txGet('t', 'q'),
      tx('t', 'ack'),
      promoted,
      tx('t', 'rollback'),
      tx('t', 'commit'),
      rest(),
      look(2, 'q'),
      start(1),
    ]),
    during('mirrored: a transaction selected while the new leader is young', [
      mirrored('q'),
      lose,
      txSelect(2, 't'),
      txPublish('t', 'q', 2),
      tx('t', 'commit'),
      start(1),
      drain(2, 'q'),
    ]),
    during('waiting: publishes', [
      waiting,
      txSelect(2, 't'),
      txPublish('t', 'q', 2),
      lose,
      tx('t', 'commit'),
      start(1),
      until(2, 'q', { state: 'running' }),
      rest(),
      drain(2, 'q'),
    ]),
    during('waiting: rolled back', [
      waiting,
      txSelect(2, 't'),
      txPublish('t', 'q', 2),
      lose,
      tx('t', 'rollback'),
      tx('t', 'commit'),
      start(1),
      until(2, 'q', { state: 'running' }),
      drain(2, 'q'),
    ]),
    during('waiting: an acknowledgement', [
      waiting,
      txSelect(3, 't'),
      txGet('t', 'q'),
      tx('t', 'ack'),
      lose,
      tx('t', 'commit'),
      start(1),
      until(2, 'q', { state: 'running' }),
      rest(),
      look(2, 'q'),
    ]),
    during('ordinary: publishes and an acknowledgement', [
      declare(1, 'q'),
      publish(1, 'q', 3),
      txSelect(3, 't'),
      txGet('t', 'q'),
      tx('t', 'ack'),
      txPublish('t', 'q', 1, 'n'),
      lose,
      tx('t', 'commit'),
      start(1),
      until(2, 'q', { state: 'running' }),
      drain(2, 'q'),
    ]),
    during('of a client of the lost node', [
      mirrored('q'),
      txSelect(1, 't'),
      txPublish('t', 'q', 2),
      promoted,
      tx('t', 'commit'),
      start(1),
      look(2, 'q'),
    ]),
  ]
})
