// The AMQP clients of one scenario: a connection per node and name, a channel per request, and consumers that write down all
// they see. Real sockets through amqplib, which is a development dependency and loaded only here. Used by `drive`.

import type { Channel, ChannelModel, ConfirmChannel, ConsumeMessage, Message } from 'amqplib'
import type { AckPlan, ConsumeOptions, NodeNumber } from '../steps.ts'
import { filler } from './publishing.ts'
import { commonNames, pause, type Site } from './site.ts'

/** Loads amqplib. Throws one sentence when it is not installed. */
export async function library(): Promise<typeof import('amqplib')> {
  try {
    return await import('amqplib')
  } catch {
    throw new Error("Driving a cluster needs the client library: run 'npm install amqplib'.")
  }
}

/** One consumer and what it has seen, in order: bodies (`*`: redelivered), `cancelled`, how its channel ended. */
export interface ConsumerLog {
  readonly channel: Channel
  readonly events: string[]
  /** By delivery tag. */
  readonly messages: Map<number, ConsumeMessage>
  tag: string
}

export const bodyOf = (message: Message): string =>
  `${unfilled(message.content.toString())}${(message.fields as { redelivered: boolean }).redelivered ? '*' : ''}`

const unfilled = (body: string) => {
  let end = body.length
  while (end > 0 && body[end - 1] === filler) end--
  return body.slice(0, end)
}

export class Clients {
  readonly ends: Record<string, string> = {}
  readonly consumers = new Map<string, ConsumerLog>()
  private readonly site: Site
  private readonly vhost: string
  private readonly connections = new Map<string, Promise<ChannelModel>>()
  private closing = false

  constructor(site: Site, vhost: string) {
    this.site = site
    this.vhost = vhost
  }

  /** An open channel of the client `as` at `node`; connects when it is not connected. */
  async channel(node: NodeNumber, as: string | undefined): Promise<Channel> {
    const channel = await (await this.connection(node, as)).createChannel()
    channel.on('error', () => {})
    return channel
  }

  async confirmChannel(node: NodeNumber, as: string | undefined): Promise<ConfirmChannel> {
    const channel = await (await this.connection(node, as)).createConfirmChannel()
    channel.on('error', () => {})
    return channel
  }

  private connection(node: NodeNumber, as: string | undefined): Promise<ChannelModel> {
    const name = as === undefined ? `node${node}` : `node${node}/${as}`
    const open = this.connections.get(name)
    if (open !== undefined) return open
    const opening = this.open(node, name)
    this.connections.set(name, opening)
    opening.catch(() => this.connections.delete(name))
    return opening
  }

  private async open(node: NodeNumber, name: string): Promise<ChannelModel> {
    const { connect } = await library()
    const url = `${this.site.amqpUrl(node)}/${encodeURIComponent(this.vhost)}?heartbeat=0`
    const connection = await connect(url, { noDelay: true, timeout: 20_000 })
    let reason = 'socket closed'
    connection.on('error', (error: Error & { code?: unknown }) => {
      reason = typeof error.code === 'number' ? this.textOf(error) : 'socket closed'
    })
    connection.on('close', (error?: Error & { code?: unknown }) => {
      this.connections.delete(name)
      if (this.closing || name.endsWith('/looking')) return
      this.ends[name] = typeof error?.code === 'number' ? this.textOf(error) : reason
    })
    return connection
  }

  /** A refusal as `404 NOT_FOUND - …`; anything else that ended the channel or connection is `connection lost`. */
  textOf(error: unknown): string {
    const { message = '', code } = error as Error & { code?: unknown }
    const text = /with message "(.*)"$/s.exec(message)?.[1]
    if (text !== undefined) return commonNames(`${String(code)} ${text}`, this.site, this.vhost)
    if (typeof code === 'number') return commonNames(`${code} ${message}`, this.site, this.vhost)
    return /refused|hang up|ECONN|Socket|closed|ended|closing|timeout|Handshake/i.test(message)
      ? 'connection lost'
      : `unexpected: ${message}`
  }

  /** Starts a consumer; resolves when the broker has answered. Rejects as it refuses. */
  async consume(
    node: NodeNumber,
    as: string | undefined,
    queue: string,
    name: string,
    options: ConsumeOptions,
  ): Promise<void> {
    const channel = await this.channel(node, as)
    const log: ConsumerLog = { channel, events: [], messages: new Map(), tag: '' }
    this.consumers.set(name, log)
    channel.on('error', (error) => log.events.push(`(${this.textOf(error)})`))
    channel.on('close', () => {
      if (!this.closing) log.events.push('(channel closed)')
    })
    if (options.prefetch !== undefined) await channel.prefetch(options.prefetch)
    const { consumerTag } = await channel.consume(queue, this.receiver(log, options.acks ?? 'none'), {
      noAck: options.acks === 'auto',
      ...(options.exclusive ? { exclusive: true } : {}),
      ...(options.arguments ? { arguments: options.arguments } : {}),
    })
    log.tag = consumerTag
  }

  private receiver(log: ConsumerLog, acks: AckPlan) {
    let received = 0
    return (message: ConsumeMessage | null) => {
      if (message === null) return void log.events.push('(cancelled)')
      log.events.push(bodyOf(message))
      log.messages.set(message.fields.deliveryTag, message)
      received++
      if (acks === 'each' || (typeof acks === 'number' && received <= acks)) log.channel.ack(message)
    }
  }

  /** Everything that consumers have seen by now, as a number that only grows. */
  get seen(): number {
    let events = 0
    for (const log of this.consumers.values()) events += log.events.length
    return events
  }

  /** Resolves when nothing has come for `patience.quiet`. */
  async quiet(): Promise<void> {
    const { quiet, poll } = this.site.patience
    let seen = this.seen
    for (let same = 0; same < quiet; same += poll) {
      await pause(poll)
      if (this.seen !== seen) same = 0
      seen = this.seen
    }
  }

  /** Closes every connection; one that does not answer is left to itself. */
  async close(): Promise<void> {
    this.closing = true
    const open = [...this.connections.values()]
    const ended = open.map(async (connection) => (await connection).close().catch(() => {}))
    await Promise.race([Promise.allSettled(ended), pause(2000)])
  }
}
