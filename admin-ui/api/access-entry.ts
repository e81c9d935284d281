// Users, permissions and topic permissions as the HTTP API shows them, and what their resources have in common
// (docs/observed.md §16.1). No resource itself.

import { type Access, checkAccess, checkTopicAccess } from '../../nodes/auth-permissions.ts'
import type { Permission, TopicPermission, User } from '../../nodes/definitions-access.ts'
import { BrokerError, type Resource as ResourceKind } from '../../nodes/errors.ts'
import { compilePattern, PatternError } from '../../policies/pattern.ts'
import { badRequest, notAuthorised } from '../http-error.ts'
import type { Call } from '../resource.ts'
import type { View } from '../view.ts'
import { type Body, requireKeys } from './body.ts'
import type { Row } from './list.ts'

export const userEntry = (user: User): Row => ({
  name: user.name,
  password_hash: user.passwordHash,
  hashing_algorithm: user.hashing,
  tags: user.tags,
  limits: user.limits,
})

export const permissionEntry = ({ user, vhost, configure, write, read }: Permission): Row => ({
  user,
  vhost,
  configure,
  write,
  read,
})

export const topicPermissionEntry = ({ user, vhost, exchange, write, read }: TopicPermission): Row => ({
  user,
  vhost,
  exchange,
  write,
  read,
})

/** A vhost's own lists name the vhost first. */
export const vhostFirst = ({ vhost, user, ...rest }: Row): Row => ({ vhost, user, ...rest })

/** The texts of `body` called `names`. Throws 400 naming all that are missing, or one that is no text. */
export function textsOf<N extends string>(body: Body, names: readonly N[]): Record<N, string> {
  requireKeys(body, names)
  const wrong = names.find((name) => typeof body[name] !== 'string')
  if (wrong !== undefined) throw badRequest(`${wrong} must be text`)
  return Object.fromEntries(names.map((name) => [name, body[name]])) as Record<N, string>
}

/** Throws 400 for the first pattern that does not compile; `shown` is how the real one prints it. */
export function checkPatterns(patterns: readonly string[], shown: (pattern: string) => unknown): void {
  for (const pattern of patterns)
    try {
      compilePattern(pattern)
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      throw badRequest(['invalid_regexp', shown(pattern), [[...Buffer.from(error.complaint)], error.at]])
    }
}

/** Throws 400 unless both are known. */
export function requireUserAndVhost({ definitions }: View, user: string, vhost: string): void {
  if (!definitions.users.has(user) || !definitions.vhosts.has(vhost))
    throw badRequest('vhost_or_user_not_found')
}

/** Throws the 403 that a channel of the asking user would get; HTTP shows it as 401 `Access refused.` */
export function requireAccess(
  { view, user, params }: Call,
  access: Access,
  kind: ResourceKind,
  name: string,
): void {
  checkAccess(view.definitions, user.name, params['vhost']!, access, kind, name)
}

/** A refusal of what the real one does by a channel of its own: with AMQP's whole text. */
export function byChannel(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (error instanceof BrokerError && error.code === 403) throw notAuthorised(error.text)
    throw error
  }
}

/** The same for binding from a topic exchange with `key`. */
export function requireTopicRead({ view, user, params }: Call, source: string, key: string): void {
  const exchange = view.definitions.exchange(params['vhost']!, source)
  if (exchange !== undefined) checkTopicAccess(view.definitions, user.name, 'read', exchange, key)
}
