// What killing or stopping a node would cost, before it is done: GET /warren/nodes/NAME/cost. It changes nothing.

import { pausingWithout } from '../../nodes/cluster-partition.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import { badRequest } from '../http-error.ts'
import { leaderIn, lossOfLeader } from '../loss.ts'
import { type ControlCall, type Route, requireNode } from './route.ts'
import { flag, list, number, oneOf, orNull, record, text } from './schema.ts'

/** Most queues that are named. */
const namedMost = 200

const queueCost = record({
  vhost: text(),
  name: text(),
  outcome: oneOf('promote', 'down', 'wait', 'delete', 'paused'),
  heir: orNull(text('who would lead')),
  available: flag('somebody leads on'),
  messages: number('that would be gone for good'),
})

const costSchema = record({
  node: text(),
  how: oneOf('kill', 'stop'),
  running: flag('a node that does not run costs nothing'),
  pauses: list(text(), 'nodes that would pause, as the partition handling says; all queues with them'),
  connections: number('of clients of this node'),
  leaders: number('queues it leads'),
  unavailable: number('queues that nobody could use until it is back'),
  deleted: number('of these, queues that would be gone for good'),
  losing: number('queues that would lose messages for good, available or not'),
  messages: number('that would be gone for good'),
  mirrors: number('queues it mirrors'),
  left_alone: number('queues, led by it or not, that would be left with one copy'),
  queues: list(queueCost, 'those that would suffer, the dearest first'),
  more: number('such queues that are not named'),
})

export const costRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes/{name}/cost',
    summary:
      'What killing or stopping a node would cost: queues out of reach, messages lost, nodes that pause.',
    query: { how: "'kill' (by default) or 'stop'" },
    answer: costSchema,
    level: 'administrator',
    handle: cost,
  },
]

interface QueueCost {
  readonly vhost: string
  readonly name: string
  readonly outcome: string
  readonly heir: string | null
  readonly available: boolean
  readonly messages: number
}

function cost({ context, params, query }: ControlCall) {
  const { name = '' } = params
  requireNode(context, name)
  const how = query.get('how') ?? 'kill'
  if (how !== 'kill' && how !== 'stop') throw badRequest("The parameter 'how' must be 'kill' or 'stop'.")
  const { cluster } = context.live
  const { island, node } = cluster.member(name)
  const pauses = pausingWithout(cluster, name)
  const suffering: QueueCost[] = []
  let [leaders, mirrors, leftAlone] = [0, 0, 0]
  for (const record of island?.definitions.queues.values() ?? []) {
    const queue = leaderIn(cluster, island!, record)
    if (queue === null) continue
    const copies = [record.leader, ...record.mirrors.map((mirror) => mirror.node)]
    if (record.leader === name) leaders++
    else if (copies.includes(name)) mirrors++
    if (copies.length === 2 && copies.includes(name)) leftAlone++
    const { outcome, available, messages } =
      record.leader === name
        ? lossOfLeader(island!, record, queue, how === 'kill' ? 'crash' : 'shutdown')
        : { outcome: { to: 'stay' as const }, available: true, messages: 0 }
    const heir = outcome.to === 'promote' ? outcome.node : null
    const of = (what: string, usable: boolean) => suffering.push(costOf(record, what, heir, usable, messages))
    if (pauses.length > 0) of('paused', false)
    else if (!available || messages > 0) of(outcome.to, available)
  }
  suffering.sort((a, b) => b.messages - a.messages || Number(a.available) - Number(b.available))
  const count = (wanted: (one: QueueCost) => boolean) => suffering.filter(wanted).length
  return {
    node: name,
    how,
    running: node !== null,
    pauses,
    connections: node?.connections.size ?? 0,
    leaders,
    unavailable: count(({ available }) => !available),
    deleted: count(({ outcome }) => outcome === 'delete'),
    losing: count(({ messages }) => messages > 0),
    messages: suffering.reduce((sum, one) => sum + one.messages, 0),
    mirrors,
    left_alone: leftAlone,
    queues: suffering.slice(0, namedMost),
    more: Math.max(0, suffering.length - namedMost),
  }
}

const costOf = (
  { vhost, name }: QueueRecord,
  outcome: string,
  heir: string | null,
  available: boolean,
  messages: number,
): QueueCost => ({ vhost, name, outcome, heir, available, messages })
