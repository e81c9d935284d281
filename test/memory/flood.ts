// A publisher at full speed and a consumer that only counts, as raw sockets: no client library is fast enough to outrun the
// broker from one process. They announce connection.blocked and note what they are told; frames are coded by the tables of
// amqplib.

import { createConnection, type Socket } from 'node:net'
import { frameBytes, headerBytes, methodBytes, PROTOCOL_HEADER } from '../broker/wire.ts'

const blocked = (10 << 16) | 60
const unblocked = (10 << 16) | 61
const deliver = (60 << 16) | 60

/** A connection with channel 1 open. */
class Client {
  /** The broker has said connection.blocked, and unblocked, so often. */
  blocked = 0
  unblocked = 0
  delivered = 0
  protected readonly socket: Socket
  private rest: Buffer = Buffer.alloc(0)

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.socket = createConnection({ host: hostname, port: Number(port) })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => this.receive(chunk))
    const clientProperties = { capabilities: { 'connection.blocked': true } }
    const response = Buffer.from('\0guest\0guest')
    this.socket.write(
      Buffer.concat([
        PROTOCOL_HEADER,
        methodBytes(0, 'ConnectionStartOk', { clientProperties, mechanism: 'PLAIN', response }),
        methodBytes(0, 'ConnectionTuneOk', { channelMax: 10, frameMax: 131_072, heartbeat: 0 }),
        methodBytes(0, 'ConnectionOpen', {}),
        methodBytes(1, 'ChannelOpen', {}),
      ]),
    )
  }

  close(): void {
    this.socket.destroy()
  }

  /** Cuts out whole frames; all that matters of one is its method. */
  private receive(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let at = 0
    while (bytes.length - at >= 8) {
      const next = at + 8 + bytes.readUInt32BE(at + 3)
      if (next > bytes.length) break
      if (bytes[at] === 1) this.count(bytes.readUInt32BE(at + 7))
      at = next
    }
    this.rest = bytes.subarray(at)
  }

  private count(method: number): void {
    if (method === deliver) this.delivered++
    else if (method === blocked) this.blocked++
    else if (method === unblocked) this.unblocked++
  }
}

/** Publishes bodies of `size` bytes to `queue`, as fast as the broker reads, until closed. */
export class Flood extends Client {
  constructor(url: string, queue: string, size: number, persistent: boolean) {
    super(url)
    const one = Buffer.concat([
      methodBytes(1, 'BasicPublish', { routingKey: queue }),
      headerBytes(1, size, persistent ? { deliveryMode: 2 } : {}),
      ...parts(Buffer.alloc(size, 'x')).map((part) => frameBytes(3, 1, part)),
    ])
    const many = Buffer.concat(Array<Buffer>(Math.ceil(65_536 / one.length)).fill(one))
    const pour = () => {
      while (this.socket.writable && this.socket.write(many));
    }
    this.socket.on('drain', pour)
    pour()
  }
}

/** A body cut to the size of a frame. */
function parts(body: Buffer): Buffer[] {
  const most = 131_064
  return Array.from({ length: Math.ceil(body.length / most) }, (_, i) =>
    body.subarray(i * most, (i + 1) * most),
  )
}

/** Consumes `queue` without acknowledgements and counts. */
export class Drain extends Client {
  constructor(url: string, queue: string) {
    super(url)
    this.socket.write(methodBytes(1, 'BasicConsume', { queue, consumerTag: 'drain', noAck: true }))
  }
}
