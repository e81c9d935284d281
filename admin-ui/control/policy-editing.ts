// Policies while somebody edits them: what is wrong with what has been written so far, what it would do, the change itself with
// the way back, and all policies as a file. Used by the router; one change is made whole or not at all, and in one step.

import { changePolicies } from '../../nodes/cluster-policies.ts'
import type { User } from '../../nodes/definitions-access.ts'
import { type PolicyChange, type PolicyName, vhostsOf } from '../../policies/change.ts'
import { PolicyChangeError, readChange } from '../../policies/change-reading.ts'
import { type ChangedFindings, type Concerned, concernedBy, findingsAfter } from '../../policies/check.ts'
import { entriesOf, type PolicyEntry } from '../../policies/file-entries.ts'
import type { Policy } from '../../policies/policy.ts'
import { type Preview, preview } from '../../policies/preview.ts'
import type { Snapshot } from '../../policies/snapshot.ts'
import { opens, requireLevel, requireVhost } from '../access.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { View } from '../view.ts'
import { snapshotFor } from './policies.ts'
import { type Draft, type DraftFault, draftOf } from './policy-draft.ts'

/** Objects and queue changes told one by one; sums are over all of them. */
const toldMost = 100

export interface PolicyCheck {
  /** What is wrong, in the words in which it would be refused; with any, the rest is empty. */
  readonly faults: readonly DraftFault[]
  /** What is to be set, as it was understood. */
  readonly policies: readonly PolicyEntry[]
  readonly nodes: Snapshot['nodes']
  /** Of `queues` the first; `totals` counts all. Null with a fault. */
  readonly preview: Preview | null
  readonly concerned: {
    /** How many objects the change is about, and how many of these would follow its policies. */
    readonly queues: number
    readonly exchanges: number
    readonly following: number
    /** The first of them. */
    readonly objects: readonly Concerned[]
  }
  readonly lint: ChangedFindings
}

const nothing: Omit<PolicyCheck, 'faults' | 'nodes'> = {
  policies: [],
  preview: null,
  concerned: { queues: 0, exchanges: 0, following: 0, objects: [] },
  lint: { findings: [], mended: [] },
}

/** Judges a draft and tells what it would do; nothing is touched. Throws 400 for a body that is no draft, 401 for vhosts not open to `user`. */
export async function checkPolicies(view: View, user: User, body: unknown): Promise<PolicyCheck> {
  requireLevel(user, 'policymaker')
  const draft = await draftIn(view, body)
  const snapshot = snapshotFor(view)
  const { nodes } = snapshot
  if (draft.faults.length > 0) return { ...nothing, faults: draft.faults, nodes }
  const change = changeIn(view, user, snapshot, draft)
  const whole = preview(snapshot, change)
  const objects = concernedBy(snapshot, change)
  const first = objects.slice(0, toldMost)
  const told = new Set(first.map(({ vhost, name }) => `${vhost}\0${name}`))
  return {
    faults: [],
    policies: entriesOf({ policies: change.set ?? [], operatorPolicies: change.setOperator ?? [] }),
    nodes,
    preview: {
      ...whole,
      queues: whole.queues.filter(({ vhost, name }) => told.has(`${vhost}\0${name}`)),
      exchanges: whole.exchanges.slice(0, toldMost),
      later: whole.later.slice(0, toldMost),
    },
    concerned: {
      queues: objects.filter(({ kind }) => kind === 'queue').length,
      exchanges: objects.filter(({ kind }) => kind === 'exchange').length,
      following: objects.filter(({ follows }) => follows !== null).length,
      objects: first,
    },
    lint: findingsAfter(snapshot, change),
  }
}

/** A change that takes another back. */
export interface Undo {
  readonly set: readonly PolicyEntry[]
  readonly clear: readonly (PolicyName & { readonly operator?: boolean })[]
}

/** Makes the change, and answers with the one that takes it back. Throws 400 with the first fault, and then nothing is changed. */
export async function applyPolicies(view: View, user: User, body: unknown): Promise<{ readonly undo: Undo }> {
  requireLevel(user, 'policymaker')
  const draft = await draftIn(view, body)
  const [fault] = draft.faults
  if (fault !== undefined) throw badRequest(fault.text)
  const snapshot = snapshotFor(view)
  const change = changeIn(view, user, snapshot, draft)
  if ((change.setOperator ?? []).length + (change.clearOperator ?? []).length > 0)
    requireLevel(user, 'administrator')
  const undo = undoOf(snapshot, change)
  view.act(() => changePolicies(view.cluster, view.node.name, change))
  return { undo }
}

function draftIn({ definitions }: View, body: unknown): Promise<Draft> {
  return draftOf(body, new Set(definitions.vhosts.keys()))
}

function changeIn(view: View, user: User, snapshot: Snapshot, { change: wanted }: Draft): PolicyChange {
  const { definitions } = view
  try {
    const change = readChange(wanted, snapshot, new Set(definitions.vhosts.keys()))
    for (const vhost of vhostsOf(change)) requireVhost(user, definitions, vhost)
    return change
  } catch (error) {
    if (error instanceof PolicyChangeError) throw badRequest(error.message)
    throw error
  }
}

function undoOf(before: Snapshot, change: PolicyChange): Undo {
  const own = undone(before.policies, change.set ?? [], change.clear ?? [])
  const operators = undone(before.operatorPolicies, change.setOperator ?? [], change.clearOperator ?? [])
  return {
    set: entriesOf({ policies: own.back, operatorPolicies: operators.back }),
    clear: [...own.gone, ...operators.gone.map((name) => ({ ...name, operator: true }))],
  }
}

/** Policies that were there come back, those that were not go. */
function undone(before: readonly Policy[], set: readonly Policy[], clear: readonly PolicyName[]) {
  const known = new Map(before.map((policy) => [idOf(policy), policy]))
  return {
    back: [...set, ...clear].flatMap((name) => known.get(idOf(name)) ?? []),
    gone: set.filter((policy) => !known.has(idOf(policy))).map(({ vhost, name }) => ({ vhost, name })),
  }
}

const idOf = ({ vhost, name }: PolicyName) => `${vhost}\0${name}`

/** All policies and operator policies that `user` may see, or those of one vhost, as a policy file. Throws 404 for no such vhost. */
export async function policyFile(
  { definitions }: View,
  user: User,
  { vhost, form }: { readonly vhost: string | undefined; readonly form: 'yaml' | 'json' },
): Promise<string> {
  if (vhost !== undefined && !definitions.vhosts.has(vhost))
    throw notFound(`There is no virtual host '${vhost}'.`)
  if (vhost !== undefined) requireVhost(user, definitions, vhost)
  const wanted = (policy: Policy) =>
    (vhost ?? policy.vhost) === policy.vhost && opens(user, definitions, policy.vhost)
  // Loaded only here: writing YAML takes a library.
  const { dumpPolicies } = await import('../../policies/files.ts')
  const policies = [...definitions.policies.values()].filter(wanted)
  const operatorPolicies = [...definitions.operatorPolicies.values()].filter(wanted)
  return dumpPolicies({ policies, operatorPolicies }, form)
}
