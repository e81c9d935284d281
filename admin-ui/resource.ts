// A path of the HTTP API as data: what each method does, and who may. `router` turns a list of them into an express
// router with the common rules: login, levels, vhosts, 405 and OPTIONS, JSON in and out. A resource itself never touches
// a response.

import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import type { User } from '../nodes/definitions-access.ts'
import { DEEPEST, isDeeper } from '../policies/depth.ts'
import {
  anyDefinitions,
  type Level,
  login,
  loginAs,
  refuseForeignOrigin,
  requireLevel,
  requireVhost,
} from './access.ts'
import { badRequest, HttpError, objectNotFound, vhostNotFound, writeError, writeJson } from './http-error.ts'
import { rangesOf } from './ranges.ts'
import type { Context, View } from './view.ts'

/** One request, as its resource sees it. */
export interface Call {
  readonly view: View
  readonly user: User
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The decoded JSON body; undefined when there is none. Throws 400 `not_json`. */
  json(): unknown
  /** The body as it came. */
  raw(): Buffer
  /** A request header, '' when absent. */
  header(name: string): string
  /** The user of that name, when the password is right and it may ask here. Throws 401. */
  logIn(name: string, password: string): User
  /** Calls `then` should the client go before it was answered. */
  onGone(then: () => void): void
}

/** Success with another status or other headers than usual. */
export class Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown

  constructor(status: number, headers: Readonly<Record<string, string>> = {}, body: unknown = null) {
    this.status = status
    this.headers = headers
    this.body = body
  }
}

export const created = new Answer(201)
export const noContent = new Answer(204)

export type Handler = (call: Call) => unknown

/** What a path answers; a plain value becomes 200 and its JSON. `:vhost` in a path must exist and be open to the user. */
export interface Resource {
  readonly path: string
  readonly GET?: Handler
  readonly PUT?: Handler
  readonly POST?: Handler
  readonly DELETE?: Handler
  /** Nobody need log in for it, and `user` is nobody. */
  readonly open?: true
  /** Who may read; `management` when absent. */
  readonly reads?: Level
  /** Who may change; `management` when absent. */
  readonly changes?: Level
  /** Reads its bodies, where `readBody` allows too little. */
  readonly reader?: RequestHandler
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

export const bodyLimit = 1_048_576

/** The raw body, whatever its type says: RabbitMQ reads JSON without asking. `limit`: in bytes, as large as it may be. */
export const bodyReader = (limit: number): RequestHandler => express.raw({ type: () => true, limit })

export const readBody: RequestHandler = bodyReader(bodyLimit)

/** Serves `resources` from the view that `find` chooses; all else there is RabbitMQ's 404. */
export function router(
  context: Context,
  resources: readonly Resource[],
  find: (req: Request) => View,
): Router {
  const routes = express.Router({ mergeParams: true, caseSensitive: true })
  const guarded = (work: (req: Request, res: Response) => unknown) => async (req: Request, res: Response) => {
    try {
      await work(req, res)
    } catch (error) {
      writeError(res, error)
    }
  }
  for (const resource of resources)
    routes.all(
      resource.path,
      resource.reader ?? readBody,
      guarded((req, res) => serve(context, resource, find, req, res)),
    )
  routes.use(
    guarded(() => {
      throw objectNotFound()
    }),
  )
  return routes
}

/** Whoever has not logged in. */
const nobody: User = {
  name: '',
  passwordHash: '',
  hashing: 'rabbit_password_hashing_sha256',
  tags: [],
  limits: {},
}

/** A login, counted as one of the asked node, if that runs. */
function attempt(find: () => View, logIn: () => User): User {
  const count = (outcome: string) => {
    try {
      find().node.counts.login('http', outcome)
    } catch (error) {
      // Who may not ask is not told whether there is such a node.
      if (!(error instanceof HttpError)) throw error
    }
  }
  try {
    const user = logIn()
    count('ok')
    return user
  } catch (error) {
    count('refused')
    throw error
  }
}

async function serve(
  context: Context,
  resource: Resource,
  find: (req: Request) => View,
  req: Request,
  res: Response,
): Promise<void> {
  const allow = allowed(resource)
  if (req.method === 'OPTIONS') {
    res.setHeader('Allow', allow)
    return writeJson(res, 200, null)
  }
  const method = (req.method === 'HEAD' ? 'GET' : req.method) as Method
  const handler = resource[method]
  if (handler === undefined) throw new HttpError(405, null, { Allow: allow })
  refuseForeignOrigin(req)
  const definitions = anyDefinitions(context.live.cluster)
  const user = resource.open
    ? nobody
    : attempt(
        () => find(req),
        () => login(req, definitions),
      )
  const view = find(req)
  const query = new URL(req.originalUrl, 'http://localhost').searchParams
  if (req.method === 'GET') view.ranges = rangesOf(query)
  res.setHeader('X-Warren-Node', view.node.name)
  res.setHeader('Cache-Control', 'no-cache')
  res.setHeader('Vary', 'accept, accept-encoding, origin')
  const level = (method === 'GET' ? resource.reads : resource.changes) ?? 'management'
  if (!resource.open) requireLevel(user, level)
  const params = req.params as Record<string, string>
  const { vhost } = params
  if (vhost !== undefined) {
    if (!view.definitions.vhosts.has(vhost))
      throw method === 'PUT' || method === 'POST' ? vhostNotFound() : objectNotFound()
    requireVhost(user, view.definitions, vhost, level)
  }
  const result = await handler({
    view,
    user,
    params,
    query,
    json: () => parseBody(req.body),
    raw: () => (Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)),
    header: (name) => req.get(name) ?? '',
    logIn: (name, password) =>
      attempt(
        () => view,
        () => loginAs(req, definitions, name, password),
      ),
    onGone: (then) => void res.once('close', () => res.writableFinished || then()),
  })
  if (!(result instanceof Answer)) return writeJson(res, 200, result ?? null)
  for (const [name, value] of Object.entries(result.headers)) res.setHeader(name, value)
  writeJson(res, result.status, result.body)
}

/** RabbitMQ's order; a path that only reads lists HEAD, GET, OPTIONS (docs/observed.md §6). */
function allowed(resource: Resource): string {
  const methods = (['PUT', 'POST', 'DELETE'] as const).filter((method) => resource[method] !== undefined)
  const reads = resource.GET === undefined ? [] : ['HEAD', 'GET']
  return [...reads, ...methods, 'OPTIONS'].join(', ')
}

/** The JSON in a request's raw body; undefined when there is no body. Throws 400 for what is no JSON or nests too deep. */
export function parseBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw badRequest('not_json')
  }
  if (isDeeper(value)) throw badRequest(`nested deeper than ${DEEPEST}`)
  return value
}
