// Vhosts, users, exchanges, queues, bindings and policies as one island of nodes knows them. The nodes of an island
// share one such object; a partition copies it and the copies go apart. It holds records and finds them; what a change
// means for a queue's contents is the node's affair, and it must never reach for a node.

import {
  effectiveDefinition,
  exchangeSettings,
  type QueueSettings,
  queueSettings,
} from '../policies/effective.ts'
import { matchPolicy } from '../policies/match.ts'
import type { Definition, Policy } from '../policies/policy.ts'
import { plain, type Table } from './amqp/fields.ts'
import type { DefinitionChange } from './costs.ts'
import {
  newVhost,
  type Permission,
  type TopicPermission,
  type User,
  type Vhost,
} from './definitions-access.ts'
import { Bindings } from './definitions-bindings.ts'
import { Kept } from './definitions-kept.ts'
import type { Parameter } from './definitions-parameters.ts'
import { type Binding, createRouter, type Router } from './exchanges/index.ts'
import type { ChannelRef } from './protocol.ts'

export interface MirrorRecord {
  readonly node: string
  synced: boolean
}

/** `running`; `down`: its only node is away (404); `waiting`: no replica may lead, operations wait. */
export type QueueState = 'running' | 'down' | 'waiting'

export interface QueueRecord {
  readonly kind: 'queue'
  readonly id: number
  readonly vhost: string
  readonly name: string
  readonly durable: boolean
  /** The connection it is exclusive to; null when it is not exclusive. */
  readonly exclusiveOwner: number | null
  readonly autoDelete: boolean
  readonly arguments: Table
  leader: string
  /** Oldest first. */
  mirrors: MirrorRecord[]
  /** Raised with each new leader. */
  term: number
  state: QueueState
  /** While `waiting`: publishes are nacked (after a shutdown) or stay unanswered (after a crash), §11. */
  waitNacks: boolean
  /** While `waiting`: its leader stopped cleanly (docs/observed.md §13). */
  leaderStopped: boolean
  syncing: boolean
  settings: QueueSettings
  policy: Policy | null
  operatorPolicy: Policy | null
}

export interface ExchangeRecord {
  readonly kind: 'exchange'
  readonly vhost: string
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
  readonly arguments: Table
  readonly router: Router<Destination>
  alternate: string | null
  policy: Policy | null
  /** Messages that clients published to it, and queues that it led them to: statistics. */
  readonly counts: { in: number; out: number }
}

export type Destination = QueueRecord | ExchangeRecord

/** Whether a member of the cluster keeps the definitions on its disk, or only in memory. */
export type NodeType = 'disc' | 'ram'

export interface BindingRecord extends Binding<Destination> {
  readonly source: ExchangeRecord
}

export const key = (vhost: string, name: string) => `${vhost}\0${name}`

export class Definitions {
  /** The members of the cluster, running or not. */
  readonly nodes = new Map<string, NodeType>()
  readonly vhosts = new Map<string, Vhost>()
  readonly users = new Map<string, User>()
  /** By user and vhost: `permissionKey`. */
  readonly permissions = new Map<string, Permission>()
  /** By user, vhost and exchange: `topicPermissionKey`. */
  readonly topicPermissions = new Map<string, TopicPermission>()
  readonly exchanges = new Map<string, ExchangeRecord>()
  readonly queues = new Map<string, QueueRecord>()
  readonly queuesById = new Map<number, QueueRecord>()
  /** Addresses of direct reply-to and the channels behind them. */
  readonly replyAddresses = new Map<string, ChannelRef>()
  readonly policies = new Map<string, Policy>()
  readonly operatorPolicies = new Map<string, Policy>()
  readonly parameters = new Map<string, Parameter>()
  /** By name; values are decoded JSON. */
  readonly globalParameters = new Map<string, unknown>()
  readonly kept = new Kept()
  readonly bindings = new Bindings()
  /** Raised by every change that may alter a route or a leader; caches compare it. */
  version = 1
  /** Told of each change, for the meters; set by the cluster. */
  onChange: ((change: DefinitionChange, origin: string | undefined) => void) | null = null

  exchange(vhost: string, name: string): ExchangeRecord | undefined {
    return this.exchanges.get(key(vhost, name))
  }

