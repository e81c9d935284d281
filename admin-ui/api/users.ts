// Users: list, look at, set, delete, several at once; and what each may do (docs/observed.md §16.1). Administrators only.
// A clear password is hashed at once and never kept.

import { deleteUser as endUser } from '../../nodes/cluster-access.ts'
import type { HashingAlgorithm, User } from '../../nodes/definitions-access.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest, objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import { type GivenSecret, secretOf } from '../secret.ts'
import { permissionEntry, topicPermissionEntry, userEntry } from './access-entry.ts'
import { type Body, base64Of, objectBody, requireKeys } from './body.ts'
import { columns, list } from './list.ts'

const administrator = { reads: 'administrator', changes: 'administrator' } as const

export const users: readonly Resource[] = [
  {
    path: '/users',
    GET: (call) => listUsers(call, () => true),
    ...administrator,
  },
  { path: '/users/bulk-delete', POST: deleteUsers, ...administrator },
  {
    path: '/users/without-permissions',
    GET: (call) => {
      const known = new Set([...call.view.definitions.permissions.values()].map(({ user }) => user))
      return listUsers(call, ({ name }) => !known.has(name))
    },
    ...administrator,
  },
  {
    path: '/users/:user',
    GET: (call) => columns(call, userEntry(userOf(call))),
    PUT: putUser,
    DELETE: deleteUser,
    ...administrator,
  },
  {
    path: '/users/:user/permissions',
    GET: (call) => {
      const { name } = userOf(call)
      const mine = [...call.view.definitions.permissions.values()].filter(({ user }) => user === name)
      return list(call, mine.map(permissionEntry), ['vhost'])
    },
    ...administrator,
  },
  {
    path: '/users/:user/topic-permissions',
    GET: (call) => {
      const { name } = userOf(call)
      const mine = [...call.view.definitions.topicPermissions.values()].filter(({ user }) => user === name)
      return list(call, mine.map(topicPermissionEntry), ['vhost', 'exchange'])
    },
    ...administrator,
  },
]

function listUsers(call: Call, wanted: (user: User) => boolean): unknown {
  return list(call, [...call.view.definitions.users.values()].filter(wanted).map(userEntry), ['name'])
}

function userOf({ view, params }: Call): User {
  const user = view.definitions.users.get(params['user']!)
  if (user === undefined) throw objectNotFound()
  return user
}

function putUser(call: Call) {
  const { view, params } = call
  const { definitions } = view
  const name = params['user']!
  const body = objectBody(call)
  const known = definitions.users.get(name)
  const user: User = {
    name,
    ...secretOf(givenIn(body), known !== undefined),
    tags: tagsOf(body),
    limits: isRecord(body['limits']) ? (body['limits'] as Record<string, number>) : (known?.limits ?? {}),
  }
  view.act(() => {
    definitions.users.set(name, user)
    definitions.changed('access')
  })
  return known === undefined ? created : noContent
}

/** Tags as text with commas or as a list; `administrator: true` is an older way to say it. */
function tagsOf(body: Body): readonly string[] {
  const { tags, administrator: isAdministrator } = body
  if (tags === undefined && isAdministrator === undefined) throw badRequest('tags_not_present')
  if (tags === undefined) return isAdministrator === true ? ['administrator'] : []
  if (Array.isArray(tags)) return tags.filter((tag) => typeof tag === 'string')
  if (typeof tags !== 'string') throw badRequest('tags must be text or a list')
  return tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

const algorithms: readonly string[] = [
  'rabbit_password_hashing_sha256',
  'rabbit_password_hashing_sha512',
  'rabbit_password_hashing_md5',
] satisfies HashingAlgorithm[]

function givenIn(body: Body): GivenSecret {
  const { password, password_hash: hash, hashing_algorithm: given } = body
  const hashing = algorithms.includes(String(given)) ? (given as HashingAlgorithm) : null
  if (password !== undefined && hash !== undefined)
    throw badRequest('both_password_and_password_hash_are_provided')
  if (password !== undefined && typeof password !== 'string') throw badRequest('password must be text')
  if (hash !== undefined) base64Of(hash)
  return { password: password ?? null, passwordHash: hash === undefined ? null : String(hash), hashing }
}

function deleteUser(call: Call) {
  const { view } = call
  const { name } = userOf(call)
  view.act(() => endUser(view.cluster, view.node.name, name))
  return noContent
}

function deleteUsers(call: Call) {
  const { view } = call
  const body = objectBody(call)
  requireKeys(body, ['users'])
  const { users: names } = body
  if (!Array.isArray(names)) throw badRequest('users must be a list')
  // One by one, as the real one works through its list: those before an unknown one are gone (docs/observed.md).
  const unknown = view.act(() => names.find((name) => !endUser(view.cluster, view.node.name, String(name))))
  if (unknown !== undefined) throw badRequest(['no_such_user', unknown])
  return noContent
}
