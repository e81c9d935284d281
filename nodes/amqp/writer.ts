// Writes frames into one growing buffer per connection, so that a turn's output leaves in one socket write. Used by
// connection, channel and the in-process client, which codes the other direction of the same tables. It must never
// leave half a frame behind when an argument is refused.
import { ByteWriter, putBytes, putLong, putLonglong, putShortstr } from './bytes.ts'
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD } from './frames.ts'
import { encodeArguments, METHOD, type MethodArguments, type MethodName } from './methods.ts'

export type { ByteSink } from './bytes.ts'

/** Bytes before a frame's payload. */
const HEAD = 7
/** Bytes around a frame's payload. */
const OVERHEAD = 8
/** A deliver method frame at its largest: three names of 255 bytes, tag, bits, id and frame. */
const DELIVER_MOST = 3 * 256 + 9 + 4 + OVERHEAD
const CLASS_BASIC = 60

const NONE = Buffer.alloc(0)
/** Where a deliver frame is prepared before it is copied to its writer. */
const scratch = Buffer.alloc(DELIVER_MOST)

/** One connection's output. */
export class Writer extends ByteWriter {
  /** The names of the last deliver and, once they came twice, its method frame and where its tag stands in it. */
  #deliver: Buffer = NONE
  #tagAt = 0
  #channel = -1
  #consumerTag = ''
  #exchange = ''
  #routingKey = ''

  /** One method frame. Throws RangeError, writing nothing, for a name of more than 255 bytes. */
  method<N extends MethodName>(channel: number, name: N, args: MethodArguments[N]): void {
    const began = this.length
    try {
      this.u8(FRAME_METHOD)
      this.u16(channel)
      const mark = this.open()
      this.u32(METHOD[name])
      encodeArguments(name, args, this)
      this.close(mark)
      this.u8(FRAME_END)
    } catch (error) {
      this.at = this.start + began
      throw error
    }
  }

  /**
   * The content header and the body of a message of class basic, the body in frames of at most `frameMax` bytes
   * (0: no limit). An empty body has no body frame.
   */
  content(channel: number, properties: Buffer, body: Buffer, frameMax: number): void {
    this.reserve(contentRoom(properties, body, frameMax))
    this.at = putContent(this.out, this.at, channel, properties, body, frameMax)
  }

