// A client in virtual time that speaks AMQP in bytes through Warren's own codec, which test/wire checks against others. It
// says what a test tells it, keeps every frame that comes back with the time it came, and never waits for a clock.

import { encodeProperties } from '../../nodes/amqp/content.ts'
import { emptyTable, type Table } from '../../nodes/amqp/fields.ts'
import { FrameReader, type FrameSink } from '../../nodes/amqp/frames.ts'
import {
  decodeMethod,
  METHOD,
  type MethodArguments,
  type MethodName,
  methodName,
} from '../../nodes/amqp/methods.ts'
import { Writer } from '../../nodes/amqp/writer.ts'
import { Connection } from '../../nodes/connection.ts'
import type { Carrier } from '../../nodes/connection-carrier.ts'
import type { World } from './world.ts'

/** A frame's method as a client got it, with the content that followed. */
export interface Heard {
  /** Virtual time, in ms. */
  readonly at: number
  readonly name: MethodName
  readonly channel: number
  readonly args: Readonly<Record<string, unknown>>
  body: string
}

const declaration = {
  passive: false,
  durable: true,
  exclusive: false,
  autoDelete: false,
  nowait: false,
  arguments: emptyTable,
}
const consumption = { noLocal: false, noAck: false, exclusive: false, nowait: false, arguments: emptyTable }
const understood = ['consumer_cancel_notify', 'connection.blocked']
const persistent = encodeProperties({ deliveryMode: 2 })
const transient = encodeProperties({ deliveryMode: 1 })

export class VirtualClient implements Carrier, FrameSink {
  readonly heard: Heard[] = []
  /** Everything the server sent, chunk by chunk. */
  readonly bytes: Buffer[] = []
  /** The server has ended the connection. */
  ended = false
  private readonly world: World
  private readonly connection: Connection
  private readonly reader = new FrameReader(this)
  private readonly writer = new Writer()
  private filling: { heard: Heard; missing: number } | null = null
  private published = 0
  private readonly answers = new Map<number, 'ack' | 'nack'>()

  constructor(world: World, node: ConstructorParameters<typeof Connection>[0], port: number) {
    this.world = world
    const peer = { address: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: 5672 }
    this.connection = new Connection(node, peer, this)
  }

  // ---- what a test asks for

