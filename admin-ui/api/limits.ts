// Limits of vhosts and of users: list, set, take away (docs/observed.md §16.2). A negative value means no limit. The real
// one reads these bodies only when they are called application/json.

import type { Limits } from '../../nodes/definitions-access.ts'
import { erlangPairs, erlangTerm } from '../../policies/erlang.ts'
import { requireSight, sees } from '../access.ts'
import { badRequest, HttpError, objectNotFound, vhostNotFound } from '../http-error.ts'
import { type Call, noContent, type Resource } from '../resource.ts'
import { objectBody, requireKeys } from './body.ts'
import { list, type Row } from './list.ts'

export const limits: readonly Resource[] = [
  { path: '/vhost-limits', GET: (call) => listVhostLimits(call) },
  {
    path: '/vhost-limits/:of',
    GET: (call) => {
      const { view, user, params } = call
      if (!view.definitions.vhosts.has(params['of']!)) throw objectNotFound()
      requireSight(user, view.definitions, params['of']!)
      return listVhostLimits(call, params['of'])
    },
  },
  {
    path: '/vhost-limits/:of/:limit',
    PUT: (call) => changeVhost(call, valueIn(call)),
    DELETE: (call) => changeVhost(call, null),
    changes: 'administrator',
  },
  { path: '/user-limits', GET: (call) => listUserLimits(call) },
  {
    path: '/user-limits/:of',
    GET: (call) => {
      if (!call.view.definitions.users.has(call.params['of']!)) throw objectNotFound()
      return listUserLimits(call, call.params['of'])
    },
  },
  {
    path: '/user-limits/:of/:limit',
    PUT: (call) => changeUser(call, valueIn(call)),
    DELETE: (call) => changeUser(call, null),
    changes: 'administrator',
  },
]

const isEmpty = (found: Limits) => Object.keys(found).length === 0

/** Where limits were and are no more, the list of all shows an empty list, that of the one vhost nothing. */
function listVhostLimits(call: Call, only?: string): unknown {
  const rows = [...call.view.definitions.vhosts.values()].flatMap(({ name, limits: found }): Row[] => {
    if (found === null || (only ?? name) !== name || !sees(call.user, call.view.definitions, name)) return []
    if (isEmpty(found)) return only === undefined ? [{ vhost: name, value: [] }] : []
    return [{ vhost: name, value: found }]
  })
  return list(call, rows, ['vhost'])
}

function listUserLimits(call: Call, only?: string): unknown {
  const rows = [...call.view.definitions.users.values()]
    .filter(({ name, limits: found }) => (only ?? name) === name && !isEmpty(found))
    .map(({ name, limits: found }) => ({ user: name, value: found }))
  return list(call, rows, ['user'])
}

function valueIn(call: Call): unknown {
  if (!/^application\/json\b/i.test(call.header('Content-Type'))) throw new HttpError(415, null)
  const body = objectBody(call)
  requireKeys(body, ['value'])
  return body['value']
}

/** What is wrong with a limit, in the real one's words; null when nothing is. */
function fault(name: string, value: unknown, known: readonly string[], where: string): string | null {
  if (!known.includes(name)) return `Unrecognised terms ${erlangPairs([[name, value]])} in ${where}`
  if (Number.isInteger(value)) return null
  return `${name} should be a number, actually was ${erlangTerm(value)}`
}

/** `found` with the limit set to `value`, or without it; the newest comes first. */
function changed(found: Limits, name: string, value: unknown): Limits {
  const { [name]: _gone, ...others } = found
  return value === null ? others : { [name]: value as number, ...others }
}

const byName = (found: Limits): Limits => Object.fromEntries(Object.entries(found).sort())

function changeVhost({ view, params }: Call, value: unknown) {
  const { definitions } = view
  const [name, limit] = [params['of']!, params['limit']!]
  const vhost = definitions.vhosts.get(name)
  if (vhost === undefined) throw value === null ? objectNotFound() : vhostNotFound()
  const wrong = value === null ? null : fault(limit, value, ['max-connections', 'max-queues'], 'limits')
  if (wrong !== null) throw badRequest(`Validation failed\n\n${wrong}\n`)
  if (value === null && vhost.limits === null) return noContent
  view.act(() => {
    definitions.vhosts.set(name, { ...vhost, limits: changed(vhost.limits ?? {}, limit, value) })
    definitions.changed('access')
  })
  return noContent
}

function changeUser({ view, params }: Call, value: unknown) {
  const { definitions } = view
  const [name, limit] = [params['of']!, params['limit']!]
  const user = definitions.users.get(name)
  if (user === undefined) throw value === null ? objectNotFound() : badRequest(['no_such_user', name])
  const wrong =
    value === null ? null : fault(limit, value, ['max-connections', 'max-channels'], 'user-limits')
  if (wrong !== null) throw badRequest(wrong)
  view.act(() => {
    definitions.users.set(name, { ...user, limits: byName(changed(user.limits, limit, value)) })
    definitions.changed('access')
  })
  return noContent
}
