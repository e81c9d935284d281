// Where a queue's leader and mirrors are and what each mirror lacks: GET /warren/queues/VHOST/NAME, which unlike RabbitMQ's path also
// tells of a queue that is down. It changes nothing.

import { requireVhost } from '../access.ts'
import { notFound } from '../http-error.ts'
import { snapshotFor, viewOfCall, viewText } from './policies.ts'
import type { ControlCall, Route } from './route.ts'
import { flag, list, number, oneOf, orNull, record, text } from './schema.ts'

const places = record({
  state: oneOf('running', 'down', 'waiting'),
  leader: orNull(text('null while nobody leads')),
  home: text('the node that leads, or led last'),
  mirrors: list(
    record({
      node: text(),
      synced: flag(),
      missing: number('messages of the leader that it does not hold'),
    }),
    'those that run, oldest first',
  ),
  messages: number(),
  policy: orNull(text()),
  operatorPolicy: orNull(text()),
})

export const queueRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/queues/{vhost}/{name}',
    summary: 'Who leads a queue, who mirrors it, and what each mirror lacks.',
    query: viewText,
    answer: places,
    handle: placesOf,
  },
]

function placesOf(call: ControlCall) {
  const { params, user } = call
  const { vhost = '', name = '' } = params
  const view = viewOfCall(call)
  const { definitions } = view
  if (!definitions.vhosts.has(vhost)) throw notFound(`There is no virtual host '${vhost}'.`)
  requireVhost(user, definitions, vhost)
  const record = definitions.queue(vhost, name)
  if (record === undefined) throw notFound(`There is no queue '${name}' in virtual host '${vhost}'.`)
  const queue = snapshotFor(view, { queues: [record], exchanges: [] }).queues[0]!
  return {
    state: queue.state,
    leader: queue.state === 'running' ? queue.leader : null,
    home: record.leader,
    mirrors: queue.mirrors,
    messages: queue.messages,
    policy: record.policy?.name ?? null,
    operatorPolicy: record.operatorPolicy?.name ?? null,
  }
}
