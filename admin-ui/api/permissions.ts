// Permissions: list, look at, set, take away (docs/observed.md §16.1). Administrators only. Open channels feel a change
// at once; a real channel may go on for a second by what it remembers.

import { type Permission, permissionKey } from '../../nodes/definitions-access.ts'
import { objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import { checkPatterns, permissionEntry, requireUserAndVhost, textsOf } from './access-entry.ts'
import { objectBody } from './body.ts'
import { columns, list } from './list.ts'

export const permissions: readonly Resource[] = [
  {
    path: '/permissions',
    GET: (call) =>
      list(call, [...call.view.definitions.permissions.values()].map(permissionEntry), ['vhost', 'user']),
    reads: 'administrator',
  },
  {
    path: '/permissions/:in/:user',
    GET: (call) => columns(call, permissionEntry(permissionOf(call))),
    PUT: putPermission,
    DELETE: deletePermission,
    reads: 'administrator',
    changes: 'administrator',
  },
]

const keyOf = ({ params }: Call) => permissionKey(params['user']!, params['in']!)

function permissionOf(call: Call): Permission {
  const permission = call.view.definitions.permissions.get(keyOf(call))
  if (permission === undefined) throw objectNotFound()
  return permission
}

function putPermission(call: Call) {
  const { view, params } = call
  const [vhost, user] = [params['in']!, params['user']!]
  const patterns = textsOf(objectBody(call), ['configure', 'write', 'read'])
  checkPatterns(Object.values(patterns), (pattern) => [...Buffer.from(pattern)])
  requireUserAndVhost(view, user, vhost)
  const { definitions } = view
  const known = definitions.permissions.has(keyOf(call))
  view.act(() => {
    definitions.permissions.set(keyOf(call), { user, vhost, ...patterns })
    definitions.changed('access')
  })
  return known ? noContent : created
}

function deletePermission(call: Call) {
  const { definitions } = call.view
  permissionOf(call)
  call.view.act(() => {
    definitions.permissions.delete(keyOf(call))
    definitions.changed('access')
  })
  return noContent
}
