/**
 * A change of policies that has not been made yet: what comes, what goes, and what there is afterwards. Previews and those
 * who apply a policy file read it. It must never touch the policies it is given.
 */
import type { Policy } from './policy.ts'

export interface PolicyName {
  readonly vhost: string
  readonly name: string
}

/** All of it in one step; a policy that is set replaces that of its name. */
export interface PolicyChange {
  readonly set?: readonly Policy[]
  readonly clear?: readonly PolicyName[]
  readonly setOperator?: readonly Policy[]
  readonly clearOperator?: readonly PolicyName[]
}

export interface Policies {
  readonly policies: readonly Policy[]
  readonly operatorPolicies: readonly Policy[]
}

/** The policies after the change, and the vhosts whose queues and exchanges look theirs up again. */
export function afterChange(
  before: Policies,
  change: PolicyChange,
): Policies & { readonly vhosts: ReadonlySet<string> } {
  const vhosts = new Set<string>()
  return {
    policies: changed(before.policies, change.set ?? [], change.clear ?? [], vhosts),
    operatorPolicies: changed(
      before.operatorPolicies,
      change.setOperator ?? [],
      change.clearOperator ?? [],
      vhosts,
    ),
    vhosts,
  }
}

function changed(
  before: readonly Policy[],
  set: readonly Policy[],
  clear: readonly PolicyName[],
  vhosts: Set<string>,
): Policy[] {
  const policies = new Map(before.map((policy) => [keyOf(policy), policy]))
  for (const policy of set) {
    policies.set(keyOf(policy), policy)
    vhosts.add(policy.vhost)
  }
  for (const name of clear) if (policies.delete(keyOf(name))) vhosts.add(name.vhost)
  return [...policies.values()]
}

/** The change after which the user policies are exactly `wanted`: what a whole file asks for. Equal ones stay as they are. */
export function changeTo(before: readonly Policy[], wanted: readonly Policy[]): PolicyChange {
  const known = new Map(before.map((policy) => [keyOf(policy), JSON.stringify(policy)]))
  const names = new Set(wanted.map(keyOf))
  return {
    set: wanted.filter((policy) => known.get(keyOf(policy)) !== JSON.stringify(policy)),
    clear: before.filter((policy) => !names.has(keyOf(policy))).map(({ vhost, name }) => ({ vhost, name })),
  }
}

/** Of everything that it names. */
export function vhostsOf({
  set = [],
  clear = [],
  setOperator = [],
  clearOperator = [],
}: PolicyChange): Set<string> {
  return new Set([...set, ...clear, ...setOperator, ...clearOperator].map(({ vhost }) => vhost))
}

const keyOf = ({ vhost, name }: PolicyName) => `${vhost}\0${name}`
