// A client of few words for many things at once: it writes what it is given in large pieces and counts what comes back, so that
// the broker's work is most of the work. Used by large.ts; it checks nothing but that the broker does not refuse.
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { emptyTable } from '../nodes/amqp/fields.ts'
import { FrameReader, type FrameSink } from '../nodes/amqp/frames.ts'
import { decodeMethod, METHOD, type MethodName, methodName } from '../nodes/amqp/methods.ts'
import { Writer } from '../nodes/amqp/writer.ts'

const frameMax = 131_072
/** So much is gathered before it is handed to the socket. */
const chunkBytes = 65_536

export class Peer implements FrameSink {
  /** Bytes of message bodies that have come. */
  bodyBytes = 0
  /** Publishes confirmed so far. */
  confirmed = 0
  /** Each delivery is acknowledged as it comes. */
  acking = false
  private readonly writer = new Writer()
  private readonly reader = new FrameReader(this)
  private readonly socket: Socket
  private readonly seen = new Map<number, number>()
  private delivered = 0
  private fault: Error | null = null
  private wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.reader.push(chunk)
      const acks = this.acking ? this.writer.take() : null
      if (acks !== null) socket.write(acks)
      this.wake()
    })
    socket.on('error', (error) => this.fail(error))
    socket.on('close', () => this.fail(new Error('the connection is closed')))
  }

  /** Connects to host:port as guest, with channel 1 open. */
  static async open(address: string): Promise<Peer> {
    const [host = '', port] = address.split(':')
    const socket = createConnection({ host, port: Number(port), noDelay: true })
    await once(socket, 'connect')
    const peer = new Peer(socket)
    peer.writer.raw(Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'))
    peer.writer.method(0, 'connectionStartOk', {
      clientProperties: emptyTable,
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      locale: 'en_US',
    })
    peer.writer.method(0, 'connectionTuneOk', { channelMax: 100, frameMax, heartbeat: 0 })
    peer.writer.method(0, 'connectionOpen', { virtualHost: '/' })
    peer.writer.method(1, 'channelOpen', {})
    await peer.flush()
    await peer.answered('channelOpenOk', 1)
    return peer
  }

  /** Writes `count` times what `write` says, no faster than the socket takes it. */
  async send(count: number, write: (writer: Writer, i: number) => void): Promise<void> {
    for (let i = 0; i < count; i++) {
      write(this.writer, i)
      if (this.writer.length >= chunkBytes) await this.flush()
    }
    await this.flush()
  }

  /** Sends `count` requests without waiting in between, and waits for their answers. */
  async calls(count: number, answer: MethodName, write: (writer: Writer, i: number) => void): Promise<void> {
    const before = this.seen.get(METHOD[answer]) ?? 0
    await this.send(count, write)
    await this.answered(answer, before + count)
  }

  /** Publishes `count` messages on a channel that confirms, at most `window` ahead of their confirms. */
  async publish(count: number, key: (i: number) => string, body: Buffer, exchange = '', window = 5000) {
    const first = this.confirmed
    for (let done = 0; done < count; done += window) {
      const some = Math.min(window, count - done)
      await this.send(some, (writer, i) => {
        const routingKey = key(done + i)
        writer.method(1, 'basicPublish', { exchange, routingKey, mandatory: false, immediate: false })
        writer.content(1, noProperties, body, frameMax)
      })
      await this.until(() => this.confirmed >= first + done + some)
    }
  }

  /** Resolves when `name` has come `count` times in all. */
  answered(name: MethodName, count: number): Promise<void> {
    return this.until(() => (this.seen.get(METHOD[name]) ?? 0) >= count)
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.fault !== null) throw this.fault
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  close(): void {
    this.socket.removeAllListeners('close')
    this.socket.destroy()
  }

  method(_channel: number, id: number, buf: Buffer, start: number, end: number): void {
    this.seen.set(id, (this.seen.get(id) ?? 0) + 1)
    if (id === METHOD.basicAck)
      this.confirmed = Math.max(
        this.confirmed,
        Number((decodeMethod(id, buf, start, end) as Tagged).deliveryTag),
      )
    else if (id === METHOD.basicDeliver && this.acking) this.writer.ack(1, ++this.delivered, false)
    else if (id === METHOD.channelClose || id === METHOD.connectionClose)
      this.fail(new Error(`${methodName(id)}: ${JSON.stringify(decodeMethod(id, buf, start, end))}`))
  }

  header(): void {}

  body(_channel: number, _buf: Buffer, start: number, end: number): void {
    this.bodyBytes += end - start
  }

  heartbeat(): void {}

  private fail(error: Error): void {
    this.fault ??= error
    this.wake()
  }

  private async flush(): Promise<void> {
    const bytes = this.writer.take()
    if (bytes === null || this.socket.write(bytes)) return
    await new Promise<void>((resolve) => this.socket.once('drain', resolve).once('close', () => resolve()))
  }
}

interface Tagged {
  readonly deliveryTag: number | bigint
}

const noProperties = Buffer.from([0, 0])
