/**
 * Which policies the types of queues take. Each type names keys that it does not know, and a policy with one of them does
 * not match its queues at all, whatever else it says (docs/observed.md §25). Lint and the migration check ask, since definitions files hold
 * queues of every type; Warren itself runs classic ones only.
 */
import { policyKey, policyKeys } from './keys.ts'
import type { Definition } from './policy.ts'

/** Keys of classic queues alone: mirroring, where the leader starts, and how messages are kept in memory. */
const classicOnly = policyKeys.map(({ key }) => key).filter((key) => key.startsWith('ha-'))
classicOnly.push('queue-mode', 'queue-master-locator')

/** Streams keep messages by age and size; whatever removes single messages is unknown to them. */
const unknownToStreams = [
  'dead-letter-exchange',
  'dead-letter-routing-key',
  'dead-letter-strategy',
  'delivery-limit',
  'expires',
  'max-in-memory-bytes',
  'max-in-memory-length',
  'max-length',
  'message-ttl',
  'overflow',
]

const unknownTo: Readonly<Record<string, readonly string[]>> = {
  classic: policyKeys.filter((row) => !row.classic).map(({ key }) => key),
  quorum: [...classicOnly, 'initial-cluster-size', 'max-age', 'stream-max-segment-size-bytes'],
  stream: [...classicOnly, ...unknownToStreams],
}

/** Keys of a definition that queues of this type do not know. A type nobody has heard of knows them all. */
export function strangeKeys(type: string, definition: Definition): string[] {
  const unknown = unknownTo[type] ?? []
  return Object.keys(definition).filter((key) => unknown.includes(key))
}

/** Keys that every queue of this type accepts and none of them heeds (docs/observed.md §1.4). */
const idleOn: Readonly<Record<string, readonly string[]>> = {
  classic: ['max-in-memory-bytes', 'max-in-memory-length'],
}

/** Whether a key of a policy that matches can change anything about such an object. `type` is a queue's. */
export function acts(key: string, kind: 'queue' | 'exchange', type: string): boolean {
  const row = policyKey(key)
  if (row === undefined) return false
  if (row.appliesTo !== 'all' && row.appliesTo !== `${kind}s`) return false
  return kind === 'exchange' || !(idleOn[type] ?? []).includes(key)
}
