// Reading the bodies of PUT and POST as RabbitMQ does: an object, missing means empty, and booleans that may be text.

import { isRecord } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'
import type { Call } from '../resource.ts'

/** The body as an object. Throws 400 `not_json` for anything else. */
export function objectBody(call: Call): Readonly<Record<string, unknown>> {
  const body = call.json() ?? {}
  if (!isRecord(body)) throw badRequest('not_json')
  return body
}

/** A boolean of a body, false when absent. Throws 400 as in docs/observed.md §6. */
export function truth(value: unknown): boolean {
  if (value === undefined || value === false || value === 'false') return false
  if (value === true || value === 'true') return true
  throw badRequest(['not_boolean', value])
}