  queue(vhost: string, name: string): QueueRecord | undefined {
    return this.queues.get(key(vhost, name))
  }

  /** `origin`: the node where it was made, if one can be named. */
  changed(change: DefinitionChange, origin?: string): void {
    this.version++
    this.onChange?.(change, origin)
  }

  /** A new vhost with its exchanges. */
  addVhost(name: string): void {
    this.vhosts.set(name, newVhost(name))
    for (const [exchange, type] of predeclared)
      this.addExchange({
        vhost: name,
        name: exchange,
        type,
        durable: true,
        autoDelete: false,
        internal: exchange === 'amq.rabbitmq.trace',
        arguments: new Map(),
      })
  }

  addExchange(
    fields: Omit<ExchangeRecord, 'kind' | 'router' | 'alternate' | 'policy' | 'counts'>,
  ): ExchangeRecord {
    const router = createRouter<Destination>(fields.type, fields.arguments)
    if (router === null) throw new Error(`unknown exchange type '${fields.type}'`)
    const record: ExchangeRecord = {
      kind: 'exchange',
      ...fields,
      router,
      alternate: null,
      policy: null,
      counts: { in: 0, out: 0 },
    }
    this.exchanges.set(key(fields.vhost, fields.name), record)
    const { vhost, name } = fields
    this.applyExchangePolicy(record, matchPolicy(this.policies.values(), { kind: 'exchange', name, vhost }))
    return record
  }

  addQueue(
    fields: Omit<
      QueueRecord,
      | 'kind'
      | 'settings'
      | 'policy'
      | 'operatorPolicy'
      | 'mirrors'
      | 'term'
      | 'state'
      | 'waitNacks'
      | 'leaderStopped'
      | 'syncing'
    >,
  ): QueueRecord {
    const record: QueueRecord = {
      kind: 'queue',
      ...fields,
      mirrors: [],
      term: 1,
      state: 'running',
      waitNacks: false,
      leaderStopped: false,
      syncing: false,
      ...this.policiesOf(fields.vhost, fields.name, fields.arguments, fields.exclusiveOwner !== null),
    }
    this.queues.set(key(fields.vhost, fields.name), record)
    this.queuesById.set(fields.id, record)
    return record
  }

  /** The policies in force for a queue of this name, and the settings that follow. */
  policiesOf(
    vhost: string,
    name: string,
    args: Table,
    exclusive: boolean,
  ): Pick<QueueRecord, 'settings' | 'policy' | 'operatorPolicy'> {
    const target = { kind: 'queue', name, vhost, queueType: 'classic' } as const
    const policy = matchPolicy(this.policies.values(), target)
    const operatorPolicy = matchPolicy(this.operatorPolicies.values(), target)
    return { settings: settingsOf(args, exclusive, policy, operatorPolicy), policy, operatorPolicy }
  }

  /** These policies are in force for the queue from now on; true when the settings are not what they were. */
  applyQueuePolicy(record: QueueRecord, policy: Policy | null, operatorPolicy: Policy | null): boolean {
    if (record.policy === policy && record.operatorPolicy === operatorPolicy) return false
    const before = JSON.stringify(record.settings)
    record.policy = policy
    record.operatorPolicy = operatorPolicy
    record.settings = settingsOf(record.arguments, record.exclusiveOwner !== null, policy, operatorPolicy)
    return JSON.stringify(record.settings) !== before
  }

  applyExchangePolicy(record: ExchangeRecord, policy: Policy | null): void {
    record.policy = policy
    record.alternate = exchangeSettings(plain(record.arguments), policy).alternateExchange
  }

  /** Removes a queue and its bindings; auto-delete exchanges left without a binding go too. */
  removeQueue(record: QueueRecord): void {
    this.queues.delete(key(record.vhost, record.name))
    this.queuesById.delete(record.id)
    this.removeBindingsOf(record)
  }

  removeExchange(record: ExchangeRecord): void {
    this.exchanges.delete(key(record.vhost, record.name))
    if (record.router.size > 0) for (const binding of this.bindings.from(record)) this.removeBinding(binding)
    this.removeBindingsOf(record)
  }

  findBinding(
    source: ExchangeRecord,
    destination: Destination,
    routingKey: string,
    args: Table,
  ): BindingRecord | undefined {
    return this.bindings.find(source, destination, routingKey, args)
  }

