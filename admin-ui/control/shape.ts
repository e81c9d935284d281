// The members `delay_ms` and `bytes_per_second` of bodies, which links and clients' sockets share. Refuses what makes no sense.

import { badRequest } from '../http-error.ts'
import { number, orNull } from './schema.ts'

/** What is not named stays as it is. */
export interface Shape {
  readonly delayMs?: number
  readonly bytesPerMs?: number
}

export const shapeMembers = {
  delay_ms: number('0 to 3600000'),
  bytes_per_second: orNull(number('1 to 1e12; null: as many as come')),
}

/** Throws 400. */
export function shapeIn({
  delay_ms: delayMs,
  bytes_per_second: rate,
}: Readonly<Record<string, unknown>>): Shape {
  if (delayMs !== undefined && !within(delayMs, 0, 3_600_000))
    throw badRequest("'delay_ms' must be a number from 0 to 3600000.")
  if (rate !== undefined && rate !== null && !within(rate, 1, 1e12))
    throw badRequest("'bytes_per_second' must be a number from 1 to 1e12, or null.")
  return {
    ...(delayMs !== undefined && { delayMs }),
    ...(rate !== undefined && { bytesPerMs: rate === null ? Infinity : rate / 1000 }),
  }
}

const within = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most

/** Throws 400 when there is a member that `known` does not list, so that a slip does not pass for done. */
export function refuseUnknown(
  what: string,
  body: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key))
  if (unknown !== undefined) throw badRequest(`${what} has no '${unknown}'; it has ${known.join(', ')}.`)
}
