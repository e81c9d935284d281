// Every refusal this port can give, and the one place where errors of the core become HTTP. Thrown by resources, written
// by `resource`. It must never show a mistake of our own to the client: those are a bare 500 and a line on the console.

import type { ServerResponse } from 'node:http'
import { BrokerError } from '../nodes/errors.ts'
import { PolicyError } from '../policies/policy.ts'

/** An answer that is not success: its status, and the body, or null for an empty one. */
export class HttpError extends Error {
  readonly status: number
  readonly body: object | null
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: object | null, headers: Readonly<Record<string, string>> = {}) {
    super(body === null ? `HTTP ${status}` : JSON.stringify(body))
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** 404 of a path or object that is not there (docs/observed.md §6). */
export const objectNotFound = () => new HttpError(404, { error: 'Object Not Found', reason: 'Not Found' })

/** 404 of a change within something that is not there. */
export const notFound = (reason: string) => new HttpError(404, { error: 'not_found', reason })

/** 404 of a PUT or POST into a missing vhost. */
export const vhostNotFound = () => notFound('vhost_not_found')

/** 400; a reason of several words may be a list, as the real one prints Erlang terms. */
export const badRequest = (reason: unknown) => new HttpError(400, { error: 'bad_request', reason })

/** 401 of somebody who is known but may not. */
export const notAuthorised = (reason: string) => new HttpError(401, { error: 'not_authorised', reason })

/** 503 while the node whose view was asked for does not run. */
export const nodeDown = (reason: string) => new HttpError(503, { error: 'node_down', reason })

/** The reply text without the name of its code, as RabbitMQ's HTTP API shows it. */
export const plainReason = (text: string) => text.replace(/^[A-Z_]+ - /, '')

/** RabbitMQ escapes the texts of refused policies, quotes excepted (docs/observed.md §0.10). */
export const escapeTags = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** What an error of any kind means in HTTP; null for a mistake of our own (docs/observed.md §2, §6). */
export function httpErrorOf(error: unknown): HttpError | null {
  if (error instanceof HttpError) return error
  if (error instanceof PolicyError) {
    // The real one crashes on some values, and answers 500 without a word: nobody is to see that of us.
    if (error.status === 500) return badRequest(escapeTags(error.message))
    return new HttpError(error.status, { error: 'bad_request', reason: escapeTags(error.reason) })
  }
  if (error instanceof BrokerError) {
    if (error.code === 404) return notFound(plainReason(error.text))
    if (error.code === 403) return notAuthorised('Access refused.')
    if (error.code === 541) return badRequest('an argument has a value that makes no sense')
    return badRequest(plainReason(error.text))
  }
  return statusOf(error)
}

/** Errors of express: a body too large, a path that cannot be decoded. */
function statusOf(error: unknown): HttpError | null {
  const { status, message, limit } = error as { status?: unknown; message?: unknown; limit?: unknown }
  if (typeof status !== 'number' || status < 400 || status > 499) return null
  if (status === 413)
    return new HttpError(413, {
      error: 'bad_request',
      reason: `the body is larger than ${Number(limit) / 1_048_576} MB`,
    })
  return new HttpError(status, { error: 'bad_request', reason: String(message) })
}

/** Writes a JSON body, or none; the content type is RabbitMQ's, without a charset. */
export function writeJson(res: ServerResponse, status: number, body: unknown): void {
  res.statusCode = status
  if (body === null) return void res.end()
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify(body))
}

export function writeError(res: ServerResponse, error: unknown): void {
  const known = httpErrorOf(error)
  if (known === null) console.error('warren: internal error, please report:', error)
  if (res.headersSent) return void res.destroy()
  for (const [name, value] of Object.entries(known?.headers ?? {})) res.setHeader(name, value)
  writeJson(res, known?.status ?? 500, known?.body ?? null)
}
