// Policies and definitions as the library takes them.

import type { Cluster } from '../nodes/cluster.ts'
import { changePolicies } from '../nodes/cluster-policies.ts'
import type { PolicyChange } from '../policies/change.ts'
import { PolicyChangeError } from '../policies/change-reading.ts'
import { type DefinitionsFile, definitionsOf, parseDefinitions } from '../policies/definitions-file.ts'
import { type Policy, parseOperatorPolicy, parsePolicy } from '../policies/policy.ts'
import type { PolicyInput } from './options.ts'

export const definitionsIn = (given: string | object): DefinitionsFile =>
  typeof given === 'string' ? parseDefinitions(given) : definitionsOf(given)

function policyOf({ name, vhost = '/', operator = false, ...body }: PolicyInput): Policy {
  return operator ? parseOperatorPolicy(vhost, name, body) : parsePolicy(vhost, name, body)
}

export function changeOf(given: readonly PolicyInput[]): PolicyChange {
  const of = (operator: boolean) =>
    given.filter((policy) => (policy.operator ?? false) === operator).map(policyOf)
  return { set: of(false), setOperator: of(true) }
}

/** Throws PolicyChangeError for a vhost that is not there: such a policy would apply to nothing, for nobody to see. */
export function setPolicies(cluster: Cluster, node: string, change: PolicyChange): void {
  const { vhosts } = cluster.islandOf(node).definitions
  for (const { vhost, name } of [...(change.set ?? []), ...(change.setOperator ?? [])])
    if (!vhosts.has(vhost))
      throw new PolicyChangeError(`Policy "${name}", vhost: there is no virtual host "${vhost}".`)
  changePolicies(cluster, node, change)
}
