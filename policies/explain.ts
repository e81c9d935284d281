/**
 * Why a queue or an exchange follows the policy that it does: every policy of its vhost with what was decided about it, and
 * where each key of the effective definition comes from. Pure, over a snapshot; the library, the HTTP API and the command line
 * ask.
 */
import { type KeySource, sourcesOf } from './explain-keys.ts'
import { type Considered, verdictsOf } from './explain-verdicts.ts'
import type { Policy } from './policy.ts'
import type { ExchangeSnapshot, InForce, QueueSnapshot, Snapshot } from './snapshot.ts'

export interface Explanation {
  readonly kind: 'queue' | 'exchange'
  readonly vhost: string
  readonly name: string
  /** Names of those that the object follows. */
  readonly policy: string | null
  readonly operatorPolicy: string | null
  /** Every policy of the vhost, in the order in which they are considered; operator policies apply to queues only. */
  readonly policies: readonly Considered[]
  readonly operatorPolicies: readonly Considered[]
  /** What holds in the end, key by key in alphabetical order, arguments of the declaration included. */
  readonly effective: readonly KeySource[]
  /** Whatever else there is to know, one sentence each. */
  readonly notes: readonly string[]
}

/** Null when there is no such queue or exchange. */
export function explain(
  snapshot: Snapshot,
  kind: 'queue' | 'exchange',
  vhost: string,
  name: string,
): Explanation | null {
  const named = (object: { vhost: string; name: string }) => object.vhost === vhost && object.name === name
  const object = kind === 'queue' ? snapshot.queues.find(named) : snapshot.exchanges.find(named)
  if (object === undefined) return null
  const target = { kind, vhost, name, type: object.type }
  const policies = verdictsOf(snapshot.policies, target)
  const operatorPolicies = kind === 'queue' ? verdictsOf(snapshot.operatorPolicies, target) : []
  const matching: InForce = {
    policy: winner(snapshot.policies, policies),
    operatorPolicy: winner(snapshot.operatorPolicies, operatorPolicies),
  }
  const followed = (kind === 'queue' ? (object as QueueSnapshot).inForce : undefined) ?? matching
  return {
    kind,
    vhost,
    name,
    policy: followed.policy?.name ?? null,
    operatorPolicy: followed.operatorPolicy?.name ?? null,
    policies,
    operatorPolicies,
    effective: sourcesOf(target, object.arguments, followed),
    notes: notesOf(kind, object, followed, matching, [...policies, ...operatorPolicies]),
  }
}

function winner(policies: readonly Policy[], considered: readonly Considered[]): Policy | null {
  const won = considered.find(({ verdict }) => verdict === 'won')
  return policies.find(({ vhost, name }) => vhost === won?.vhost && name === won.name) ?? null
}

function notesOf(
  kind: 'queue' | 'exchange',
  object: QueueSnapshot | ExchangeSnapshot,
  followed: InForce,
  matching: InForce,
  considered: readonly Considered[],
): string[] {
  const notes: string[] = []
  const stale = followed.policy !== matching.policy || followed.operatorPolicy !== matching.operatorPolicy
  if (stale) {
    const { state } = object as QueueSnapshot
    const when = state === 'down' ? 'It is down: it follows' : 'It was down when policies changed: it follows'
    notes.push(`${when} what it followed then, until the first change of a policy after its return.`)
  }
  if (
    kind === 'queue' &&
    (object as QueueSnapshot).exclusive &&
    'ha-mode' in (followed.policy?.definition ?? {})
  )
    notes.push('It is exclusive: the policy shows, but exclusive queues are never mirrored.')
  if (considered.some(({ verdict }) => verdict === 'tied'))
    notes.push(
      'Policies of equal priority match: RabbitMQ leaves it undefined which of them holds. Give one a higher priority.',
    )
  return notes
}
