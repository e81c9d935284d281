// POST /api/queues/VHOST/NAME/get: fetches messages, shows them, and acknowledges or requeues them all (docs/observed.md §2,
// §20). Contents are asked of the queue's leader, as by basic.get.

import { decodeProperties, type Properties } from '../../nodes/amqp/content.ts'
import { plain } from '../../nodes/amqp/fields.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import { homeNodeDown, notFound as noSuch } from '../../nodes/errors.ts'
import type { Message } from '../../nodes/message.ts'
import type { QueueAnswer, Settlement } from '../../nodes/protocol.ts'
import { requireChannel } from '../access.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { Call } from '../resource.ts'
import { byChannel, requireAccess } from './access-entry.ts'
import { ask } from './ask.ts'
import { objectBody, requireKeys } from './body.ts'
import type { Row } from './list.ts'

/** What becomes of what was fetched, by its name over HTTP. */
const settlements: Readonly<Record<string, Settlement>> = {
  ack_requeue_true: 'requeue',
  ack_requeue_false: 'ack',
  reject_requeue_true: 'requeue',
  reject_requeue_false: 'reject',
}

export async function getMessages(call: Call): Promise<Row[]> {
  const { view } = call
  const { count, settlement, encoding, truncate } = wishOf(call)
  const record = queueOf(call)
  requireChannel(call.user, view.definitions, record.vhost)
  byChannel(() => requireAccess(call, 'read', 'queue', record.name))
  const channel = { node: view.node.name, channel: view.cluster.nextId() }
  const rows: Row[] = []
  const ids: number[] = []
  try {
    // At least one, whatever was asked for.
    do {
      const answer = await ask(call, record, { op: 'get', noAck: false }, channel)
      if (answer.entry === undefined) break
      ids.push(answer.entry.id)
      rows.push(rowOf(answer, answer.entry.message, encoding, truncate))
    } while (rows.length < count)
    view.act(() => view.node.settle(record.id, channel.channel, ids, settlement))
    return rows
  } finally {
    // As a channel that closes: what it fetched before an error goes back.
    const gone = { kind: 'channel-gone', queue: record.id, channel } as const
    view.act(() => view.node.tellLeader(record.id, gone))
  }
}

/** Throws 404 in AMQP's words, name of the code and all. */
function queueOf({ view, params }: Call): QueueRecord {
  const [vhost, name] = [params['vhost']!, params['name']!]
  const record = view.definitions.queue(vhost, name)
  if (record === undefined) throw notFound(noSuch('queue', name, vhost).text)
  if (record.state === 'down') throw notFound(homeNodeDown(name, vhost, record.leader).text)
  return record
}

function wishOf(call: Call) {
  const body = objectBody(call)
  requireKeys(body, ['ackmode', 'count', 'encoding'])
  const { ackmode, count, encoding, truncate } = body
  if (encoding !== 'auto' && encoding !== 'base64')
    throw badRequest('Unsupported encoding. Please use auto or base64.')
  if (!Number.isInteger(Number(count))) throw badRequest(['not_integer', count])
  const settlement = Object.hasOwn(settlements, String(ackmode)) ? settlements[String(ackmode)] : undefined
  if (settlement === undefined)
    throw badRequest(`ackmode must be one of ${Object.keys(settlements).join(', ')}`)
  const shown = truncate === undefined ? Infinity : Number(truncate)
  return { count: Number(count), settlement, encoding, truncate: shown } as const
}

function rowOf(
  { messages, entry }: QueueAnswer,
  message: Message,
  encoding: 'auto' | 'base64',
  truncate: number,
): Row {
  const shown = message.body.subarray(0, truncate)
  const text = encoding === 'auto' ? textOf(shown) : null
  return {
    payload_bytes: message.size,
    redelivered: entry?.redelivered ?? false,
    exchange: message.exchange,
    routing_key: message.routingKey,
    message_count: messages,
    properties: propertiesOf(decodeProperties(message.properties)),
    payload: text ?? shown.toString('base64'),
    payload_encoding: text === null ? 'base64' : 'string',
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Null when it is not text. */
function textOf(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** Those that are set, the last first; Erlang has no empty object, and shows an empty list. */
function propertiesOf({ headers, ...others }: Properties): Row | [] {
  const rows = Object.entries(others).map(([name, value]): [string, unknown] => [snake(name), value])
  const at = rows.findIndex(([name]) => !name.startsWith('content_'))
  const place = at < 0 ? rows.length : at
  if (headers !== undefined) rows.splice(place, 0, ['headers', plain(headers)])
  return rows.length === 0 ? [] : Object.fromEntries(rows.reverse())
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
