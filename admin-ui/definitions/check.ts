// What an import would meet in a cluster, looked at before anything is touched: users and vhosts that are not there,
// arguments that no queue may have, limits. Called by `import` alone. A real cluster checks while it imports, and keeps
// what came before the fault; the words are its own (docs/observed.md §23).

import { tableFromPlain } from '../../nodes/amqp/fields.ts'
import type { Definitions } from '../../nodes/definitions.ts'
import { checkExchangeArguments, checkTypedArguments } from '../../nodes/definitions-arguments.ts'
import { BrokerError, commandInvalid } from '../../nodes/errors.ts'
import { exchangeTypes } from '../../nodes/exchanges/index.ts'
import {
  DefinitionsError,
  type DefinitionsFile,
  type ExchangeEntry,
  type QueueEntry,
} from '../../policies/definitions-file.ts'
import { compilePattern, PatternError } from '../../policies/pattern.ts'
import { plainReason } from '../http-error.ts'

const bytes = (text: string) => [...Buffer.from(text)]

/** Throws DefinitionsError for the first entry that cannot be imported, in the order of an import. */
export function checkImport(definitions: Definitions, file: DefinitionsFile): void {
  const vhosts = new Set([...definitions.vhosts.keys(), ...file.vhosts.map(({ name }) => name)])
  const users = new Set([...definitions.users.keys(), ...file.users.map(({ name }) => name)])
  const requireVhost = (object: string, vhost: string) => {
    if (!vhosts.has(vhost))
      throw new DefinitionsError(`${object}: there is no vhost '${vhost}'`, ['no_such_vhost', vhost])
  }
  checkQueueLimits(definitions, file)
  for (const permission of [...file.permissions, ...file.topicPermissions]) {
    const { user, vhost, write, read } = permission
    const object = `the permission of user '${user}' in vhost '${vhost}'`
    const ofTopics = 'exchange' in permission
    const patterns = ofTopics ? [write, read] : [permission.configure, write, read]
    for (const pattern of patterns) checkPattern(object, pattern, ofTopics)
    if (!users.has(user))
      throw new DefinitionsError(`${object}: there is no user '${user}'`, ['no_such_user', user])
    requireVhost(object, vhost)
  }
  const { policies, operatorPolicies, parameters, vhostLimits, queues, exchanges } = file
  for (const { name, vhost } of [...policies, ...operatorPolicies]) requireVhost(`policy '${name}'`, vhost)
  for (const { name, vhost } of parameters) requireVhost(`parameter '${name}'`, vhost)
  for (const { vhost } of vhostLimits) requireVhost('limits', vhost)
  for (const queue of queues) {
    requireVhost(`queue '${queue.name}'`, queue.vhost)
    if (isNewQueue(definitions, queue)) inWords('queue', queue, () => checkQueue(queue))
  }
  for (const exchange of exchanges) {
    requireVhost(`exchange '${exchange.name}'`, exchange.vhost)
    if (isNewExchange(definitions, exchange)) inWords('exchange', exchange, () => checkExchange(exchange))
  }
  for (const { source, vhost } of file.bindings) requireVhost(`the binding from '${source}'`, vhost)
}

/** Names that only the broker gives are passed over, and so is what is there already, however it differs. */
export function isNewQueue(definitions: Definitions, { vhost, name }: QueueEntry): boolean {
  return (
    !name.startsWith('amq.') &&
    definitions.queue(vhost, name) === undefined &&
    !definitions.kept.has(vhost, name)
  )
}

/** The same for exchanges; the one without a name is in every vhost. */
export function isNewExchange(definitions: Definitions, { vhost, name }: ExchangeEntry): boolean {
  return name !== '' && !name.startsWith('amq.') && definitions.exchange(vhost, name) === undefined
}

/** Limits as they are before the import; those in the file come too late for its own queues. */
function checkQueueLimits(definitions: Definitions, file: DefinitionsFile): void {
  for (const { name, limits } of definitions.vhosts.values()) {
    const limit = limits?.['max-queues'] ?? -1
    if (limit < 0) continue
    const wanted = file.queues.filter((queue) => queue.vhost === name && isNewQueue(definitions, queue))
    const present = [...definitions.queues.values()].filter(({ vhost }) => vhost === name)
    const adding = new Set(wanted.map((queue) => queue.name)).size
    if (adding === 0 || present.length + adding <= limit) continue
    const text =
      `Adding ${adding} queue(s) to virtual host "${name}" would exceed the limit of ${limit} queue(s).\n\n` +
      `This virtual host currently has ${present.length} queue(s) defined.\n\nImport aborted!`
    throw new DefinitionsError(text.replaceAll('\n\n', ' '), ['vhost_limit_exceeded', bytes(text)])
  }
}

function checkPattern(object: string, pattern: string, ofTopics: boolean): void {
  try {
    compilePattern(pattern)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw new DefinitionsError(`${object}: "${pattern}" is no pattern: ${error.complaint} at ${error.at}`, [
      'invalid_regexp',
      ofTopics ? pattern : bytes(pattern),
      [bytes(error.complaint), error.at],
    ])
  }
}

function checkQueue({ vhost, name, durable, autoDelete, arguments: args }: QueueEntry): void {
  checkTypedArguments(tableFromPlain(args), name, vhost, { durable, autoDelete, exclusive: false })
}

function checkExchange({ vhost, name, type, arguments: args }: ExchangeEntry): void {
  if (!exchangeTypes.some((known) => known.name === type))
    throw commandInvalid(`invalid exchange type '${type}'`)
  checkExchangeArguments(type, tableFromPlain(args), name, vhost)
}

const erlangNames = new Map([
  [406, 'precondition_failed'],
  [503, 'command_invalid'],
])

/** A refusal of the core as the Erlang term that a real import shows. */
function inWords(kind: string, { vhost, name }: QueueEntry, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    const object = `${kind} '${name}' in vhost '${vhost}'`
    const known = erlangNames.get(error.code)
    // A locator that is none makes the real one crash.
    if (known === undefined)
      throw new DefinitionsError(`${object}: arguments.x-queue-master-locator is no such locator`)
    const text = plainReason(error.text)
    throw new DefinitionsError(`${object}: ${text}`, ['amqp_error', known, bytes(text), 'none'])
  }
}
