/**
 * The entries of definitions.json, one reader each, with the words of every refusal. Called by `definitions-file` alone.
 * A reader looks at one entry and at nothing else; where RabbitMQ crashes or stores nonsense (a name that is a number, a
 * missing virtual host) it refuses with a sentence of its own.
 */
import type * as shapes from './definitions-file.ts'
import { definitionsFault, type Entry, own, Reading, shown } from './definitions-reading.ts'
import { erlangPairs, erlangTerm } from './erlang.ts'
import { type PolicyKey, policyKeys } from './keys.ts'
import { applyToKnownElsewhere, keyKnownElsewhere } from './keys-elsewhere.ts'
import {
  definitionFault,
  isRecord,
  operatorKeys,
  type Policy,
  PolicyError,
  parseOperatorPolicy,
  parsePolicy,
} from './policy.ts'

export const hashingAlgorithms = [
  'rabbit_password_hashing_sha256',
  'rabbit_password_hashing_sha512',
  'rabbit_password_hashing_md5',
] as const

function named(kind: string, entry: Entry): { reading: Reading; name: string } {
  const reading = new Reading(entry, `a ${kind}`)
  const name = reading.text('name')
  reading.object = `${kind} '${name}'`
  return { reading, name }
}

/** An entry of a virtual host: `only` names it in a file of one. */
function placed(kind: string, entry: Entry, only: string | null) {
  const { reading, name } = named(kind, entry)
  const vhost = only ?? reading.text('vhost')
  reading.object = `${kind} '${name}' in vhost '${vhost}'`
  return { reading, name, vhost }
}

export function userEntry(entry: Entry): shapes.UserEntry {
  const { reading, name } = named('user', entry)
  if (own(entry, 'tags') === undefined && own(entry, 'administrator') === undefined)
    throw definitionsFault(reading.object, 'tags: missing', 'tags_not_present')
  const passwordHash = reading.textOrNull('password_hash')
  const password = reading.textOrNull('password')
  if (passwordHash !== null && password !== null)
    throw definitionsFault(
      reading.object,
      'password and password_hash are both given',
      'both_password_and_password_hash_are_provided',
    )
  if (
    passwordHash !== null &&
    (passwordHash.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(passwordHash))
  )
    throw definitionsFault(reading.object, `password_hash: ${shown(passwordHash)} is not base64`, [
      'not_base64',
      passwordHash,
    ])
  const administrator = own(entry, 'administrator') === true ? ['administrator'] : []
  return {
    name,
    passwordHash,
    password,
    hashing: hashingOf(reading),
    tags: own(entry, 'tags') === undefined ? administrator : reading.tags('tags'),
    limits:
      own(entry, 'limits') === undefined
        ? null
        : reading.limits('limits', ['max-connections', 'max-channels']),
  }
}

function hashingOf(reading: Reading): shapes.UserEntry['hashing'] {
  const given = reading.textOrNull('hashing_algorithm')
  const known = hashingAlgorithms.find((algorithm) => algorithm === given)
  if (given !== null && known === undefined)
    throw reading.wrong('hashing_algorithm', `one of ${hashingAlgorithms.join(', ')}`, given)
  return known ?? null
}

/** Its limits are elsewhere in the file: those that `rabbitmqctl` adds here are passed over, as RabbitMQ does. */
export function vhostEntry(entry: Entry): shapes.VhostEntry {
  const { reading, name } = named('vhost', entry)
  const metadata = new Reading(reading.table('metadata', {}), reading.object)
  const from = own(entry, 'metadata') === undefined ? reading : metadata
  return {
    name,
    description: from.textOrNull('description'),
    tags: own(from.entry, 'tags') === undefined ? null : from.tags('tags'),
    tracing: own(entry, 'tracing') === undefined ? null : reading.truth('tracing'),
  }
}

export function permissionEntry(entry: Entry): shapes.PermissionEntry {
  const reading = new Reading(entry, 'a permission')
  const user = reading.text('user')
  const vhost = reading.text('vhost')
  reading.object = `the permission of user '${user}' in vhost '${vhost}'`
  const [configure, write, read] = ['configure', 'write', 'read'].map((key) => reading.text(key))
  return { user, vhost, configure: configure!, write: write!, read: read! }
}

export function topicPermissionEntry(entry: Entry): shapes.TopicPermissionEntry {
  const reading = new Reading(entry, 'a topic permission')
  const user = reading.text('user')
  const vhost = reading.text('vhost')
  const exchange = reading.text('exchange')
  reading.object = `the topic permission of user '${user}' for exchange '${exchange}' in vhost '${vhost}'`
  return { user, vhost, exchange, write: reading.text('write'), read: reading.text('read') }
}

export function globalParameterEntry(entry: Entry): shapes.GlobalParameterEntry {
  const { reading, name } = named('global parameter', entry)
  const value = own(entry, 'value')
  if (value === undefined) throw definitionsFault(reading.object, 'value: missing')
  return { name, value }
}

/** RabbitMQ adds to the text of a validation where the object is; the sentence names the key too. */
function judged(object: string, where: string, body: Entry, rows: readonly PolicyKey[], judge: () => Policy) {
  try {
    return judge()
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const complaint = faultOf(body, rows) ?? withoutFrame(error.reason)
    throw definitionsFault(object, complaint, error.status === 500 ? undefined : `${error.reason} (${where})`)
  }
}