  addBinding(source: ExchangeRecord, destination: Destination, routingKey: string, args: Table): void {
    const binding: BindingRecord = { source, destination, routingKey, arguments: args }
    this.bindings.add(binding)
    source.router.bind(binding)
  }

  removeBinding(binding: BindingRecord): void {
    if (!this.bindings.remove(binding)) return
    const { source } = binding
    source.router.unbind(binding)
    // An auto-delete exchange goes with its last binding (AMQP 0-9-1, exchange.declare auto-delete).
    if (
      source.autoDelete &&
      source.router.size === 0 &&
      this.exchanges.get(key(source.vhost, source.name)) === source
    )
      this.removeExchange(source)
  }

  /** All bindings that show: those of a queue that is down are hidden until it returns (docs/observed.md §2). */
  *visibleBindings(): IterableIterator<BindingRecord> {
    for (const binding of this.bindings)
      if (binding.destination.kind === 'exchange' || binding.destination.state !== 'down') yield binding
  }

  private removeBindingsOf(destination: Destination): void {
    for (const binding of this.bindings.to(destination)) this.removeBinding(binding)
  }

  /** A copy that goes its own way: one side of a partition, or (durable only) what a node finds on its disk. */
  copy(durableOnly = false): Definitions {
    const copy = new Definitions()
    copyInto(copy.nodes, this.nodes)
    // Each side's own objects: rates are kept by them.
    for (const [name, vhost] of this.vhosts) copy.vhosts.set(name, { ...vhost })
    copyInto(copy.users, this.users)
    copyInto(copy.permissions, this.permissions)
    copyInto(copy.topicPermissions, this.topicPermissions)
    if (!durableOnly) for (const [address, ref] of this.replyAddresses) copy.replyAddresses.set(address, ref)
    copyInto(copy.policies, this.policies)
    copyInto(copy.operatorPolicies, this.operatorPolicies)
    copyInto(copy.parameters, this.parameters)
    copyInto(copy.globalParameters, this.globalParameters)
    this.kept.copyInto(copy.kept)
    const twins = new Map<Destination, Destination>()
    for (const record of this.exchanges.values())
      if (record.durable || !durableOnly) {
        const twin = copy.addExchange(record)
        // What an exchange keeps of messages is in memory only: a partition copies it, a restart forgets it.
        if (!durableOnly) twin.router.inherit?.(record.router)
        twins.set(record, twin)
      }
    for (const [name, record] of this.queues) {
      if (durableOnly && (!record.durable || record.exclusiveOwner !== null)) continue
      const twin = { ...record, mirrors: record.mirrors.map((mirror) => ({ ...mirror })) }
      copy.queues.set(name, twin)
      copy.queuesById.set(twin.id, twin)
      twins.set(record, twin)
    }
    for (const binding of this.bindings) {
      const source = twins.get(binding.source)
      const destination = twins.get(binding.destination)
      if (source?.kind === 'exchange' && destination !== undefined)
        copy.addBinding(source, destination, binding.routingKey, binding.arguments)
    }
    copy.version = this.version + 1
    return copy
  }
}

function copyInto<T>(copy: Map<string, T>, original: ReadonlyMap<string, T>): void {
  for (const [name, record] of original) copy.set(name, record)
}

const predeclared: readonly (readonly [string, string])[] = [
  ['', 'direct'],
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
  ['amq.rabbitmq.trace', 'topic'],
  ['amq.topic', 'topic'],
]

function settingsOf(
  args: Table,
  exclusive: boolean,
  policy: Policy | null,
  operatorPolicy: Policy | null,
): QueueSettings {
  const settings = queueSettings(plain(args), policy, operatorPolicy)
  // Exclusive queues are never mirrored although the policy shows (docs/observed.md §0.14).
  return exclusive ? { ...settings, haMode: null } : settings
}

/** Its x-arguments as plain JSON values. */
export const argumentsOf = (record: Destination): Record<string, unknown> => plain(record.arguments)

/** The merged definition in force for a queue, as the HTTP API shows it. */
export function effectivePolicy(record: QueueRecord): Definition {
  return effectiveDefinition(record.policy, record.operatorPolicy)
}