  /** A whole basic.deliver: method, header and body. Throws RangeError, writing nothing, for a name too long. */
  deliver(
    channel: number,
    consumerTag: string,
    deliveryTag: number,
    redelivered: boolean,
    exchange: string,
    routingKey: string,
    properties: Buffer,
    body: Buffer,
    frameMax: number,
  ): void {
    this.reserve(DELIVER_MOST + contentRoom(properties, body, frameMax))
    const out = this.out
    const began = this.at
    let at: number
    if (!this.#repeats(channel, consumerTag, exchange, routingKey)) {
      at = putDeliver(out, began, channel, consumerTag, deliveryTag, redelivered, exchange, routingKey)
    } else {
      at = putBytes(out, began, this.#deliver)
      putLonglong(out, began + this.#tagAt, deliveryTag)
      if (redelivered) out[began + this.#tagAt + 8] = 1
    }
    this.at = putContent(out, at, channel, properties, body, frameMax)
  }

  /**
   * Whether a deliver frame with these names is prepared. It is once they come twice in a row: preparing costs
   * more than writing, so that names which change with every message should not be prepared.
   */
  #repeats(channel: number, consumerTag: string, exchange: string, routingKey: string): boolean {
    if (
      consumerTag === this.#consumerTag &&
      routingKey === this.#routingKey &&
      exchange === this.#exchange &&
      channel === this.#channel
    ) {
      if (this.#deliver.length > 0) return true
      const end = putDeliver(scratch, 0, channel, consumerTag, 0, false, exchange, routingKey)
      this.#deliver = Buffer.from(scratch.subarray(0, end))
      this.#tagAt = HEAD + 4 + 1 + scratch[HEAD + 4]!
      return true
    }
    this.#deliver = NONE
    this.#channel = channel
    this.#consumerTag = consumerTag
    this.#exchange = exchange
    this.#routingKey = routingKey
    return false
  }

  /** basic.ack, from a client or as a confirm. */
  ack(channel: number, deliveryTag: number, multiple: boolean): void {
    this.#settle(channel, METHOD.basicAck, deliveryTag, multiple ? 1 : 0)
  }

  /** basic.nack as a confirm: requeue means nothing there and RabbitMQ sends its default, true. */
  nack(channel: number, deliveryTag: number, multiple: boolean): void {
    this.#settle(channel, METHOD.basicNack, deliveryTag, multiple ? 3 : 2)
  }

  heartbeat(): void {
    this.reserve(OVERHEAD)
    const at = putHead(this.out, this.at, FRAME_HEARTBEAT, 0, 0)
    this.out[at] = FRAME_END
    this.at = at + 1
  }

  /** Bytes as they are, such as a protocol header. */
  raw(bytes: Buffer): void {
    this.bytes(bytes)
  }

  #settle(channel: number, id: number, deliveryTag: number, bits: number): void {
    this.reserve(13 + OVERHEAD)
    const out = this.out
    let at = putHead(out, this.at, FRAME_METHOD, channel, 13)
    at = putLong(out, at, id)
    at = putLonglong(out, at, deliveryTag)
    out[at] = bits
    out[at + 1] = FRAME_END
    this.at = at + 2
  }
}

function putHead(out: Buffer, at: number, type: number, channel: number, size: number): number {
  out[at] = type
  out[at + 1] = channel >>> 8
  out[at + 2] = channel
  return putLong(out, at + 3, size)
}

/** The method frame of a deliver. */
function putDeliver(
  out: Buffer,
  start: number,
  channel: number,
  consumerTag: string,
  deliveryTag: number,
  redelivered: boolean,
  exchange: string,
  routingKey: string,
): number {
  let at = putLong(out, putHead(out, start, FRAME_METHOD, channel, 0), METHOD.basicDeliver)
  at = putShortstr(out, at, consumerTag)
  at = putLonglong(out, at, deliveryTag)
  out[at++] = redelivered ? 1 : 0
  at = putShortstr(out, at, exchange)
  at = putShortstr(out, at, routingKey)
  putLong(out, start + 3, at - start - HEAD)
  out[at] = FRAME_END
  return at + 1
}

/** The largest body part per frame. */
function partSize(body: Buffer, frameMax: number): number {
  return frameMax <= OVERHEAD ? body.length : frameMax - OVERHEAD
}

function contentRoom(properties: Buffer, body: Buffer, frameMax: number): number {
  const frames = body.length === 0 ? 1 : 1 + Math.ceil(body.length / partSize(body, frameMax))
  return 12 + properties.length + body.length + OVERHEAD * frames
}

function putContent(
  out: Buffer,
  start: number,
  channel: number,
  properties: Buffer,
  body: Buffer,
  frameMax: number,
): number {
  let at = putHead(out, start, FRAME_HEADER, channel, 12 + properties.length)
  // Class in the upper half, weight 0 in the lower.
  at = putLong(out, at, CLASS_BASIC << 16)
  at = putLonglong(out, at, body.length)
  at = putBytes(out, at, properties)
  out[at++] = FRAME_END
  const part = partSize(body, frameMax)
  if (body.length <= part) return body.length === 0 ? at : putBody(out, at, channel, body)
  for (let from = 0; from < body.length; from += part) {
    at = putBody(out, at, channel, body.subarray(from, from + part))
  }
  return at
}

function putBody(out: Buffer, start: number, channel: number, part: Buffer): number {
  let at = putHead(out, start, FRAME_BODY, channel, part.length)
  at = putBytes(out, at, part)
  out[at] = FRAME_END
  return at + 1
}
