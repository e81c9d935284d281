// One AMQP connection of the load tool over a socket: handshake, requests and their answers, and the frames of each channel
// handed to its user in place. Made by the agents; it never counts, times or paces anything, and keeps no delivery.

import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Field, Table } from '../../nodes/amqp/fields.ts'
import { FrameReader, type FrameSink } from '../../nodes/amqp/frames.ts'
import {
  decodeAs,
  decodeMethod,
  METHOD,
  type MethodArguments,
  type MethodName,
  methodLabel,
  methodName,
} from '../../nodes/amqp/methods.ts'
import { Writer } from '../../nodes/amqp/writer.ts'
import { type Address, placeOf } from './address.ts'
import type { Clock } from './clock.ts'

/** What the broker said when it closed a channel or the connection; or how else the connection ended. */
export class Ended extends Error {
  /** AMQP's reply code, 0 when the socket ended without one. */
  readonly code: number

  constructor(code: number, text: string) {
    super(text)
    this.name = 'Ended'
    this.code = code
  }
}

/** Who uses a channel. `buf` is valid only during the call. */
export interface ChannelUser {
  /** The arguments of a basic.deliver. */
  deliver(buf: Buffer, start: number): void
  header(buf: Buffer, start: number): void
  body(buf: Buffer, start: number, end: number): void
  settled(tag: number, multiple: boolean, acked: boolean): void
  returned(): void
  /** The broker ended a consumer. */
  cancelled(): void
  /** The broker closed the channel. */
  closed(why: Ended): void
  /** All bytes of this read have been dealt with. */
  turn(): void
}

export interface ConnectionOptions {
  readonly clock: Clock
  /** Seconds; 0: none. The broker's wins when it is lower. */
  readonly heartbeat: number
  readonly frameMax: number
  /** PEM text; without a CA any certificate will do, as with PerfTest. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer }
}

/** Methods that are answered by one whose name ends in Ok. */
type Asked = { [N in MethodName]: `${N}Ok` extends MethodName ? N : never }[MethodName]

interface Waiting {
  readonly answer: MethodName
  resolve(args: unknown): void
  reject(why: Ended): void
}

const deliverId = METHOD.basicDeliver
const ackId = METHOD.basicAck
const nackId = METHOD.basicNack
const readBytes = 131_072
const patienceMs = 10_000
const protocolHeader = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')
const yes: Field = { type: 'bool', value: true }
const capabilities = [
  'publisher_confirms',
  'basic.nack',
  'consumer_cancel_notify',
  'connection.blocked',
  'authentication_failure_close',
]
const clientProperties: Table = new Map<string, Field>([
  ['product', { type: 'longstr', value: 'warren perf' }],
  ['capabilities', { type: 'table', value: new Map(capabilities.map((name) => [name, yes])) }],
])

export class Connection implements FrameSink {
  readonly writer = new Writer()
  readonly address: Address
  /** When the bytes being dealt with were read. */
  readAt = 0
  /** As negotiated, 0 for no limit. */
  frameMax = 0
  /** The connection ended and `close` did not ask for it. */
  onEnd: (why: Ended) => void = () => {}
  /** The broker has stopped reading publishers, for this reason, or (null) reads again. */
  onBlocked: (reason: string | null) => void = () => {}
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  readonly #reader = new FrameReader(this)
  readonly #users: (ChannelUser | undefined)[] = []
  readonly #waiting: Waiting[][] = []
  #why: Ended | null = null
  #gone = false
  #closing = false
  #beat: NodeJS.Timeout | null = null
  #quietBeats = 0

