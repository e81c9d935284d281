// The queue class: declare, bind, unbind, purge, delete. Definitions change at once; counts and contents are asked of the
// queue's leader. Every function takes the channel and a decoded method (AMQP 0-9-1 §1.7).

import { placeLeader } from '../policies/placement.ts'
import type { Table } from './amqp/fields.ts'
import type { MethodArguments } from './amqp/methods.ts'
import { checkQueueLimit } from './auth-limits.ts'
import type { Access } from './auth-permissions.ts'
import type { Channel } from './channel.ts'
import { cleanName, serverName } from './channel-names.ts'
import { checkExchangeAccess, checkQueueAccess, checkTopicBinding } from './channel-permissions.ts'
import { declaresReplyQueue } from './channel-reply-to.ts'
import type { Definitions, ExchangeRecord, QueueRecord } from './definitions.ts'
import { checkQueueArguments, checkSame, checkSameQueueArguments } from './definitions-arguments.ts'
import {
  accessRefused,
  homeNodeDown,
  noPreviousQueue,
  notFound,
  preconditionFailed,
  resourceLocked,
} from './errors.ts'
import type { Node } from './node.ts'

type Args<N extends keyof MethodArguments> = MethodArguments[N]

/** The name a method gives a queue; an empty one is the last declared on the channel. Throws 404 when there is none. */
function namedQueue(channel: Channel, name: string): string {
  if (name === '' && channel.lastQueue === '') throw noPreviousQueue()
  return name === '' ? channel.lastQueue : cleanName(name)
}

/** The queue a method names. Throws 403 without `access` to it, 404 and 405. */
export function findQueue(channel: Channel, name: string, access: Access): QueueRecord {
  const { vhost } = channel
  const wanted = namedQueue(channel, name)
  checkQueueAccess(channel, access, wanted)
  const record = channel.definitions.queue(vhost, wanted)
  if (record === undefined) throw notFound('queue', wanted, vhost)
  checkOwner(channel, record)
  return record
}

function checkOwner(channel: Channel, record: QueueRecord): void {
  if (record.exclusiveOwner !== null && record.exclusiveOwner !== channel.owner.id)
    throw resourceLocked(record.name, record.vhost)
}

function checkReachable(record: QueueRecord): void {
  if (record.state === 'down') throw homeNodeDown(record.name, record.vhost, record.leader)
}

export function queueDeclare(channel: Channel, args: Args<'queueDeclare'>): void {
  const { vhost, definitions, node } = channel
  const { passive, nowait } = args
  if (args.queue === '' && passive && channel.lastQueue === '') throw notFound('queue', '', vhost)
  let name = cleanName(args.queue)
  if (name === '') name = passive ? channel.lastQueue : serverName('amq.gen-', node.loop.chance('names'))
  else if (!passive && name.startsWith('amq.'))
    throw accessRefused(`queue name '${name}' contains reserved prefix 'amq.*'`)
  if (!passive) checkQueueAccess(channel, 'configure', name)
  const existing = definitions.queue(vhost, name)
  const answer = ({ messages, consumers }: { messages: number; consumers: number }) => {
    channel.lastQueue = name
    if (!nowait)
      channel.reply('queueDeclareOk', { queue: name, messageCount: messages, consumerCount: consumers })
  }
  if (existing !== undefined) {
    if (!passive && existing.state !== 'down') checkEquivalent(channel, existing, args)
    else checkOwner(channel, existing)
    return channel.ask(existing, { op: 'declare' }, answer)
  }
  if (passive && declaresReplyQueue(channel, name)) return answer({ messages: 0, consumers: 1 })
  if (passive) throw notFound('queue', name, vhost)
  checkQueueLimit(definitions, vhost, name)
  const deadLetterExchange = args.arguments.get('x-dead-letter-exchange')
  if (deadLetterExchange?.type === 'longstr') {
    checkQueueAccess(channel, 'read', name)
    checkExchangeAccess(channel, 'write', String(deadLetterExchange.value))
  }
  checkQueueArguments(args.arguments, name, vhost, args.exclusive)
  const record = createRecord(node, {
    vhost,
    name,
    durable: args.durable,
    exclusiveOwner: args.exclusive ? channel.owner.id : null,
    autoDelete: args.autoDelete,
    arguments: args.arguments,
  })
  channel.ask(record, { op: 'create' }, answer)
}

/** Checks of a second declaration, in RabbitMQ's order (docs/observed.md §5.3). */
function checkEquivalent(channel: Channel, existing: QueueRecord, args: Args<'queueDeclare'>): void {
  const { name, vhost } = existing
  const where = `queue '${name}' in vhost '${vhost}'`
  if (existing.exclusiveOwner !== null || args.exclusive) {
    if (existing.exclusiveOwner !== channel.owner.id || !args.exclusive) throw resourceLocked(name, vhost)
  }
  checkSame('durable', args.durable, existing.durable, where)
  checkSame('auto_delete', args.autoDelete, existing.autoDelete, where)
  checkSameQueueArguments(args.arguments, existing.arguments, name, vhost)
}

interface NewQueue {
  readonly vhost: string
  readonly name: string
  readonly durable: boolean
  readonly exclusiveOwner: number | null
  readonly autoDelete: boolean
  readonly arguments: Table
}

