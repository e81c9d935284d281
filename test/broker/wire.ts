// A raw AMQP connection for what no client library would send: any bytes out, frames back in order. It codes
// frames with amqplib's tables, never with Warren's, so that a fault in our codec cannot hide itself. Used by
// the tests of handshakes, frames, contents, transactions and wire errors.

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createConnection, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { Bell, type Refusal } from '../support/clients.ts'

export type Fields = Record<string, unknown>
interface Tables extends Fields {
  encodeMethod(id: number, channel: number, fields: Fields): Buffer
  encodeProperties(id: number, channel: number, size: number, fields: Fields): Buffer
  decode(id: number, bytes: Buffer): Fields
  info(id: number): { name: string }
}
const require = createRequire(import.meta.url)
const tables: Tables = require(join(dirname(require.resolve('amqplib')), 'lib/defs.js'))
const BASIC = 60 // the class whose contents have headers

/** The bytes of a method frame; `name` is spelled as in `QueueDeclareOk`. */
export function methodBytes(channel: number, name: string, fields: Fields = {}): Buffer {
  return tables.encodeMethod(tables[name] as number, channel, fields)
}

/** The bytes of a content header frame. */
export function headerBytes(channel: number, size: number, properties: Fields = {}): Buffer {
  return tables.encodeProperties(BASIC, channel, size, properties)
}

/** A frame as received. `name` is a method's, `Header`, `Body`, `Heartbeat` or `Protocol`. */
export interface Frame {
  readonly name: string
  readonly channel: number
  readonly payload: Buffer
  readonly fields: Fields
}

/** The bytes of any frame, well formed or not. */
export function frameBytes(type: number, channel: number, payload: Buffer, end = 0xce): Buffer {
  const head = Buffer.alloc(7)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.from([end])])
}

export const PROTOCOL_HEADER = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')

/** What the client side of a handshake says; every part has a usual value. */
export interface Introduction {
  readonly mechanism?: string
  readonly response?: Buffer
  readonly capabilities?: Fields
  readonly channelMax?: number
  readonly frameMax?: number
  readonly heartbeat?: number
  readonly vhost?: string
}

