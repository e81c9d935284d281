// Bindings as the HTTP API shows them, the default exchange's implicit ones included. A binding whose queue is down is
// hidden until the queue returns (docs/observed.md §2).

import { createHash } from 'node:crypto'
import { plain, type Table } from '../../nodes/amqp/fields.ts'
import type { Destination } from '../../nodes/definitions.ts'
import type { View } from '../view.ts'
import type { Row } from './list.ts'

/** A binding or the implicit one of a queue to the default exchange. */
export interface Bound {
  readonly source: { readonly name: string; readonly vhost: string }
  readonly destination: Destination
  readonly routingKey: string
  readonly arguments: Table
}

/** All bindings of a view, implicit ones first. */
export function* bindingsOf(view: View): IterableIterator<Bound> {
  for (const queue of view.definitions.queues.values())
    if (queue.state !== 'down')
      yield {
        source: { name: '', vhost: queue.vhost },
        destination: queue,
        routingKey: queue.name,
        arguments: new Map(),
      }
  yield* view.definitions.visibleBindings()
}

/** The entries of the bindings that `wanted` chooses, in RabbitMQ's order. */
export function bindingEntries(view: View, wanted: (binding: Bound) => boolean): Row[] {
  const chosen = [...bindingsOf(view)].filter(wanted).map(bindingEntry)
  const order = ({ vhost, source, destination, routing_key }: Row) =>
    JSON.stringify([vhost, source, destination, routing_key])
  return chosen.sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

export function bindingEntry(binding: Bound): Row {
  return {
    source: binding.source.name,
    vhost: binding.source.vhost,
    destination: binding.destination.name,
    destination_type: binding.destination.kind,
    routing_key: binding.routingKey,
    arguments: plain(binding.arguments),
    properties_key: propertiesKey(binding.routingKey, binding.arguments),
  }
}

/**
 * Names a binding among those of its source and destination: the routing key, and with arguments a hash of them. The
 * hash has the form of RabbitMQ's but not its value: clients only hand it back.
 */
export function propertiesKey(routingKey: string, args: Table): string {
  if (args.size === 0) return routingKey === '' ? '~' : quoted(routingKey)
  const sorted = Object.entries(plain(args)).sort(([a], [b]) => (a < b ? -1 : 1))
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest().subarray(0, 4)
  return `${quoted(routingKey)}~${hash.toString('base64url')}`
}

/** As in a form: a blank is `+`, all but letters, digits and `._-` is percent-encoded. */
function quoted(text: string): string {
  return encodeURIComponent(text).replace(/%20|[!'()*~]/g, (part) =>
    part === '%20' ? '+' : `%${part.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
