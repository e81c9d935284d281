// Policies and operator policies: list, look at, set, clear. The judgement of a body is the policies room's; a refused policy
// is a 400 in RabbitMQ's words (docs/observed.md §1.2). When a PUT returns, every reachable leader has been told.

import type { PolicyKind } from '../../nodes/cluster.ts'
import { key } from '../../nodes/definitions.ts'
import { type Policy, PolicyError, parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'
import { opens } from '../access.ts'
import { badRequest, objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import { columns, list, type Row } from './list.ts'

export const policies: readonly Resource[] = [
  ...resourcesOf('policies', 'policies'),
  ...resourcesOf('operator-policies', 'operatorPolicies'),
]

function resourcesOf(path: string, kind: PolicyKind): Resource[] {
  const level = kind === 'policies' ? 'policymaker' : 'administrator'
  return [
    {
      path: `/${path}`,
      GET: (call) => listPolicies(call, kind, ({ vhost }) => opens(call.user, call.view.definitions, vhost)),
    },
    {
      path: `/${path}/:vhost`,
      GET: (call) => listPolicies(call, kind, (policy) => policy.vhost === call.params['vhost']),
    },
    {
      path: `/${path}/:vhost/:name`,
      GET: (call) => getPolicy(call, kind),
      PUT: (call) => putPolicy(call, kind),
      DELETE: (call) => deletePolicy(call, kind),
      reads: level,
      changes: level,
    },
  ]
}

const entryOf = (policy: Policy): Row => ({
  vhost: policy.vhost,
  name: policy.name,
  pattern: policy.pattern,
  'apply-to': policy.applyTo,
  definition: policy.definition,
  priority: policy.priority,
})

function listPolicies(call: Call, kind: PolicyKind, wanted: (policy: Policy) => boolean): unknown {
  return list(call, [...call.view.definitions[kind].values()].filter(wanted).map(entryOf))
}

function getPolicy(call: Call, kind: PolicyKind): Row {
  const policy = call.view.definitions[kind].get(key(call.params['vhost']!, call.params['name']!))
  if (policy === undefined) throw objectNotFound()
  return columns(call, entryOf(policy))
}

function putPolicy(call: Call, kind: PolicyKind) {
  const { view, params } = call
  const [vhost, name] = [params['vhost']!, params['name']!]
  const policy =
    kind === 'policies' ? parsePolicy(vhost, name, call.json()) : operatorPolicy(vhost, name, call)
  const known = view.definitions[kind].has(key(vhost, name))
  view.act(() => view.cluster.setPolicy(view.node.name, policy, kind))
  return known ? noContent : created
}

/** A refused operator policy's text is not escaped, unlike a policy's (docs/observed.md §0.10). */
function operatorPolicy(vhost: string, name: string, call: Call): Policy {
  try {
    return parseOperatorPolicy(vhost, name, call.json())
  } catch (error) {
    if (error instanceof PolicyError && error.status === 400) throw badRequest(error.reason)
    throw error
  }
}

function deletePolicy({ view, params }: Call, kind: PolicyKind) {
  const [vhost, name] = [params['vhost']!, params['name']!]
  if (!view.act(() => view.cluster.clearPolicy(view.node.name, vhost, name, kind))) throw objectNotFound()
  return noContent
}
