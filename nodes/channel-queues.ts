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

/** The queue a method names, line breaks and all. Throws 403 without `access` to it, 404 and 405. */
export function findQueue(channel: Channel, name: string, access: Access): QueueRecord {
  const { vhost } = channel
  if (name === '' && channel.lastQueue === '') throw noPreviousQueue()
  const wanted = name === '' ? channel.lastQueue : name
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
  let name = cleanName(args.queue)
  // A passive declaration never means the last queue (docs/observed.md §14).
  if (name === '' && passive) throw notFound('queue', '', vhost)
  if (name === '') name = serverName('amq.gen-', node.loop.chance('names'))
  else if (!passive && name.startsWith('amq.') && !declaresReplyQueue(channel, name))
    throw accessRefused(`queue name '${name}' contains reserved prefix 'amq.*'`)
  if (!passive) checkQueueAccess(channel, 'configure', name)
  const existing = definitions.queue(vhost, name)
  const answer = ({ messages, consumers }: { messages: number; consumers: number }) => {
    channel.lastQueue = name
    node.counts.queuesDeclared++
    if (!nowait)
      channel.reply('queueDeclareOk', { queue: name, messageCount: messages, consumerCount: consumers })
  }
  if (existing !== undefined) {
    if (!passive && existing.state !== 'down') checkEquivalent(channel, existing, args)
    else checkOwner(channel, existing)
    return channel.ask(existing, { op: 'declare' }, answer)
  }
  if (declaresReplyQueue(channel, name)) return answer({ messages: 0, consumers: 1 })
  if (passive) throw notFound('queue', name, vhost)
  if (channel.heldUp(() => queueDeclare(channel, args))) return
  checkQueueLimit(definitions, vhost, name)
  const deadLetterExchange = args.arguments.get('x-dead-letter-exchange')
  if (deadLetterExchange?.type === 'longstr') {
    checkQueueAccess(channel, 'read', name)
    checkExchangeAccess(channel, 'write', String(deadLetterExchange.value))
  }
  checkQueueArguments(args.arguments, name, vhost, args)
  const record = createRecord(node, {
    vhost,
    name,
    durable: isDurable(args),
    exclusiveOwner: args.exclusive ? channel.owner.id : null,
    autoDelete: args.autoDelete,
    arguments: args.arguments,
  })
  channel.ask(record, { op: 'create' }, answer)
}

/** An exclusive queue ends with its connection: it is never durable, whatever it says (docs/observed.md §14). */
const isDurable = ({ durable, exclusive }: Args<'queueDeclare'>) => durable && !exclusive

