/**
 * What a change of policies would do, before anything is touched: pure, over a snapshot. The library, the HTTP API and the
 * command line ask; that it comes true is tested on thousands of clusters. It must never draw chance: where chance decides, it
 * says what is possible.
 */
import { afterChange, type PolicyChange } from './change.ts'
import { followedByQueues, matchExchanges, matchQueues } from './in-force.ts'
import type { Policy } from './policy.ts'
import { follows, names, prospectOf, same } from './preview-queue.ts'
import type { ExchangeChange, LaterChange, Preview } from './preview-result.ts'
import { wholeOf } from './preview-whole.ts'
import type { ExchangeSnapshot, InForce, QueueSnapshot, Snapshot } from './snapshot.ts'

export type { PolicyChange } from './change.ts'
export type { Preview, QueueChange } from './preview-result.ts'

/**
 * The change is taken to be made in one step, with nobody publishing or consuming meanwhile. Messages that a lower limit
 * drops are counted, but not followed to where they are dead-lettered.
 */
export function preview(snapshot: Snapshot, change: PolicyChange): Preview {
  const { queues, exchanges } = snapshot
  const after = afterChange(snapshot, change)
  const running = snapshot.nodes.filter((node) => node.running).map(({ name }) => name)
  const from = followedByQueues(queues, snapshot)
  const concerned = queues.filter(({ vhost }) => after.vhosts.has(vhost))
  const matched = new Map(matchQueues(concerned, after).map((found, i) => [concerned[i]!, found]))
  const later: LaterChange[] = []
  const prospects = queues.map((queue, i) => {
    const now = from[i]!
    const found = matched.get(queue) ?? now
    if (queue.state !== 'down') return prospectOf(queue, now, found, running)
    // A queue that is down keeps the policy it had (docs/observed.md §13).
    later.push(...laterChange(queue, now, found))
    return prospectOf(queue, now, now, running)
  })
  return wholeOf(
    prospects,
    exchangeChanges(exchanges, matchExchanges(exchanges, snapshot), matchExchanges(exchanges, after)),
    later,
    running,
  )
}

function laterChange({ vhost, name, leader }: QueueSnapshot, from: InForce, to: InForce): LaterChange[] {
  if (follows(from, to)) return []
  return [
    {
      vhost,
      name,
      leader,
      policy: names(from.policy, to.policy),
      operatorPolicy: names(from.operatorPolicy, to.operatorPolicy),
    },
  ]
}

/** `from` and `to` in the order of `exchanges`. */
export function exchangeChanges(
  exchanges: readonly ExchangeSnapshot[],
  from: readonly (Policy | null)[],
  to: readonly (Policy | null)[],
): ExchangeChange[] {
  return exchanges.flatMap(({ vhost, name }, i) => {
    const policy = names(from[i]!, to[i]!)
    const definition = { from: from[i]?.definition ?? {}, to: to[i]?.definition ?? {} }
    return policy.from === policy.to && same(definition.from, definition.to)
      ? []
      : [{ vhost, name, policy, definition }]
  })
}
