// Where a publisher's messages are to go, by the topology alone: what is delivered from elsewhere was moved there by a dead letter
// exchange, or is unexpected. Used by `judge`; it routes with the broker's own routers and must never ask a broker.

import { tableFromPlain } from '../../nodes/amqp/fields.ts'
import { createRouter, type Router } from '../../nodes/exchanges/index.ts'
import type { Publishers, Topology, Variant } from './types.ts'

type Destination = { readonly queue: string } | { readonly exchange: string }

/** Types whose routes hang on chance, on the whole message or on time. */
const unforeseen = ['x-random', 'x-consistent-hash', 'x-modulus-hash', 'x-delayed-message']

const standard: Readonly<Record<string, string>> = {
  'amq.direct': 'direct',
  'amq.fanout': 'fanout',
  'amq.topic': 'topic',
  'amq.headers': 'headers',
  'amq.match': 'headers',
}

/** The queues by name; null: any of them, it cannot be foreseen. */
export function queuesOf({ exchange, routingKey }: Publishers, topology: Topology): string[] | null {
  if (exchange === '') return [routingKey]
  const types = new Map([
    ...Object.entries(standard),
    ...topology.exchanges.map(({ name, type }) => [name, type] as const),
  ])
  const found = new Set<string>()
  const seen = new Set<string>()
  const waiting = [exchange]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const type = types.get(name)
    if (type === undefined || unforeseen.includes(type)) return null
    const router: Router<Destination> | null = createRouter(type)
    if (router === null) return null
    for (const { exchange: from, to, key, arguments: args } of topology.bindings)
      if (from === name) router.bind({ destination: to, routingKey: key, arguments: tableFromPlain(args) })
    const into: Destination[] = []
    router.route(routingKey, null, into)
    for (const to of into)
      if ('queue' in to) found.add(to.queue)
      else waiting.push(to.exchange)
    const alternate = topology.exchanges.find((one) => one.name === name)?.arguments['alternate-exchange']
    if (into.length === 0 && typeof alternate === 'string') waiting.push(alternate)
  }
  return [...found]
}

/** Whether anything may move messages from one queue to another, or on when they find none. */
export function movesMessages(topology: Topology, { policies }: Variant): boolean {
  const says = (one: Readonly<Record<string, unknown>>, key: string) => Object.hasOwn(one, key)
  return (
    topology.queues.some(({ arguments: args }) => says(args, 'x-dead-letter-exchange')) ||
    policies.some(
      ({ definition }) => says(definition, 'dead-letter-exchange') || says(definition, 'alternate-exchange'),
    )
  )
}
