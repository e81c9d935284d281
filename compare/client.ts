// A deterministic AMQP 0-9-1 client: real bytes over a line, one channel, and a real client's habits when its node goes
// (dial again every 250 to 1000 ms, unless told otherwise). Publisher and consumer are built on it. It must never look into
// the broker.

import { emptyTable, type Field, type Table } from '../nodes/amqp/fields.ts'
import { FrameReader, type FrameSink } from '../nodes/amqp/frames.ts'
import {
  decodeAs,
  decodeMethod,
  METHOD,
  type MethodArguments,
  type MethodName,
  methodName,
} from '../nodes/amqp/methods.ts'
import { Writer } from '../nodes/amqp/writer.ts'
import type { ClientEvents, Habits } from './client-events.ts'
import type { Clock, Line, LineEnd, Login, Network } from './line.ts'

export type { ClientEvents, Habits } from './client-events.ts'

/** Content that is being gathered, and the method that announced it. */
interface Gathering {
  readonly name: 'basicDeliver' | 'basicGetOk' | 'basicReturn'
  readonly tag: number
  readonly redelivered: boolean
  readonly consumerTag: string
  readonly parts: Buffer[]
  missing: number
}

const yes: Field = { type: 'bool', value: true }
const capabilities = ['publisher_confirms', 'basic.nack', 'consumer_cancel_notify']
const clientProperties: Table = new Map<string, Field>([
  ['product', { type: 'longstr', value: 'warren compare' }],
  ['capabilities', { type: 'table', value: new Map(capabilities.map((name) => [name, yes])) }],
])
const protocolHeader = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')
const channel = 1
const guest: Login = { user: 'guest', password: 'guest', vhost: '/' }

/** How long a client waits before it tries once more, in ms. */
export const retryMs = { min: 250, max: 1000 } as const
/** How long a client with heartbeats waits for its connection to open. */
const openingMs = 10_000

const usual = (node: string): Habits => ({
  nodes: [node],
  delayMs: retryMs,
  order: 'same',
  heartbeatMs: null,
})

export class Client implements LineEnd, FrameSink {
  /** The channel is open. */
  open = false
  private readonly name: string
  private readonly habits: Habits
  private place = 0
  private readonly network: Network
  private readonly clock: Clock
  private readonly events: ClientEvents
  private reader = new FrameReader(this)
  private writer = new Writer()
  private line: Line | null = null
  private stopped = false
  private frameMax = 131_072
  private gathering: Gathering | null = null
  /** Raised with each dialling, so that what was arranged for an earlier connection lapses. */
  private dials = 0
  private heardAt = 0
  private corked = false

  /** `name` tells this client's random stream from others'; a node alone is the only one it dials. */
  constructor(name: string, node: string | Habits, network: Network, clock: Clock, events: ClientEvents) {
    this.name = name
    this.habits = typeof node === 'string' ? usual(node) : node
    this.network = network
    this.clock = clock
    this.events = events
  }

  /** The node it is connected to, or dials. */
  get node(): string {
    return this.habits.nodes[this.place]!
  }

  /** It will never dial again. */
  get gone(): boolean {
    return this.stopped
  }

  /** Bytes sent that the broker has not taken yet, as far as the line knows. */
  get backlog(): number {
    return this.line?.backlog ?? 0
  }

  /** Dials until it is let in. */
  connect(): void {
    if (this.stopped) return
    this.reader = new FrameReader(this)
    this.writer = new Writer()
    this.gathering = null
    this.heardAt = this.clock.now
    const dial = ++this.dials
    this.line = this.network.dial(this.node, this)
    if (this.line === null) return this.again()
    this.writer.raw(protocolHeader)
    this.flush()
    if (this.habits.heartbeatMs !== null)
      this.clock.after(openingMs, () => {
        if (dial === this.dials && !this.open) this.giveUp()
      })
  }

  /** Leaves for good. */
  stop(): void {
    this.stopped = true
    this.open = false
    this.reader.stop()
    this.line?.hangUp()
    this.line = null
  }

