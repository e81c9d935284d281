// A cluster behind sockets as a stage: amqplib's clients, policies over HTTP, and counters that somebody hands in. The same for
// a real cluster and for Warren.

import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { pause, poll, request, type Site } from '../../../compare/targets/site.ts'
import type { NodeNumber } from './cases.ts'
import {
  type Client,
  type Consume,
  type Declare,
  type Links,
  linkNames,
  type Publish,
  type Stage,
  someHeaders,
} from './stage.ts'

/** What has been sent on each link since some moment long ago. */
export type Counters = () => Promise<Links>

/** How long nothing may have moved before all is taken to be over, and how often that is looked at, in ms; idle: how long rest is measured. */
export interface Calm {
  readonly quietMs: number
  readonly lookMs: number
  readonly idleMs: number
}

/** A heartbeat more or less; what moves less than this is no traffic. */
const slackBytes = 200

export class LiveStage implements Stage {
  private readonly site: Site
  private readonly counters: Counters
  private readonly calm: Calm
  /** Bytes a millisecond of a cluster at rest. */
  private idle: Links = {}
  private readonly begun = performance.now()

  constructor(site: Site, counters: Counters, calm: Calm) {
    this.site = site
    this.counters = counters
    this.calm = calm
  }

  /** Measures what the cluster sends when nobody asks anything of it. */
  async rest(): Promise<Links> {
    const [before, from] = [await this.counters(), performance.now()]
    await pause(this.calm.idleMs)
    const [after, ms] = [await this.counters(), performance.now() - from]
    this.idle = Object.fromEntries(linkNames.map((link) => [link, (after[link]! - before[link]!) / ms]))
    return this.idle
  }

  nameOf(node: NodeNumber): string {
    return this.site.nameOf(node)
  }

  async client(node: NodeNumber): Promise<Client> {
    const connection = await connect(this.site.amqpUrl(node), { noDelay: true })
    return new LiveClient(connection, await connection.createChannel())
  }

  async setPolicy(name: string, pattern: string, definition: Readonly<Record<string, unknown>>) {
    await this.expect('PUT', `policies/%2f/${name}`, { pattern, definition, 'apply-to': 'queues' })
  }

  async clearPolicy(name: string): Promise<void> {
    await this.expect('DELETE', `policies/%2f/${name}`)
  }

  async placed(queue: string, leader: NodeNumber, mirrors: number, synchronised: boolean): Promise<void> {
    if (mirrors === 0) return
    const columns = 'columns=node,slave_nodes,synchronised_slave_nodes'
    const there = await poll(this.site, 20_000, async () => {
      const { body } = await request(this.site, leader, 'GET', `queues/%2f/${queue}?${columns}`)
      const entry = (body ?? {}) as { node?: string; [list: string]: unknown }
      const listed = entry[synchronised ? 'synchronised_slave_nodes' : 'slave_nodes'] ?? []
      return entry.node === this.nameOf(leader) && (listed as string[]).length === mirrors
    })
    if (!there) throw new Error(`${queue} did not come to node ${leader} and ${mirrors} mirrors`)
  }

  async synchronise(queue: string, leader: NodeNumber): Promise<void> {
    const { status } = await request(this.site, leader, 'POST', `queues/%2f/${queue}/actions`, {
      action: 'sync',
    })
    if (status >= 300) throw new Error(`synchronising ${queue}: ${status}`)
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
  }

  async quiet(): Promise<Links> {
    let last = await this.net()
    for (let still = 0; still < this.calm.quietMs; ) {
      await pause(this.calm.lookMs)
      const next = await this.net()
      const calm = linkNames.every((link) => Math.abs(next[link]! - last[link]!) < slackBytes)
      still = calm ? still + this.calm.lookMs : 0
      last = next
    }
    return last
  }

  /** The counters without what an idle cluster would have sent. */
  private async net(): Promise<Links> {
    const counted = await this.counters()
    const ms = performance.now() - this.begun
    return Object.fromEntries(linkNames.map((link) => [link, counted[link]! - (this.idle[link] ?? 0) * ms]))
  }

  private async expect(method: string, path: string, body?: unknown): Promise<void> {
    const { status } = await request(this.site, 1, method, path, body)
    if (status >= 300) throw new Error(`${method} ${path}: ${status}`)
  }
}

class LiveClient implements Client {
  private readonly connection: ChannelModel
  private readonly channel: Channel
  /** Publishes go here. */
  private outgoing: Channel
  private come = 0
  private awaited: { readonly count: number; readonly resolve: () => void } | null = null

  constructor(connection: ChannelModel, channel: Channel) {
    this.connection = connection
    this.channel = channel
    this.outgoing = channel
  }

  async declare(queue: string, { durable, deadLetterKey }: Declare = { durable: true }): Promise<void> {
    const dead =
      deadLetterKey === undefined ? {} : { deadLetterExchange: '', deadLetterRoutingKey: deadLetterKey }
    await this.channel.assertQueue(queue, { durable, ...dead })
  }

  async deleteQueue(queue: string): Promise<void> {
    await this.channel.deleteQueue(queue)
  }

  async declareExchange(name: string, type: string): Promise<void> {
    await this.channel.assertExchange(name, type)
  }

  async deleteExchange(name: string): Promise<void> {
    await this.channel.deleteExchange(name)
  }

  async bind(queue: string, exchange: string, key: string): Promise<void> {
    await this.channel.bindQueue(queue, exchange, key)
  }

  async unbind(queue: string, exchange: string, key: string): Promise<void> {
    await this.channel.unbindQueue(queue, exchange, key)
  }

  async confirming(): Promise<void> {
    this.outgoing = await this.connection.createConfirmChannel()
  }

  publish({ exchange = '', key, bodyBytes, persistent = true, headers = false }: Publish): void {
    this.outgoing.publish(exchange, key, bodyOf(bodyBytes), {
      deliveryMode: persistent ? 2 : 1,
      ...(headers && { headers: someHeaders }),
    })
  }

  async answered(): Promise<void> {
    await (this.outgoing as ConfirmChannel).waitForConfirms()
  }

  async consume(queue: string, { noAck, prefetch, global }: Consume, reject = false): Promise<string> {
    const { channel } = this
    await channel.prefetch(prefetch, global)
    const { consumerTag } = await channel.consume(
      queue,
      (message) => {
        if (message === null) return
        if (reject) channel.nack(message, false, false)
        else if (!noAck) channel.ack(message)
        if (++this.come === this.awaited?.count) this.awaited.resolve()
      },
      { noAck },
    )
    return consumerTag
  }

  async cancel(consumerTag: string): Promise<void> {
    await this.channel.cancel(consumerTag)
  }

  async delivered(count: number): Promise<void> {
    if (this.come >= count) return
    await new Promise<void>((resolve) => {
      this.awaited = { count, resolve }
    })
  }

  async get(queue: string, then: 'ack' | 'requeue' | 'auto'): Promise<boolean> {
    const message = await this.channel.get(queue, { noAck: then === 'auto' })
    if (message === false) return false
    if (then === 'ack') this.channel.ack(message)
    if (then === 'requeue') this.channel.nack(message)
    return true
  }

  async close(): Promise<void> {
    await this.connection.close()
  }
}

const bodies = new Map<number, Buffer>()
function bodyOf(size: number): Buffer {
  const body = bodies.get(size) ?? Buffer.alloc(size, 'x')
  bodies.set(size, body)
  return body
}
