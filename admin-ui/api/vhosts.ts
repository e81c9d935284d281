// Virtual hosts: list, look at, make, describe, delete; who may what in one (docs/observed.md §6, §16.1).

import { deleteVhost as endVhost } from '../../nodes/cluster-access.ts'
import { permissionKey, type Vhost } from '../../nodes/definitions-access.ts'
import { erlangTerm } from '../../policies/erlang.ts'
import { sees } from '../access.ts'
import { badRequest, objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import { vhostKey } from '../statistics.ts'
import type { View } from '../view.ts'
import { permissionEntry, topicPermissionEntry, vhostFirst } from './access-entry.ts'
import { objectBody, truth } from './body.ts'
import { columns, list, pages, type Row } from './list.ts'
import { clientTotals, deliverStats, happened, messageTotals, publishStats, trafficStats } from './totals.ts'

export const vhosts: readonly Resource[] = [
  {
    path: '/vhosts',
    GET: (call) =>
      pages(
        call,
        [...call.view.definitions.vhosts.values()]
          .filter(({ name }) => sees(call.user, call.view.definitions, name))
          .map((vhost) => vhostEntry(call.view, vhost)),
        ['name'],
      ),
  },
  {
    path: '/vhosts/:name',
    GET: (call) => columns(call, vhostEntry(call.view, vhostOf(call))),
    PUT: putVhost,
    DELETE: deleteVhost,
    reads: 'administrator',
    changes: 'administrator',
  },
  { path: '/vhosts/:name/permissions', GET: listPermissions, reads: 'administrator' },
  { path: '/vhosts/:name/topic-permissions', GET: listTopicPermissions, reads: 'administrator' },
  { path: '/vhosts/:name/start/:node', POST: start, changes: 'administrator' },
]

function vhostOf({ view, params }: Call): Vhost {
  const vhost = view.definitions.vhosts.get(params['name']!)
  if (vhost === undefined) throw objectNotFound()
  return vhost
}

/** Every vhost runs on every node of the view already. */
function start({ view, params }: Call) {
  const [vhost, node] = [params['name']!, params['node']!]
  const failed = (why: string) => badRequest(`Request to node ${node} failed with ${why}`)
  if (!view.running.includes(node)) throw failed('nodedown')
  if (!view.definitions.vhosts.has(vhost)) throw failed(`{no_such_vhost,${erlangTerm(vhost)}}`)
  return noContent
}

function listPermissions(call: Call): unknown {
  const { name } = vhostOf(call)
  const mine = [...call.view.definitions.permissions.values()].filter(({ vhost }) => vhost === name)
  return list(call, mine.map(permissionEntry).map(vhostFirst), ['user'])
}

function listTopicPermissions(call: Call): unknown {
  const { name } = vhostOf(call)
  const mine = [...call.view.definitions.topicPermissions.values()].filter(({ vhost }) => vhost === name)
  return list(call, mine.map(topicPermissionEntry).map(vhostFirst), ['user', 'exchange'])
}

/** Description and tags that are not in the body are taken away. Whoever makes a vhost may do everything in it. */
function putVhost(call: Call) {
  const { view, params, user } = call
  const { definitions } = view
  const name = params['name']!
  const body = objectBody(call)
  const description = typeof body['description'] === 'string' ? body['description'] : ''
  const tags = tagsOf(body['tags'])
  const known = definitions.vhosts.get(name)
  const isNew = known === undefined
  const tracing = body['tracing'] === undefined ? undefined : truth(body['tracing'])
  view.act(() => {
    if (isNew) {
      definitions.addVhost(name)
      const everything = { configure: '.*', write: '.*', read: '.*' }
      definitions.permissions.set(permissionKey(user.name, name), {
        user: user.name,
        vhost: name,
        ...everything,
      })
    }
    definitions.vhosts.set(name, { ...definitions.vhosts.get(name)!, description, tags })
    if (tracing !== undefined) view.node.trace(name, tracing)
    definitions.changed(isNew ? 'vhost' : 'access')
  })
  return isNew ? created : noContent
}

/** Text with commas, or a list. */
function tagsOf(value: unknown): readonly string[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.filter((tag) => typeof tag === 'string')
  if (typeof value !== 'string') throw badRequest('tags must be text or a list')
  return value
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

function deleteVhost(call: Call) {
  const { view } = call
  const { name } = vhostOf(call)
  view.act(() => endVhost(view.cluster, view.node.name, name))
  return noContent
}

function vhostEntry(view: View, vhost: Vhost): Row {
  const { name, description, tags } = vhost
  const key = vhostKey(view.definitions, name)
  const only = new Set([name])
  const counted = clientTotals(view, only)
  const stats = happened(publishStats(counted), deliverStats(counted))
  const traffic = happened(trafficStats(counted))
  return {
    cluster_state: Object.fromEntries(view.running.map((node) => [node, 'running'])),
    default_queue_type: 'undefined',
    description,
    ...(Object.keys(stats).length > 0 && { message_stats: view.details(key, stats) }),
    ...messagePart(view, key, only),
    metadata: { description, tags },
    name,
    ...view.details(key, traffic, 'data_rates'),
    tags,
    tracing: view.node.traced.has(name),
  }
}

/** Of a vhost that never had a queue there is nothing to say. */
function messagePart(view: View, key: object, vhosts: ReadonlySet<string>): Row {
  const has = [...view.definitions.queues.values()].some(({ vhost }) => vhosts.has(vhost))
  return has ? view.details(key, messageTotals(view, vhosts), 'lengths') : {}
}