/** What is wrong with the definition or `apply-to`, by key; null when it is something else. */
function faultOf(body: Entry, rows: readonly PolicyKey[]): string | null {
  const definition = own(body, 'definition')
  if (definition !== undefined && !isRecord(definition) && !Array.isArray(definition))
    return `definition: an object is expected, not ${shown(definition)}`
  const fault = isRecord(definition) ? definitionFault(definition, rows) : null
  if (fault?.key) return `definition.${fault.key}: ${fault.text}${keyKnownElsewhere(fault.key)}`
  const known = applyToKnownElsewhere(own(body, 'apply-to'))
  return known === ''
    ? null
    : `apply-to: ${shown(body['apply-to'])} is neither "queues", "exchanges" nor "all"${known}`
}

const withoutFrame = (reason: string) =>
  reason
    .replace(/^Validation failed\n+/, '')
    .trim()
    .replaceAll('\n', '; ')

const failed = (text: string) => new PolicyError(`Validation failed\n\n${text}\n`)

/** `rabbitmqctl` writes definitions of operator policies as lists of pairs, which RabbitMQ itself then refuses. */
function definitionOf(body: Entry): Entry {
  const definition = own(body, 'definition')
  if (!Array.isArray(definition)) return body
  const pairs = definition.every(
    (pair) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string',
  )
  if (!pairs) throw failed(`definition must be a dictionary: ${erlangTerm(definition)}`)
  return { ...body, definition: Object.fromEntries(definition) }
}

export function policyEntry(entry: Entry, only: string | null): Policy {
  const { reading, name, vhost } = placed('policy', entry, only)
  return judged(reading.object, `${vhost}/${name}`, entry, policyKeys, () => {
    if (own(entry, 'definition') === undefined)
      throw failed('parse error while reading policy definition: undefined. Validator: policy_validator.')
    if (own(entry, 'pattern') === undefined) throw failed('pattern should be a binary but was undefined')
    return parsePolicy(vhost, name, definitionOf(entry))
  })
}

export function operatorPolicyEntry(entry: Entry, only: string | null): Policy {
  const { reading, name, vhost } = placed('operator policy', entry, only)
  const body = reading.table('value')
  return judged(reading.object, `${vhost}/operator_policy/${name}`, body, operatorKeys, () => {
    const missing = ['pattern', 'definition', 'priority'].find((key) => own(body, key) === undefined)
    if (missing !== undefined) throw failed(`Key "${missing}" not found in ${name}`)
    return parseOperatorPolicy(vhost, name, definitionOf(body))
  })
}

export function vhostLimitsEntry(entry: Entry, only: string | null): shapes.VhostLimitsEntry {
  const vhost = only ?? new Reading(entry, 'limits of a vhost').text('vhost')
  const reading = new Reading(entry, `the limits of vhost '${vhost}'`)
  const limits = reading.table('value')
  const refuse = (text: string) =>
    definitionsFault(reading.object, text, `Validation failed\n\n${text}\n (${vhost}/vhost-limits/limits)`)
  for (const [name, value] of Object.entries(limits)) {
    if (name !== 'max-connections' && name !== 'max-queues')
      throw refuse(`Unrecognised terms ${erlangPairs([[name, value]])} in limits`)
    if (!Number.isInteger(value))
      throw refuse(`${name} should be a number, actually was ${erlangTerm(value)}`)
  }
  return { vhost, limits: limits as Readonly<Record<string, number>> }
}

export function parameterEntry(entry: Entry, only: string | null): shapes.ParameterEntry {
  const { reading, name, vhost } = placed('parameter', entry, only)
  const component = reading.text('component')
  if (component === 'policy')
    throw definitionsFault(
      reading.object,
      'policies may not be set using this method',
      `policies may not be set using this method (${vhost}/policy/${name})`,
    )
  const value = own(entry, 'value')
  if (value === undefined) throw definitionsFault(reading.object, 'value: missing')
  return { vhost, component, name, value }
}

/** Neither queue nor exchange may have an argument that is null: AMQP's tables of 3.10 have no such value here. */
function declared(kind: 'queue' | 'exchange', entry: Entry, only: string | null) {
  const { reading, name, vhost } = placed(kind, entry, only)
  return {
    reading,
    fields: {
      vhost,
      name,
      durable: reading.truth('durable'),
      autoDelete: reading.truth('auto_delete'),
      arguments: argumentsOf(reading),
    },
  }
}

function argumentsOf(reading: Reading): Entry {
  const args = reading.table('arguments', {})
  const empty = Object.entries(args).find(([, value]) => holdsNull(value))
  if (empty === undefined) return args
  throw definitionsFault(reading.object, `arguments.${empty[0]}: null is not allowed`, 'null_not_allowed')
}

const holdsNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value).some(holdsNull))

export function queueEntry(entry: Entry, only: string | null): shapes.QueueEntry {
  return declared('queue', entry, only).fields
}

export function exchangeEntry(entry: Entry, only: string | null): shapes.ExchangeEntry {
  const { reading, fields } = declared('exchange', entry, only)
  return { ...fields, type: reading.text('type'), internal: reading.truth('internal', false) }
}

export function bindingEntry(entry: Entry, only: string | null): shapes.BindingEntry {
  const reading = new Reading(entry, 'a binding')
  const source = reading.text('source')
  const destination = reading.text('destination')
  const vhost = only ?? reading.text('vhost')
  reading.object = `the binding from exchange '${source}' to '${destination}' in vhost '${vhost}'`
  const destinationType = reading.text('destination_type')
  if (destinationType !== 'queue' && destinationType !== 'exchange')
    throw reading.wrong('destination_type', '"queue" or "exchange"', destinationType)
  return {
    vhost,
    source,
    destination,
    destinationType,
    routingKey: reading.text('routing_key'),
    arguments: argumentsOf(reading),
  }
}
