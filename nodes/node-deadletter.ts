// A message that leaves a queue for the wrong reason: its new headers and its way through the dead-letter exchange, as
// RabbitMQ does it (docs/observed.md §5.4, x-death). Pure: the node publishes what comes out.

import { decodeProperties, encodeProperties } from './amqp/content.ts'
import type { Field, FieldValue, Table } from './amqp/fields.ts'
import { Message } from './message.ts'
import type { DropReason } from './queue-host.ts'

const longstr = (value: string): Field => ({ type: 'longstr', value })

/** Where and why a message died. */
export interface Death {
  readonly queue: string
  readonly reason: DropReason
  readonly exchange: string
  /** x-dead-letter-routing-key; null: the message keeps its keys. */
  readonly routingKey: string | null
  /** Seconds since the epoch. */
  readonly timeSeconds: number
}

export interface DeadLetter {
  readonly message: Message
  /** Queues the message has died in before without being rejected since: it must not return there on its own. */
  readonly cycle: (queue: string) => boolean
}

/** The message as it goes to the dead-letter exchange. */
export function deadLetter(message: Message, death: Death): DeadLetter {
  const properties = decodeProperties(message.properties)
  const headers = new Map(properties.headers ?? [])
  const cc = stringsIn(headers.get('CC'))
  const former = headers.get('x-death')
  const deaths = former?.type === 'array' ? grouped(tablesIn(former)) : []
  const counted = countDeath(deaths, message, death, cc, properties.expiration)
  // A publisher's own x-death of another kind is replaced, and then nothing tells of a first death.
  if (former === undefined) {
    headers.set('x-first-death-reason', longstr(death.reason))
    headers.set('x-first-death-queue', longstr(death.queue))
    headers.set('x-first-death-exchange', longstr(message.exchange))
  }
  headers.set('x-death', { type: 'array', value: counted.map((value): Field => ({ type: 'table', value })) })
  if (death.routingKey !== null) {
    headers.delete('CC')
    headers.delete('BCC')
  }
  const { expiration: _gone, ...kept } = properties
  message.keep()
  const next = new Message(
    death.exchange,
    death.routingKey ?? message.routingKey,
    encodeProperties({ ...kept, headers: byName(headers) }),
    message.body,
    message.persistent,
    message.priority,
    -1,
  )
  return { message: next, cycle: (queue) => isCycle(counted, queue) }
}

/**
 * What a message brings, as RabbitMQ reads it each time: one entry per queue and reason, the first of them, which counts the
 * others when it has no count; the group that came last first. A single entry is left alone (docs/observed.md §12).
 */
function grouped(deaths: readonly Table[]): readonly Table[] {
  if (deaths.length < 2) return deaths
  const groups = new Map<string, { readonly first: Table; size: number }>()
  for (const death of deaths) {
    const key = `${String(death.get('queue')?.value)}\0${String(death.get('reason')?.value)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { first: death, size: 1 })
    else group.size++
  }
  const counted = ({ first, size }: { first: Table; size: number }): Table =>
    first.has('count') ? first : new Map<string, Field>([['count', { type: 'long', value: size }], ...first])
  return [...groups.values()].reverse().map(counted)
}

/** Newest death first, one entry per queue and reason; an entry counted up keeps its other fields. */
function countDeath(
  deaths: readonly Table[],
  message: Message,
  { queue, reason, timeSeconds }: Death,
  cc: readonly string[],
  expiration: string | undefined,
): Table[] {
  const same = (entry: Table) => entry.get('queue')?.value === queue && entry.get('reason')?.value === reason
  const known = deaths.find(same)
  if (known !== undefined) {
    const count = Number(known.get('count')?.value ?? 0) + 1
    const raised = byName(new Map(known).set('count', { type: 'long', value: count }))
    return [raised, ...deaths.filter((entry) => !same(entry))]
  }
  const keys: Field = { type: 'array', value: [message.routingKey, ...cc].map(longstr) }
  const entry = new Map<string, Field>([
    ['count', { type: 'long', value: 1 }],
    ['reason', longstr(reason)],
    ['queue', longstr(queue)],
    ['time', { type: 'timestamp', value: timeSeconds }],
    ['exchange', longstr(message.exchange)],
    ['routing-keys', keys],
  ])
  if (expiration !== undefined) entry.set('original-expiration', longstr(expiration))
  // RabbitMQ sorts a table whenever it sets a value in it; only the very first entry is never touched again.
  return deaths.length === 0 ? [entry] : [byName(entry), ...deaths]
}

const byName = (table: Table): Table => new Map([...table].sort(([a], [b]) => (a < b ? -1 : 1)))

/** Would the message return to `queue` without having been rejected on the way? (docs/observed.md §5.4, cycles) */
function isCycle(deaths: readonly Table[], queue: string): boolean {
  const at = deaths.findIndex((entry) => entry.get('queue')?.value === queue)
  if (at < 0) return false
  return deaths.slice(0, at + 1).every((entry) => entry.get('reason')?.value !== 'rejected')
}

function stringsIn(field: Field | undefined): string[] {
  return field?.type === 'array' ? (field.value as readonly Field[]).map((item) => String(item.value)) : []
}

function tablesIn(field: Field): Table[] {
  return (field.value as readonly Field[])
    .filter((item) => item.type === 'table')
    .map((item) => item.value as FieldValue as Table)
}
