/**
 * The policies that queues and exchanges follow, looked up for all of them at once, and a queue's settings under them. What
 * explain and preview know of matching; a running cluster's own records are `definitions`' business.
 */

import type { Policies } from './change.ts'
import { type QueueSettings, queueSettings } from './effective.ts'
import type { Policy } from './policy.ts'
import { Finder } from './ranking.ts'
import type { ExchangeSnapshot, InForce, MatchedObject, QueueSnapshot } from './snapshot.ts'

/** What matches each queue, in the order of `queues`. */
export function matchQueues(
  queues: readonly QueueSnapshot[],
  { policies, operatorPolicies }: Policies,
): InForce[] {
  const own = matching(queues, new Finder(policies, 'queue'))
  const operators = matching(queues, new Finder(operatorPolicies, 'queue'))
  return queues.map((_, i) => ({ policy: own[i]!, operatorPolicy: operators[i]! }))
}

/** What each queue follows now: not always what matches (docs/observed.md §13). */
export function followedByQueues(queues: readonly QueueSnapshot[], policies: Policies): InForce[] {
  if (queues.every(({ inForce }) => inForce !== undefined)) return queues.map(({ inForce }) => inForce!)
  return matchQueues(queues, policies).map((matched, i) => queues[i]!.inForce ?? matched)
}

/** What matches each exchange; operator policies have no effect on exchanges. */
export function matchExchanges(
  exchanges: readonly ExchangeSnapshot[],
  { policies }: Policies,
): (Policy | null)[] {
  return matching(exchanges, new Finder(policies, 'exchange'))
}

/** The first policy of `finder` for each object, in their order. */
export function matching(objects: readonly MatchedObject[], finder: Finder): (Policy | null)[] {
  const found = new Array<Policy | null>(objects.length).fill(null)
  for (const [vhost, indexes] of byVhost(objects)) {
    const names = indexes.map((i) => objects[i]!.name)
    for (const [k, policy] of finder.findAll(vhost, names).entries()) found[indexes[k]!] = policy
  }
  return found
}

function byVhost(objects: readonly MatchedObject[]): Map<string, number[]> {
  const vhosts = new Map<string, number[]>()
  for (const [i, { vhost }] of objects.entries()) {
    const known = vhosts.get(vhost)
    if (known === undefined) vhosts.set(vhost, [i])
    else known.push(i)
  }
  return vhosts
}

/** A queue's settings under these policies; exclusive queues are never mirrored (docs/observed.md §0.14). */
export function settingsUnder(queue: QueueSnapshot, { policy, operatorPolicy }: InForce): QueueSettings {
  const settings = queueSettings(queue.arguments, policy, operatorPolicy)
  return queue.exclusive ? { ...settings, haMode: null } : settings
}
