// Field tables: the typed name-value pairs of arguments and headers, in the dialect RabbitMQ reads and writes
// (its type letters, not those of the specification's grammar). Called by methods and content and by whoever
// compares or shows arguments. It must never lose a type: RabbitMQ's error texts name it.
import { type ByteSink, ByteWriter } from './bytes.ts'
import { MalformedError } from './errors.ts'
import { Reader } from './reader.ts'

export { MalformedError } from './errors.ts'
export { plain, sameField, tableFromPlain } from './plain.ts'

/** The Erlang names RabbitMQ prints. */
export type FieldType =
  | 'bool'
  | 'byte'
  | 'unsignedbyte'
  | 'short'
  | 'unsignedshort'
  | 'signedint'
  | 'unsignedint'
  | 'long'
  | 'float'
  | 'double'
  | 'decimal'
  | 'longstr'
  | 'array'
  | 'timestamp'
  | 'table'
  | 'binary'
  | 'void'

/** `value / 10 ** scale`; scale 0..255, value an unsigned 32-bit integer. */
export interface Decimal {
  readonly scale: number
  readonly value: number
}

/**
 * Numbers for integers while exact, else bigint (`long`, `timestamp`, in seconds); `longstr` is a string when it
 * is UTF-8, else its bytes; `binary` is bytes; `void` is null.
 */
export type FieldValue =
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | null
  | Decimal
  | readonly Field[]
  | Table

export interface Field {
  readonly type: FieldType
  readonly value: FieldValue
}

export type Table = ReadonlyMap<string, Field>

export const emptyTable: Table = new Map()

/** RabbitMQ has no bound but the frame's size; ours keeps hostile nesting off the stack. */
const DEEPEST = 128

interface Kind {
  readonly type: FieldType
  readonly letter: string
  readonly read: (from: Reader, depth: number) => FieldValue
  readonly write: (into: ByteSink, value: FieldValue) => void
}

const KINDS: readonly Kind[] = [
  {
    type: 'longstr',
    letter: 'S',
    read: (r) => r.longtext(),
    write: (w, v) => w.longstr(v as string | Buffer),
  },
  { type: 'signedint', letter: 'I', read: (r) => r.i32(), write: (w, v) => w.i32(v as number) },
  { type: 'bool', letter: 't', read: (r) => r.u8() !== 0, write: (w, v) => w.u8(v === true ? 1 : 0) },
  { type: 'byte', letter: 'b', read: (r) => r.i8(), write: (w, v) => w.i8(v as number) },
  { type: 'unsignedbyte', letter: 'B', read: (r) => r.u8(), write: (w, v) => w.u8(v as number) },
  { type: 'short', letter: 's', read: (r) => r.i16(), write: (w, v) => w.i16(v as number) },
  { type: 'unsignedshort', letter: 'u', read: (r) => r.u16(), write: (w, v) => w.u16(v as number) },
  { type: 'unsignedint', letter: 'i', read: (r) => r.u32(), write: (w, v) => w.u32(v as number) },
  { type: 'long', letter: 'l', read: (r) => r.i64(), write: (w, v) => w.i64(v as number | bigint) },
  { type: 'timestamp', letter: 'T', read: (r) => r.u64(), write: (w, v) => w.u64(v as number | bigint) },
  { type: 'float', letter: 'f', read: (r) => r.f32(), write: (w, v) => w.f32(v as number) },
  { type: 'double', letter: 'd', read: (r) => r.f64(), write: (w, v) => w.f64(v as number) },
  { type: 'decimal', letter: 'D', read: readDecimal, write: writeDecimal },
  { type: 'array', letter: 'A', read: readArray, write: (w, v) => writeArray(w, v as readonly Field[]) },
  { type: 'table', letter: 'F', read: readTable, write: (w, v) => encodeTable(v as Table, w) },
  { type: 'binary', letter: 'x', read: (r) => r.longstr(), write: (w, v) => w.longstr(v as Buffer) },
  { type: 'void', letter: 'V', read: () => null, write: () => {} },
]

const BY_LETTER: readonly (Kind | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  // Some clients write 64-bit integers as L; RabbitMQ reads it as l.
  const letter = code === 0x4c ? 'l' : String.fromCharCode(code)
  return KINDS.find((kind) => kind.letter === letter)
})

const BY_TYPE: ReadonlyMap<FieldType, Kind> = new Map(KINDS.map((kind) => [kind.type, kind]))

/**
 * The table that fills `start..end`, its 4-byte length first. Where a key is repeated the first value counts, as
 * in RabbitMQ's lookups. Throws MalformedError when the bytes do not fit or nest deeper than 128.
 */
export function decodeTable(buf: Buffer, start: number, end: number): Table {
  const from = new Reader(buf, start, end)
  const table = readTable(from, 0)
  from.finish()
  return table
}

/** Writes the table, length first. Throws RangeError for a key of more than 255 bytes. */
export function encodeTable(table: Table, into: ByteSink): void {
  const mark = into.open()
  for (const [name, field] of table) {
    into.shortstr(name)
    writeField(into, field)
  }
  into.close(mark)
}

/** The table as bytes of its own, length first. */
export function tableBytes(table: Table): Buffer {
  const into = new ByteWriter()
  encodeTable(table, into)
  return into.take()!
}

/** Reads a table at the cursor; `depth` is how many tables and arrays are around it. */
export function readTable(from: Reader, depth: number): Table {
  const outer = enter(from, depth)
  if (from.at === from.end) {
    from.end = outer
    return emptyTable
  }
  const table = new Map<string, Field>()
  while (from.at < from.end) {
    const name = from.shortstr()
    const field = readField(from, depth)
    if (!table.has(name)) table.set(name, field)
  }
  from.end = outer
  return table
}

function readArray(from: Reader, depth: number): readonly Field[] {
  const outer = enter(from, depth)
  const items: Field[] = []
  while (from.at < from.end) items.push(readField(from, depth))
  from.end = outer
  return items
}

/** Narrows the cursor to the next `length` bytes and returns the end to go back to. */
function enter(from: Reader, depth: number): number {
  if (depth > DEEPEST) throw new MalformedError(`fields nested deeper than ${DEEPEST}`)
  const length = from.u32()
  const outer = from.end
  if (length > outer - from.at) throw new MalformedError('field table longer than its bytes')
  from.end = from.at + length
  return outer
}

function readField(from: Reader, depth: number): Field {
  const letter = from.u8()
  const kind = BY_LETTER[letter]
  if (kind === undefined) throw new MalformedError(`unknown field type ${letter}`)
  return { type: kind.type, value: kind.read(from, depth + 1) }
}

function writeField(into: ByteSink, field: Field): void {
  const kind = BY_TYPE.get(field.type)!
  into.u8(kind.letter.charCodeAt(0))
  kind.write(into, field.value)
}

function readDecimal(from: Reader): Decimal {
  const scale = from.u8()
  return { scale, value: from.u32() }
}

function writeDecimal(into: ByteSink, value: FieldValue): void {
  const decimal = value as Decimal
  into.u8(decimal.scale)
  into.u32(decimal.value)
}

function writeArray(into: ByteSink, items: readonly Field[]): void {
  const mark = into.open()
  for (const item of items) writeField(into, item)
  into.close(mark)
}
