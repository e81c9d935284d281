// The values conversations are made of: names from a small pool, so that conversations meet; tables, properties and
// arguments, valid ones and ones at or beyond every edge. Used by the corpus and the mutators.

import type { Properties } from '../nodes/amqp/content.ts'
import type { Field, FieldType, Table } from '../nodes/amqp/fields.ts'
import { METHOD_ROWS, type MethodName } from '../nodes/amqp/methods.ts'
import type { Chance } from './chance.ts'

export const queues = ['q1', 'q2', 'q3', 'q4', 'q5', 'q6'] as const
export const exchanges = ['x1', 'x2', 'x3', 'x4'] as const
const ownExchanges = [
  '',
  'amq.direct',
  'amq.topic',
  'amq.fanout',
  'amq.headers',
  'amq.match',
  'amq.rabbitmq.trace',
]
export const keys = ['q1', 'q2', 'k', 'a.b.c', 'a.*.#', '#', '', 'a..b'] as const
export const tags = ['t1', 't2', 't3', ''] as const
export const exchangeTypes = [
  'direct',
  'fanout',
  'topic',
  'headers',
  'x-consistent-hash',
  'x-random',
  'x-recent-history',
  'x-modulus-hash',
  'x-delayed-message',
] as const

export const anyExchange = (chance: Chance): string => chance.pick(chance.hit(60) ? exchanges : ownExchanges)

const text = (value: string): Field => ({ type: 'longstr', value })
const integer = (value: number): Field => ({ type: 'signedint', value })

/** Valid queue arguments, few at a time. */
export function queueArguments(chance: Chance): Table {
  const table = new Map<string, Field>()
  if (chance.hit(25)) table.set('x-message-ttl', integer(chance.pick([0, 1, 5, 50, 1000, 60_000])))
  if (chance.hit(10)) table.set('x-expires', integer(chance.pick([1, 10, 100, 5000, 3_600_000])))
  if (chance.hit(20)) table.set('x-max-length', integer(chance.pick([0, 1, 2, 5, 100])))
  if (chance.hit(10)) table.set('x-max-length-bytes', integer(chance.pick([0, 1, 10, 1000])))
  if (chance.hit(20))
    table.set('x-overflow', text(chance.pick(['drop-head', 'reject-publish', 'reject-publish-dlx'])))
  if (chance.hit(30)) {
    table.set('x-dead-letter-exchange', text(chance.hit(50) ? '' : anyExchange(chance)))
    if (chance.hit(60)) table.set('x-dead-letter-routing-key', text(chance.pick(queues)))
  }
  if (chance.hit(20)) table.set('x-max-priority', integer(chance.pick([0, 1, 5, 10, 255])))
  if (chance.hit(15)) table.set('x-single-active-consumer', { type: 'bool', value: chance.hit(80) })
  if (chance.hit(10)) table.set('x-queue-mode', text(chance.pick(['lazy', 'default'])))
  if (chance.hit(10))
    table.set('x-queue-master-locator', text(chance.pick(['client-local', 'min-masters', 'random'])))
  if (chance.hit(5)) table.set('x-queue-type', text(chance.pick(['classic', 'quorum', 'stream'])))
  return table
}

/** Headers that bindings, CC, dead-lettering and plugins look at. */
export function messageHeaders(chance: Chance): Table {
  const table = new Map<string, Field>()
  const names = (): Field => ({
    type: 'array',
    value: [text(chance.pick(queues)), text(chance.pick(queues))],
  })
  if (chance.hit(30)) table.set('CC', chance.hit(90) ? names() : text('q1'))
  if (chance.hit(20)) table.set('BCC', chance.hit(90) ? names() : integer(1))
  if (chance.hit(40)) table.set('a', chance.pick([text('1'), integer(1), { type: 'void', value: null }]))
  if (chance.hit(10)) table.set('x-delay', integer(chance.pick([0, 1, 1000, -1])))
  if (chance.hit(10)) table.set('x-death', randomField(chance, 0))
  if (chance.hit(20)) for (const [name, field] of randomTable(chance, 1)) table.set(name, field)
  return table
}

export function messageProperties(chance: Chance): Properties {
  const properties: Properties = {}
  if (chance.hit(50)) properties.deliveryMode = chance.pick([1, 2, 2])
  if (chance.hit(30)) properties.priority = chance.pick([0, 1, 5, 9, 255])
  if (chance.hit(20)) properties.expiration = chance.pick(['0', '1', '20', '5000'])
  if (chance.hit(25)) properties.headers = messageHeaders(chance)
  if (chance.hit(10)) properties.contentType = 'text/plain'
  if (chance.hit(10)) properties.correlationId = 'c'
  if (chance.hit(5)) properties.userId = 'guest'
  if (chance.hit(5)) properties.timestamp = 1_700_000_000
  if (chance.hit(1)) properties.replyTo = chance.pick(['amq.rabbitmq.reply-to', 'q1'])
  return properties
}

