// The steps of messages over HTTP, where they are recorded (`warren start --trace messages`): a queue's, a message's, a node's,
// those of a stretch of time. It reads the trace and changes nothing.

import { Connection } from '../../nodes/connection.ts'
import type { User } from '../../nodes/definitions-access.ts'
import {
  type MessageRecord,
  type MessageStep,
  type MessageTrace,
  messageSteps,
} from '../../nodes/trace-messages.ts'
import { anyDefinitions, opens } from '../access.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { Context } from '../view.ts'
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
  vhost: text(),
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
      vhost: 'of the queues of this virtual host',
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
  {
    method: 'GET',
    path: '/messages/{vhost}/{queue}/{id}',
    summary:
      "One message's journey: what became of it in this queue, and in the others that the same publish went to, as far as it is " +
      'still recorded.',
    answer: record({
      channel: number("the publisher's channel, by its number in the cluster; 0: no longer recorded"),
      seq: number("which of its channel's publishes it was; 0: no longer recorded"),
      channels: list(
        record({
          channel: number(),
          node: text('where its client is connected'),
          client: text("the connection's name"),
        }),
        'those in the steps that are still open',
      ),
      queues: list(
        record({
          vhost: text(),
          queue: text(),
          id: number(),
          mirrors: list(text(), 'the nodes that mirror it now'),
          steps: list(recordSchema),
        }),
      ),
    }),
    handle: journey,
  },
]

/** Throws 400. */
function traceOf({ live }: Context): MessageTrace {
  const { messages: trace } = live.cluster.trace
  if (trace === null) throw badRequest('Messages are not traced: start Warren with --trace messages.')
  return trace
}

/** What the user may know of: of the virtual hosts that are open to it. */
function openTo({ live }: Context, user: User): (record: MessageRecord) => boolean {
  const definitions = anyDefinitions(live.cluster)
  return ({ vhost }) => opens(user, definitions, vhost)
}

/** Throws 404 when nothing is recorded of such a message. */
function journey({ context, user, params }: ControlCall) {
  const { vhost = '', queue = '', id = '' } = params
  const records = [...traceOf(context).records()].filter(openTo(context, user))
  const isOf = (one: MessageRecord) => one.vhost === vhost && one.queue === queue && String(one.id) === id
  const own = records.filter(isOf)
  if (own.length === 0) throw notFound(`Nothing is recorded of message ${id} of queue '${queue}'.`)
  const published = own.find(({ step }) => step === 'published')
  const { channel, seq } = published ?? { channel: 0, seq: 0 }
  const twins = records.filter(
    (one) => one.step === 'published' && one.channel === channel && one.seq === seq,
  )
  const copies = published === undefined ? own.slice(0, 1) : twins
  const queues = copies.map((copy) => ({
    vhost: copy.vhost,
    queue: copy.queue,
    id: copy.id,
    mirrors: mirrorsOf(context, copy),
    steps: stepsOf(copy, records, published),
  }))
  const known = new Set(queues.flatMap(({ steps }) => steps.map((one) => one.channel)))
  return { channel, seq, channels: whereAre(context, known), queues }
}

function mirrorsOf({ live: { cluster } }: Context, { node, vhost, queue }: MessageRecord): string[] {
  const island = cluster.hasMember(node) ? cluster.member(node).island : null
  const seen = island ?? cluster.islands[0]
  return seen?.definitions.queue(vhost, queue)?.mirrors.map((mirror) => mirror.node) ?? []
}

/** Of those channels that are still open. */
function whereAre({ live: { cluster } }: Context, channels: ReadonlySet<number>) {
  return cluster.members.flatMap(({ node, name }) =>
    [...(node?.connections.values() ?? [])]
      .filter((connection) => connection instanceof Connection)
      .flatMap((connection) =>
        [...connection.channels.values()]
          .map(({ ref }) => ref.channel)
          .filter((channel) => channels.has(channel))
          .map((channel) => ({ channel, node: name, client: connection.name })),
      ),
  )
}

/** Confirms tell of all publishes up to a number: the first that comes so far is this one's. */
function stepsOf(
  copy: MessageRecord,
  records: readonly MessageRecord[],
  published: MessageRecord | undefined,
): MessageRecord[] {
  let answered = false
  return records.filter((one) => {
    if (one.vhost !== copy.vhost || one.queue !== copy.queue) return false
    if (one.step !== 'confirmed' && one.step !== 'refused') return one.id === copy.id
    if (answered || one.channel !== published?.channel) return false
    answered = one.step === 'confirmed' ? one.seq >= published.seq : one.seq === published.seq
    return answered
  })
}

/** Throws 400 when messages are not traced, or for a parameter that makes no sense. */
function messages({ context, user, query }: ControlCall) {
  const wanted = filterOf(query)
  const open = openTo(context, user)
  const trace = traceOf(context)
  const records: MessageRecord[] = []
  let next = trace.count
  for (const one of trace.records(wholeNumber(query, 'since', 0), query.get('queue') ?? undefined)) {
    if (!wanted(one) || !open(one)) continue
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
  const [node, vhost] = [query.get('node'), query.get('vhost')]
  const id = wholeNumber(query, 'id', -1)
  const channel = wholeNumber(query, 'channel', -1)
  const from = wholeNumber(query, 'from', 0)
  const to = wholeNumber(query, 'to', Number.MAX_SAFE_INTEGER)
  return (one) =>
    (step === null || one.step === step) &&
    (node === null || one.node === node) &&
    (vhost === null || one.vhost === vhost) &&
    (id < 0 || one.id === id) &&
    (channel < 0 || one.channel === channel) &&
    one.at >= from &&
    one.at <= to
}
