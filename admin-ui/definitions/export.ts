// The definitions of an island as RabbitMQ's definitions.json, of all vhosts or of one. Called by the HTTP API and the
// library; it changes nothing. What is left out is what a real cluster leaves out: exclusive queues, the exchanges that
// every vhost has and the descriptions of vhosts, which `rabbitmqctl` adds (docs/observed.md §23).

import { plain } from '../../nodes/amqp/fields.ts'
import { rabbitmq_3_10 } from '../../nodes/compat.ts'
import type { BindingRecord, Definitions, ExchangeRecord, QueueRecord } from '../../nodes/definitions.ts'
import type { KeptBinding, KeptQueue } from '../../nodes/definitions-kept.ts'
import type { Policy } from '../../policies/policy.ts'

type Entry = Record<string, unknown>

/** The keys of a whole export, in the order of a real one. */
export interface ExportedDefinitions extends Record<string, unknown> {
  readonly users: readonly Entry[]
  readonly vhosts: readonly Entry[]
  readonly permissions: readonly Entry[]
  readonly topic_permissions: readonly Entry[]
  readonly parameters: readonly Entry[]
  readonly global_parameters: readonly Entry[]
  readonly policies: readonly Entry[]
  readonly queues: readonly Entry[]
  readonly exchanges: readonly Entry[]
  readonly bindings: readonly Entry[]
}

/** All there is: `GET /api/definitions`. */
export function exportDefinitions(definitions: Definitions): ExportedDefinitions {
  const { version } = rabbitmq_3_10
  const { parameters, policies, queues, exchanges, bindings } = ofVhosts(definitions, () => true)
  return {
    rabbit_version: version,
    rabbitmq_version: version,
    product_name: 'RabbitMQ',
    product_version: version,
    users: [...definitions.users.values()].map(({ name, passwordHash, hashing, tags, limits }) => ({
      name,
      password_hash: passwordHash,
      hashing_algorithm: hashing,
      tags,
      limits,
    })),
    vhosts: [...definitions.vhosts.keys()].map((name) => ({ name })),
    permissions: [...definitions.permissions.values()].map((permission) => ({ ...permission })),
    topic_permissions: [...definitions.topicPermissions.values()].map((permission) => ({ ...permission })),
    parameters,
    global_parameters: [...definitions.globalParameters].map(([name, value]) => ({ name, value })),
    policies,
    queues,
    exchanges,
    bindings,
  }
}

/** Those of one vhost: `GET /api/definitions/VHOST`. Queues, exchanges and bindings do not say which it is. */
export function exportVhost(definitions: Definitions, vhost: string): Entry {
  const { parameters, policies, queues, exchanges, bindings } = ofVhosts(
    definitions,
    (name) => name === vhost,
  )
  const placeless = ({ vhost: _, ...entry }: Entry) => entry
  return {
    rabbit_version: rabbitmq_3_10.version,
    parameters,
    policies,
    queues: queues.map(placeless),
    exchanges: exchanges.map(placeless),
    bindings: bindings.map(placeless),
  }
}

function ofVhosts(definitions: Definitions, wanted: (vhost: string) => boolean) {
  const here = (entry: { readonly vhost: string }) => wanted(entry.vhost)
  const queues = [...definitions.queues.values()].filter(here).filter(isShared)
  // One of the same name may have been declared meanwhile, and exchanges may have gone.
  const keptQueues = [...definitions.kept.queues]
    .filter(here)
    .filter(({ vhost, name }) => definitions.queue(vhost, name) === undefined)
  const keptBindings = [...definitions.kept.bindings]
    .filter(here)
    .filter(({ vhost, source, destination }) => {
      const gone = definitions.exchange(vhost, source) === undefined
      return !gone && definitions.queue(vhost, destination) === undefined
    })
  const bindings = [...definitions.visibleBindings()].filter(({ source }) => here(source)).filter(isExported)
  return {
    parameters: parameterEntries(definitions).filter(here),
    policies: [...definitions.policies.values()].filter(here).map(({ vhost, name, ...policy }) => ({
      vhost,
      name,
      pattern: policy.pattern,
      'apply-to': policy.applyTo,
      definition: policy.definition,
      priority: policy.priority,
    })),
    queues: [...queues.map((queue) => ({ ...queue, arguments: plain(queue.arguments) })), ...keptQueues].map(
      queueEntry,
    ),
    exchanges: [...definitions.exchanges.values()].filter(here).filter(isDeclared).map(exchangeEntry),
    bindings: [
      ...bindings.map((binding) => bindingEntry(plainBinding(binding), binding.destination.kind)),
      ...keptBindings.map((binding) => bindingEntry(binding, 'queue')),
    ],
  }
}

const isShared = (queue: QueueRecord) => queue.exclusiveOwner === null
const isDeclared = ({ name }: ExchangeRecord) => name !== '' && !name.startsWith('amq.')
const isExported = ({ destination }: BindingRecord) =>
  destination.kind === 'exchange' || isShared(destination)

/** Limits of vhosts and operator policies are parameters, beside those of plugins. */
export function parameterEntries(definitions: Definitions) {
  const limits = [...definitions.vhosts.values()].flatMap(({ name, limits: value }) => {
    if (value === null) return []
    // Where limits were and are no more, an empty list stays (docs/observed.md §10).
    const left = Object.keys(value).length === 0 ? [] : value
    return [{ value: left as unknown, vhost: name, component: 'vhost-limits', name: 'limits' }]
  })
  const caps = [...definitions.operatorPolicies.values()].map((policy) => ({
    value: operatorValue(policy) as unknown,
    vhost: policy.vhost,
    component: 'operator_policy',
    name: policy.name,
  }))
  const others = [...definitions.parameters.values()].map(({ value, vhost, component, name }) => ({
    value,
    vhost,
    component,
    name,
  }))
  return [...limits, ...caps, ...others]
}

const operatorValue = ({ pattern, definition, priority, applyTo }: Policy) => ({
  pattern,
  definition,
  priority,
  'apply-to': applyTo,
})

const queueEntry = ({ name, vhost, durable, autoDelete, arguments: args }: KeptQueue): Entry => ({
  name,
  vhost,
  durable,
  auto_delete: autoDelete,
  arguments: args,
})

const plainBinding = ({ source, destination, routingKey, arguments: args }: BindingRecord): KeptBinding => ({
  vhost: source.vhost,
  source: source.name,
  destination: destination.name,
  routingKey,
  arguments: plain(args),
})

const exchangeEntry = (exchange: ExchangeRecord): Entry => ({
  name: exchange.name,
  vhost: exchange.vhost,
  type: exchange.type,
  durable: exchange.durable,
  auto_delete: exchange.autoDelete,
  internal: exchange.internal,
  arguments: plain(exchange.arguments),
})

const bindingEntry = (binding: KeptBinding, kind: 'queue' | 'exchange'): Entry => ({
  source: binding.source,
  vhost: binding.vhost,
  destination: binding.destination,
  destination_type: kind,
  routing_key: binding.routingKey,
  arguments: binding.arguments,
})
