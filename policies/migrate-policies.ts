/**
 * The policies after the migration: mirroring goes, and everything else a policy said goes on to hold for the same queues.
 * Where queues stay mirrored their policy stays too, and the quorum queues beside them get one of their own. Called by
 * `migrate` with what it has decided about queues; definitions of single queues are not its business.
 */
import { capital, type Finding, finding, listed, objectNames, policyName } from './finding.ts'
import type { PolicyFacts, Target } from './lint-facts.ts'
import { isKeyToDrop } from './migrate-obstacles.ts'
import type { Policy } from './policy.ts'

export interface PolicyMove {
  readonly from: Policy
  /** What it becomes; none when it is dropped. */
  readonly to: readonly Policy[]
  readonly finding: Omit<Finding, 'rule'> | null
}

/**
 * Says nothing new to a quorum queue, and keeps the policy away from classic queues before RabbitMQ 3.12, which do not know it:
 * so that two policies with one pattern and one priority do not meet (docs/observed.md §1.4).
 */
const quorumOnly = { 'queue-leader-locator': 'client-local' } as const

/** What becomes of one policy. `taken` are the names that are in use in its vhost. */
export function movePolicy(
  facts: PolicyFacts,
  moves: (target: Target) => boolean,
  stays: (target: Target) => boolean,
  taken: ReadonlySet<string>,
): PolicyMove {
  const { policy } = facts
  const dropped = Object.keys(policy.definition).filter(isKeyToDrop)
  if (!Object.hasOwn(policy.definition, 'ha-mode')) return { from: policy, to: [policy], finding: null }
  const rest = Object.fromEntries(Object.entries(policy.definition).filter(([key]) => !isKeyToDrop(key)))
  const moving = facts.inForce.filter(moves)
  const staying = facts.inForce.filter(stays)
  const who = capital(policyName(facts.name))
  if (staying.length > 0) {
    if (moving.length === 0) return { from: policy, to: [policy], finding: null }
    const name = freeName(`${policy.name}-quorum`, taken)
    const twin = changed(policy, { ...quorumOnly, ...rest }, { name, applyTo: 'queues' })
    return {
      from: policy,
      to: [policy, twin],
      finding: finding(
        'warning',
        { policies: [facts.name], objects: staying },
        `${who} goes on to mirror ${objectNames(staying)}; for the quorum queues the new definitions have a policy ${JSON.stringify(name)} without ${listed(dropped)}, which classic queues do not match.`,
        'When nothing needs mirrors any more, clear the old policy: RabbitMQ 4 has no mirrors.',
      ),
    }
  }
  // What it keeps from applying must go on not to apply.
  const displaces = facts.matches.some(({ policies }) => policies.some((other) => other !== facts))
  const definition = Object.keys(rest).length > 0 ? rest : displaces ? quorumOnly : null
  const left =
    definition === null
      ? 'and nothing is left of it: the new definitions leave it out'
      : 'in the new definitions'
  return {
    from: policy,
    to: definition === null ? [] : [changed(policy, definition)],
    finding: finding(
      'info',
      { policies: [facts.name], objects: moving },
      `${who} loses ${listed(dropped)} ${left}.`,
      'Nothing needs to be done: how many copies a quorum queue has is said when it is declared, and three is the usual number.',
    ),
  }
}

function changed(policy: Policy, definition: Policy['definition'], more: Partial<Policy> = {}): Policy {
  return { ...policy, ...more, definition }
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  for (let n = 2; ; n++) if (!taken.has(`${wanted}-${n}`)) return `${wanted}-${n}`
}
