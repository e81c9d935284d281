// Content properties of class basic: 16 flag bits, then the values that are present, in order. Messages keep them
// as raw bytes; the channel scans them once at publish and whoever needs all of them decodes. It must never
// change raw bytes that were only scanned.
import { ByteWriter } from './bytes.ts'
import { MalformedError } from './errors.ts'
import { encodeTable, readTable, type Table } from './fields.ts'
import { Reader } from './reader.ts'

export interface Properties {
  contentType?: string
  contentEncoding?: string
  headers?: Table
  /** 1 transient, 2 persistent */
  deliveryMode?: number
  priority?: number
  correlationId?: string
  replyTo?: string
  /** Milliseconds in decimal digits. */
  expiration?: string
  messageId?: string
  /** Seconds since 1970. */
  timestamp?: number | bigint
  type?: string
  userId?: string
  appId?: string
  clusterId?: string
}

type Kind = 'shortstr' | 'octet' | 'timestamp' | 'table'

/** Wire order; the first has the highest flag bit. The two lowest bits are ignored, as RabbitMQ does. */
const ROWS: readonly (readonly [keyof Properties, Kind])[] = [
  ['contentType', 'shortstr'],
  ['contentEncoding', 'shortstr'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'shortstr'],
  ['replyTo', 'shortstr'],
  ['expiration', 'shortstr'],
  ['messageId', 'shortstr'],
  ['timestamp', 'timestamp'],
  ['type', 'shortstr'],
  ['userId', 'shortstr'],
  ['appId', 'shortstr'],
  ['clusterId', 'shortstr'],
]

const CONTENT_TYPE = 0x8000
const CONTENT_ENCODING = 0x4000
const HEADERS = 0x2000
const DELIVERY_MODE = 0x1000
const PRIORITY = 0x0800
const CORRELATION_ID = 0x0400
const REPLY_TO = 0x0200
const EXPIRATION = 0x0100
const MESSAGE_ID = 0x0080
const TIMESTAMP = 0x0040
const TYPE = 0x0020
const USER_ID = 0x0010
const APP_ID = 0x0008
const CLUSTER_ID = 0x0004
const KNOWN = 0xfffc

/** No property at all. */
export const emptyProperties: Buffer = Buffer.from([0, 0])

/** All properties in `raw`, flags first (a header payload from byte 12 on). Throws MalformedError. */
export function decodeProperties(raw: Buffer): Properties {
  const from = new Reader(raw, 0, raw.length)
  const flags = from.u16()
  const properties: Record<string, unknown> = {}
  for (let i = 0; i < ROWS.length; i++) {
    if ((flags & (CONTENT_TYPE >>> i)) === 0) continue
    const [name, kind] = ROWS[i]!
    properties[name] = readProperty(kind, from)
  }
  from.finish()
  return properties
}

function readProperty(kind: Kind, from: Reader): string | number | bigint | Table {
  switch (kind) {
    case 'shortstr':
      return from.shortstr()
    case 'octet':
      return from.u8()
    case 'timestamp':
      return from.u64()
    case 'table':
      return readTable(from, 0)
  }
}

/** The properties as raw bytes of their own, flags first. Throws RangeError for text of more than 255 bytes. */
export function encodeProperties(properties: Properties): Buffer {
  const into = new ByteWriter()
  let flags = 0
  for (let i = 0; i < ROWS.length; i++) {
    if (properties[ROWS[i]![0]] !== undefined) flags |= CONTENT_TYPE >>> i
  }
  if (flags === 0) return emptyProperties
  into.u16(flags)
  for (const [name, kind] of ROWS) {
    const value = properties[name]
    if (value !== undefined) writeProperty(kind, value, into)
  }
  return Buffer.from(into.take()!)
}

function writeProperty(kind: Kind, value: string | number | bigint | Table, into: ByteWriter): void {
  switch (kind) {
    case 'shortstr':
      into.shortstr(value as string)
      break
    case 'octet':
      into.u8(value as number)
      break
    case 'timestamp':
      into.u64(value as number | bigint)
      break
    case 'table':
      encodeTable(value as Table, into)
      break
  }
}

