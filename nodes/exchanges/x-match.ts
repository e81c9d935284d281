// Judges the `x-match` argument of a binding to a headers exchange, in RabbitMQ's words, which quote the bad value as an
// Erlang term. Called at bind time only.
import type { Field } from '../amqp/fields.ts'
import { term } from './terms.ts'

const kinds = ['all', 'any', 'all-with-x', 'any-with-x']

/**
 * Text of the PRECONDITION_FAILED, or null when the argument is good or absent (docs/observed.md §5.3, rows
 * "headers bind bad x-match" and "headers x-match type").
 */
export function xMatchError(given: Field | undefined): string | null {
  if (given === undefined) return null
  if (given.type !== 'longstr')
    return `Invalid x-match field type ${given.type} (value ${term(given)}); expected longstr`
  if (kinds.includes(String(given.value))) return null
  return `Invalid x-match field value ${term(given)}; expected all, any, all-with-x, or any-with-x`
}
