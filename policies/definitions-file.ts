/**
 * definitions.json: its shape, as RabbitMQ 3.10 exports it over HTTP, for one virtual host, or by `rabbitmqctl`, and its
 * reading. Import, lint and the migration check come here first; a file with one fault is refused whole, in RabbitMQ's
 * words where it has any. Whether what the entries name exists is not known here.
 */

import * as entries from './definitions-entries.ts'
import { definitionsFault, sectionOf } from './definitions-reading.ts'
import { DEEPEST, isDeeper } from './depth.ts'
import { isRecord, type Policy } from './policy.ts'

export { DefinitionsError } from './definitions-reading.ts'

/** A user. Neither hash nor password: nobody knows how to log in. */
export interface UserEntry {
  readonly name: string
  readonly passwordHash: string | null
  readonly password: string | null
  readonly hashing: (typeof entries.hashingAlgorithms)[number] | null
  readonly tags: readonly string[]
  /** Null when absent: those of a user that exists stay. */
  readonly limits: Readonly<Record<string, number>> | null
}

export interface VhostEntry {
  readonly name: string
  /** Null when absent, as in all that is exported over HTTP. */
  readonly description: string | null
  readonly tags: readonly string[] | null
  readonly tracing: boolean | null
}

export interface PermissionEntry {
  readonly user: string
  readonly vhost: string
  readonly configure: string
  readonly write: string
  readonly read: string
}

export interface TopicPermissionEntry {
  readonly user: string
  readonly vhost: string
  readonly exchange: string
  readonly write: string
  readonly read: string
}

/** A parameter of a plugin, kept as it is. */
export interface ParameterEntry {
  readonly vhost: string
  readonly component: string
  readonly name: string
  readonly value: unknown
}

export interface GlobalParameterEntry {
  readonly name: string
  readonly value: unknown
}

export interface VhostLimitsEntry {
  readonly vhost: string
  readonly limits: Readonly<Record<string, number>>
}

export interface QueueEntry {
  readonly vhost: string
  readonly name: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Whether Warren runs queues of its type. Others are kept, and given back by an export. */
export const isEmulated = ({ arguments: args }: QueueEntry): boolean =>
  (args['x-queue-type'] ?? 'classic') === 'classic'

/** One sentence about those that nobody can use here; null when there is none. */
export function notEmulated(file: DefinitionsFile): string | null {
  const names = file.queues.filter((queue) => !isEmulated(queue)).map(({ name }) => name)
  if (names.length === 0) return null
  const some =
    names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  return `Warren does not emulate quorum queues and streams: it keeps ${some} for exports, and nobody can use them.`
}

export interface ExchangeEntry extends QueueEntry {
  readonly type: string
  readonly internal: boolean
}

export interface BindingEntry {
  readonly vhost: string
  readonly source: string
  readonly destination: string
  readonly destinationType: 'queue' | 'exchange'
  readonly routingKey: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** All that a file says, in its order; sections that it has not are empty. */
export interface DefinitionsFile {
  readonly users: readonly UserEntry[]
  readonly vhosts: readonly VhostEntry[]
  readonly permissions: readonly PermissionEntry[]
  readonly topicPermissions: readonly TopicPermissionEntry[]
  readonly parameters: readonly ParameterEntry[]
  readonly globalParameters: readonly GlobalParameterEntry[]
  readonly policies: readonly Policy[]
  /** In the file these are parameters of component `operator_policy`. */
  readonly operatorPolicies: readonly Policy[]
  /** In the file these are parameters of component `vhost-limits`. */
  readonly vhostLimits: readonly VhostLimitsEntry[]
  readonly queues: readonly QueueEntry[]
  readonly exchanges: readonly ExchangeEntry[]
  readonly bindings: readonly BindingEntry[]
}

/** Components of parameters that RabbitMQ itself has; all others belong to plugins. */
const ownComponents = ['operator_policy', 'vhost-limits']

/**
 * Reads the text of a file. With `vhost` it is that of one virtual host, whose entries name none: sections of the whole
 * cluster are passed over, as RabbitMQ does. Throws DefinitionsError.
 */
export function parseDefinitions(text: string, vhost: string | null = null): DefinitionsFile {
  let value: unknown
  try {
    // Windows' editors put a mark at the beginning.
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw definitionsFault('the definitions', `not JSON: ${(error as Error).message}`, 'failed_to_parse_json')
  }
  return definitionsOf(value, vhost)
}

/** The same for a value that has been decoded already. Throws DefinitionsError. */
export function definitionsOf(value: unknown, vhost: string | null = null): DefinitionsFile {
  if (!isRecord(value))
    throw definitionsFault('the definitions', 'a JSON object is expected', 'failed_to_parse_json')
  if (isDeeper(value)) throw definitionsFault('the definitions', `nested deeper than ${DEEPEST}`)
  const cluster = vhost === null ? value : {}
  const parameters = sectionOf(value, 'parameters')
  const ofComponent = (name: string) => parameters.filter((entry) => entry['component'] === name)
  return Object.freeze({
    users: sectionOf(cluster, 'users').map(entries.userEntry),
    vhosts: sectionOf(cluster, 'vhosts').map(entries.vhostEntry),
    permissions: sectionOf(cluster, 'permissions').map(entries.permissionEntry),
    topicPermissions: sectionOf(cluster, 'topic_permissions').map(entries.topicPermissionEntry),
    globalParameters: sectionOf(cluster, 'global_parameters').map(entries.globalParameterEntry),
    policies: sectionOf(value, 'policies').map((entry) => entries.policyEntry(entry, vhost)),
    operatorPolicies: ofComponent('operator_policy').map((entry) =>
      entries.operatorPolicyEntry(entry, vhost),
    ),
    vhostLimits: ofComponent('vhost-limits').map((entry) => entries.vhostLimitsEntry(entry, vhost)),
    parameters: parameters
      .filter((entry) => !ownComponents.includes(entry['component'] as string))
      .map((entry) => entries.parameterEntry(entry, vhost)),
    queues: sectionOf(value, 'queues').map((entry) => entries.queueEntry(entry, vhost)),
    exchanges: sectionOf(value, 'exchanges').map((entry) => entries.exchangeEntry(entry, vhost)),
    bindings: sectionOf(value, 'bindings').map((entry) => entries.bindingEntry(entry, vhost)),
  })
}
