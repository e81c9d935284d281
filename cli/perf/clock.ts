// The clock of the load tool. Every message carries the time of its publishing in its body, and so the clock must be one
// that another process on this machine reads alike: nanoseconds of the system's monotonic clock, as PerfTest's, or, for
// two machines, milliseconds of the wall clock. Used by producers and consumers; nothing else stamps or reads stamps.

export interface Clock {
  /** In stamps: nanoseconds, or milliseconds of the wall clock. Exact enough as a number for a hundred days of uptime. */
  now(): number
  /** Stamps per unit in which latencies are shown. */
  readonly perUnit: number
  readonly unit: 'µs' | 'ms'
}

const [seconds, nanoseconds] = process.hrtime()
/** From the origin of `performance.now` to that of the system's monotonic clock. */
const offset = seconds * 1e9 + nanoseconds - performance.now() * 1e6

export const monotonic: Clock = {
  now: () => Math.round(performance.now() * 1e6 + offset),
  perUnit: 1000,
  unit: 'µs',
}

export const wallClock: Clock = { now: () => Date.now(), perUnit: 1, unit: 'ms' }

/** Sequence number (4 bytes) and stamp (8 bytes) at the head of every body, as PerfTest lays them out. */
export const stampBytes = 12

/** Writes the head of a body at `at`; `sequence` is taken modulo 2^32. */
export function putStamp(out: Buffer, at: number, sequence: number, stamp: number): void {
  const high = Math.floor(stamp / 0x1_0000_0000)
  const low = stamp - high * 0x1_0000_0000
  put32(out, at, sequence)
  put32(out, at + 4, high)
  put32(out, at + 8, low)
}

function put32(out: Buffer, at: number, value: number): void {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
}

/** The stamp in the body that begins at `at`. */
export function readStamp(body: Buffer, at: number): number {
  return get32(body, at + 4) * 0x1_0000_0000 + get32(body, at + 8)
}

/** An unsigned 32-bit integer; the caller knows that it lies within the bytes. */
export function get32(from: Buffer, at: number): number {
  return ((from[at]! << 24) | (from[at + 1]! << 16) | (from[at + 2]! << 8) | from[at + 3]!) >>> 0
}
