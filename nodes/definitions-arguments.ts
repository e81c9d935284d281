// The checks of queue and exchange declarations: are the x-arguments well formed, and does a second declaration agree
// with the first? Pure functions that throw the error RabbitMQ gives, to the letter (docs/observed.md §5.3).

import { type Field, sameField, type Table } from './amqp/fields.ts'
import { type QueueType, takes, unfitProperty } from './definitions-queue-types.ts'
import { BrokerError, internalError, preconditionFailed } from './errors.ts'
import { checkTypeArguments } from './exchanges/index.ts'

/** Returns null when the value will do, else the reason as an Erlang term. */
type Check = (field: Field, args: Table) => string | null

const integerTypes = new Set([
  'byte',
  'unsignedbyte',
  'short',
  'unsignedshort',
  'signedint',
  'unsignedint',
  'long',
  'timestamp',
])
const expectedInteger = (field: Field) =>
  integerTypes.has(field.type) ? null : `"expected integer, got ${field.type}"`
const unacceptable = (field: Field) => `{unacceptable_type,${field.type}}`
/** Ten years: the longest time RabbitMQ takes. */
export const maxTimerMs = 315_360_000_000

const atLeastZero: Check = (field) =>
  expectedInteger(field) ?? (Number(field.value) < 0 ? `{value_negative,${field.value}}` : null)

const timer: Check = (field, args) =>
  atLeastZero(field, args) ?? (Number(field.value) > maxTimerMs ? `{value_too_large,${field.value}}` : null)

const oneOf =
  (what: string, values: readonly string[]): Check =>
  (field) => {
    if (field.type !== 'longstr') return unacceptable(field)
    return values.includes(String(field.value)) ? null : `"unsupported ${what} '${field.value}'"`
  }

const boolean: Check = (field) => (field.type === 'bool' ? null : unacceptable(field))
const text: Check = (field) => (field.type === 'longstr' ? null : unacceptable(field))

/** Arguments of classic queues, in the order in which RabbitMQ looks at them. */
const queueChecks: readonly (readonly [string, Check])[] = [
  ['x-expires', (f, a) => expectedInteger(f) ?? (Number(f.value) === 0 ? '{value_zero,0}' : timer(f, a))],
  ['x-message-ttl', timer],
  [
    'x-dead-letter-routing-key',
    (f, a) => text(f, a) ?? (a.has('x-dead-letter-exchange') ? null : 'routing_key_but_no_dlx_defined'),
  ],
  ['x-max-length', atLeastZero],
  ['x-max-length-bytes', atLeastZero],
  [
    'x-max-priority',
    (f, a) => atLeastZero(f, a) ?? (Number(f.value) > 255 ? `{max_value_exceeded,${f.value}}` : null),
  ],
  [
    'x-overflow',
    (f, a) =>
      text(f, a) ??
      (['drop-head', 'reject-publish', 'reject-publish-dlx'].includes(String(f.value))
        ? null
        : 'invalid_overflow'),
  ],
  ['x-queue-mode', oneOf('queue mode', ['default', 'lazy'])],
  [
    'x-queue-version',
    (f) =>
      expectedInteger(f) ??
      (f.value === 1 || f.value === 2 ? null : `"unsupported queue version '${f.value}'"`),
  ],
  ['x-single-active-consumer', boolean],
]

const queueType = oneOf('queue type', ['classic', 'quorum', 'stream'])

const inQueue = (name: string, vhost: string) => `queue '${name}' in vhost '${vhost}'`

/** What a declaration says of a queue beside its arguments. */
export interface QueueProperties {
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
}

/**
 * Throws 406 (541 for a bad locator, as the real one crashes) when an argument will not do, in RabbitMQ's order, or the queue
 * is of a type that Warren does not emulate.
 */
export function checkQueueArguments(
  args: Table,
  name: string,
  vhost: string,
  properties: QueueProperties,
): void {
  const type = checkTypedArguments(args, name, vhost, properties)
  if (type !== 'classic')
    throw preconditionFailed(
      `queue type '${type}' is not emulated yet: ${inQueue(name, vhost)} was not declared`,
    )
}

