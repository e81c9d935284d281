// The exchange class: declare, delete, bind, unbind. Definitions only; no contents are touched (AMQP 0-9-1 §1.6 and
// RabbitMQ's exchange-to-exchange bindings).

import type { MethodArguments } from './amqp/methods.ts'
import type { Channel } from './channel.ts'
import { cleanName } from './channel-names.ts'
import { checkExchangeAccess, checkTopicBinding } from './channel-permissions.ts'
import { bind, unbind } from './channel-queues.ts'
import type { ExchangeRecord } from './definitions.ts'
import { checkExchangeArguments, checkSame, checkSameArguments } from './definitions-arguments.ts'
import { accessRefused, commandInvalid, notFound, preconditionFailed } from './errors.ts'
import { exchangeTypes } from './exchanges/index.ts'

type Args<N extends keyof MethodArguments> = MethodArguments[N]

const defaultRefused = () => accessRefused('operation not permitted on the default exchange')

export function exchangeDeclare(channel: Channel, args: Args<'exchangeDeclare'>): void {
  const { definitions, vhost } = channel
  const name = cleanName(args.exchange)
  if (name === '') throw defaultRefused()
  const existing = definitions.exchange(vhost, name)
  if (args.passive) {
    if (existing === undefined) throw notFound('exchange', name, vhost)
  } else {
    if (!exchangeTypes.some((type) => type.name === args.type))
      throw commandInvalid(`${args.type === '' ? 'invalid' : 'unknown'} exchange type '${args.type}'`)
    checkExchangeAccess(channel, 'configure', name)
    if (existing !== undefined) checkEquivalent(existing, args)
    else if (channel.heldUp(() => exchangeDeclare(channel, args))) return
    else create(channel, name, args)
  }
  if (!args.nowait) channel.reply('exchangeDeclareOk', {})
}

function create(channel: Channel, name: string, args: Args<'exchangeDeclare'>): void {
  const { definitions, vhost } = channel
  if (name.startsWith('amq.')) throw accessRefused(`exchange name '${name}' contains reserved prefix 'amq.*'`)
  const alternate = args.arguments.get('alternate-exchange')
  if (alternate?.type === 'longstr') {
    checkExchangeAccess(channel, 'read', name)
    checkExchangeAccess(channel, 'write', String(alternate.value))
  }
  checkExchangeArguments(args.type, args.arguments, name, vhost)
  const { type, durable, autoDelete, internal } = args
  definitions.addExchange({ vhost, name, type, durable, autoDelete, internal, arguments: args.arguments })
  definitions.changed('exchange', channel.node.name)
}

/** As Erlang prints the name of a type: quoted when it holds a dash (docs/observed.md §14). */
const atom = (type: string) => (type.includes('-') ? `'${type}'` : type)

function checkEquivalent(existing: ExchangeRecord, args: Args<'exchangeDeclare'>): void {
  const where = `exchange '${existing.name}' in vhost '${existing.vhost}'`
  checkSame('type', atom(args.type), atom(existing.type), where)
  checkSame('durable', args.durable, existing.durable, where)
  checkSame('auto_delete', args.autoDelete, existing.autoDelete, where)
  checkSame('internal', args.internal, existing.internal, where)
  checkSameArguments(args.arguments, existing.arguments, ['alternate-exchange'], where)
}

export function exchangeDelete(channel: Channel, args: Args<'exchangeDelete'>): void {
  const { definitions, vhost } = channel
  const { exchange, ifUnused, nowait } = args
  const name = cleanName(exchange)
  if (name === '') throw defaultRefused()
  if (name.startsWith('amq.'))
    throw accessRefused(`deletion of system exchange '${name}' in vhost '${vhost}' not allowed`)
  checkExchangeAccess(channel, 'configure', name)
  const record = definitions.exchange(vhost, name)
  if (record !== undefined) {
    if (channel.heldUp(() => exchangeDelete(channel, args))) return
    if (ifUnused && record.router.size > 0)
      throw preconditionFailed(`exchange '${name}' in vhost '${vhost}' in use`)
    definitions.removeExchange(record)
    definitions.changed('exchangeDelete', channel.node.name)
  }
  if (!nowait) channel.reply('exchangeDeleteOk', {})
}

export function exchangeBind(channel: Channel, args: Args<'exchangeBind'>): void {
  const { source, destination } = ends(channel, args)
  if (source === undefined) throw notFound('exchange', cleanName(args.source), channel.vhost)
  if (destination === undefined) throw notFound('exchange', cleanName(args.destination), channel.vhost)
  if (channel.heldUp(() => exchangeBind(channel, args))) return
  bind(channel, source, destination, args.routingKey, args.arguments)
  if (!args.nowait) channel.reply('exchangeBindOk', {})
}

export function exchangeUnbind(channel: Channel, args: Args<'exchangeUnbind'>): void {
  const { source, destination } = ends(channel, args)
  if (channel.heldUp(() => exchangeUnbind(channel, args))) return
  if (source !== undefined && destination !== undefined)
    unbind(channel, source, destination, args.routingKey, args.arguments)
  if (!args.nowait) channel.reply('exchangeUnbindOk', {})
}

/** The exchanges of a binding. Throws 403 unless the user may write to the one and read from the other with that key. */
function ends(
  channel: Channel,
  args: { source: string; destination: string; routingKey: string },
): { source: ExchangeRecord | undefined; destination: ExchangeRecord | undefined } {
  const { definitions, vhost } = channel
  const source = cleanName(args.source)
  const destination = cleanName(args.destination)
  checkExchangeAccess(channel, 'write', destination)
  if (source === '' || destination === '') throw defaultRefused()
  checkExchangeAccess(channel, 'read', source)
  const from = definitions.exchange(vhost, source)
  checkTopicBinding(channel, from, args.routingKey)
  return { source: from, destination: definitions.exchange(vhost, destination) }
}
