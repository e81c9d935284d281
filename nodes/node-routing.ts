// From an exchange and a routing key to queues, and from queues to the nodes that must be told: the plan of a publish.
// Plans are cached by the channel as long as the definitions do not change. Pure reading of definitions.

import { decodeProperties } from './amqp/content.ts'
import type { Table } from './amqp/fields.ts'
import type { Definitions, Destination, ExchangeRecord, QueueRecord } from './definitions.ts'
import { preconditionFailed } from './errors.ts'
import type { Occasion, Routed } from './exchanges/index.ts'

/** Queues on one node to which a publish is sent in one piece. */
export interface Hop {
  readonly node: string
  readonly role: 'leader' | 'mirror'
  readonly queues: readonly number[]
}

/**
 * What a route hung on: the key alone; headers too, so that it holds for other messages without any when this one had
 * none; or this very message.
 */
export type Dependence = 'key' | 'headers' | 'message'

/** Where a publish goes. */
export interface Plan {
  readonly dependsOn: Dependence
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

/** Throws 406 when it is not a list of strings. */
export function keysIn(headers: Table, name: 'CC' | 'BCC'): string[] {
  const field = headers.get(name)
  if (field === undefined) return []
  if (field.type !== 'array' || !Array.isArray(field.value))
    throw preconditionFailed(`invalid message: {unacceptable_type_in_header,"${name}",${field.type}}`)
  return field.value.map((item) => String(item.value))
}

/** What routing asks of the node: see node-exchanges. */
export interface RoutingHost {
  hold(exchange: ExchangeRecord, routed: Routed, delayMs: number): void
}

export interface Route {
  readonly queues: QueueRecord[]
  readonly dependsOn: Dependence
}

/** The queues that `exchange` routes to, each once; alternate exchanges and exchange-to-exchange bindings followed. */
export function routeQueues(
  definitions: Definitions,
  exchange: ExchangeRecord,
  extra: RoutingHeaders | null,
  occasion: Occasion,
  host: RoutingHost,
): Route {
  const queues = new Set<QueueRecord>()
  const seen = new Set<ExchangeRecord>([exchange])
  const work: ExchangeRecord[] = [exchange]
  const found: Destination[] = []
  let dependsOn: Dependence = 'key'
  for (let from = work.pop(); from !== undefined; from = work.pop()) {
    found.length = 0
    const { router } = from
    if (router.everyMessage) {
      dependsOn = 'message'
      occasion.message.keep()
    } else if (router.needsHeaders && dependsOn === 'key') dependsOn = 'headers'
    const delayMs = router.delayMs?.(extra?.headers ?? null) ?? 0
    if (delayMs > 0) host.hold(from, occasion, delayMs)
    // Reached as an alternate exchange the default exchange has no bindings to go by, and routes nothing.
    else matchAll(definitions, from, extra ?? noHeaders, found, from === exchange, occasion)
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
  return { queues: [...queues], dependsOn }
}

function matchAll(
  definitions: Definitions,
  exchange: ExchangeRecord,
  extra: RoutingHeaders,
  into: Destination[],
  first: boolean,
  occasion: Occasion,
): void {
  const { name, vhost, router } = exchange
  const { routingKey } = occasion.message
  if (router.everyMessage) return router.route(routingKey, extra.headers, into, occasion)
  const one = (key: string) => {
    if (name !== '') return router.route(key, extra.headers, into)
    const queue = first ? definitions.queue(vhost, key) : undefined
    if (queue !== undefined) into.push(queue)
  }
  one(routingKey)
  for (const key of extra.furtherKeys) one(key)
}

/** Which nodes a publish to `queues` must be sent to: once to those that lead some, once to those that mirror some. */
export function planFor(queues: readonly QueueRecord[], dependsOn: Dependence = 'message'): Plan {
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
  return { dependsOn, queues: taking, hops: [...hops.values()] }
}