/** A socket that sends any bytes and hands out the frames that come back, in order. */
export class Wire {
  readonly #socket: Socket
  readonly #frames: Frame[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  readonly #bell = new Bell()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {}) // a reset counts as closed
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('close', () => {
      this.#ended = true
      this.#bell.ring()
    })
    socket.on('end', () => socket.destroy())
  }

  /** A connected socket to which nothing has been sent. */
  static async connect(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url)
    const socket = createConnection({ host: hostname, port: Number(port) })
    await once(socket, 'connect')
    return new Wire(socket)
  }

  /** A socket that the test has connected in its own way, for instance by TLS. */
  static over(socket: Socket): Wire {
    return new Wire(socket)
  }

  /** A connection after connection.open-ok, with channel 1 open. */
  static async open(url: string, introduction: Introduction = {}): Promise<Wire> {
    const wire = await Wire.connect(url)
    await wire.introduce(introduction)
    await wire.expect('ConnectionOpenOk')
    await wire.call(1, 'ChannelOpen', {}, 'ChannelOpenOk')
    return wire
  }

  /** The client's own port, by which a connection is told from others. */
  get localPort(): number {
    return this.#socket.localPort ?? 0
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  method(channel: number, name: string, fields: Fields = {}): void {
    this.write(methodBytes(channel, name, fields))
  }

  /** Sends a method and returns the fields of the answer. */
  call(channel: number, name: string, fields: Fields, answer: string): Promise<Fields> {
    this.method(channel, name, fields)
    return this.expect(answer)
  }

  /** basic.publish with its header and one body frame (none when empty). */
  publish(channel: number, fields: Fields, body: Buffer | string = '', properties: Fields = {}): void {
    const content = Buffer.from(body)
    this.method(channel, 'BasicPublish', fields)
    this.write(headerBytes(channel, content.length, properties))
    if (content.length > 0) this.write(frameBytes(3, channel, content))
  }

  /** Protocol header, start-ok, tune-ok and open; what the broker answers to open is left unread. */
  async introduce(introduction: Introduction = {}): Promise<void> {
    this.write(PROTOCOL_HEADER)
    await this.expect('ConnectionStart')
    this.startOk(introduction)
    await this.expect('ConnectionTune')
    this.tuneOk(introduction)
    this.method(0, 'ConnectionOpen', { virtualHost: introduction.vhost ?? '/' })
  }

  startOk({ mechanism = 'PLAIN', response, capabilities }: Introduction = {}): void {
    this.method(0, 'ConnectionStartOk', {
      clientProperties: { capabilities: capabilities ?? { authentication_failure_close: true } },
      mechanism,
      response: response ?? Buffer.from('\0guest\0guest'),
    })
  }

  tuneOk({ channelMax = 2047, frameMax = 131072, heartbeat = 0 }: Introduction = {}): void {
    this.method(0, 'ConnectionTuneOk', { channelMax, frameMax, heartbeat })
  }

  /** The next frame; fails when the socket closes or nothing comes. */
  async next(): Promise<Frame> {
    await this.#bell.until(
      () => this.#frames.length > 0 || this.#ended,
      () => 'no frame came',
    )
    const frame = this.#frames.shift()
    if (!frame) throw new Error('the socket closed where a frame was expected')
    return frame
  }

  /** The fields of the next frame, which must have this name. */
  async expect(name: string): Promise<Fields> {
    const frame = await this.next()
    if (frame.name !== name) {
      throw new Error(`expected ${name}, got ${frame.name} ${JSON.stringify(frame.fields)}`)
    }
    return frame.fields
  }

  /** The next connection.close or channel.close as a refusal; any other frame fails. */
  async refused(name: 'ConnectionClose' | 'ChannelClose'): Promise<Refusal> {
    const { replyCode: code, replyText: text, classId, methodId } = await this.expect(name)
    return { code, text, classId, methodId } as Refusal
  }

  /** A whole message: its method's fields, header payload and the sizes of its body frames. */
  async message(
    name: string,
  ): Promise<{ fields: Fields; header: Buffer; properties: Fields; body: Buffer[] }> {
    const fields = await this.expect(name)
    const header = await this.next()
    if (header.name !== 'Header') throw new Error(`expected a content header, got ${header.name}`)
    const body: Buffer[] = []
    for (let left = Number(header.payload.readBigUInt64BE(4)); left > 0; left -= body.at(-1)!.length) {
      const frame = await this.next()
      if (frame.name !== 'Body') throw new Error(`expected a body frame, got ${frame.name}`)
      body.push(frame.payload)
    }
    return { fields, header: header.payload, properties: header.fields, body }
  }

  /** Resolves with the frames left unread when the broker has closed the socket, within `ms`. */
  async closed(ms?: number): Promise<string[]> {
    await this.#bell.until(
      () => this.#ended,
      () => `the broker did not close the socket; unread: ${this.#frames.map((f) => f.name).join(' ')}`,
      ms,
    )
    return this.#frames.map((frame) => frame.name)
  }

  /** Drops the socket without a word. */
  destroy(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    for (let frame = this.#cut(); frame; frame = this.#cut()) this.#frames.push(frame)
    this.#bell.ring()
  }

  #cut(): Frame | undefined {
    const bytes = this.#bytes
    if (bytes.length < 8) return undefined
    if (bytes.toString('latin1', 0, 4) === 'AMQP') {
      this.#bytes = bytes.subarray(8)
      return { name: 'Protocol', channel: 0, payload: bytes.subarray(0, 8), fields: {} }
    }
    const end = 7 + bytes.readUInt32BE(3)
    if (bytes.length <= end) return undefined
    if (bytes[end] !== 0xce) throw new Error('a frame from the broker lacks its end octet')
    this.#bytes = bytes.subarray(end + 1)
    return decoded(bytes.readUInt8(0), bytes.readUInt16BE(1), bytes.subarray(7, end))
  }
}

function decoded(type: number, channel: number, payload: Buffer): Frame {
  if (type === 1) {
    const id = payload.readUInt32BE(0)
    return { name: tables.info(id).name, channel, payload, fields: tables.decode(id, payload.subarray(4)) }
  }
  if (type === 2) {
    return { name: 'Header', channel, payload, fields: tables.decode(BASIC, payload.subarray(12)) }
  }
  return { name: type === 3 ? 'Body' : 'Heartbeat', channel, payload, fields: {} }
}
