// What happened in the cluster, over HTTP: all at once from some number on, or as it happens (`feed`). It reads the trace and
// changes nothing.

import { type TraceKind, traceKinds } from '../../nodes/trace.ts'
import { badRequest } from '../http-error.ts'
import { openFeed } from './feed.ts'
import { selectionOf, selectionText, stateOf, stateSchema } from './pulse.ts'
import { type ControlCall, type Route, wholeNumber } from './route.ts'
import { list, number, oneOf, record, text } from './schema.ts'

const eventSchema = record({
  number: number('counts all events of this cluster'),
  at: number('ms since the epoch'),
  kind: oneOf(...traceKinds),
  node: text(),
  subject: text('another node, a queue, a policy; by kind'),
  value: number('a count or the like; by kind'),
})

export const eventRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/events',
    summary: 'What happened from number `since` on, oldest first.',
    query: {
      since: '`next` of the last answer',
      kind: 'only this kind; may be repeated',
      node: 'only of this node',
      subject: 'only about this queue, node or policy',
      from: 'not before this time, in ms since the epoch',
      to: 'not after this time',
    },
    answer: record({
      next: number('the `since` of the next question'),
      dropped: number('events forgotten because the ring was full'),
      events: list(eventSchema),
    }),
    // Events name queues, users and nodes of every virtual host.
    level: 'monitoring',
    handle: events,
  },
  {
    method: 'GET',
    path: '/events/stream',
    summary:
      'Server-sent events: hello, trace (what happens, as it happens; for monitoring and administrator only), state (what has ' +
      'changed since the last one, each `interval`) and dropped (what a slow reader has missed).',
    query: {
      since: 'begin with the event of this number; with the next by default. Last-Event-ID goes before it',
      interval: 'of state, in ms, 200 to 60000; 1000 by default. 0: none',
      ...selectionText,
    },
    answer: { type: 'string' },
    type: 'text/event-stream',
    handle: openFeed,
  },
  {
    method: 'GET',
    path: '/state',
    summary: 'What the first `state` of the stream would say.',
    query: selectionText,
    answer: stateSchema,
    handle: ({ context, user, query }) => stateOf(context, user, selectionOf(query)),
  },
]

function events({ context, query }: ControlCall) {
  const { trace } = context.live.cluster
  const kinds = query.getAll('kind')
  const unknown = kinds.find((kind) => !traceKinds.includes(kind as TraceKind))
  if (unknown !== undefined)
    throw badRequest(`There are no events of kind '${unknown}'; the kinds are ${traceKinds.join(', ')}.`)
  const [node, subject] = [query.get('node'), query.get('subject')]
  const from = wholeNumber(query, 'from', 0)
  const to = wholeNumber(query, 'to', Number.MAX_SAFE_INTEGER)
  const since = wholeNumber(query, 'since', 0)
  const first = Math.max(since, trace.dropped)
  const all = [...trace.events(since)].map((event, i) => ({ number: first + i, ...event }))
  return {
    next: trace.count,
    dropped: trace.dropped,
    events: all.filter(
      (event) =>
        (kinds.length === 0 || kinds.includes(event.kind)) &&
        (node === null || event.node === node) &&
        (subject === null || event.subject === subject) &&
        event.at >= from &&
        event.at <= to,
    ),
  }
}
