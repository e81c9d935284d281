// Cuts a byte stream into AMQP 0-9-1 frames (specification 2.3.5) and hands each to a sink, in place. One reader
// per connection, fed by the connection with every socket chunk. It must never keep a chunk, allocate per frame,
// or know what a method means.
import { payloadSnippet, tuple } from './erlang.ts'
import { WireError } from './errors.ts'

export { WireError } from './errors.ts'

export const FRAME_METHOD = 1
export const FRAME_HEADER = 2
export const FRAME_BODY = 3
export const FRAME_HEARTBEAT = 8
export const FRAME_END = 0xce

/** Type, channel and size before the payload. */
const HEAD = 7
/** What a frame has besides its payload: the head and the end octet. */
const OVERHEAD = 8
/** RabbitMQ forgives clients that forget the overhead: a payload may be as large as frame_max itself. */
const SLACK = 8
/** A hold buffer larger than this is given back as soon as it is empty. */
const KEEP = 16_384
const EMPTY = Buffer.alloc(0)

/**
 * Receives frames. `buf` belongs to the reader or the socket and is valid only during the call: copy what you keep. Only a
 * body's bytes stay as they are, so that it may be looked at later; but a view of a chunk keeps all of it in memory.
 * An exception passes through `push`; the frames after it are delivered by the next `push`.
 */
export interface FrameSink {
  /** `id` is `classId << 16 | methodId`; `start..end` are the arguments after it. */
  method(channel: number, id: number, buf: Buffer, start: number, end: number): void
  /** The whole header payload, at least 12 bytes: class(2) weight(2) bodySize(8) flags and properties. */
  header(channel: number, buf: Buffer, start: number, end: number): void
  body(channel: number, buf: Buffer, start: number, end: number): void
  heartbeat(): void
}

/** What `readUInt32BE` would say, at less than its price: this is asked for every frame. */
const long = (buf: Buffer, at: number): number =>
  ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0

/** A frame reader; its memory is bounded by one frame. */
export class FrameReader {
  /** Largest payload in bytes: the negotiated frame_max less 8. The connection sets it anew at tune-ok. */
  maxPayload: number

  readonly #sink: FrameSink
  /** The beginning of a frame that is not complete yet, `#have` bytes of the `#need` known to be wanted. */
  #held: Buffer = EMPTY
  #have = 0
  #need = HEAD
  /** What was left of a chunk when an exception passed through. */
  #unread: Buffer | null = null
  #stopped = false
  #paused = false
  /** After the first unusable frame the connection is closing and only waits for close-ok: later ones are skipped. */
  #closing = false

  constructor(sink: FrameSink, maxPayload = 131_064) {
    this.#sink = sink
    this.maxPayload = maxPayload
  }

