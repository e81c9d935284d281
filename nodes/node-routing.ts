// From an exchange and a routing key to queues, and from queues to the nodes that must be told: the plan of a publish.
// Plans are cached by the channel as long as the definitions do not change. Pure reading of definitions.

import { decodeProperties } from './amqp/content.ts'
import type { Table } from './amqp/fields.ts'
import type { Definitions, Destination, ExchangeRecord, QueueRecord } from './definitions.ts'
import { preconditionFailed } from './errors.ts'

/** Queues on one node to which a publish is sent in one piece. */
export interface Hop {
  readonly node: string
  readonly role: 'leader' | 'mirror'
  readonly queues: readonly number[]
}

/** Where a publish goes. */
export interface Plan {
  /** The queues that take it; empty: unroutable. A queue that is down is not among them (docs/observed.md §0.3). */
  readonly queues: readonly QueueRecord[]
  readonly hops: readonly Hop[]
}

/** A message's further routing keys and its headers; read only when the message has headers. */
export interface RoutingHeaders {
  readonly headers: Table | null
  /** Keys from CC and BCC, which route in addition. */
  readonly furtherKeys: readonly string[]
  readonly hasBcc: boolean
}

const noHeaders: RoutingHeaders = { headers: null, furtherKeys: [], hasBcc: false }

/** Reads what routing needs of raw properties. Throws 406 when CC or BCC is not a list of strings. */
export function routingHeaders(properties: Buffer): RoutingHeaders {
  const { headers } = decodeProperties(properties)
  if (headers === undefined) return noHeaders
  return {
    headers,
    furtherKeys: [...keysIn(headers, 'CC'), ...keysIn(headers, 'BCC')],
    hasBcc: headers.has('BCC'),
  }
}

function keysIn(headers: Table, name: 'CC' | 'BCC'): string[] {
  const field = headers.get(name)
  if (field === undefined) return []
  if (field.type !== 'array' || !Array.isArray(field.value))
    throw preconditionFailed(`invalid message: {unacceptable_type_in_header,"${name}",${field.type}}`)
  return field.value.map((item) => String(item.value))
}

/** The queues that `exchange` routes to, each once; alternate exchanges and exchange-to-exchange bindings followed. */
export function routeQueues(
  definitions: Definitions,
  exchange: ExchangeRecord,
  routingKey: string,
  extra: RoutingHeaders = noHeaders,
): QueueRecord[] {
  const queues = new Set<QueueRecord>()
  const seen = new Set<ExchangeRecord>([exchange])
  const work: ExchangeRecord[] = [exchange]
  const found: Destination[] = []
  for (let from = work.pop(); from !== undefined; from = work.pop()) {
    found.length = 0
    // Reached as an alternate exchange the default exchange has no bindings to go by, and routes nothing.
    matchAll(definitions, from, routingKey, extra, found, from === exchange)
    if (found.length === 0 && from.alternate !== null) {
      const alternate = definitions.exchange(from.vhost, from.alternate)
      if (alternate !== undefined) found.push(alternate)
    }
    for (const destination of found) {
      if (destination.kind === 'queue') queues.add(destination)
      else if (!seen.has(destination)) {
        seen.add(destination)
        work.push(destination)
      }
    }
  }
  return [...queues]
}

function matchAll(
  definitions: Definitions,
  exchange: ExchangeRecord,
  routingKey: string,
  extra: RoutingHeaders,
  into: Destination[],
  first: boolean,
): void {
  const one = (key: string) => {
    if (exchange.name !== '') return exchange.router.route(key, extra.headers, into)
    const queue = first ? definitions.queue(exchange.vhost, key) : undefined
    if (queue !== undefined) into.push(queue)
  }
  one(routingKey)
  for (const key of extra.furtherKeys) one(key)
}

/** Which nodes a publish to `queues` must be sent to: once to those that lead some, once to those that mirror some. */
export function planFor(queues: readonly QueueRecord[]): Plan {
  const taking = queues.filter((queue) => queue.state !== 'down')
  const hops = new Map<string, { node: string; role: Hop['role']; queues: number[] }>()
  const add = (node: string, role: Hop['role'], queue: number) => {
    const name = `${role} ${node}`
    const hop = hops.get(name)
    if (hop === undefined) hops.set(name, { node, role, queues: [queue] })
    else hop.queues.push(queue)
  }
  for (const queue of taking) {
    if (queue.state === 'waiting') continue
    add(queue.leader, 'leader', queue.id)
    for (const mirror of queue.mirrors) add(mirror.node, 'mirror', queue.id)
  }
  return { queues: taking, hops: [...hops.values()] }
}
