// Very many cheap AMQP connections: each is a socket, its opening words in one write, and a count of what came back. For
// the soak tests, where a client library would cost more than the server under test.

import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { methodBytes, PROTOCOL_HEADER } from '../broker/wire.ts'
import { within } from '../support/clients.ts'

/** A login that is refused, by a client that can read why. */
export const wrongLogin = Buffer.concat([
  PROTOCOL_HEADER,
  methodBytes(0, 'ConnectionStartOk', {
    clientProperties: { capabilities: { authentication_failure_close: true } },
    response: Buffer.from('\0guest\0wrong'),
  }),
])

const opening = Buffer.concat([
  PROTOCOL_HEADER,
  methodBytes(0, 'ConnectionStartOk', {
    clientProperties: { connection_name: 'one of many' },
    response: Buffer.from('\0guest\0guest'),
  }),
  methodBytes(0, 'ConnectionTuneOk', { channelMax: 2047, frameMax: 131072, heartbeat: 60 }),
  methodBytes(0, 'ConnectionOpen', { virtualHost: '/' }),
])

export class Member {
  readonly #socket: Socket
  /** Method frames received so far, by class << 16 | method. */
  readonly #seen = new Map<number, number>()
  #bytes: Buffer = Buffer.alloc(0)
  #wake: () => void = () => {}

  /** With `ca` over TLS. */
  constructor(url: string, ca?: string) {
    const { hostname, port } = new URL(url)
    const place = { host: hostname, port: Number(port), noDelay: true }
    this.#socket = ca === undefined ? createConnection(place) : connect({ ...place, ca })
    this.#socket.on('error', () => {})
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  /** Sends the opening words and `channels` times channel.open; resolves when all has been answered. */
  async open(channels: number): Promise<void> {
    const opens = Array.from({ length: channels }, (_, i) => methodBytes(i + 1, 'ChannelOpen'))
    this.#socket.write(Buffer.concat([opening, ...opens]))
    await this.#until(connectionOpenOk, 1)
    await this.#until(channelOpenOk, channels)
  }

  /** Each channel asks something harmless and is answered. */
  async ask(channels: number): Promise<void> {
    const asks = Array.from({ length: channels }, (_, i) =>
      methodBytes(i + 1, 'BasicQos', { prefetchCount: 1 }),
    )
    const before = this.#seen.get(basicQosOk) ?? 0
    this.#socket.write(Buffer.concat(asks))
    await this.#until(basicQosOk, before + channels)
  }

  write(...frames: Buffer[]): void {
    this.#socket.write(Buffer.concat(frames))
  }

  /** Resolves when `count` methods of this kind have come. */
  answered(method: number, count = 1): Promise<void> {
    return this.#until(method, count)
  }

  /** connection.close, its answer, and the end of the socket. */
  async close(): Promise<void> {
    this.#socket.write(methodBytes(0, 'ConnectionClose', { replyCode: 200, classId: 0, methodId: 0 }))
    await this.#until(connectionCloseOk, 1)
    this.#socket.end()
    await within(once(this.#socket, 'close'), () => 'the socket was not closed')
  }

  /** Drops the socket without a word; resolves when it is gone here. */
  async drop(): Promise<void> {
    this.#socket.destroy()
    await once(this.#socket, 'close')
  }

  async #until(method: number, count: number): Promise<void> {
    while ((this.#seen.get(method) ?? 0) < count) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      const missing = () =>
        `method ${method >>> 16}.${method & 0xffff} came ${this.#seen.get(method) ?? 0} times`
      await within(woken, missing, 60_000)
    }
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    let at = 0
    while (bytes.length - at >= 8) {
      const length = bytes.readUInt32BE(at + 3) + 8
      if (bytes.length - at < length) break
      if (bytes[at] === 1) {
        const method = bytes.readUInt32BE(at + 7)
        this.#seen.set(method, (this.#seen.get(method) ?? 0) + 1)
      }
      at += length
    }
    this.#bytes = Buffer.from(bytes.subarray(at))
    this.#wake()
  }
}

const method = (classId: number, id: number) => (classId << 16) | id
const connectionOpenOk = method(10, 41)
const connectionCloseOk = method(10, 51)
const channelOpenOk = method(20, 11)
const basicQosOk = method(60, 11)
export const connectionStart = method(10, 10)
export const connectionClose = method(10, 50)
export const channelCloseOk = method(20, 41)
export const queueDeclareOk = method(50, 11)
export const basicDeliver = method(60, 60)

/** Does `work` `count` times, at most `width` at a time. */
export async function inWaves(
  count: number,
  width: number,
  work: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker))
}
