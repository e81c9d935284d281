// Policies: list, look at, set, clear. The judgement of a body is the policies room's; a refused policy is a 400 in
// RabbitMQ's words (docs/observed.md §1.2). When a PUT returns, every reachable leader has been told.

import { key } from '../../nodes/definitions.ts'
import { type Policy, parsePolicy } from '../../policies/policy.ts'
import { objectNotFound } from '../http-error.ts'
import { type Call, created, noContent, type Resource } from '../resource.ts'
import { columns, list, type Row } from './list.ts'

export const policies: readonly Resource[] = [
  { path: '/policies', GET: (call) => listPolicies(call, () => true) },
  {
    path: '/policies/:vhost',
    GET: (call) => listPolicies(call, (policy) => policy.vhost === call.params['vhost']),
  },
  {
    path: '/policies/:vhost/:name',
    GET: getPolicy,
    PUT: putPolicy,
    DELETE: deletePolicy,
    changes: 'policymaker',
  },
]

const entryOf = (policy: Policy): Row => ({
  vhost: policy.vhost,
  name: policy.name,
  pattern: policy.pattern,
  'apply-to': policy.applyTo,
  definition: policy.definition,
  priority: policy.priority,
})

function listPolicies(call: Call, wanted: (policy: Policy) => boolean): unknown {
  return list(call, [...call.view.definitions.policies.values()].filter(wanted).map(entryOf))
}

function getPolicy(call: Call): Row {
  const policy = call.view.definitions.policies.get(key(call.params['vhost']!, call.params['name']!))
  if (policy === undefined) throw objectNotFound()
  return columns(call, entryOf(policy))
}

function putPolicy(call: Call) {
  const { view, params } = call
  const [vhost, name] = [params['vhost']!, params['name']!]
  const policy = parsePolicy(vhost, name, call.json())
  const known = view.definitions.policies.has(key(vhost, name))
  view.act(() => view.cluster.setPolicy(view.node.name, policy))
  return known ? noContent : created
}

function deletePolicy({ view, params }: Call) {
  const [vhost, name] = [params['vhost']!, params['name']!]
  if (!view.act(() => view.cluster.clearPolicy(view.node.name, vhost, name))) throw objectNotFound()
  return noContent
}
