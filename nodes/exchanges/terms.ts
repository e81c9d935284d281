// Prints argument values as Erlang terms, because RabbitMQ quotes them in its errors. Called when a declaration or a
// binding is refused; it must never be needed for a good one.
import type { Field } from '../amqp/fields.ts'

/** The value as Erlang's `~p` prints it. A term too long for one line is not broken up as RabbitMQ would. */
export function term({ type, value }: Field): string {
  if (value === null) return 'undefined'
  if (type === 'float' || type === 'double') return float(Number(value))
  if (typeof value === 'string') return binary(Buffer.from(value))
  if (typeof value !== 'object') return String(value)
  if (Buffer.isBuffer(value)) return binary(value)
  if ('scale' in value) return `{${value.scale},${value.value}}`
  const named = value instanceof Map
  const items = named ? [...value].map(([key, field]) => `${binary(Buffer.from(key))},${typed(field)}`) : []
  if (!named) for (const field of value as readonly Field[]) items.push(typed(field))
  return `[${items.map((item) => `{${item}}`).join(',')}]`
}

const typed = (field: Field) => `${field.type},${term(field)}`

const escapes: ReadonlyMap<number, string> = new Map(
  [...'\b\t\n\v\f\r\x1b"\\'].map((char, i) => [char.charCodeAt(0), `\\${'btnvfre"\\'[i]}`]),
)

/** A text: as such when every byte is printable Latin-1, whatever encoding was meant; numbers otherwise. */
export function binary(bytes: Buffer): string {
  if (bytes.length === 0) return '<<>>'
  const shown = (byte: number) => escapes.has(byte) || (byte >= 32 && byte < 127) || byte >= 160
  if (!bytes.every(shown)) return `<<${[...bytes].join(',')}>>`
  const escaped = [...bytes].flatMap((byte) => [...Buffer.from(escapes.get(byte) ?? [byte])])
  return `<<"${Buffer.from(escaped).toString()}">>`
}

/** Erlang always writes a point, and takes `1.0e5` for a float that would otherwise be longer. */
function float(value: number): string {
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const scientific = `${digits.includes('.') ? digits : `${digits}.0`}e${Number(exponent)}`
  const plain = Number.isInteger(value) ? `${BigInt(value)}.0` : String(value)
  return plain.includes('e') || plain.length > scientific.length ? scientific : plain
}
