// Direct reply-to: answers straight to the asking channel, without a queue (docs/observed.md §5.4). The consumer of the
// pseudo-queue gives the channel an address; requests carry it, and a publish to it goes to the channel's node.

import { decodeProperties, encodeProperties } from './amqp/content.ts'
import type { MethodArguments } from './amqp/methods.ts'
import type { Channel } from './channel.ts'
import { serverName } from './channel-names.ts'
import { preconditionFailed } from './errors.ts'
import type { Message } from './message.ts'

/** The pseudo-queue's name, and the beginning of every reply address. */
export const replyQueue = 'amq.rabbitmq.reply-to'

export class ReplyConsumer {
  private readonly channel: Channel
  private consumerTag: string | null = null
  private address: string | null = null

  constructor(channel: Channel) {
    this.channel = channel
  }

  /** basic.consume of the pseudo-queue. Throws 406 unless noAck and the first on the channel. */
  consume({ noAck, nowait, ...args }: MethodArguments['basicConsume']): void {
    if (this.consumerTag !== null) throw preconditionFailed('reply consumer already set')
    if (!noAck) throw preconditionFailed('reply consumer cannot acknowledge')
    const { channel } = this
    const chance = channel.node.loop.chance('names')
    const consumerTag = args.consumerTag === '' ? serverName('amq.ctag-', chance) : args.consumerTag
    this.consumerTag = consumerTag
    const { node, channel: number } = channel.ref
    const place = Buffer.from(`${node}/${number}`).toString('base64')
    this.address = `${replyQueue}.${place}.${serverName('amq.gen-', chance).slice(8)}`
    channel.definitions.replyAddresses.set(this.address, channel.ref)
    if (!nowait) channel.reply('basicConsumeOk', { consumerTag })
  }

  /** True when `consumerTag` was the reply consumer, which has ended now. */
  cancel(consumerTag: string): boolean {
    if (consumerTag !== this.consumerTag) return false
    this.close()
    return true
  }

  close(): void {
    if (this.address !== null) this.channel.definitions.replyAddresses.delete(this.address)
    this.consumerTag = this.address = null
  }

  /** Throws 406 unless replies can come here. */
  check(): void {
    if (this.address === null) throw preconditionFailed('fast reply consumer does not exist')
  }

  /** The properties of a request, its reply-to replaced by the channel's address. */
  addressed(properties: Buffer): Buffer {
    return encodeProperties({ ...decodeProperties(properties), replyTo: this.address! })
  }

  /** Hands a reply to the client; its delivery tag is the next one, and stays the next one. */
  deliver({ exchange, routingKey, properties, body }: Message): void {
    if (this.consumerTag === null) return
    const { number, owner, unacked } = this.channel
    const tag = unacked.nextTag
    owner.writer.deliver(
      number,
      this.consumerTag,
      tag,
      false,
      exchange,
      routingKey,
      properties,
      body,
      owner.session.frameMax,
    )
    owner.outputReady()
  }
}

/** A passive declaration of the pseudo-queue or of a living address: no messages, one consumer. */
export function declaresReplyQueue(channel: Channel, name: string): boolean {
  return name === replyQueue || channel.definitions.replyAddresses.has(name)
}
