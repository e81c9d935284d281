// Warren in virtual time as a stage: the same work as on live clusters, at exactly its pace, in milliseconds. Used by the test
// that holds Warren's meters against what a real cluster was recorded to send.

import { encodeProperties } from '../../../nodes/amqp/content.ts'
import type { Table } from '../../../nodes/amqp/fields.ts'
import { nodeName } from '../../cluster/scene.ts'
import type { VirtualClient } from '../../cluster/virtual-client.ts'
import { World } from '../../cluster/world.ts'
import type { NodeNumber } from './cases.ts'
import {
  type Client,
  type Consume,
  type Declare,
  type Links,
  type Publish,
  type Stage,
  someHeaders,
} from './stage.ts'

/** Long enough for whatever a case leaves under way. */
const quietMs = 1000

export class VirtualStage implements Stage {
  readonly world = new World()
  private readonly clients: WorkingClient[] = []

  nameOf(node: NodeNumber): string {
    return nodeName(node)
  }

  async client(node: NodeNumber): Promise<Client> {
    const client = new WorkingClient(this, this.world.client(node))
    this.clients.push(client)
    return client
  }

  async setPolicy(
    name: string,
    pattern: string,
    definition: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    this.world.policy(definition, { name, pattern })
  }

  async clearPolicy(name: string): Promise<void> {
    this.world.clearPolicy(name)
  }

  async placed(queue: string, leader: NodeNumber, mirrors: number, synchronised: boolean): Promise<void> {
    this.world.until(`${queue} on node ${leader} with ${mirrors} mirrors`, () => {
      const record = this.world.record(queue)
      const there = record?.mirrors.filter((mirror) => mirror.synced || !synchronised) ?? []
      return record?.leader === nodeName(leader) && there.length === mirrors
    })
  }

  async synchronise(queue: string): Promise<void> {
    this.world.synchronise(queue)
  }

  async pause(ms: number): Promise<void> {
    this.pass(ms)
  }

  /** Lets time pass; consumers settle what has come, a millisecond later at most. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      this.world.run(1)
      for (const client of this.clients) client.settle()
    }
  }

  async quiet(): Promise<Links> {
    this.pass(quietMs)
    const number = (name: string) => name.slice(nodeName(0).length - 1)
    return Object.fromEntries(
      [...this.world.cluster.allLinks()].map(({ from, to, meters }) => [
        `${number(from)}>${number(to)}`,
        Object.values(meters).reduce((sum, { bytes }) => sum + bytes, 0),
      ]),
    )
  }
}

class WorkingClient implements Client {
  private readonly stage: VirtualStage
  private readonly client: VirtualClient
  /** Tags of consumers whose deliveries are settled, and how. */
  private readonly settling = new Map<string, 'ack' | 'reject'>()
  private seen = 0
  private come = 0
  private consumers = 0

  constructor(stage: VirtualStage, client: VirtualClient) {
    this.stage = stage
    this.client = client
  }

  /** Settles what has come since the last time. */
  settle(): void {
    const { heard } = this.client
    for (; this.seen < heard.length; this.seen++) {
      const { name, args } = heard[this.seen]!
      if (name !== 'basicDeliver') continue
      this.come++
      const deliveryTag = Number(args['deliveryTag'])
      const how = this.settling.get(String(args['consumerTag']))
      if (how === 'ack') this.client.ack(deliveryTag)
      else if (how === 'reject') this.client.send('basicReject', { deliveryTag, requeue: false })
    }
  }

  async declare(queue: string, { durable, deadLetterKey }: Declare = { durable: true }): Promise<void> {
    const text = (value: string) => ({ type: 'longstr', value }) as const
    const dead: [string, ReturnType<typeof text>][] =
      deadLetterKey === undefined
        ? []
        : [
            ['x-dead-letter-exchange', text('')],
            ['x-dead-letter-routing-key', text(deadLetterKey)],
          ]
    this.client.declare(queue, { durable, arguments: new Map(dead) as Table })
  }

  async deleteQueue(queue: string): Promise<void> {
    this.client.call(
      'queueDelete',
      { queue, ifUnused: false, ifEmpty: false, nowait: false },
      'queueDeleteOk',
    )
  }

  async declareExchange(exchange: string, type: string): Promise<void> {
    const flags = { passive: false, durable: true, autoDelete: false, internal: false, nowait: false }
    this.client.call(
      'exchangeDeclare',
      { exchange, type, ...flags, arguments: new Map() },
      'exchangeDeclareOk',
    )
  }

  async deleteExchange(exchange: string): Promise<void> {
    this.client.call('exchangeDelete', { exchange, ifUnused: false, nowait: false }, 'exchangeDeleteOk')
  }

  async bind(queue: string, exchange: string, routingKey: string): Promise<void> {
    const args = { queue, exchange, routingKey, nowait: false, arguments: new Map() }
    this.client.call('queueBind', args, 'queueBindOk')
  }

  async unbind(queue: string, exchange: string, routingKey: string): Promise<void> {
    this.client.call('queueUnbind', { queue, exchange, routingKey, arguments: new Map() }, 'queueUnbindOk')
  }

  async confirming(): Promise<void> {
    this.client.confirming()
  }

  publish({ exchange = '', key, bodyBytes, persistent = true, headers = false }: Publish): void {
    const table = new Map(
      Object.entries(headers ? someHeaders : {}).map(([name, value]) => [name, { type: 'longstr', value }]),
    ) as Table
    const properties = encodeProperties({
      deliveryMode: persistent ? 2 : 1,
      // amqplib sends a table, be it empty.
      headers: table,
    })
    this.client.publishWith(key, 'x'.repeat(bodyBytes), properties, exchange)
  }

  async answered(): Promise<void> {
    while (this.client.unanswered > 0) this.stage.pass(1)
  }

  async consume(
    queue: string,
    { noAck, prefetch, global = false }: Consume,
    reject = false,
  ): Promise<string> {
    const tag = `c${++this.consumers}`
    this.client.prefetch(prefetch, global)
    if (!noAck) this.settling.set(tag, reject ? 'reject' : 'ack')
    this.client.consume(queue, tag, { noAck })
    return tag
  }

  async cancel(consumerTag: string): Promise<void> {
    this.client.call('basicCancel', { consumerTag, nowait: false }, 'basicCancelOk')
  }

  async delivered(count: number): Promise<void> {
    while (this.come < count) this.stage.pass(1)
  }

  async get(queue: string, then: 'ack' | 'requeue' | 'auto'): Promise<boolean> {
    const { client } = this
    const from = client.heard.length
    client.send('basicGet', { queue, noAck: then === 'auto' })
    this.stage.world.until('an answer to basic.get', () => client.heard.length > from)
    const { name, args } = client.heard[from]!
    if (name !== 'basicGetOk') return false
    const deliveryTag = Number(args['deliveryTag'])
    if (then === 'ack') client.ack(deliveryTag)
    if (then === 'requeue') client.send('basicNack', { deliveryTag, multiple: false, requeue: true })
    return true
  }

  async close(): Promise<void> {
    this.client.drop()
  }
}