  open(): void {
    this.writer.raw(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'))
    this.flushOut()
    this.awaited('connectionStart')
    const clientProperties = new Map([
      [
        'capabilities',
        { type: 'table', value: new Map(understood.map((name) => [name, { type: 'bool', value: true }])) },
      ],
    ]) as Table
    const response = Buffer.from('\0guest\0guest')
    this.send('connectionStartOk', { clientProperties, mechanism: 'PLAIN', response, locale: 'en_US' }, 0)
    this.awaited('connectionTune')
    this.send('connectionTuneOk', { channelMax: 100, frameMax: 131_072, heartbeat: 0 }, 0)
    this.send('connectionOpen', { virtualHost: '/' }, 0)
    this.awaited('connectionOpenOk')
    this.call('channelOpen', {}, 'channelOpenOk')
  }

  /** Sends a method and goes on. */
  send<N extends MethodName>(name: N, args: MethodArguments[N], channel = 1): void {
    this.writer.method(channel, name, args)
    this.flushOut()
  }

  /** Sends a method and lets time pass until `answer` has come. */
  call<N extends MethodName, A extends MethodName>(
    name: N,
    args: MethodArguments[N],
    answer: A,
    channel = 1,
  ): MethodArguments[A] {
    const from = this.heard.length
    this.send(name, args, channel)
    return this.awaited(answer, from)
  }

  declare(queue: string, options: Partial<MethodArguments['queueDeclare']> = {}) {
    return this.call('queueDeclare', { queue, ...declaration, ...options }, 'queueDeclareOk')
  }

  /** Sends queue.declare without waiting for its answer. */
  beginDeclare(queue: string): void {
    this.send('queueDeclare', { queue, ...declaration })
  }

  /** Ready messages and consumers, by a passive declare. */
  counts(queue: string): [messages: number, consumers: number] {
    const { messageCount, consumerCount } = this.declare(queue, { passive: true })
    return [messageCount, consumerCount]
  }

  confirming(): this {
    this.call('confirmSelect', { nowait: false }, 'confirmSelectOk')
    return this
  }

  publish(
    routingKey: string,
    body: string,
    { exchange = '', mandatory = false, durable = true } = {},
  ): number {
    return this.publishWith(routingKey, body, durable ? persistent : transient, exchange, mandatory)
  }

  /** Publishes with these raw properties. */
  publishWith(
    routingKey: string,
    body: string,
    properties: Buffer,
    exchange = '',
    mandatory = false,
  ): number {
    this.writer.method(1, 'basicPublish', { exchange, routingKey, mandatory, immediate: false })
    this.writer.content(1, properties, Buffer.from(body), 131_072)
    this.flushOut()
    return ++this.published
  }

  /** What became of the publish `number`, counted from 1 on a confirm channel; undefined: no answer yet. */
  outcome(number: number): 'ack' | 'nack' | undefined {
    return this.answers.get(number)
  }

  /** How many publishes on a confirm channel have had no answer yet. */
  get unanswered(): number {
    return this.published - this.answers.size
  }

  /** Publishes all and lets time pass until each is answered. */
  fill(queue: string, bodies: readonly string[], durable = true): void {
    const first = this.published + 1
    for (const body of bodies) this.publish(queue, body, { durable })
    const done = () => bodies.every((_, i) => this.outcome(first + i) === 'ack')
    this.world.until(`${bodies.length} confirms for ${queue}`, done)
  }

  prefetch(prefetchCount: number, global = false): void {
    this.call('basicQos', { prefetchSize: 0, prefetchCount, global }, 'basicQosOk')
  }

  consume(queue: string, consumerTag: string, options: Partial<MethodArguments['basicConsume']> = {}): void {
    this.call('basicConsume', { queue, consumerTag, ...consumption, ...options }, 'basicConsumeOk')
  }

  /** Sends basic.consume without waiting for its answer. */
  beginConsume(queue: string, consumerTag: string): void {
    this.send('basicConsume', { queue, consumerTag, ...consumption })
  }

  ack(deliveryTag: number, multiple = false): void {
    this.send('basicAck', { deliveryTag, multiple })
  }

  /** The delivered messages so far, redelivered ones with `*`. */
  get delivered(): string[] {
    return this.all('basicDeliver').map(({ args, body }) => `${body}${args['redelivered'] ? '*' : ''}`)
  }

  /** basic.get until the queue is empty. */
  drain(queue: string): string[] {
    const got: string[] = []
    for (;;) {
      const from = this.heard.length
      this.send('basicGet', { queue, noAck: true })
      const answered = () => this.heard.length > from && this.filling === null
      this.world.until('an answer to basic.get', answered)
      const answer = this.heard.at(-1)!
      if (answer.name !== 'basicGetOk') return got
      got.push(`${answer.body}${answer.args['redelivered'] ? '*' : ''}`)
    }
  }

  all(name: MethodName): Heard[] {
    return this.heard.filter((heard) => heard.name === name)
  }

  /** The reply text of the channel.close or connection.close that has come; undefined: none. */
  refusal(): string | undefined {
    const close = this.heard.find(({ name }) => name === 'channelClose' || name === 'connectionClose')
    return close && `${close.args['replyCode']} ${close.args['replyText']}`
  }

  /** Drops the connection without a word. */
  drop(): void {
    this.connection.end()
    this.world.cluster.loop.drain()
  }

  /** Lets time pass until `name` has come, counted from the frame number `from` on. */
  awaited<N extends MethodName>(name: N, from = 0, ms = 10_000): MethodArguments[N] {
    const find = () => this.heard.slice(from).find((heard) => heard.name === name)
    this.world.until(
      `${name} (came: ${this.heard.slice(from).map((heard) => heard.name)})`,
      () => !!find(),
      ms,
    )
    return find()!.args as unknown as MethodArguments[N]
  }

  // ---- the server's side

  flush(connection: Connection): void {
    const bytes = connection.takeOutput()
    this.ended ||= connection.finished
    if (bytes === null) return
    connection.outputDrained(bytes.length)
    this.bytes.push(Buffer.from(bytes))
    this.reader.push(bytes)
  }

  method(channel: number, id: number, buf: Buffer, start: number, end: number): void {
    const name = methodName(id)
    if (name === undefined) throw new Error(`the server sent an unknown method ${id}`)
    const args = decodeMethod(id, buf, start, end) as Readonly<Record<string, unknown>>
    const heard = { at: this.world.now, name, channel, args, body: '' }
    this.heard.push(heard)
    if (id === METHOD.basicAck || id === METHOD.basicNack) this.confirmed(name, args)
    if (name === 'basicDeliver' || name === 'basicGetOk' || name === 'basicReturn')
      this.filling = { heard, missing: -1 }
  }

  header(_channel: number, buf: Buffer, start: number): void {
    if (this.filling !== null) this.filling.missing = buf.readUInt32BE(start + 8)
    if (this.filling?.missing === 0) this.filling = null
  }

  body(_channel: number, buf: Buffer, start: number, end: number): void {
    const { filling } = this
    if (filling === null) return
    filling.heard.body += buf.toString('utf8', start, end)
    filling.missing -= end - start
    if (filling.missing === 0) this.filling = null
  }

  heartbeat(): void {}

  private confirmed(name: MethodName, args: Readonly<Record<string, unknown>>): void {
    const tag = Number(args['deliveryTag'])
    const outcome = name === 'basicAck' ? 'ack' : 'nack'
    for (let seq = args['multiple'] ? 1 : tag; seq <= tag; seq++)
      if (!this.answers.has(seq)) this.answers.set(seq, outcome)
  }

  private flushOut(): void {
    const bytes = this.writer.take()
    if (bytes === null) return
    this.connection.receive(bytes)
    this.world.cluster.loop.drain()
  }
}
