// Bytes going out: the sink that fields, methods and properties are written to, and one growing buffer that
// implements it. Used by the frame writer and wherever a table is encoded alone. It must never touch bytes it
// has handed over.

/**
 * Accepts values in network byte order. Integers are taken modulo their width.
 * `open` leaves room for a 4-byte length and returns a mark; `close` fills in the number of bytes written since.
 */
export interface ByteSink {
  u8(value: number): void
  u16(value: number): void
  u32(value: number): void
  u64(value: number | bigint): void
  i8(value: number): void
  i16(value: number): void
  i32(value: number): void
  i64(value: number | bigint): void
  f32(value: number): void
  f64(value: number): void
  /** At most 255 bytes of UTF-8; throws RangeError beyond. */
  shortstr(text: string): void
  longstr(text: string | Buffer): void
  bytes(bytes: Buffer): void
  open(): number
  close(mark: number): void
}

const EMPTY = Buffer.alloc(0)
const SMALLEST = 512
const LARGEST = 262_144
/** A remainder outside these bounds is not worth keeping for the next bytes. */
const KEEP_LEAST = 128
const KEEP_MOST = 16_384
/** Who last wrote less than this a turn keeps nothing: there may be thousands of idle connections. */
const KEEP_FROM = 1024

/**
 * Writes `text` as a shortstr at `at` and returns the offset after it; the caller made room for 256 bytes.
 * Names are short and nearly always ASCII, for which this loop beats a call into the runtime.
 */
export function putShortstr(out: Buffer, at: number, text: string): number {
  const length = text.length
  if (length > 255) throw new RangeError(`shortstr of more than 255 bytes: ${text.slice(0, 40)}…`)
  const start = at + 1
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return putWideShortstr(out, at, text)
    out[start + i] = code
  }
  out[at] = length
  return start + length
}

/** Bytes that were not UTF-8 when they were read: no well-formed text has a low surrogate without a high one. */
const escapedBytes = /^[^\ud800-\udbff]*[\udc80-\udcff][^\ud800-\udbff]*$/

function putWideShortstr(out: Buffer, at: number, text: string): number {
  if (escapedBytes.test(text)) {
    out[at] = text.length
    for (let i = 0; i < text.length; i++) out[at + 1 + i] = text.charCodeAt(i) & 0xff
    return at + 1 + text.length
  }
  const length = Buffer.byteLength(text)
  if (length > 255) throw new RangeError(`shortstr of ${length} bytes: ${text.slice(0, 40)}…`)
  out[at] = length
  out.write(text, at + 1, 'utf8')
  return at + 1 + length
}

/** Copies `bytes` to `at` and returns the offset after them; the caller made room. */
export function putBytes(out: Buffer, at: number, bytes: Buffer): number {
  const length = bytes.length
  if (length > 24) out.set(bytes, at)
  else for (let i = 0; i < length; i++) out[at + i] = bytes[i]!
  return at + length
}

/** Writes a non-negative or negative safe integer as 8 bytes, two's complement, and returns the offset after it. */
export function putLonglong(out: Buffer, at: number, value: number): number {
  const high = Math.floor(value / 0x1_0000_0000)
  putLong(out, at, high)
  return putLong(out, at + 4, value - high * 0x1_0000_0000)
}

export function putLong(out: Buffer, at: number, value: number): number {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
  return at + 4
}

/** One growing buffer. Bytes taken are a view of it; what follows them is used for the next bytes. */
export class ByteWriter implements ByteSink {
  /** `start..at` of `out` is written and not yet taken. */
  protected out: Buffer = EMPTY
  protected start = 0
  protected at = 0
  /** Decaying maximum of what was taken at a time, in bytes: sizes the next buffer. */
  #recent = 0

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.at - this.start
  }

  /** Hands the written bytes over to the caller for good, or null when there are none. */
  take(): Buffer | null {
    const length = this.at - this.start
    if (length === 0) return null
    const taken = this.out.subarray(this.start, this.at)
    this.#recent = Math.max(length, this.#recent - (this.#recent >>> 2))
    this.start = this.at
    const rest = this.out.length - this.at
    if (rest < KEEP_LEAST || rest > KEEP_MOST || this.#recent < KEEP_FROM) {
      this.out = EMPTY
      this.start = this.at = 0
    }
    return taken
  }

  u8(value: number): void {
    this.reserve(1)
    this.out[this.at++] = value
  }

  u16(value: number): void {
    this.reserve(2)
    this.out[this.at] = value >>> 8
    this.out[this.at + 1] = value
    this.at += 2
  }

  u32(value: number): void {
    this.reserve(4)
    this.at = putLong(this.out, this.at, value)
  }

  u64(value: number | bigint): void {
    this.reserve(8)
    if (typeof value === 'number') this.at = putLonglong(this.out, this.at, value)
    else this.at = this.out.writeBigUInt64BE(BigInt.asUintN(64, value), this.at)
  }

  // Signed and unsigned integers differ only in reading: two's complement taken modulo the width.
  i8(value: number): void {
    this.u8(value)
  }

  i16(value: number): void {
    this.u16(value)
  }

  i32(value: number): void {
    this.u32(value)
  }

  i64(value: number | bigint): void {
    this.u64(value)
  }

  f32(value: number): void {
    this.reserve(4)
    this.at = this.out.writeFloatBE(value, this.at)
  }

  f64(value: number): void {
    this.reserve(8)
    this.at = this.out.writeDoubleBE(value, this.at)
  }

  shortstr(text: string): void {
    this.reserve(256)
    this.at = putShortstr(this.out, this.at, text)
  }

  longstr(text: string | Buffer): void {
    if (typeof text !== 'string') {
      this.u32(text.length)
      this.bytes(text)
      return
    }
    const length = Buffer.byteLength(text)
    this.u32(length)
    this.reserve(length)
    this.out.write(text, this.at, length === text.length ? 'latin1' : 'utf8')
    this.at += length
  }

  bytes(bytes: Buffer): void {
    this.reserve(bytes.length)
    this.at = putBytes(this.out, this.at, bytes)
  }

  open(): number {
    const mark = this.at - this.start
    this.u32(0)
    return mark
  }

  close(mark: number): void {
    const position = this.start + mark
    putLong(this.out, position, this.at - position - 4)
  }

  /** Makes room for `more` bytes after `at`. */
  protected reserve(more: number): void {
    if (this.at + more > this.out.length) this.#grow(more)
  }

  #grow(more: number): void {
    const used = this.at - this.start
    const usual = Math.min(LARGEST, Math.max(SMALLEST, this.#recent + (this.#recent >>> 2)))
    const grown = Buffer.allocUnsafe(Math.max(usual, 2 * used, used + more))
    this.out.copy(grown, 0, this.start, this.at)
    this.out = grown
    this.start = 0
    this.at = used
  }
}
