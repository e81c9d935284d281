// What can be asked of a running cluster's policies beside setting and clearing single ones: lint, preview, explain, what a
// change did, and several changes in one step. Made by `index` for the library; it brings together a snapshot and the pure
// functions of the policies room, and changes things only through `live`.

import { changePolicies } from '../nodes/cluster-policies.ts'
import { snapshotOf } from '../nodes/cluster-snapshot.ts'
import type { Live } from '../nodes/live.ts'
import type { PolicyChange } from '../policies/change.ts'
import { readChange } from '../policies/change-reading.ts'
import { comparison } from '../policies/comparison.ts'
import { type Explanation, explain } from '../policies/explain.ts'
import { type Finding, lint } from '../policies/lint.ts'
import type { Policy } from '../policies/policy.ts'
import { type Preview, preview } from '../policies/preview.ts'
import type { Snapshot } from '../policies/snapshot.ts'

/** A policy as in a policy file; `operator` makes an operator policy of it. */
export interface ChangedPolicy {
  readonly name: string
  readonly vhost?: string
  readonly pattern: string
  readonly 'apply-to'?: 'all' | 'queues' | 'exchanges'
  readonly priority?: number
  readonly definition: Readonly<Record<string, unknown>>
  readonly operator?: boolean
}

/** What to set and what to clear, or, with `replace`, all policies and operator policies there are to be. */
export interface PolicyChangeInput {
  readonly set?: readonly ChangedPolicy[]
  readonly clear?: readonly { readonly name: string; readonly vhost?: string; readonly operator?: boolean }[]
  readonly replace?: readonly ChangedPolicy[]
}

/** A change that makes no sense is refused with a PolicyChangeError: one sentence that names policy, key and value. */
export interface PolicyVerbs {
  /** What is wrong, risky or surprising about the policies, errors first. */
  lint(): Finding[]
  /** What the change would do, made in one step: nothing is touched. */
  preview(change: PolicyChangeInput | PolicyChange): Preview
  /** Makes the change in one step, whole or not at all; every reachable leader has been told when this returns. */
  apply(change: PolicyChangeInput | PolicyChange): void
  /** Which policies a queue or exchange follows, and why; null when there is no such object. */
  explain(kind: 'queue' | 'exchange', name: string, vhost?: string): Explanation | null
  /** The cluster as it is now, as far as policies are concerned: to be kept for `since`. */
  snapshot(): Snapshot
  /** What has become of that cluster until now, in the shape of a preview. */
  since(before: Snapshot): Preview
}

/** `node` is the one whose view counts: it is asked anew each time, and throws when none runs. */
export function policyVerbs(live: Live, node: () => string): PolicyVerbs {
  const { cluster } = live
  const snapshot = () => snapshotOf(cluster, node())
  const read = (change: PolicyChangeInput | PolicyChange, now: Snapshot) =>
    readChange(asInput(change), now, new Set(cluster.islandOf(node()).definitions.vhosts.keys()))
  return {
    lint: () => lint(snapshot()),
    preview: (change) => {
      const now = snapshot()
      return preview(now, read(change, now))
    },
    apply: (change) => {
      const wanted = read(change, snapshot())
      live.act(() => changePolicies(cluster, node(), wanted))
    },
    explain: (kind, name, vhost = '/') => explain(snapshot(), kind, vhost, name),
    snapshot,
    since: (before) => comparison(before, snapshot()),
  }
}

/** Either form of a change. */
interface Loose extends Omit<PolicyChangeInput, 'set'>, Omit<PolicyChange, 'set' | 'clear'> {
  readonly set?: readonly (ChangedPolicy | Policy)[]
}

/** What has been read from a file is judged once more, like all that comes from outside. */
function asInput(change: Loose): PolicyChangeInput {
  if (change.setOperator === undefined && change.clearOperator === undefined) {
    const { set, ...rest } = change
    return set === undefined ? rest : { ...rest, set: set.map((policy) => entryOf(policy, false)) }
  }
  const { set = [], clear = [], setOperator = [], clearOperator = [], ...rest } = change
  return {
    ...rest,
    set: [
      ...set.map((policy) => entryOf(policy, false)),
      ...setOperator.map((policy) => entryOf(policy, true)),
    ],
    clear: [...clear, ...clearOperator.map((name) => ({ ...name, operator: true }))],
  }
}

function entryOf(policy: ChangedPolicy | Policy, operator: boolean): ChangedPolicy {
  if (!('applyTo' in policy)) return operator ? { ...policy, operator } : policy
  const { applyTo, ...entry } = policy
  return { ...entry, 'apply-to': applyTo, ...(operator && { operator }) }
}
