// The basic class but publish: consume, cancel, get, qos, recover; and confirm.select and tx. Acks are the channel's own
// (AMQP 0-9-1 §1.8, §1.9).

import { plain } from './amqp/fields.ts'
import type { MethodArguments } from './amqp/methods.ts'
import type { Channel } from './channel.ts'
import { copyDelivery } from './channel-firehose.ts'
import { serverName } from './channel-names.ts'
import { findQueue } from './channel-queues.ts'
import { replyQueue } from './channel-reply-to.ts'
import { Transaction } from './channel-tx.ts'
import { checkConsumeArguments } from './definitions-arguments.ts'
import { notAllowed, notImplemented, preconditionFailed } from './errors.ts'

type Args<N extends keyof MethodArguments> = MethodArguments[N]

export function basicConsume(channel: Channel, args: Args<'basicConsume'>): void {
  if (args.queue === replyQueue) return channel.replies.consume(args)
  const { noAck, exclusive, nowait } = args
  if (channel.consumers.byTag.has(args.consumerTag))
    throw notAllowed(`attempt to reuse consumer tag '${args.consumerTag}'`)
  const record = findQueue(channel, args.queue, 'read')
  checkConsumeArguments(args.arguments, record.name, record.vhost)
  const consumerTag =
    args.consumerTag === '' ? serverName('amq.ctag-', channel.node.loop.chance('names')) : args.consumerTag
  const arguments_ = plain(args.arguments)
  const priority = Number(arguments_['x-priority'] ?? 0)
  const { prefetch, limiter } = channel
  const options = {
    consumerTag,
    noAck,
    exclusive,
    prefetch,
    limited: limiter.limit > 0,
    priority,
    arguments: arguments_,
  }
  // Known before the leader answers: with consume-ok the first deliveries may follow at once, but never precede it.
  channel.consumers.add(record, options)
  channel.consumers.begin(consumerTag, () => {
    if (!nowait) channel.reply('basicConsumeOk', { consumerTag })
  })
  channel.ask(record, { op: 'consume', consumer: options }, () => channel.consumers.begun(consumerTag))
}

export function basicCancel(channel: Channel, { consumerTag, nowait }: Args<'basicCancel'>): void {
  const answer = () => {
    if (!nowait) channel.reply('basicCancelOk', { consumerTag })
  }
  const done = () => {
    channel.consumers.byTag.delete(consumerTag)
    answer()
  }
  // A consumer of a queue may have the same tag, and goes on (seen).
  if (channel.replies.cancel(consumerTag)) return answer()
  const consumer = channel.consumers.byTag.get(consumerTag)
  const record = consumer === undefined ? undefined : channel.definitions.queuesById.get(consumer.queue)
  if (consumer === undefined || record === undefined || record.state !== 'running') return done()
  consumer.ending = true
  channel.ask(record, { op: 'cancel', consumerTag }, done)
}

export function basicGet(channel: Channel, { queue, noAck }: Args<'basicGet'>): void {
  const record = findQueue(channel, queue, 'read')
  channel.touched.add(record.id)
  channel.ask(record, { op: 'get', noAck }, ({ messages, entry }) => {
    const { counts } = channel
    if (entry === undefined) {
      counts.getEmpty++
      return channel.reply('basicGetEmpty', {})
    }
    const { id, message, redelivered } = entry
    counts.got++
    if (noAck) counts.gotNoAck++
    if (redelivered) counts.redelivered++
    const { exchange, routingKey } = message
    const deliveryTag = channel.nextTag(record.id, id, false, !noAck)
    const { writer, session } = channel.owner
    writer.method(channel.number, 'basicGetOk', {
      deliveryTag,
      redelivered,
      exchange,
      routingKey,
      messageCount: messages,
    })
    writer.content(channel.number, message.properties, message.body, session.frameMax)
    channel.owner.outputReady()
    if (channel.traced) copyDelivery(channel, record.name, message, redelivered)
    channel.fetched()
  })
}

/** `global` false limits each consumer to come, true the channel as a whole (RabbitMQ's reading of basic.qos). */
export function basicQos(channel: Channel, { prefetchSize, prefetchCount, global }: Args<'basicQos'>): void {
  if (prefetchSize !== 0) throw notImplemented(`prefetch_size!=0 (${prefetchSize})`)
  // A limit per consumer takes a channel-wide one away; the other way round both hold.
  const limit = global ? prefetchCount : 0
  if (!global) channel.prefetch = prefetchCount
  if (global || channel.limiter.limit > 0) {
    channel.limiter.set(limit, channel.unacked.count)
    for (const { queue } of channel.consumers.byTag.values())
      channel.node.tellLeader(queue, {
        kind: 'limiter',
        verb: limit > 0 ? 'on' : 'off',
        queue,
        channel: channel.ref,
        count: 0,
      })
  }
  channel.reply('basicQosOk', {})
}

export function basicRecover(channel: Channel, { requeue }: { requeue: boolean }, answer: boolean): void {
  if (!requeue) throw notImplemented('requeue=false')
  // The answer goes first: what returns to a queue comes back to its consumer after it (docs/observed.md §14).
  if (answer) channel.reply('basicRecoverOk', {})
  channel.recover()
}

export function confirmSelect(channel: Channel, { nowait }: Args<'confirmSelect'>): void {
  if (channel.transaction !== null) throw preconditionFailed('cannot switch from tx to confirm mode')
  if (!channel.confirming) channel.confirmOffset = channel.publisher.seq
  channel.confirming = true
  if (!nowait) channel.reply('confirmSelectOk', {})
}

export function txSelect(channel: Channel): void {
  if (channel.confirming) throw preconditionFailed('cannot switch from confirm to tx mode')
  channel.transaction ??= new Transaction(channel)
  channel.reply('txSelectOk', {})
}

function transactionOf(channel: Channel): Transaction {
  if (channel.transaction === null) throw preconditionFailed('channel is not transactional')
  return channel.transaction
}

/** Answers when every queue has taken the publishes. */
export function txCommit(channel: Channel): void {
  transactionOf(channel).commit()
}

export function txRollback(channel: Channel): void {
  transactionOf(channel).rollback()
  channel.reply('txRollbackOk', {})
}
