// Field tables on their way to and from JSON, and when two fields mean the same. Used by the HTTP API, by policies
// that turn into arguments and by the equivalence checks of declare; exported through fields.ts. It must never
// guess a type where RabbitMQ's HTTP API fixes one.
import type { Decimal, Field, FieldType, FieldValue, Table } from './fields.ts'

const INTEGERS: ReadonlySet<FieldType> = new Set<FieldType>([
  'byte',
  'unsignedbyte',
  'short',
  'unsignedshort',
  'signedint',
  'unsignedint',
  'long',
])

/**
 * The table as JSON-ready values: integers and timestamps (seconds) as numbers, as strings where a number would not
 * be exact; bytes as Latin-1 text; a decimal as `scale.value`, which is how RabbitMQ's HTTP API shows it.
 */
export function plain(table: Table): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [name, field] of table) {
    // A plain assignment to this one name would set the prototype.
    if (name === '__proto__')
      Object.defineProperty(object, name, { value: plainValue(field), enumerable: true })
    else object[name] = plainValue(field)
  }
  return object
}

function plainValue(field: Field): unknown {
  const value = field.value
  if (typeof value === 'bigint') return String(value)
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (field.type === 'array') return (value as readonly Field[]).map(plainValue)
  if (field.type === 'table') return plain(value as Table)
  if (field.type === 'decimal') return Number(`${(value as Decimal).scale}.${(value as Decimal).value}`)
  return value
}

/**
 * A table from JSON, typed as RabbitMQ's HTTP API types it: integers are `long`, other numbers `double`, text
 * `longstr`, null `void`, lists `array`, objects `table`. Undefined members are left out.
 */
export function tableFromPlain(object: Record<string, unknown>): Table {
  const table = new Map<string, Field>()
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) table.set(name, fieldFromPlain(value))
  }
  return table
}

function fieldFromPlain(value: unknown): Field {
  switch (typeof value) {
    case 'boolean':
      return { type: 'bool', value }
    case 'number':
      return { type: Number.isSafeInteger(value) ? 'long' : 'double', value }
    case 'bigint':
      return { type: 'long', value }
    case 'string':
      return { type: 'longstr', value }
  }
  if (value === null || value === undefined) return { type: 'void', value: null }
  if (Buffer.isBuffer(value)) return { type: 'binary', value }
  if (Array.isArray(value)) return { type: 'array', value: value.map(fieldFromPlain) }
  return { type: 'table', value: tableFromPlain(value as Record<string, unknown>) }
}

/**
 * Whether two arguments are equivalent for a repeated declare: integers of any width by value, likewise float and
 * double; everything else by type and value. Tables compare by name, arrays in order.
 */
export function sameField(a: Field, b: Field): boolean {
  return typeClass(a.type) === typeClass(b.type) && sameValue(a.value, b.value)
}

function typeClass(type: FieldType): string {
  if (INTEGERS.has(type)) return 'int'
  return type === 'double' ? 'float' : type
}

function sameValue(a: FieldValue, b: FieldValue): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (Buffer.isBuffer(a) || Buffer.isBuffer(b)) return Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b)
  if (isTable(a) || isTable(b)) return isTable(a) && isTable(b) && sameTable(a, b)
  if (isArray(a) || isArray(b)) return isArray(a) && isArray(b) && sameArray(a, b)
  return a.scale === b.scale && a.value === b.value
}

function sameTable(a: Table, b: Table): boolean {
  if (a.size !== b.size) return false
  for (const [name, field] of a) {
    const other = b.get(name)
    if (other === undefined || !sameField(field, other)) return false
  }
  return true
}

function sameArray(a: readonly Field[], b: readonly Field[]): boolean {
  return a.length === b.length && a.every((field, index) => sameField(field, b[index]!))
}

function isTable(value: FieldValue): value is Table {
  return value instanceof Map
}

function isArray(value: FieldValue): value is readonly Field[] {
  return Array.isArray(value)
}
