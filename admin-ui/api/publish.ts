// POST /api/exchanges/VHOST/NAME/publish: one message, confirmed before the answer (docs/observed.md §6, §26). And the
// aliveness test, which declares, publishes and fetches. What AMQP has no bytes for is refused here.

import { emptyProperties, encodeProperties, type Properties } from '../../nodes/amqp/content.ts'
import { serverName } from '../../nodes/channel-names.ts'
import { createRecord } from '../../nodes/channel-queues.ts'
import { BrokerError } from '../../nodes/errors.ts'
import { isRecord } from '../../policies/policy.ts'
import { requireChannel } from '../access.ts'
import { badRequest, objectNotFound } from '../http-error.ts'
import { bodyReader, type Call, type Resource } from '../resource.ts'
import { byChannel, requireAccess } from './access-entry.ts'
import { ask } from './ask.ts'
import { base64Of, objectBody, requireKeys, shortText, tableOf } from './body.ts'
import { exchangeName } from './exchange-entry.ts'
import { publishOnce } from './http-channel.ts'

/** In bytes; a message may be large. */
const messageLimit = 32 * 1_048_576

export const publish: readonly Resource[] = [
  { path: '/exchanges/:in/:name/publish', POST: publishMessage, reader: bodyReader(messageLimit) },
  { path: '/aliveness-test/:vhost', GET: testAliveness },
]

async function publishMessage(call: Call) {
  const body = objectBody(call)
  requireKeys(body, ['routing_key', 'properties', 'payload', 'payload_encoding'])
  const { payload, payload_encoding: encoding, properties } = body
  if (typeof payload !== 'string') throw badRequest('payload_not_string')
  const { definitions } = call.view
  const vhost = call.params['in']!
  requireChannel(call.user, definitions, vhost)
  if (encoding !== 'string' && encoding !== 'base64') throw badRequest(['unsupported_encoding', encoding])
  const outcome = await publishOnce(call, {
    vhost,
    exchange: exchangeName(call.params['name']!),
    routingKey: shortText('routing_key', String(body['routing_key'])),
    properties: propertiesOf(properties),
    body: encoding === 'base64' ? base64Of(payload) : Buffer.from(payload),
  }).catch(refused)
  if (outcome === 'rejected') throw badRequest('rejected Unable to publish message. Check queue limits.')
  return { routed: outcome === 'routed' }
}

/** A refusal of the channel, with its code and in its words. */
function refused(error: unknown): never {
  if (error instanceof BrokerError && error.code !== 541) throw badRequest(`${error.code} ${error.text}`)
  throw error
}

const texts = [
  ...(['content_type', 'content_encoding', 'correlation_id', 'reply_to', 'expiration'] as const),
  ...(['message_id', 'type', 'user_id', 'app_id', 'cluster_id'] as const),
]

/** Largest whole numbers that have bytes. */
const numbers = { delivery_mode: 255, priority: 255, timestamp: Number.MAX_SAFE_INTEGER } as const

/** Those that AMQP knows, as on the wire; others are passed over. */
function propertiesOf(given: unknown): Buffer {
  if (!isRecord(given)) throw badRequest('properties must be an object')
  const found: Record<string, unknown> = {}
  for (const name of texts) {
    const value = given[name]
    if (value === undefined) continue
    if (typeof value !== 'string') throw badRequest(['not_string', name])
    found[camel(name)] = shortText(name, value)
  }
  for (const [name, most] of Object.entries(numbers)) {
    const value = given[name]
    if (value === undefined) continue
    if (!Number.isInteger(value)) throw badRequest(['not_int', name])
    if (Number(value) < 0 || Number(value) > most) throw badRequest(`${name} must be from 0 to ${most}`)
    found[camel(name)] = value
  }
  const { headers } = given
  // The real one takes an empty list for an empty object, as Erlang does.
  if (Array.isArray(headers) && headers.length === 0) found['headers'] = new Map()
  else if (isRecord(headers)) found['headers'] = tableOf(headers)
  else if (headers !== undefined) throw badRequest('headers must be an object')
  return Object.keys(found).length === 0 ? emptyProperties : encodeProperties(found as Properties)
}

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/**
 * Declares a queue, publishes to it and fetches the message. The real one keeps a queue `aliveness-test` for it; this one
 * leaves nothing behind, for a GET must change nothing.
 */
async function testAliveness(call: Call) {
  const { view, params } = call
  const vhost = params['vhost']!
  const name = serverName('amq.gen-', view.cluster.loop.chance('names'))
  requireChannel(call.user, view.definitions, vhost)
  byChannel(() => {
    requireAccess(call, 'configure', 'queue', 'aliveness-test')
    requireAccess(call, 'write', 'exchange', '')
    requireAccess(call, 'read', 'queue', 'aliveness-test')
  })
  const options = { durable: false, autoDelete: false, arguments: new Map() }
  // Nobody's connection: no other client finds it, and no policy mirrors it.
  const exclusiveOwner = view.cluster.nextId()
  const record = view.act(() => createRecord(view.node, { vhost, name, exclusiveOwner, ...options }))
  try {
    await ask(call, record, { op: 'create' })
    const message = { vhost, exchange: '', routingKey: name, properties: emptyProperties }
    await publishOnce(call, { ...message, body: Buffer.from('test_message') })
    const { entry } = await ask(call, record, { op: 'get', noAck: true })
    if (entry === undefined) throw objectNotFound()
    return { status: 'ok' }
  } finally {
    await ask(call, record, { op: 'delete', ifUnused: false, ifEmpty: false }).catch(() => {})
  }
}
