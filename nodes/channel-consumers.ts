// The consumers of one channel by tag, and the deliveries that reach the client through them. It attaches them anew to a
// queue's next leader and tells the client when one ends (docs/observed.md §0.2, §2, §4.1).

import type { Channel } from './channel.ts'
import { copyDelivery } from './channel-firehose.ts'
import { consumerCredit, creditFor } from './consumer.ts'
import type { QueueRecord } from './definitions.ts'
import type { Message } from './message.ts'
import type { QueueChange } from './node-peers.ts'
import type { ConsumeOptions } from './protocol.ts'

export interface ChannelConsumer {
  readonly queue: number
  readonly queueName: string
  readonly options: ConsumeOptions
  /** Passed on since the leader's last credit, in its units. */
  passed: number
  /** The leader has been asked to end it: a next leader is not told of it any more. */
  ending: boolean
}

export class ConsumerTags {
  readonly byTag = new Map<string, ChannelConsumer>()
  private readonly channel: Channel

  /** A consumer that its leader has not answered for: consume-ok goes out before its first delivery. */
  private starting: { readonly consumerTag: string; readonly answer: () => void } | null = null

  constructor(channel: Channel) {
    this.channel = channel
  }

  begin(consumerTag: string, answer: () => void): void {
    this.starting = { consumerTag, answer }
  }

  begun(consumerTag: string): void {
    if (this.starting?.consumerTag !== consumerTag) return
    const { answer } = this.starting
    this.starting = null
    answer()
  }

  /** A consumer that never came to be: its leader refused it. */
  refused(): void {
    if (this.starting === null) return
    this.byTag.delete(this.starting.consumerTag)
    this.starting = null
  }

  add(record: QueueRecord, options: ConsumeOptions): void {
    this.byTag.set(options.consumerTag, {
      queue: record.id,
      queueName: record.name,
      options,
      passed: 0,
      ending: false,
    })
    this.channel.touched.add(record.id)
  }

  deliver(queue: number, consumerTag: string, id: number, message: Message, redelivered: boolean): void {
    const { channel } = this
    const { owner } = channel
    const consumer = this.byTag.get(consumerTag)
    if (channel.closed) return
    // The consumer ended with its queue while this was under way: nobody has it, and its place is free again.
    if (consumer === undefined) return channel.limiter.released(1)
    if (this.starting !== null) this.begun(consumerTag)
    const { noAck } = consumer.options
    channel.counts.delivered++
    if (redelivered) channel.counts.redelivered++
    if (noAck) channel.counts.deliveredNoAck++
    else channel.limiter.delivered()
    const tag = channel.nextTag(queue, id, !noAck, !noAck)
    owner.writer.deliver(
      channel.number,
      consumerTag,
      tag,
      redelivered,
      message.exchange,
      message.routingKey,
      message.properties,
      message.body,
      owner.session.frameMax,
    )
    owner.outputReady()
    if (channel.traced) copyDelivery(channel, consumer.queueName, message, redelivered)
    consumer.passed += creditFor(message)
    if (consumer.passed >= consumerCredit / 2 && !owner.congested) this.giveCredit(consumer)
  }

  /** The socket takes more again: leaders here look once more, leaders elsewhere get their credit. */
  resume(): void {
    const { channel } = this
    for (const consumer of this.byTag.values()) {
      const leader = channel.node.leaders.get(consumer.queue)
      if (leader !== undefined) leader.resume(channel.ref.channel)
      if (consumer.passed > 0) this.giveCredit(consumer)
    }
  }

  /** The leader ended the consumer: the queue was deleted. */
  cancelledByServer(consumerTag: string): void {
    if (!this.byTag.delete(consumerTag) || !this.channel.owner.session.cancelNotify) return
    const { channel } = this
    const cancel = () => channel.reply('basicCancel', { consumerTag, nowait: true })
    if (!channel.busy) return cancel()
    // A channel that deletes its own consumer's queue is answered first (docs/observed.md §14).
    channel.node.loop.ready({
      run: () => {
        if (!channel.closed) cancel()
      },
    })
  }

  queueChanged(record: QueueRecord, change: QueueChange): void {
    for (const [tag, consumer] of [...this.byTag]) {
      if (consumer.queue !== record.id) continue
      const wantsCancel = consumer.options.arguments['x-cancel-on-ha-failover'] === true
      // One that its client has cancelled is answered, not told.
      if (consumer.ending && change === 'deleted') continue
      if (change === 'down' || change === 'deleted') this.cancelledByServer(tag)
      // Also when nobody takes over (docs/observed.md §21).
      else if (wantsCancel && (change === 'promoted' || change === 'waiting')) this.cancelledByServer(tag)
      else if (change === 'promoted' || change === 'recovered') this.attach(record, consumer)
    }
  }

  /** Consumes from the queue's new leader under the same tag; the client notices nothing. */
  private attach(record: QueueRecord, consumer: ChannelConsumer): void {
    if (consumer.ending) return
    const { channel } = this
    consumer.passed = 0
    channel.node.request(channel.node.peers.nextId(), channel, channel.ref, record, {
      op: 'consume',
      // A channel-wide limit may have come or gone since it began.
      consumer: { ...consumer.options, limited: channel.limiter.limit > 0 },
    })
  }

  private giveCredit(consumer: ChannelConsumer): void {
    const { channel } = this
    const { queue, options, passed } = consumer
    consumer.passed = 0
    if (channel.node.leaders.has(queue)) return
    channel.node.tellLeader(queue, {
      kind: 'credit',
      queue,
      channel: channel.ref.channel,
      consumerTag: options.consumerTag,
      count: passed,
    })
  }
}
