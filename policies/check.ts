/**
 * What somebody who edits policies wants to see before the change is made: which objects they match, who would follow them and
 * who stays with another, what lint would say then. Pure, over a snapshot; the admin page asks with every pause in typing. What
 * becomes of the queues is `preview`'s business.
 */
import { afterChange, type PolicyChange, type PolicyName } from './change.ts'
import type { Finding } from './finding.ts'
import { followedByQueues, matchExchanges, matching, matchQueues } from './in-force.ts'
import { lint } from './lint.ts'
import type { Policy } from './policy.ts'
import { Finder } from './ranking.ts'
import type { InForce, QueueSnapshot, Snapshot } from './snapshot.ts'

/** An object that a policy of the change matches, or that followed one of these until now. */
export interface Concerned {
  readonly kind: 'queue' | 'exchange'
  readonly vhost: string
  readonly name: string
  /** The policy of the change that it would follow; null when it follows none of them. */
  readonly follows: string | null
  /** Where it follows none of them although one matches: whose policy comes first. */
  readonly instead: string | null
  /** Where leader and mirrors are now; null for an exchange, and for a queue that nobody leads. */
  readonly now: Pick<QueueSnapshot, 'leader' | 'mirrors' | 'messages'> | null
}

/** What lint says, as it would be. */
export interface ChangedFindings {
  /** Those about policies of the change, and those that were not there before. */
  readonly findings: readonly (Finding & { readonly isNew: boolean })[]
  /** Those that the change would end. */
  readonly mended: readonly Finding[]
}

/** All of them, queues first, in the order in which the cluster knows them. */
export function concernedBy(snapshot: Snapshot, change: PolicyChange): Concerned[] {
  const after = afterChange(snapshot, change)
  const { queues, exchanges } = snapshot
  const own = sideOf(change.set, change.clear, 'queue')
  const operators = sideOf(change.setOperator, change.clearOperator, 'queue')
  const before = followedByQueues(queues, snapshot)
  const then = matchQueues(queues, after)
  const matchesOwn = matching(queues, own.finder)
  const matchesOperator = matching(queues, operators.finder)
  const found = queues.flatMap((queue, i): Concerned[] => {
    const policies = concern(own, matchesOwn[i] !== null, before[i]!.policy, then[i]!.policy)
    const byOperator = concern(
      operators,
      matchesOperator[i] !== null,
      before[i]!.operatorPolicy,
      then[i]!.operatorPolicy,
    )
    const one = policies ?? byOperator
    if (one === null) return []
    const { vhost, name, state, leader, mirrors, messages } = queue
    return [
      {
        kind: 'queue',
        vhost,
        name,
        ...one,
        now: state === 'running' && leader !== null ? { leader, mirrors, messages } : null,
      },
    ]
  })
  const side = sideOf(change.set, change.clear, 'exchange')
  const was = matchExchanges(exchanges, snapshot)
  const willBe = matchExchanges(exchanges, after)
  const matches = matching(exchanges, side.finder)
  const foundExchanges = exchanges.flatMap(({ vhost, name }, i): Concerned[] => {
    const one = concern(side, matches[i] !== null, was[i]!, willBe[i]!)
    return one === null ? [] : [{ kind: 'exchange', vhost, name, ...one, now: null }]
  })
  return [...found, ...foundExchanges]
}

/** The policies that a change sets, and the names of all that it sets or clears. */
interface Side {
  readonly finder: Finder
  readonly names: ReadonlySet<string>
}

function sideOf(
  set: readonly Policy[] = [],
  clear: readonly PolicyName[] = [],
  kind: 'queue' | 'exchange',
): Side {
  return { finder: new Finder(set, kind), names: new Set([...set, ...clear].map(idOf)) }
}

/** Null when the object has nothing to do with the change. */
function concern(
  { names }: Side,
  matches: boolean,
  before: Policy | null,
  after: Policy | null,
): Pick<Concerned, 'follows' | 'instead'> | null {
  const isOurs = (policy: Policy | null) => policy !== null && names.has(idOf(policy))
  if (isOurs(after)) return { follows: after!.name, instead: null }
  if (!matches && !isOurs(before)) return null
  return { follows: null, instead: matches ? (after?.name ?? null) : null }
}

/** Lint of the cluster as it would be, beside that of the cluster as it is. */
export function findingsAfter(snapshot: Snapshot, change: PolicyChange): ChangedFindings {
  const { policies, operatorPolicies } = afterChange(snapshot, change)
  const before = lint(snapshot)
  const after = lint({ ...snapshot, policies, operatorPolicies, queues: snapshot.queues.map(looksUpAnew) })
  const known = new Set(before.map(idOfFinding))
  const left = new Set(after.map(idOfFinding))
  const names = new Set(
    [
      ...(change.set ?? []).map((policy) => ['policy', idOf(policy)]),
      ...(change.setOperator ?? []).map((policy) => ['operator policy', idOf(policy)]),
    ].map((id) => JSON.stringify(id)),
  )
  const isAbout = ({ policies }: Finding) =>
    policies.some((policy) => names.has(JSON.stringify([policy.kind, idOf(policy)])))
  return {
    findings: after
      .map((finding) => ({ ...finding, isNew: !known.has(idOfFinding(finding)) }))
      .filter((finding) => finding.isNew || isAbout(finding)),
    mended: before.filter((finding) => !left.has(idOfFinding(finding))),
  }
}

/** A queue that is down keeps what it follows; all others look their policies up again. */
function looksUpAnew(queue: QueueSnapshot): QueueSnapshot {
  if (queue.state === 'down') return queue
  const { inForce: _before, ...rest } = queue
  return rest satisfies Omit<QueueSnapshot, 'inForce'> & { inForce?: InForce }
}

const idOf = ({ vhost, name }: PolicyName) => `${vhost}\0${name}`
const idOfFinding = ({ rule, sentence }: Finding) => `${rule}\0${sentence}`