/** Checks of a second declaration, in RabbitMQ's order (docs/observed.md §5.3). */
function checkEquivalent(channel: Channel, existing: QueueRecord, args: Args<'queueDeclare'>): void {
  const { name, vhost } = existing
  const where = `queue '${name}' in vhost '${vhost}'`
  if (existing.exclusiveOwner !== null || args.exclusive) {
    if (existing.exclusiveOwner !== channel.owner.id || !args.exclusive) throw resourceLocked(name, vhost)
  }
  checkSame('durable', isDurable(args), existing.durable, where)
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
  const at = {
    declaringNode: node.name,
    running,
    // Counted only where it decides: a declaration must not cost more because there are many queues.
    get leaders() {
      return leaderCounts(definitions, running)
    },
  }
  const leader = exclusive ? node.name : placeLeader(settings, at, peers.loop.chance('placement'))
  const record = definitions.addQueue({ ...queue, id: peers.nextId(), leader })
  node.counts.queuesCreated++
  definitions.changed(queue.durable && !exclusive ? 'queue' : 'transientQueue', node.name)
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

export function queueBind(channel: Channel, args: Args<'queueBind'>): void {
  const { definitions, vhost } = channel
  const key = args.queue === '' && args.routingKey === '' ? channel.lastQueue : args.routingKey
  const { name, exchange } = checkBindingAccess(channel, args, key)
  const source = definitions.exchange(vhost, exchange)
  if (source === undefined) throw notFound('exchange', exchange, vhost)
  const queue = definitions.queue(vhost, name)
  if (queue === undefined) throw notFound('queue', name, vhost)
  checkReachable(queue)
  if (channel.heldUp(() => queueBind(channel, args))) return
  bind(channel, source, queue, key, args.arguments, () => checkOwner(channel, queue))
  if (!args.nowait) channel.reply('queueBindOk', {})
}

/**
 * Queue and exchange of a binding, line breaks taken out. Throws 403 unless the user may write to the queue, and read from
 * the exchange with that key (docs/observed.md §16.1).
 */
function checkBindingAccess(
  channel: Channel,
  args: { queue: string; exchange: string },
  key: string,
): { name: string; exchange: string } {
  const name = namedQueue(channel, args.queue)
  const exchange = cleanName(args.exchange)
  checkQueueAccess(channel, 'write', name)
  if (exchange === '') throw accessRefused('operation not permitted on the default exchange')
  checkExchangeAccess(channel, 'read', exchange)
  checkTopicBinding(channel, channel.definitions.exchange(channel.vhost, exchange), key)
  return { name, exchange }
}

/** Adds a binding unless it is there. Throws 406 when the exchange type refuses it, then what `checkAccess` throws. */
export function bind(
  channel: Channel,
  source: ExchangeRecord,
  destination: QueueRecord | ExchangeRecord,
  key: string,
  args: Table,
  checkAccess: () => void = () => {},
): void {
  const { definitions, node } = channel
  const refusal = source.router.validate?.(key, args) ?? null
  if (refusal !== null) throw preconditionFailed(refusal)
  checkAccess()
  if (definitions.findBinding(source, destination, key, args) !== undefined) return
  definitions.addBinding(source, destination, key, args)
  definitions.changed(source.type === 'topic' ? 'topicBinding' : 'binding', node.name)
  node.exchanges.bound(source, destination)
}

export function queueUnbind(channel: Channel, args: Args<'queueUnbind'>): void {
  const { definitions, vhost } = channel
  const key = args.queue === '' && args.routingKey === '' ? channel.lastQueue : args.routingKey
  const { name, exchange } = checkBindingAccess(channel, args, key)
  const queue = definitions.queue(vhost, name)
  const source = definitions.exchange(vhost, exchange)
  if (queue !== undefined) checkReachable(queue)
  if (queue !== undefined && source !== undefined) {
    // Whose queue it is counts only when there is something to undo (docs/observed.md §12).
    if (definitions.findBinding(source, queue, key, args.arguments) !== undefined) checkOwner(channel, queue)
    if (channel.heldUp(() => queueUnbind(channel, args))) return
    unbind(channel, source, queue, key, args.arguments)
  }
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
  definitions.changed(source.type === 'topic' ? 'topicBinding' : 'binding', channel.node.name)
}

export function queuePurge(channel: Channel, { queue, nowait }: Args<'queuePurge'>): void {
  channel.ask(findQueue(channel, queue, 'read'), { op: 'purge' }, ({ messages }) => {
    if (!nowait) channel.reply('queuePurgeOk', { messageCount: messages })
  })
}

export function queueDelete(channel: Channel, args: Args<'queueDelete'>): void {
  const { definitions, vhost } = channel
  const { queue, ifUnused, ifEmpty, nowait } = args
  const done = ({ messages }: { messages: number }) => {
    if (!nowait) channel.reply('queueDeleteOk', { messageCount: messages })
  }
  const name = namedQueue(channel, queue)
  checkQueueAccess(channel, 'configure', name)
  const record = definitions.queue(vhost, name)
  if (record === undefined) return done({ messages: 0 })
  checkOwner(channel, record)
  if (channel.heldUp(() => queueDelete(channel, args))) return
  channel.ask(record, { op: 'delete', ifUnused, ifEmpty }, done)
}