  private constructor(address: Address, options: ConnectionOptions) {
    this.address = address
    this.#options = options
    this.#socket = this.#dial()
    this.#socket.setNoDelay(true)
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#why ??= new Ended(0, error.code === 'ECONNREFUSED' ? 'connection refused' : error.message)
    })
    this.#socket.once('close', () => this.#ended())
    this.writer.raw(protocolHeader)
    this.flush()
  }

  /** Connects and logs in. Rejects with Ended, whose text names the place. */
  static async open(address: Address, options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(address, options)
    const late = setTimeout(() => connection.abort(`no answer in ${patienceMs / 1000} s`), patienceMs)
    try {
      await connection.#awaits(0, 'connectionOpenOk')
      return connection
    } catch (error) {
      const { code, message } = error as Ended
      throw new Ended(code, `cannot connect to ${placeOf(address)}: ${message}`)
    } finally {
      clearTimeout(late)
    }
  }

  #dial(): Socket {
    const { host, port, tls } = this.address
    const onread = {
      buffer: Buffer.allocUnsafe(readBytes),
      callback: (count: number, buffer: Uint8Array) => {
        this.#read(buffer as Buffer, count)
        return true
      },
    }
    if (!tls) return connectPlain({ host, port, onread })
    const { ca } = this.#options.tls
    const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
    // Node's types leave `onread` out here.
    const settings = { host, port, onread, ...servername, ...this.#options.tls }
    return connectTls({ ...settings, rejectUnauthorized: ca !== undefined })
  }

  #read(buffer: Buffer, count: number): void {
    this.#quietBeats = 0
    this.readAt = this.#options.clock.now()
    try {
      this.#reader.push(buffer.subarray(0, count))
    } catch (error) {
      return this.abort(`the broker sent what is no AMQP: ${(error as Error).message}`)
    }
    for (const user of this.#users) user?.turn()
    this.flush()
  }

  // ---- what its users ask for

  /** Whom the frames of a channel are for. Opens the channel. */
  async channel(number: number, user: ChannelUser): Promise<void> {
    this.#users[number] = user
    await this.call(number, 'channelOpen', {})
  }

  /** Sends a method and waits for its answer. Rejects with Ended when the broker closes channel or connection instead. */
  call<N extends Asked>(
    channel: number,
    name: N,
    args: MethodArguments[N],
  ): Promise<MethodArguments[`${N}Ok`]> {
    this.writer.method(channel, name, args)
    const answer = this.#awaits(channel, `${name}Ok` as MethodName)
    this.flush()
    return answer as Promise<MethodArguments[`${N}Ok`]>
  }

  /** Writes what the writer holds. */
  flush(): void {
    const bytes = this.writer.take()
    if (bytes !== null) this.#socket.write(bytes)
  }

  /** Writes these bytes and says when they may be used again. */
  send(bytes: Buffer, written: () => void): void {
    this.#socket.write(bytes, written)
  }

  /** Reads no more until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends it politely: nothing is handed on from now. Never rejects. */
  async close(): Promise<void> {
    if (this.#gone) return
    this.#closing = true
    this.#users.length = 0
    this.resume()
    const late = setTimeout(() => this.abort('no answer to connection.close'), 1000)
    try {
      await this.call(0, 'connectionClose', { replyCode: 200, replyText: '', classId: 0, methodId: 0 })
    } catch {
      // It is gone either way.
    }
    clearTimeout(late)
    this.#socket.destroy()
  }

  /** Ends it at once. */
  abort(reason: string): void {
    this.#why ??= new Ended(0, reason)
    this.#reader.stop()
    this.#socket.destroy()
  }

  // ---- frames

  method(channel: number, id: number, buf: Buffer, start: number, end: number): void {
    if (id === deliverId) return this.#users[channel]?.deliver(buf, start)
    if (id !== ackId && id !== nackId) return this.#rare(channel, id, buf, start, end)
    const { deliveryTag, multiple } = decodeAs('basicAck', buf, start, end)
    this.#users[channel]?.settled(deliveryTag, multiple, id === ackId)
  }

  header(channel: number, buf: Buffer, start: number): void {
    this.#users[channel]?.header(buf, start)
  }

  body(channel: number, buf: Buffer, start: number, end: number): void {
    this.#users[channel]?.body(buf, start, end)
  }

  heartbeat(): void {}

  #rare(channel: number, id: number, buf: Buffer, start: number, end: number): void {
    const name = methodName(id)
    switch (name) {
      case undefined:
        return this.abort(`the broker sent the unknown method ${methodLabel(id)}`)
      case 'connectionStart':
      case 'connectionTune':
        return this.#shake(name, buf, start, end)
      case 'connectionClose': {
        const { replyCode, replyText } = decodeAs(name, buf, start, end)
        this.#why ??= new Ended(replyCode, `the broker closed the connection: ${replyCode} ${replyText}`)
        this.writer.method(0, 'connectionCloseOk', {})
        this.flush()
        return void this.#socket.end()
      }
      case 'channelClose': {
        const { replyCode, replyText } = decodeAs(name, buf, start, end)
        this.writer.method(channel, 'channelCloseOk', {})
        return this.#channelClosed(channel, new Ended(replyCode, `${replyCode} ${replyText}`))
      }
      case 'basicReturn':
        return this.#users[channel]?.returned()
      case 'basicCancel':
        return this.#users[channel]?.cancelled()
      case 'connectionBlocked':
        return this.onBlocked(decodeAs(name, buf, start, end).reason)
      case 'connectionUnblocked':
        return this.onBlocked(null)
      default: {
        const waiting = this.#waiting[channel]?.[0]
        if (waiting?.answer !== name) return
        this.#waiting[channel]!.shift()
        waiting.resolve(decodeMethod(id, buf, start, end))
      }
    }
  }

  #channelClosed(channel: number, why: Ended): void {
    const waiting = this.#waiting[channel] ?? []
    this.#waiting[channel] = []
    for (const { reject } of waiting) reject(why)
    if (waiting.length === 0) this.#users[channel]?.closed(why)
  }

  // ---- handshake, heartbeat and end

  #shake(name: 'connectionStart' | 'connectionTune', buf: Buffer, start: number, end: number): void {
    const { user, password, vhost } = this.address
    if (name === 'connectionStart') {
      const { mechanisms } = decodeAs(name, buf, start, end)
      const external = this.#options.tls.cert !== undefined && mechanisms.split(' ').includes('EXTERNAL')
      const mechanism = external ? 'EXTERNAL' : 'PLAIN'
      const response = Buffer.from(external ? '' : `\0${user}\0${password}`)
      this.writer.method(0, 'connectionStartOk', { clientProperties, mechanism, response, locale: 'en_US' })
    } else {
      const offer = decodeAs(name, buf, start, end)
      this.frameMax = lower(offer.frameMax, this.#options.frameMax)
      if (this.frameMax > 0) this.#reader.maxPayload = this.frameMax - 8
      const heartbeat = this.#options.heartbeat === 0 ? 0 : lower(offer.heartbeat, this.#options.heartbeat)
      const { channelMax } = offer
      this.writer.method(0, 'connectionTuneOk', { channelMax, frameMax: this.frameMax, heartbeat })
      this.writer.method(0, 'connectionOpen', { virtualHost: vhost })
      if (heartbeat > 0) this.#beat = setInterval(() => this.#tick(), heartbeat * 500)
    }
    this.flush()
  }

  #tick(): void {
    this.writer.heartbeat()
    this.flush()
    if (this.#socket.isPaused()) return
    if (++this.#quietBeats > 4) this.abort('the broker sent nothing for two heartbeats')
  }

  #awaits(channel: number, answer: MethodName): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#gone) return reject(this.#why ?? new Ended(0, 'the connection has ended'))
      ;(this.#waiting[channel] ??= []).push({ answer, resolve, reject })
    })
  }

  #ended(): void {
    this.#gone = true
    if (this.#beat !== null) clearInterval(this.#beat)
    const why = (this.#why ??= new Ended(0, 'the broker closed the socket'))
    for (const waiting of this.#waiting) for (const { reject } of waiting ?? []) reject(why)
    this.#waiting.length = 0
    if (!this.#closing) this.onEnd(why)
  }
}

/** Of two limits of which 0 means none. */
function lower(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b)
}
