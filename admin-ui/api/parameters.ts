// Parameters: those of vhosts, which are operator policies, limits and what plugins would use, and global ones; and the
// cluster's name, which is one of these (docs/observed.md §23). Warren has no plugins: parameters of theirs that a
// definitions file brought can be looked at and cleared, but not set.

import { clearPolicy } from '../../nodes/cluster-policies.ts'
import { clusterName, parameterKey } from '../../nodes/definitions-parameters.ts'
import { DefinitionsError, definitionsOf } from '../../policies/definitions-file.ts'
import { opens } from '../access.ts'
import { parameterEntries } from '../definitions/export.ts'
import { importDefinitions } from '../definitions/import.ts'
import { badRequest, escapeTags, objectNotFound } from '../http-error.ts'
import { type Answer, type Call, created, noContent, type Resource } from '../resource.ts'
import { objectBody, requireKeys } from './body.ts'
import { columns, list, type Row } from './list.ts'

const policymaker = { reads: 'policymaker', changes: 'policymaker' } as const

export const parameters: readonly Resource[] = [
  { path: '/parameters', GET: listParameters, ...policymaker },
  { path: '/parameters/:component', GET: listParameters, ...policymaker },
  { path: '/parameters/:component/:vhost', GET: listParameters, ...policymaker },
  {
    path: '/parameters/:component/:vhost/:name',
    GET: (call) => columns(call, parameterOf(call)),
    PUT: putParameter,
    DELETE: clearParameter,
    ...policymaker,
  },
  { path: '/global-parameters', GET: listGlobal, ...policymaker },
  {
    path: '/global-parameters/:name',
    GET: (call) => columns(call, globalOf(call)),
    PUT: (call) => setGlobal(call, call.params['name']!, valueIn(call, 'value')),
    DELETE: clearGlobal,
    ...policymaker,
  },
  {
    path: '/cluster-name',
    GET: ({ view }) => ({ name: view.definitions.globalParameters.get(clusterName) ?? view.node.name }),
    PUT: (call) => {
      setGlobal(call, clusterName, valueIn(call, 'name'))
      return noContent
    },
    changes: 'administrator',
  },
]

function valueIn(call: Call, key: string): unknown {
  const body = objectBody(call)
  requireKeys(body, [key])
  return body[key]
}

// ---- of vhosts

function listParameters(call: Call): unknown {
  const { component, vhost } = call.params
  const { definitions } = call.view
  const mine = parameterEntries(definitions).filter(
    (entry) =>
      (component ?? entry.component) === entry.component &&
      (vhost ?? entry.vhost) === entry.vhost &&
      opens(call.user, definitions, entry.vhost),
  )
  return list(call, mine, ['vhost', 'name'])
}

function parameterOf({ view, params }: Call): Row {
  const { component, vhost, name } = params
  const found = parameterEntries(view.definitions).find(
    (entry) => entry.component === component && entry.vhost === vhost && entry.name === name,
  )
  if (found === undefined) throw objectNotFound()
  return { ...found }
}

/** As an import of this one parameter, whose refusals say besides where it is. */
function putParameter(call: Call): Answer {
  const { view, user } = call
  const { component = '', vhost = '', name = '' } = call.params
  const value = valueIn(call, 'value')
  if (component !== 'operator_policy' && component !== 'vhost-limits')
    throw badRequest(`Validation failed\n\ncomponent ${component} not found\n`)
  const known = parameterEntries(view.definitions).some(
    (entry) => entry.component === component && entry.vhost === vhost && entry.name === name,
  )
  try {
    const file = definitionsOf({ parameters: [{ component, vhost, name, value }] })
    view.act(() => importDefinitions(view.cluster, view.node.name, file, user.name))
  } catch (error) {
    if (!(error instanceof DefinitionsError)) throw error
    const where = ` (${vhost}/${component}/${name})`
    throw badRequest(escapeTags(String(error.reason).replace(where, '')))
  }
  return known ? noContent : created
}

function clearParameter(call: Call): Answer {
  const { view } = call
  const { component = '', vhost = '', name = '' } = call.params
  const { definitions } = view
  parameterOf(call)
  view.act(() => {
    if (component === 'operator_policy')
      clearPolicy(view.cluster, view.node.name, vhost, name, 'operatorPolicies')
    else if (component === 'vhost-limits')
      definitions.vhosts.set(vhost, { ...definitions.vhosts.get(vhost)!, limits: null })
    else definitions.parameters.delete(parameterKey({ component, vhost, name }))
    definitions.changed('access')
  })
  return noContent
}

// ---- of the cluster

function listGlobal(call: Call): unknown {
  const rows = [...call.view.definitions.globalParameters].map(([name, value]) => ({ name, value }))
  return list(call, rows, ['name'])
}

function globalOf({ view, params }: Call): Row {
  const name = params['name']!
  const { globalParameters } = view.definitions
  if (!globalParameters.has(name)) throw objectNotFound()
  return { value: globalParameters.get(name), name }
}

function setGlobal({ view }: Call, name: string, value: unknown): Answer {
  const { definitions } = view
  const known = definitions.globalParameters.has(name)
  view.act(() => {
    definitions.globalParameters.set(name, value)
    definitions.changed('access')
  })
  return known ? noContent : created
}

function clearGlobal(call: Call): Answer {
  const { definitions } = call.view
  const name = String(globalOf(call)['name'])
  call.view.act(() => {
    definitions.globalParameters.delete(name)
    definitions.changed('access')
  })
  return noContent
}
