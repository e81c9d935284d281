// When a message's header has the value a binding asks for. Called by the headers exchange only: declarations are
// compared by `sameField`, which minds the wire types that the broker ignores here.
import type { Decimal, Field, FieldValue, Table } from '../amqp/fields.ts'

/**
 * True when `header` satisfies `wanted`, as asked of RabbitMQ 3.10.8: a void asks for presence alone; numbers of all
 * kinds (integers, floats, timestamps) match by value; longstr and binary match by bytes; nothing else is converted.
 */
export function headerMatches(wanted: Field, header: Field): boolean {
  return wanted.value === null || sameValue(wanted.value, header.value)
}

/** The broker compares Erlang terms, which do not carry the wire type: only the values take part. */
function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (a === b) return true
  if (isNumber(a)) return isNumber(b) && sameNumber(a, b)
  if (isText(a)) return isText(b) && Buffer.from(a as string).equals(Buffer.from(b as string))
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object' || isText(b)) return false
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((field, i) => sameTyped(field, b[i]!))
  if (isTable(a)) return isTable(b) && sameTable(a, b)
  return !isArray(b) && !isTable(b) && a.scale === b.scale && a.value === b.value
}

/** Inside arrays and tables the terms do carry their wire type: a byte 1 is not a long 1 there. */
function sameTyped(a: Field, b: Field): boolean {
  return a.type === b.type && sameValue(a.value, b.value)
}

/** Nested tables are lists of pairs to the broker: equal only in the same order. */
function sameTable(a: Table, b: Table): boolean {
  const others = [...b]
  return (
    a.size === b.size && [...a].every(([key, f], i) => key === others[i]![0] && sameTyped(f, others[i]![1]))
  )
}

/** A bigint stands for an integer that no number holds exactly; it can still equal a float. */
function sameNumber(a: number | bigint, b: number | bigint): boolean {
  if (typeof a === typeof b) return false
  const [whole, other] = typeof a === 'bigint' ? [a, b as number] : [b as bigint, a]
  return Number.isInteger(other) && BigInt(other) === whole
}

const isNumber = (value: FieldValue): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'
const isText = (value: FieldValue): value is string | Buffer =>
  typeof value === 'string' || Buffer.isBuffer(value)
const isArray = (value: readonly Field[] | Table | Decimal): value is readonly Field[] => Array.isArray(value)
const isTable = (value: readonly Field[] | Table | Decimal): value is Table => value instanceof Map
