// A path of the control API as data: what it does, who may ask, and how the OpenAPI file describes it. `router` serves lists of
// these. A route reads its request through `ControlCall` and touches the response only when it streams.

import type { Request, Response } from 'express'
import type { User } from '../../nodes/definitions-access.ts'
import type { Level } from '../access.ts'
import { badRequest, HttpError } from '../http-error.ts'
import type { Context } from '../view.ts'
import type { Schema } from './schema.ts'

export interface ControlCall {
  readonly context: Context
  readonly user: User
  /** The names in braces of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The decoded JSON body; undefined when there is none. Throws 400 `not_json`. */
  json(): unknown
  readonly req: Request
  readonly res: Response
}

/** The route answers by itself, now or later. */
export const streamed = Symbol('streamed')

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below `/warren`, as OpenAPI writes it: `/nodes/{name}/{verb}`. */
  readonly path: string
  /** One sentence. */
  readonly summary: string
  /** Query parameters, each with what it says. */
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Schema
  /** What a 200 holds; absent: the answer is a bare 204. */
  readonly answer?: Schema
  /** The answer's media type; JSON by default. */
  readonly type?: string
  /** Who may ask; by default administrators for what changes something, and whoever may log in for the rest. */
  readonly level?: Level
  handle(call: ControlCall): unknown
}

/** A query parameter that is a whole number; `ifAbsent` when it is not given. Throws 400 outside of `least` to `most`. */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  ifAbsent: number,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const text = query.get(name)
  if (text === null) return ifAbsent
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1
  if (value >= least && value <= most) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`
  throw badRequest(`The parameter '${name}' must be a whole number ${range}.`)
}

/** Throws 404 with the names there are. */
export function requireNode({ live }: Context, name: string): void {
  const { cluster } = live
  if (cluster.hasMember(name)) return
  const names = cluster.members.map((member) => member.name).join(', ')
  throw new HttpError(404, {
    error: 'not_found',
    reason: `There is no node '${name}'; the nodes are ${names}.`,
  })
}

/** Changes the cluster; what it refuses (an unknown node, one named twice) is a 400 with its sentence. */
export function act<T>({ live }: Context, change: () => T): T {
  try {
    return live.act(change)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const text = error.message
    throw badRequest(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`)
  }
}
