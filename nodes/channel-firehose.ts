// The firehose: copies of what the clients of a traced vhost publish and are sent, to amq.rabbitmq.trace. Called by a channel
// for each message while its node traces any vhost. A copy goes out on the node's own account, once the message itself is
// on its way; a copy that reaches a client is not copied again.

import { decodeProperties, encodeProperties, type Properties } from './amqp/content.ts'
import type { Field, FieldValue, Table } from './amqp/fields.ts'
import type { Channel } from './channel.ts'
import { replyQueue } from './channel-reply-to.ts'
import type { QueueRecord } from './definitions.ts'
import { Message } from './message.ts'
import { keysIn, type RoutingHeaders } from './node-routing.ts'

const traceExchange = 'amq.rabbitmq.trace'

const longstr = (value: string): Field => ({ type: 'longstr', value })
const signedint = (value: number): Field => ({ type: 'signedint', value })
const list = (values: Iterable<string>): Field => ({ type: 'array', value: [...values].map(longstr) })

/** `queues`: those it goes to; `extra`: the keys it is routed by besides its own. */
export function copyPublish(
  channel: Channel,
  message: Message,
  queues: readonly QueueRecord[],
  extra: RoutingHeaders | null,
): void {
  const { exchange, routingKey } = message
  const keys = [routingKey, ...(extra?.furtherKeys ?? [])]
  // The default exchange names queues without asking whether they are there (seen).
  const routed =
    exchange === ''
      ? [...new Set(keys)].sort().filter((key) => !key.startsWith(`${replyQueue}.`))
      : queues.map(({ name }) => name)
  copy(channel, message, `publish.${exchange}`, keys, [...sourceOf(channel), ['routed_queues', list(routed)]])
}

export function copyDelivery(channel: Channel, queue: string, message: Message, redelivered: boolean): void {
  const { headers } = decodeProperties(message.properties)
  const keys = [message.routingKey, ...(headers === undefined ? [] : keysIn(headers, 'CC'))]
  copy(channel, message, `deliver.${queue}`, keys, [
    ['redelivered', signedint(redelivered ? 1 : 0)],
    ...sourceOf(channel),
  ])
}

function sourceOf({ vhost, owner, number }: Channel): [string, Field][] {
  return [
    ['vhost', longstr(vhost)],
    ['connection', longstr(owner.name)],
    ['channel', signedint(number)],
    ['user', longstr(owner.user)],
  ]
}

/** Sent after what is going on: a queue that delivers may be one that takes the copy. */
function copy(
  { node, definitions, vhost }: Channel,
  message: Message,
  routingKey: string,
  keys: readonly string[],
  further: readonly [string, Field][],
): void {
  const exchange = definitions.exchange(vhost, traceExchange)
  if (message.exchange === traceExchange || exchange === undefined) return
  const headers = new Map<string, Field>([
    ['exchange_name', longstr(message.exchange)],
    ['routing_keys', list(keys)],
    ['properties', { type: 'table', value: tableOf(decodeProperties(message.properties)) }],
    ['node', longstr(node.name)],
    ...further,
  ])
  const properties = encodeProperties({ headers })
  const traced = new Message(traceExchange, routingKey, properties, message.body, false, 0, -1, false)
  traced.keep()
  node.loop.ready({ run: () => node.exchanges.publish(exchange, traced) })
}

/** By RabbitMQ's names, last first, and with the types that it gives them. */
function tableOf(properties: Properties): Table {
  const fields = Object.entries(properties).map(([name, value]): [string, Field] => {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    if (typeof value === 'string') return [snake, longstr(value)]
    if (typeof value === 'object') return [snake, { type: 'table', value: value as FieldValue }]
    return [snake, signedint(Number(BigInt.asIntN(32, BigInt(value))))]
  })
  return new Map(fields.reverse())
}
