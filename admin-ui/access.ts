// Who may ask: basic authentication against the cluster's users, and the guard against other sites' pages that would use
// a browser to reach this port. Called for every request but those of the page's own files. It must never let a request
// change anything that a foreign page sent.

import type { IncomingMessage } from 'node:http'
import { authenticate, mayConnectFrom, mayEnter } from '../nodes/auth.ts'
import type { Cluster } from '../nodes/cluster.ts'
import { firstDefinitions } from '../nodes/cluster-start.ts'
import type { Definitions } from '../nodes/definitions.ts'
import type { User } from '../nodes/definitions-access.ts'
import { HttpError, notAuthorised } from './http-error.ts'

/** What a user must be tagged for, from little to much; each includes those before it (RabbitMQ's management tags). */
export const levels = ['management', 'policymaker', 'monitoring', 'administrator'] as const
export type Level = (typeof levels)[number]

const challenge = { 'WWW-Authenticate': 'Basic realm="RabbitMQ Management"' }

/** The user of the request's Authorization header. Throws the 401s of docs/observed.md §6. */
export function login(req: IncomingMessage, definitions: Definitions): User {
  const header = req.headers.authorization
  if (header === undefined) throw new HttpError(401, null, challenge)
  const credentials = /^basic\s+(\S+)\s*$/i.exec(header)?.[1] ?? ''
  const [name, ...rest] = Buffer.from(credentials, 'base64').toString().split(':')
  return loginAs(req, definitions, name ?? '', rest.join(':'))
}

/** The user called `name`, who may ask here. Throws the same. */
export function loginAs(
  req: IncomingMessage,
  definitions: Definitions,
  name: string,
  password: string,
): User {
  const user = authenticate(definitions, name, password)
  if (user === null) throw new HttpError(401, { error: 'not_authorized', reason: 'Login failed' }, challenge)
  if (!mayConnectFrom(user.name, req.socket.remoteAddress ?? ''))
    throw notAuthorised('User can only log in via localhost')
  if (!may(user, 'management')) throw notAuthorised('Not management user')
  return user
}

function may(user: User, level: Level): boolean {
  const wanted = levels.slice(levels.indexOf(level))
  if (level === 'monitoring' || level === 'policymaker')
    return user.tags.includes(level) || user.tags.includes('administrator')
  return wanted.some((tag) => user.tags.includes(tag))
}

const refusals: Readonly<Record<Level, string>> = {
  management: 'Not management user',
  policymaker: 'User not authorised to access object',
  monitoring: 'Not monitor user',
  administrator: 'Not administrator user',
}

/** Throws 401 unless the user is tagged for `level`. */
export function requireLevel(user: User, level: Level): void {
  if (!may(user, level)) throw notAuthorised(refusals[level])
}

/** May the user look at what is in the vhost? An administrator may everywhere (docs/observed.md §10). */
export function opens(user: User, definitions: Definitions, vhost: string): boolean {
  return user.tags.includes('administrator') || mayEnter(definitions, user.name, vhost)
}

/** May the user know of the vhost itself and of its limits? */
export function sees(user: User, definitions: Definitions, vhost: string): boolean {
  return isMonitor(user) || mayEnter(definitions, user.name, vhost)
}

/** Monitors see every connection and vhost; other users their own (docs/observed.md §16.1). */
export const isMonitor = (user: User) => may(user, 'monitoring')

const noAccess = (what: 'virtual host' | 'object') => notAuthorised(`User not authorised to access ${what}`)

/** Throws 401 unless the user may look at what is in the vhost; what policymakers may is an object to the real one. */
export function requireVhost(user: User, definitions: Definitions, vhost: string, level?: Level): void {
  if (!opens(user, definitions, vhost)) throw noAccess(level === 'policymaker' ? 'object' : 'virtual host')
}

/** Throws 401 unless the user may know of the vhost. */
export function requireSight(user: User, definitions: Definitions, vhost: string): void {
  if (!sees(user, definitions, vhost)) throw noAccess('virtual host')
}

/** Throws 401 unless the user may open a channel in the vhost, which must exist: a tag alone opens none. */
export function requireChannel(user: User, definitions: Definitions, vhost: string): void {
  if (!definitions.vhosts.has(vhost)) throw notAuthorised('Access refused.')
  requireVhost(user, definitions, vhost)
  if (!mayEnter(definitions, user.name, vhost)) throw notAuthorised('Access refused.')
}

/** Where users are looked up when no particular node is asked: a running node's, else what a disk remembers. */
export function anyDefinitions(cluster: Cluster): Definitions {
  const running = cluster.members.find((member) => member.state === 'running' && member.island !== null)
  const found = running?.island?.definitions ?? cluster.members.find((member) => member.disk)?.disk
  // When every node has been reset, they are as brand-new ones.
  return found ?? firstDefinitions([])
}

const reading = ['GET', 'HEAD', 'OPTIONS']

/** Throws 403 when a page of another site asks for a change: browsers name it in Origin. */
export function refuseForeignOrigin(req: IncomingMessage): void {
  const { origin, host } = req.headers
  if (reading.includes(req.method ?? 'GET')) return
  if (origin === undefined) {
    if (['cross-site', 'same-site'].includes(String(req.headers['sec-fetch-site'])))
      throw foreign('another site')
    return
  }
  const from = URL.canParse(origin) ? new URL(origin) : null
  if (from === null || from.host !== host) throw foreign(origin)
  // A foreign name that was made to point here is same-origin to a browser; here it is a stranger on our doorstep.
  if (isLoopback(req.socket.localAddress) && !isOwnName(from.hostname)) throw foreign(origin)
}

const foreign = (origin: string) =>
  new HttpError(403, { error: 'forbidden', reason: `changes are not taken from pages of ${origin}` })

const isLoopback = (address = '') => /^(::ffff:)?127\.|^::1$/.test(address)

/** localhost or an address; any other name may be somebody else's. */
const isOwnName = (hostname: string) => /^((.+\.)?localhost|[\d.]+|\[.*\])$/.test(hostname)
