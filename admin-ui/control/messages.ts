// The steps of messages over HTTP, where they are recorded (`warren start --trace messages`): a queue's, a message's, a node's,
// those of a stretch of time. It reads the trace and changes nothing.

import { type MessageRecord, type MessageStep, messageSteps } from '../../nodes/trace-messages.ts'
import { badRequest } from '../http-error.ts'
import { type ControlCall, type Route, wholeNumber } from './route.ts'
import { list, number, oneOf, record, text } from './schema.ts'

/** Most records in one answer. */
const recordsMost = 10_000

const recordSchema = record({
  number: number(),
  at: number('ms since the epoch'),
  step: oneOf(...messageSteps),
  node: text("where the queue's leader is"),
  queue: text(),
  id: number("the message's number in its queue; 0: about none"),
  channel: number("the channel's number in the cluster; 0: nobody's"),
  seq: number(
    "of published: which of its channel's publishes; of confirmed: all up to this; of purged: how many",
  ),
})

export const messageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/messages',
    summary: 'The recorded steps of messages, oldest first; needs `--trace messages`.',
    query: {
      since: 'from this number on; `next` of the last answer',
      queue: 'of the queues of this name',
      node: 'of the queues led there at the time',
      id: 'of the message of this number in its queue',
      channel: 'of this channel, by its number in the cluster',
      step: 'only this step',
      from: 'not before this time, in ms since the epoch',
      to: 'not after this time',
    },
    answer: record({
      next: number('the `since` of the next question'),
      dropped: number('records forgotten because the ring was full'),
      records: list(recordSchema),
    }),
    handle: messages,
  },
]

/** Throws 400 when messages are not traced, or for a parameter that makes no sense. */
function messages({ context, query }: ControlCall) {
  const { messages: trace } = context.live.cluster.trace
  const wanted = filterOf(query)
  if (trace === null) throw badRequest('Messages are not traced: start Warren with --trace messages.')
  const records: MessageRecord[] = []
  let next = trace.count
  for (const one of trace.records(wholeNumber(query, 'since', 0), query.get('queue') ?? undefined)) {
    if (!wanted(one)) continue
    if (records.length === recordsMost) {
      next = one.number
      break
    }
    records.push(one)
  }
  return { next, dropped: trace.dropped, records }
}

function filterOf(query: URLSearchParams): (record: MessageRecord) => boolean {
  const step = query.get('step')
  if (step !== null && !messageSteps.includes(step as MessageStep))
    throw badRequest(`The parameter 'step' must be one of ${messageSteps.join(', ')}.`)
  const node = query.get('node')
  const id = wholeNumber(query, 'id', -1)
  const channel = wholeNumber(query, 'channel', -1)
  const from = wholeNumber(query, 'from', 0)
  const to = wholeNumber(query, 'to', Number.MAX_SAFE_INTEGER)
  return (one) =>
    (step === null || one.step === step) &&
    (node === null || one.node === node) &&
    (id < 0 || one.id === id) &&
    (channel < 0 || one.channel === channel) &&
    one.at >= from &&
    one.at <= to
}