  /** Drops the connection without a word and dials again after the usual pause. */
  redial(): void {
    if (this.line === null) return
    this.dropLine()
    this.again()
  }

  /** Drops the connection without a word and dials again after so many ms. */
  crash(backMs: number): void {
    this.dropLine()
    this.clock.after(backMs, () => this.connect())
  }

  /** Runs `task` after a client's usual pause, by default 250 to 1000 ms by its own random stream. */
  later(task: () => void): void {
    const { min, max } = this.habits.delayMs ?? retryMs
    const spread = this.clock.chance(`client ${this.name}`)()
    this.clock.after(min + (max - min) * spread, task)
  }

  /** What is sent in `task` leaves in one go. */
  together(task: () => void): void {
    this.corked = true
    task()
    this.corked = false
    this.flush()
  }

  // ---- what its user asks for

  reopen(): void {
    if (this.line === null) return
    this.writer.method(channel, 'channelOpen', {})
    this.flush()
  }

  /** Sends any method without content; ignored while there is no connection. */
  send<N extends MethodName>(name: N, args: MethodArguments[N]): void {
    if (this.line === null) return
    this.writer.method(channel, name, args)
    this.flush()
  }

  declareQueue(queue: string): void {
    const flags = { passive: false, durable: true, exclusive: false, autoDelete: false, nowait: false }
    this.writer.method(channel, 'queueDeclare', { queue, ...flags, arguments: emptyTable })
    this.flush()
  }

  confirmSelect(): void {
    this.writer.method(channel, 'confirmSelect', { nowait: false })
    this.flush()
  }

  consume(queue: string, prefetchCount: number, noAck = false, args = emptyTable): void {
    this.writer.method(channel, 'basicQos', { prefetchSize: 0, prefetchCount, global: false })
    const flags = { noLocal: false, noAck, exclusive: false, nowait: false }
    this.writer.method(channel, 'basicConsume', {
      queue,
      consumerTag: this.name,
      ...flags,
      arguments: args,
    })
    this.flush()
  }

  publish(routingKey: string, properties: Buffer, body: Buffer, exchange = '', mandatory = false): void {
    this.writer.method(channel, 'basicPublish', { exchange, routingKey, mandatory, immediate: false })
    this.writer.content(channel, properties, body, this.frameMax)
    this.flush()
  }

  ack(tag: number, multiple = false): void {
    this.writer.ack(channel, tag, multiple)
    this.flush()
  }

  // ---- the line's side

  received(bytes: Buffer): void {
    this.heardAt = this.clock.now
    this.corked = true
    this.reader.push(bytes)
    this.corked = false
    this.flush()
  }

  broken(): void {
    this.line = null
    this.open = false
    this.reader.stop()
    this.events.lost()
    this.again()
  }

  drained(): void {
    this.events.drained?.()
  }

  // ---- frames

  method(_number: number, id: number, buf: Buffer, start: number, end: number): void {
    const name = methodName(id)
    switch (name) {
      case 'basicDeliver': {
        const { deliveryTag: tag, redelivered, consumerTag } = decodeAs(name, buf, start, end)
        this.gathering = { name, tag, redelivered, consumerTag, parts: [], missing: 0 }
        return
      }
      case 'basicGetOk': {
        const { deliveryTag: tag, redelivered } = decodeAs(name, buf, start, end)
        this.gathering = { name, tag, redelivered, consumerTag: '', parts: [], missing: 0 }
        return
      }
      case 'basicReturn':
        this.gathering = { name, tag: 0, redelivered: false, consumerTag: '', parts: [], missing: 0 }
        return
      case 'basicAck': {
        const { deliveryTag, multiple } = decodeAs(name, buf, start, end)
        return this.events.confirmed(deliveryTag, multiple, true)
      }
      case 'basicNack': {
        const { deliveryTag, multiple } = decodeAs(name, buf, start, end)
        return this.events.confirmed(deliveryTag, multiple, false)
      }
      case 'basicCancel':
        return this.events.cancelled(decodeAs(name, buf, start, end).consumerTag)
      case 'channelClose': {
        const { replyCode, replyText } = decodeAs(name, buf, start, end)
        this.open = false
        this.writer.method(channel, 'channelCloseOk', {})
        this.flush()
        return this.events.channelClosed(replyCode, replyText)
      }
      case 'channelOpenOk':
        this.open = true
        return this.events.opened()
      case undefined:
        throw new Error(`the broker sent a method with the unknown id ${id}`)
      default:
        if (id >>> 16 === METHOD.connectionStart >>> 16) return this.handshake(name)
        this.events.answered(name, decodeMethod(id, buf, start, end))
    }
  }

