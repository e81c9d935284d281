// Topic permissions: list, look at, set, take away one or all of a user in a vhost (docs/observed.md §16.1).
// Administrators only.

import { type TopicPermission, topicPermissionKey } from '../../nodes/definitions-access.ts'
import { objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import { checkPatterns, requireUserAndVhost, textsOf, topicPermissionEntry } from './access-entry.ts'
import { objectBody } from './body.ts'
import { list } from './list.ts'

export const topicPermissions: readonly Resource[] = [
  {
    path: '/topic-permissions',
    GET: (call) =>
      list(call, [...call.view.definitions.topicPermissions.values()].map(topicPermissionEntry), [
        'vhost',
        'user',
        'exchange',
      ]),
    reads: 'administrator',
  },
  {
    path: '/topic-permissions/:in/:user',
    GET: (call) => list(call, someOf(call).map(topicPermissionEntry), ['exchange']),
    PUT: putTopicPermission,
    DELETE: deleteTopicPermissions,
    reads: 'administrator',
    changes: 'administrator',
  },
  {
    path: '/topic-permissions/:in/:user/:exchange',
    DELETE: deleteTopicPermissions,
    changes: 'administrator',
  },
]

function ofCall({ view, params }: Call): TopicPermission[] {
  return [...view.definitions.topicPermissions.values()].filter(
    ({ user, vhost }) => user === params['user'] && vhost === params['in'],
  )
}

/** Those of the path. Throws 404 when there is none. */
function someOf(call: Call): TopicPermission[] {
  const mine = ofCall(call)
  if (mine.length === 0) throw objectNotFound()
  return mine
}

function putTopicPermission(call: Call) {
  const { view, params } = call
  const [vhost, user] = [params['in']!, params['user']!]
  const texts = textsOf(objectBody(call), ['exchange', 'write', 'read'])
  checkPatterns([texts.write, texts.read], (pattern) => pattern)
  requireUserAndVhost(view, user, vhost)
  const { definitions } = view
  const known = ofCall(call).length > 0
  view.act(() => {
    definitions.topicPermissions.set(topicPermissionKey(user, vhost, texts.exchange), {
      user,
      vhost,
      ...texts,
    })
    definitions.changed('access')
  })
  // What was there is the user's topic permissions in the vhost, whatever their exchange.
  return known ? noContent : created
}

function deleteTopicPermissions(call: Call) {
  const { view, params } = call
  const { definitions } = view
  const { exchange } = params
  const mine = someOf(call).filter((permission) => exchange === undefined || permission.exchange === exchange)
  view.act(() => {
    for (const { user, vhost, exchange: of } of mine)
      definitions.topicPermissions.delete(topicPermissionKey(user, vhost, of))
    definitions.changed('access')
  })
  return noContent
}