/** What a broker looks at in every message; `scanProperties` fills it. */
export interface ScannedProperties {
  /** 1 when absent. */
  deliveryMode: number
  /** -1 when absent. */
  priority: number
  expiration: string | null
  replyTo: string | null
  userId: string | null
  hasHeaders: boolean
  /** The header table in raw, its 4-byte length included; both 0 when absent. Its inside was not checked. */
  headersStart: number
  headersEnd: number
  /** False when the properties do not fit their bytes; the other fields then say nothing. */
  ok: boolean
}

/** An object for `scanProperties` to fill again and again. */
export function newScan(): ScannedProperties {
  return {
    deliveryMode: 1,
    priority: -1,
    expiration: null,
    replyTo: null,
    userId: null,
    hasHeaders: false,
    headersStart: 0,
    headersEnd: 0,
    ok: false,
  }
}

/** One pass over raw properties, without decoding the header table or any text but the three it reports. */
export function scanProperties(raw: Buffer, into: ScannedProperties): void {
  into.deliveryMode = 1
  into.priority = -1
  into.expiration = null
  into.replyTo = null
  into.userId = null
  into.hasHeaders = false
  into.headersStart = 0
  into.headersEnd = 0
  into.ok = raw.length >= 2
  if (!into.ok) return
  const flags = ((raw[0]! << 8) | raw[1]!) & KNOWN
  if ((flags & ~(CONTENT_TYPE | DELIVERY_MODE)) === 0) scanUsual(raw, flags, into)
  else into.ok = scanAll(raw, flags, into)
}

/** Most publishers set a content type, a delivery mode, both or neither. */
function scanUsual(raw: Buffer, flags: number, into: ScannedProperties): void {
  let at = 2
  if ((flags & CONTENT_TYPE) !== 0) at += 1 + (raw[at] ?? 0)
  if ((flags & DELIVERY_MODE) !== 0) into.deliveryMode = raw[at++] ?? 1
  into.ok = at === raw.length
}

function scanAll(raw: Buffer, flags: number, into: ScannedProperties): boolean {
  let at = 2
  if ((flags & CONTENT_TYPE) !== 0) at = afterText(raw, at)
  if ((flags & CONTENT_ENCODING) !== 0) at = afterText(raw, at)
  if ((flags & HEADERS) !== 0) {
    if (raw.length - at < 4) return false
    into.hasHeaders = true
    into.headersStart = at
    at += 4 + raw.readUInt32BE(at)
    into.headersEnd = at
  }
  if ((flags & DELIVERY_MODE) !== 0) into.deliveryMode = raw[at++] ?? 1
  if ((flags & PRIORITY) !== 0) into.priority = raw[at++] ?? -1
  if ((flags & CORRELATION_ID) !== 0) at = afterText(raw, at)
  if ((flags & REPLY_TO) !== 0) into.replyTo = text(raw, at, (at = afterText(raw, at)))
  if ((flags & EXPIRATION) !== 0) into.expiration = text(raw, at, (at = afterText(raw, at)))
  if ((flags & MESSAGE_ID) !== 0) at = afterText(raw, at)
  if ((flags & TIMESTAMP) !== 0) at += 8
  if ((flags & TYPE) !== 0) at = afterText(raw, at)
  if ((flags & USER_ID) !== 0) into.userId = text(raw, at, (at = afterText(raw, at)))
  if ((flags & APP_ID) !== 0) at = afterText(raw, at)
  if ((flags & CLUSTER_ID) !== 0) at = afterText(raw, at)
  return at === raw.length
}

/** The offset after the shortstr at `at`; beyond the end when its length octet is missing. */
function afterText(raw: Buffer, at: number): number {
  return at + 1 + (raw[at] ?? 0)
}

function text(raw: Buffer, at: number, end: number): string | null {
  return end > raw.length ? null : new Reader(raw, at, end).shortstr()
}

/** The header table of scanned properties, or undefined when there is none. Throws MalformedError. */
export function scannedHeaders(raw: Buffer, scan: ScannedProperties): Table | undefined {
  if (!scan.hasHeaders) return undefined
  if (!scan.ok) throw new MalformedError('properties do not fit their bytes')
  const from = new Reader(raw, scan.headersStart, scan.headersEnd)
  return readTable(from, 0)
}