const fieldTypes: readonly FieldType[] = [
  'bool',
  'byte',
  'unsignedbyte',
  'short',
  'unsignedshort',
  'signedint',
  'unsignedint',
  'long',
  'float',
  'double',
  'decimal',
  'longstr',
  'array',
  'timestamp',
  'table',
  'binary',
  'void',
]
const argumentNames = [
  'x-message-ttl',
  'x-expires',
  'x-max-length',
  'x-max-length-bytes',
  'x-overflow',
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  'x-max-priority',
  'x-queue-mode',
  'x-queue-version',
  'x-queue-type',
  'x-single-active-consumer',
  'x-queue-master-locator',
  'x-priority',
  'x-cancel-on-ha-failover',
  'x-match',
  'alternate-exchange',
  'x-delayed-type',
  'x-recent-history-length',
  'hash-header',
  'x-consumer-timeout',
  'CC',
  'BCC',
  'x-death',
  'x-delay',
  'x-stream-offset',
  '__proto__',
  'constructor',
  'toString',
  '',
]

export const extremes = [
  0, 1, -1, 2, 127, 128, 255, 256, 32_767, 65_535, 2_147_483_647, 4_294_967_295,
] as const
const wide = [
  ...extremes,
  Number.MAX_SAFE_INTEGER,
  -9_223_372_036_854_775_808n,
  9_223_372_036_854_775_807n,
] as const

/** Any field of any type. */
export function randomField(chance: Chance, depth: number): Field {
  const type = chance.pick(fieldTypes)
  switch (type) {
    case 'bool':
      return { type, value: chance.hit(50) }
    case 'longstr':
      return { type, value: chance.hit(80) ? randomText(chance) : chance.bytes(chance.int(20)) }
    case 'binary':
      return { type, value: chance.bytes(chance.int(20)) }
    case 'void':
      return { type, value: null }
    case 'decimal':
      return { type, value: { scale: chance.int(256), value: chance.pick(extremes) } }
    case 'float':
    case 'double':
      return { type, value: chance.pick([0, -0, 1.5, Number.NaN, Infinity, -Infinity, 1e300]) }
    case 'array': {
      if (depth > 3) return { type, value: [] }
      return { type, value: Array.from({ length: chance.int(4) }, () => randomField(chance, depth + 1)) }
    }
    case 'table':
      return { type, value: depth > 3 ? new Map() : randomTable(chance, depth + 1) }
    case 'long':
    case 'timestamp':
      return { type, value: chance.pick(wide) }
    default:
      return { type, value: chance.pick(extremes) }
  }
}

export function randomTable(chance: Chance, depth = 0): Table {
  const table = new Map<string, Field>()
  for (let i = chance.int(4); i > 0; i--)
    table.set(
      chance.hit(80) ? chance.pick(argumentNames) : randomText(chance).slice(0, 60),
      randomField(chance, depth),
    )
  return table
}

export function randomText(chance: Chance): string {
  const length = chance.weighted([
    [4, 0],
    [60, 5],
    [5, 60],
    [2, 63],
  ])
  const alphabet = chance.pick(['ab.*#', '\'"<>%&{}', 'äß€𝄞', '\0\n\r\t', 'xyz-amq.'])
  const letters = [...alphabet]
  return Array.from({ length }, () => chance.pick(letters)).join('')
}

/** A value for one field of a method: usually sensible for its name, sometimes not. */
export function fieldValue(chance: Chance, name: string, type: string): unknown {
  switch (type) {
    case 'bit':
      return chance.hit(30)
    case 'octet':
      return chance.int(256)
    case 'short':
      return chance.hit(70) ? chance.int(5) : chance.pick(extremes) & 0xffff
    case 'long':
      return chance.hit(70) ? chance.int(5) : chance.pick(extremes) >>> 0
    case 'longlong':
      return chance.hit(80) ? chance.int(8) : Math.abs(Number(chance.pick(wide))) % 2 ** 53
    case 'table':
      return chance.hit(60) ? queueArguments(chance) : randomTable(chance)
    case 'longstr':
      return chance.bytes(chance.int(30))
    case 'longtext':
      return randomText(chance)
    default:
      return shortText(chance, name)
  }
}

function shortText(chance: Chance, name: string): string {
  if (chance.hit(10)) return randomText(chance).slice(0, 60)
  if (name === 'queue') return chance.pick([...queues, '', 'amq.rabbitmq.reply-to'])
  if (name === 'exchange' || name === 'source' || name === 'destination') return anyExchange(chance)
  if (name === 'consumerTag') return chance.pick(tags)
  if (name === 'type') return chance.pick(exchangeTypes)
  if (name === 'virtualHost') return '/'
  return chance.pick(keys)
}

export const methodNames = Object.keys(METHOD_ROWS) as MethodName[]

/** Arguments for any method, by its row. */
export function methodArguments(chance: Chance, name: MethodName): Record<string, unknown> {
  const args: Record<string, unknown> = {}
  for (const [field, type] of Object.entries(METHOD_ROWS[name].fields))
    if (!field.startsWith('reserved')) args[field] = fieldValue(chance, field, type)
  return args
}