/** Writes a new queue into the definitions, its leader placed as policy and arguments want (docs/observed.md §1.5). */
export function createRecord(node: Node, queue: NewQueue): QueueRecord {
  const { definitions, peers } = node
  const exclusive = queue.exclusiveOwner !== null
  const { settings } = definitions.policiesOf(queue.vhost, queue.name, queue.arguments, exclusive)
  const running = peers.runningWith(node.name)
  const leaders = leaderCounts(definitions, running)
  const at = { declaringNode: node.name, running, leaders }
  const leader = exclusive ? node.name : placeLeader(settings, at, peers.loop.chance('placement'))
  const record = definitions.addQueue({ ...queue, id: peers.nextId(), leader })
  definitions.changed('queue')
  peers.trace.event(peers.loop.now, 'queue-declared', leader, queue.name)
  return record
}

function leaderCounts(definitions: Definitions, running: readonly string[]): Map<string, number> {
  const counts = new Map(running.map((name) => [name, 0]))
  for (const { leader } of definitions.queues.values()) {
    const count = counts.get(leader)
    if (count !== undefined) counts.set(leader, count + 1)
  }
  return counts
}

function boundExchange(channel: Channel, name: string): ExchangeRecord {
  const { vhost } = channel
  const exchange = channel.definitions.exchange(vhost, name)
  if (exchange === undefined) throw notFound('exchange', name, vhost)
  return exchange
}

export function queueBind(channel: Channel, args: Args<'queueBind'>): void {
  const key = args.queue === '' && args.routingKey === '' ? channel.lastQueue : args.routingKey
  checkBindingAccess(channel, args, key)
  const queue = findQueue(channel, args.queue, 'write')
  const source = boundExchange(channel, args.exchange)
  checkReachable(queue)
  bind(channel, source, queue, key, args.arguments)
  if (!args.nowait) channel.reply('queueBindOk', {})
}

/** Throws 403 unless the user may write to the queue, and read from the exchange with that key (docs/observed.md §13.1). */
function checkBindingAccess(
  channel: Channel,
  { queue, exchange }: { queue: string; exchange: string },
  key: string,
): void {
  checkQueueAccess(channel, 'write', namedQueue(channel, queue))
  if (exchange === '') throw accessRefused('operation not permitted on the default exchange')
  checkExchangeAccess(channel, 'read', exchange)
  checkTopicBinding(channel, channel.definitions.exchange(channel.vhost, exchange), key)
}

/** Adds a binding unless it is there. Throws 406 when the exchange type refuses the arguments. */
export function bind(
  channel: Channel,
  source: ExchangeRecord,
  destination: QueueRecord | ExchangeRecord,
  key: string,
  args: Table,
): void {
  const { definitions, node } = channel
  const refusal = source.router.validate?.(key, args) ?? null
  if (refusal !== null) throw preconditionFailed(refusal)
  if (definitions.findBinding(source, destination, key, args) !== undefined) return
  definitions.addBinding(source, destination, key, args)
  definitions.changed('binding')
  node.exchanges.bound(source, destination)
}

export function queueUnbind(channel: Channel, args: Args<'queueUnbind'>): void {
  const { definitions, vhost } = channel
  const key = args.queue === '' && args.routingKey === '' ? channel.lastQueue : args.routingKey
  checkBindingAccess(channel, args, key)
  const name = namedQueue(channel, args.queue)
  const queue = definitions.queue(vhost, name)
  const source = definitions.exchange(vhost, args.exchange)
  if (queue !== undefined) {
    checkOwner(channel, queue)
    checkReachable(queue)
  }
  if (queue !== undefined && source !== undefined) unbind(channel, source, queue, key, args.arguments)
  channel.reply('queueUnbindOk', {})
}

/** Removes a binding; one that is not there is no error. */
export function unbind(
  channel: Channel,
  source: ExchangeRecord,
  destination: QueueRecord | ExchangeRecord,
  key: string,
  args: Table,
): void {
  const { definitions } = channel
  const binding = definitions.findBinding(source, destination, key, args)
  if (binding === undefined) return
  definitions.removeBinding(binding)
  definitions.changed('binding')
}

export function queuePurge(channel: Channel, { queue, nowait }: Args<'queuePurge'>): void {
  channel.ask(findQueue(channel, queue, 'read'), { op: 'purge' }, ({ messages }) => {
    if (!nowait) channel.reply('queuePurgeOk', { messageCount: messages })
  })
}

export function queueDelete(
  channel: Channel,
  { queue, ifUnused, ifEmpty, nowait }: Args<'queueDelete'>,
): void {
  const { definitions, vhost } = channel
  const done = ({ messages }: { messages: number }) => {
    if (!nowait) channel.reply('queueDeleteOk', { messageCount: messages })
  }
  const name = namedQueue(channel, queue)
  checkQueueAccess(channel, 'configure', name)
  const record = definitions.queue(vhost, name)
  if (record === undefined) return done({ messages: 0 })
  checkOwner(channel, record)
  channel.ask(record, { op: 'delete', ifUnused, ifEmpty }, done)
}