/** The same for queues of every type. Returns the type. */
export function checkTypedArguments(
  args: Table,
  name: string,
  vhost: string,
  properties: QueueProperties,
): QueueType {
  if (args.size === 0) return 'classic'
  const where = inQueue(name, vhost)
  const refuse = (arg: string, reason: string | null) => {
    if (reason !== null) throw preconditionFailed(`invalid arg '${arg}' for ${where}: ${reason}`)
  }
  const deadLetterExchange = args.get('x-dead-letter-exchange')
  if (deadLetterExchange !== undefined && deadLetterExchange.type !== 'longstr')
    throw preconditionFailed(
      `invalid type '${deadLetterExchange.type}' for arg 'x-dead-letter-exchange' in ${where}`,
    )
  const typed = args.get('x-queue-type')
  if (typed !== undefined) refuse('x-queue-type', queueType(typed, args))
  const type = String(typed?.value ?? 'classic') as QueueType
  for (const [arg, check] of queueChecks) {
    const field = args.get(arg)
    if (field !== undefined && takes(type, arg)) refuse(arg, check(field, args))
  }
  for (const arg of args.keys())
    if (!takes(type, arg))
      throw preconditionFailed(`invalid arg '${arg}' for ${where} of queue type rabbit_${type}_queue`)
  if (type !== 'classic') {
    const property = unfitProperty(properties)
    if (property !== null) throw preconditionFailed(`invalid property '${property}' for ${where}`)
    return type
  }
  // An exclusive queue is placed without a look at the locator.
  const locator = properties.exclusive ? undefined : args.get('x-queue-master-locator')
  if (locator !== undefined && !['client-local', 'min-masters', 'random'].includes(String(locator.value)))
    throw internalError()
  return type
}

/** The arguments whose value must be the same in a second declaration. */
const compared = [
  'x-expires',
  'x-message-ttl',
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  'x-max-length',
  'x-max-length-bytes',
  'x-max-priority',
  'x-overflow',
  'x-queue-mode',
  'x-queue-version',
  'x-single-active-consumer',
  'x-queue-type',
  'x-queue-master-locator',
]

/** Throws 406 `inequivalent arg` when a fixed property differs. */
export function checkSame(property: string, received: unknown, current: unknown, where: string): void {
  if (received !== current)
    throw preconditionFailed(
      `inequivalent arg '${property}' for ${where}: received '${received}' but current is '${current}'`,
    )
}

/** Throws 406 when one of the `names` differs between the two declarations' arguments. */
export function checkSameArguments(
  received: Table,
  current: Table,
  names: readonly string[],
  where: string,
): void {
  for (const name of names) {
    const ours = current.get(name)
    const theirs = received.get(name)
    if (ours === undefined && theirs === undefined) continue
    if (ours !== undefined && theirs !== undefined) {
      if (sameField(ours, theirs)) continue
      throw new BrokerError(
        406,
        `PRECONDITION_FAILED - inequivalent arg '${name}' for ${where}: received '${theirs.value}' but current is '${ours.value}'`,
      )
    }
    const valued = (field: Field | undefined) =>
      field === undefined ? 'none' : `the value '${field.value}' of type '${field.type}'`
    throw preconditionFailed(
      `inequivalent arg '${name}' for ${where}: received ${valued(theirs)} but current is ${valued(ours)}`,
    )
  }
}

const typeOf = (args: Table) => args.get('x-queue-type')?.value ?? 'classic'

export function checkSameQueueArguments(received: Table, current: Table, name: string, vhost: string): void {
  // Not to name a type is to name the classic one.
  const names = typeOf(received) === typeOf(current) ? compared.filter((n) => n !== 'x-queue-type') : compared
  checkSameArguments(received, current, names, inQueue(name, vhost))
}

/** Throws 406 when the alternate exchange is not named by a string or the type refuses an argument of its own. */
export function checkExchangeArguments(type: string, args: Table, name: string, vhost: string): void {
  const alternate = args.get('alternate-exchange')
  if (alternate !== undefined && alternate.type !== 'longstr')
    throw preconditionFailed(
      `invalid type '${alternate.type}' for arg 'alternate-exchange' in exchange '${name}' in vhost '${vhost}'`,
    )
  checkTypeArguments(type, args)
}

/** Throws 406 when an argument of basic.consume will not do (docs/observed.md §5.3). */
export function checkConsumeArguments(args: Table, name: string, vhost: string): void {
  if (args.size === 0) return
  const where = inQueue(name, vhost)
  if (args.has('x-stream-offset'))
    throw preconditionFailed(`invalid arg 'x-stream-offset' for ${where} of queue type rabbit_classic_queue`)
  const priority = args.get('x-priority')
  const failover = args.get('x-cancel-on-ha-failover')
  const reason = priority === undefined ? null : expectedInteger(priority)
  if (reason !== null) throw preconditionFailed(`invalid arg 'x-priority' for ${where}: ${reason}`)
  if (failover !== undefined && failover.type !== 'bool')
    throw preconditionFailed(`invalid arg 'x-cancel-on-ha-failover' for ${where}: ${unacceptable(failover)}`)
}
