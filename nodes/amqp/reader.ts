// A cursor over bytes that came in, with every read checked against its bound, and a cache of names that repeat.
// Used by the decoders of fields, methods and properties. It must never return a view of the bytes it reads:
// the buffer is overwritten after the call.
import { binaryNumbers } from './erlang.ts'
import { MalformedError } from './errors.ts'

const REPLACEMENT = '\ufffd'
const BAD_UTF8 = 'FRAME_ERROR - Malformed UTF-8 in shortstr'

/** The text of `start..end`, or null when the bytes are not valid UTF-8. */
export function utf8(buf: Buffer, start: number, end: number): string | null {
  const text = buf.toString('utf8', start, end)
  // A replacement character was either sent as such or stands for bytes that were not UTF-8.
  if (text.includes(REPLACEMENT) && !buf.subarray(start, end).equals(Buffer.from(text))) return null
  return text
}

/** Reads `start..end` of a buffer from left to right; every method throws MalformedError at the end. */
export class Reader {
  buf: Buffer
  at: number
  end: number

  constructor(buf: Buffer, start: number, end: number) {
    this.buf = buf
    this.at = start
    this.end = end
  }

  /** Moves past `length` bytes and returns where they begin. */
  skip(length: number): number {
    const start = this.at
    if (length > this.end - start) throw new MalformedError('bytes end too early')
    this.at = start + length
    return start
  }

  u8(): number {
    return this.buf[this.skip(1)]!
  }

  u16(): number {
    return this.buf.readUInt16BE(this.skip(2))
  }

  u32(): number {
    return this.buf.readUInt32BE(this.skip(4))
  }

  /** An unsigned 64-bit integer: a number while that is exact, otherwise a bigint. */
  u64(): number | bigint {
    const at = this.skip(8)
    const value = this.buf.readUInt32BE(at) * 0x1_0000_0000 + this.buf.readUInt32BE(at + 4)
    return value <= Number.MAX_SAFE_INTEGER ? value : this.buf.readBigUInt64BE(at)
  }

  i8(): number {
    return this.buf.readInt8(this.skip(1))
  }

  i16(): number {
    return this.buf.readInt16BE(this.skip(2))
  }

  i32(): number {
    return this.buf.readInt32BE(this.skip(4))
  }

  /** A signed 64-bit integer: a number while that is exact, otherwise a bigint. */
  i64(): number | bigint {
    const at = this.skip(8)
    const value = this.buf.readInt32BE(at) * 0x1_0000_0000 + this.buf.readUInt32BE(at + 4)
    return Number.isSafeInteger(value) ? value : this.buf.readBigInt64BE(at)
  }

  /** A 32-bit float; RabbitMQ cannot read infinities and not-a-number, so they are malformed. */
  f32(): number {
    return finite(this.buf.readFloatBE(this.skip(4)))
  }

  f64(): number {
    return finite(this.buf.readDoubleBE(this.skip(8)))
  }

  /**
   * Text of at most 255 bytes. Bytes that are not UTF-8 are not refused: each from 128 on becomes the lone surrogate
   * U+DC00 + byte, so that `putShortstr` writes the very bytes again.
   */
  shortstr(): string {
    const length = this.u8()
    const start = this.skip(length)
    return utf8(this.buf, start, this.at) ?? escaped(this.buf.toString('latin1', start, this.at))
  }

  /** A shortstr among method arguments, which RabbitMQ insists is UTF-8. */
  name(): string {
    const length = this.u8()
    const start = this.skip(length)
    return names.read(this.buf, start, this.at)
  }

  /** The bytes of a longstr, copied. */
  longstr(): Buffer {
    const length = this.u32()
    const start = this.skip(length)
    return Buffer.from(this.buf.subarray(start, this.at))
  }

  /** A longstr as text, or as copied bytes when it is not UTF-8. */
  longtext(): string | Buffer {
    const length = this.u32()
    const start = this.skip(length)
    return utf8(this.buf, start, this.at) ?? Buffer.from(this.buf.subarray(start, this.at))
  }

  /** Throws MalformedError unless everything was read. */
  finish(): void {
    if (this.at !== this.end) throw new MalformedError(`${this.end - this.at} bytes too many`)
  }
}

const escaped = (latin1: string) =>
  latin1.replace(/[\x80-\xff]/g, (letter) => String.fromCharCode(0xdc00 + letter.charCodeAt(0)))

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new MalformedError('not a finite number')
  return value
}

/**
 * Returns the same string for the same bytes, without allocating, for names seen recently. Direct-mapped: a name
 * that falls on another's slot replaces it, so memory is bounded by `slots` names of 255 bytes.
 */
export class NameCache {
  readonly #slots: string[]
  readonly #mask: number

  /** @param slots a power of two */
  constructor(slots: number) {
    this.#slots = new Array<string>(slots).fill('')
    this.#mask = slots - 1
  }

  /** The name in `start..end`; throws MalformedError when it is not UTF-8. */
  read(buf: Buffer, start: number, end: number): string {
    const length = end - start
    if (length === 0) return ''
    const last = buf[end - 1]!
    const middle = buf[start + (length >>> 1)]!
    const slot = (length * 31 + last * 7 + middle * 17 + buf[start]!) & this.#mask
    const known = this.#slots[slot]!
    if (known.length === length && sameAscii(known, buf, start)) return known
    const text = utf8(buf, start, end)
    if (text === null) throw new MalformedError('shortstr is not UTF-8', BAD_UTF8)
    // Only ASCII has as many characters as bytes; other names are not kept, so that comparing stays exact.
    if (text.length === length) this.#slots[slot] = text
    return text
  }
}

/** Whether the bytes from `start` on are the characters of `text`, which is ASCII. */
function sameAscii(text: string, buf: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== buf[start + i]) return false
  return true
}

const names = new NameCache(256)

/** The error for method arguments that do not fit `start..end`, with RabbitMQ's text. */
export function cannotDecode(buf: Buffer, start: number, end: number, error: unknown): MalformedError {
  const reason = error instanceof MalformedError ? error.message : String(error)
  // A reply text holds 255 bytes, so that no more than this many octets can be seen.
  return new MalformedError(
    reason,
    `FRAME_ERROR - cannot decode ${binaryNumbers(buf.subarray(start, end), 256)}`,
  )
}
