// Reading the bodies of PUT and POST as RabbitMQ does: an object, missing means empty, booleans that may be text, and
// refusals in its words. Where the real one crashes and answers 500, this says in a sentence what is wrong.

import { type Table, tableFromPlain } from '../../nodes/amqp/fields.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'
import type { Call } from '../resource.ts'

export type Body = Readonly<Record<string, unknown>>

/** The body as an object. Throws 400 `not_json` for anything else. */
export function objectBody(call: Call): Body {
  const body = call.json() ?? {}
  if (!isRecord(body)) throw badRequest('not_json')
  return body
}

/** Erlang breaks a term that is longer into lines. */
const widest = 78

/** Throws 400 naming all of `names` that the body does not have. */
export function requireKeys(body: Body, names: readonly string[]): void {
  const missing = names.filter((name) => body[name] === undefined).map((name) => `{key_missing,${name}}`)
  if (missing.length === 0) return
  const line = `[${missing.join(',')}]`
  throw badRequest(line.length > widest ? `[${missing.join(',\n ')}]` : line)
}

/** A boolean of a body, false when absent. Throws 400 as in docs/observed.md §6. */
export function truth(value: unknown): boolean {
  if (value === undefined || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw badRequest(['not_boolean', value])
}

/** `arguments` of a body as they came; none when absent or an empty list. Throws 400 for what is no object. */
export function plainArguments(body: Body): Body {
  const given = body['arguments'] ?? {}
  if (Array.isArray(given) && given.length === 0) return {}
  if (!isRecord(given)) throw badRequest('arguments must be an object')
  return given
}

/** An object of a body as a field table. Throws 400 for what no table can hold. */
export function tableOf(object: Body): Table {
  if (hasNull(object)) throw badRequest('null_not_allowed')
  const long = longName(object)
  if (long !== null) throw badRequest(`the name '${long.slice(0, 40)}…' is longer than 255 bytes`)
  return tableFromPlain(object)
}

const inside = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : []

const hasNull = (value: unknown): boolean => value === null || inside(value).some(hasNull)

function longName(value: unknown): string | null {
  const names = isRecord(value) ? Object.keys(value) : []
  const long = names.find((name) => Buffer.byteLength(name) > 255)
  if (long !== undefined) return long
  for (const part of inside(value)) {
    const found = longName(part)
    if (found !== null) return found
  }
  return null
}

/** Text that becomes a name on the wire. Throws 400 for more than 255 bytes. */
export function shortText(what: string, text: string): string {
  if (Buffer.byteLength(text) > 255) throw badRequest(`${what} must be at most 255 bytes long`)
  return text
}

/** Throws 400 unless it is base64, padded. */
export function base64Of(text: unknown): Buffer {
  if (typeof text === 'string' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text))
    return Buffer.from(text, 'base64')
  throw badRequest(['not_base64', text])
}