  /**
   * Parses every complete frame of `chunk` and keeps a copy of the rest.
   * Throws WireError 501 or 505 with RabbitMQ's text (docs/observed.md §5.2): after a frame of unknown type or on
   * the wrong channel the reader goes on with the next `push`, after a size or end octet it cannot believe it
   * ignores everything further.
   */
  push(chunk: Buffer): void {
    if (this.#stopped) return
    let input = chunk
    if (this.#paused) {
      this.#unread = Buffer.concat([this.#unread ?? EMPTY, chunk])
      return
    }
    if (this.#unread !== null) {
      input = Buffer.concat([this.#unread, chunk])
      this.#unread = null
    }
    this.#consume(input)
  }

  /** True once nothing further is read: by `stop`, or after a size or end octet that cannot be believed. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Keeps what comes next unread, the rest of the present chunk included; may be called by the sink inside a callback. */
  pause(): void {
    this.#paused = true
  }

  /** What was kept is read with the next `push`, be it empty. */
  resume(): void {
    this.#paused = false
  }

  /** Drops everything not yet parsed and ignores later pushes; may be called by the sink inside a callback. */
  stop(): void {
    this.#stopped = true
    this.#unread = null
    this.#held = EMPTY
    this.#have = 0
  }

  #consume(chunk: Buffer): void {
    const end = chunk.length
    let at = 0
    let finished = false
    try {
      while (this.#have > 0 && !this.#stopped && !this.#paused) {
        const part = Math.min(this.#need - this.#have, end - at)
        this.#hold(chunk, at, at + part)
        at += part
        if (this.#have < this.#need) break
        if (this.#need === HEAD) this.#need = this.#frameLength(this.#held, 0)
        else this.#completeHeld()
      }
      while (end - at >= HEAD && this.#have === 0 && !this.#stopped && !this.#paused) {
        const start = at
        const next = at + this.#frameLength(chunk, at)
        if (next > end) break
        at = next
        this.#dispatch(chunk, start, next)
      }
      finished = true
    } finally {
      if (!finished && !this.#stopped && at < end) this.#unread = chunk.subarray(at)
    }
    if (this.#stopped) return
    if (this.#paused) this.#unread = at < end ? chunk.subarray(at) : null
    else if (at < end) this.#begin(chunk, at)
    else if (this.#have === 0 && this.#held.length > KEEP) this.#held = EMPTY
  }

  /** Length of the frame whose head is at `at`. Checked here, before any payload is buffered. */
  #frameLength(buf: Buffer, at: number): number {
    const size = long(buf, at + 3)
    if (size <= this.maxPayload + SLACK) return size + OVERHEAD
    const channel = (buf[at + 1]! << 8) | buf[at + 2]!
    const start = `type ${buf[at]!}, all octets = <<>>: `
    const detail = tuple('frame_too_large', [size, this.maxPayload], start.length)
    this.stop()
    throw new WireError(501, `FRAME_ERROR - ${start}${detail}`, channel)
  }

  #completeHeld(): void {
    const length = this.#need
    this.#have = 0
    this.#need = HEAD
    const held = this.#held
    if (held[0] === FRAME_BODY) this.#held = EMPTY
    this.#dispatch(held, 0, length)
  }

  #dispatch(buf: Buffer, at: number, next: number): void {
    if (buf[next - 1] !== FRAME_END) this.#refuseEnd(buf, at, next)
    const channel = (buf[at + 1]! << 8) | buf[at + 2]!
    const start = at + HEAD
    const end = next - 1
    switch (buf[at]) {
      case FRAME_METHOD:
        if (end - start < 4) break
        this.#sink.method(channel, long(buf, start), buf, start + 4, end)
        return
      case FRAME_HEADER:
        if (end - start < 12) break
        if (channel === 0) this.#refuse(505, buf, at, next)
        else this.#sink.header(channel, buf, start, end)
        return
      case FRAME_BODY:
        if (channel === 0) this.#refuse(505, buf, at, next)
        else this.#sink.body(channel, buf, start, end)
        return
      case FRAME_HEARTBEAT:
        if (end !== start) break
        if (channel !== 0) this.#refuse(505, buf, at, next)
        else this.#sink.heartbeat()
        return
    }
    this.#refuse(501, buf, at, next)
  }

  /** A whole frame that means nothing (501) or belongs on another channel (505). */
  #refuse(code: 501 | 505, buf: Buffer, at: number, next: number): void {
    if (this.#closing) return
    this.#closing = true
    const channel = (buf[at + 1]! << 8) | buf[at + 2]!
    const what = `type ${buf[at]!}, ${payloadSnippet(buf.subarray(at + HEAD, next - 1))}`
    if (code === 505) throw new WireError(505, `UNEXPECTED_FRAME - ${what}`, channel)
    throw new WireError(501, `FRAME_ERROR - ${what}: unknown_frame`, channel)
  }

  #refuseEnd(buf: Buffer, at: number, next: number): never {
    const channel = (buf[at + 1]! << 8) | buf[at + 2]!
    const start = `type ${buf[at]!}, ${payloadSnippet(buf.subarray(at + HEAD, next - 1))}: `
    const detail = tuple('invalid_frame_end_marker', [buf[next - 1]!], start.length)
    this.stop()
    throw new WireError(501, `FRAME_ERROR - ${start}${detail}`, channel)
  }

  /** Starts holding an incomplete frame: the rest of a chunk. */
  #begin(chunk: Buffer, at: number): void {
    const end = chunk.length
    this.#need = end - at >= HEAD ? this.#frameLength(chunk, at) : HEAD
    this.#hold(chunk, at, end)
  }

  /** Appends to the held bytes. Doubling keeps a frame that trickles in linear; it never grows past one frame. */
  #hold(chunk: Buffer, start: number, end: number): void {
    const have = this.#have + end - start
    if (have > this.#held.length) {
      const room = Math.max(have, Math.min(this.#need, Math.max(256, 2 * have)))
      const grown = Buffer.allocUnsafeSlow(room)
      this.#held.copy(grown, 0, 0, this.#have)
      this.#held = grown
    }
    chunk.copy(this.#held, this.#have, start, end)
    this.#have = have
  }
}
