// What a user may do in a vhost, by the patterns of its permissions. Asked by channels before they look whether the named
// thing exists, and by the HTTP API on behalf of its users; it must never say more than that something is refused.

import { compilePattern } from '../policies/pattern.ts'
import type { Definitions } from './definitions.ts'
import { permissionKey, topicPermissionKey } from './definitions-access.ts'
import { accessRefused, type Resource } from './errors.ts'

export type Access = 'configure' | 'write' | 'read'

/** An empty pattern allows only the empty name (docs/observed.md §16.1). */
const fits = (pattern: string, name: string) =>
  pattern === '.*' || compilePattern(pattern === '' ? '^$' : pattern).test(name)

/** The default exchange goes by another name here (docs/observed.md §5.3). */
const shownName = (kind: Resource, name: string) =>
  kind === 'exchange' && name === '' ? 'amq.default' : name

/** Throws 403 unless `user` has `access` to the queue or exchange; it need not exist. */
export function checkAccess(
  definitions: Definitions,
  user: string,
  vhost: string,
  access: Access,
  kind: Resource,
  name: string,
): void {
  const permission = definitions.permissions.get(permissionKey(user, vhost))
  const shown = shownName(kind, name)
  if (permission !== undefined && fits(permission[access], shown)) return
  throw accessRefused(`access to ${kind} '${shown}' in vhost '${vhost}' refused for user '${user}'`)
}

/**
 * Throws 403 unless `user` may publish to a topic exchange with `key` (write) or bind from it with that key (read). Other
 * exchanges, and those without a topic permission for the user, allow every key (docs/observed.md §16.1).
 */
export function checkTopicAccess(
  definitions: Definitions,
  user: string,
  access: 'write' | 'read',
  exchange: { readonly vhost: string; readonly name: string; readonly type: string },
  key: string,
): void {
  if (definitions.topicPermissions.size === 0 || exchange.type !== 'topic') return
  const { vhost, name } = exchange
  const permission = definitions.topicPermissions.get(topicPermissionKey(user, vhost, name))
  if (permission === undefined) return
  const pattern = permission[access].replaceAll('{username}', user).replaceAll('{vhost}', vhost)
  if (fits(pattern, key)) return
  throw accessRefused(
    `access to topic '${key}' in exchange '${name}' in vhost '${vhost}' refused for user '${user}'`,
  )
}