  header(_number: number, buf: Buffer, start: number, _end: number): void {
    const { gathering } = this
    if (gathering === null) return
    gathering.missing = buf.readUInt32BE(start + 8)
    if (gathering.missing === 0) this.complete(gathering)
  }

  body(_number: number, buf: Buffer, start: number, end: number): void {
    const { gathering } = this
    if (gathering === null) return
    gathering.parts.push(Buffer.from(buf.subarray(start, end)))
    gathering.missing -= end - start
    if (gathering.missing <= 0) this.complete(gathering)
  }

  heartbeat(): void {}

  // ---- inside

  private dropLine(): void {
    this.open = false
    this.reader.stop()
    this.line?.hangUp()
    this.line = null
  }

  /** The broker is silent: as if the connection had broken. */
  private giveUp(): void {
    this.line?.hangUp()
    this.broken()
  }

  /** Dials the next of its nodes after its pause, or never again. */
  private again(): void {
    this.dials++
    const { nodes, order, delayMs } = this.habits
    if (delayMs === null) {
      this.stopped = true
      return
    }
    if (order === 'next') this.place = (this.place + 1) % nodes.length
    if (order === 'random') this.place = Math.floor(this.clock.chance(`client ${this.name}`)() * nodes.length)
    this.later(() => this.connect())
  }

  private beat(dial: number, everyMs: number): void {
    this.clock.after(everyMs / 2, () => {
      if (dial !== this.dials || this.line === null) return
      if (this.clock.now - this.heardAt > 2 * everyMs) return this.giveUp()
      this.writer.heartbeat()
      this.flush()
      this.beat(dial, everyMs)
    })
  }

  private complete({ name, tag, redelivered, consumerTag, parts }: Gathering): void {
    this.gathering = null
    const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    if (name === 'basicDeliver') this.events.delivered(tag, redelivered, body, consumerTag)
    else if (name === 'basicGetOk') this.events.fetched?.(tag, redelivered, body)
    else this.events.returned?.(body)
  }

  private get login(): Login {
    return this.network.login ?? guest
  }

  private handshake(name: MethodName): void {
    switch (name) {
      case 'connectionStart': {
        const { user, password } = this.login
        const response = Buffer.from(`\0${user}\0${password}`)
        this.writer.method(0, 'connectionStartOk', {
          clientProperties,
          mechanism: 'PLAIN',
          response,
          locale: 'en_US',
        })
        break
      }
      case 'connectionTune': {
        // By default without heartbeats: a killed node resets its connections, and little else is lost in a simulation.
        const { heartbeatMs } = this.habits
        const heartbeat = (heartbeatMs ?? 0) / 1000
        this.writer.method(0, 'connectionTuneOk', { channelMax: 16, frameMax: this.frameMax, heartbeat })
        if (heartbeatMs !== null) this.beat(this.dials, heartbeatMs)
        this.writer.method(0, 'connectionOpen', { virtualHost: this.login.vhost })
        break
      }
      case 'connectionOpenOk':
        this.writer.method(channel, 'channelOpen', {})
        break
      case 'connectionClose':
        this.writer.method(0, 'connectionCloseOk', {})
        break
      default:
        return
    }
    this.flush()
  }

  private flush(): void {
    if (this.corked) return
    const bytes = this.writer.take()
    if (bytes !== null) this.line?.send(bytes)
  }
}
