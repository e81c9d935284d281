/**
 * What a change of policies did, from a snapshot taken before and one taken after: in the shape of a preview, so that the two
 * can be laid side by side. Queues and exchanges that are in one of them only are left out.
 */
import { followedByQueues, matchExchanges, settingsUnder } from './in-force.ts'
import { exchangeChanges } from './preview.ts'
import type { Placement } from './preview-placement.ts'
import type { Prospect } from './preview-queue.ts'
import type { Preview } from './preview-result.ts'
import { wholeOf } from './preview-whole.ts'
import type { InForce, MatchedObject, QueueSnapshot, Snapshot } from './snapshot.ts'

/** Losses in `meanwhile` are those of `after`: nothing is under way any more. */
export function comparison(before: Snapshot, after: Snapshot): Preview {
  const running = after.nodes.filter((node) => node.running).map(({ name }) => name)
  const old = new Map(before.queues.map((queue, i) => [keyOf(queue), [queue, i] as const]))
  const [from, to] = [before, after].map((snapshot) => followedByQueues(snapshot.queues, snapshot)) as [
    InForce[],
    InForce[],
  ]
  const prospects = after.queues.flatMap((queue, i) => {
    const known = old.get(keyOf(queue))
    return known === undefined ? [] : [become(known[0], queue, { from: from[known[1]]!, to: to[i]! })]
  })
  const oldExchanges = new Set(before.exchanges.map(keyOf))
  const exchanges = after.exchanges.filter((exchange) => oldExchanges.has(keyOf(exchange)))
  const changes = exchangeChanges(
    exchanges,
    matchExchanges(exchanges, before),
    matchExchanges(exchanges, after),
  )
  return wholeOf(prospects, changes, [], running)
}

function become(before: QueueSnapshot, after: QueueSnapshot, inForce: Prospect['inForce']): Prospect {
  const moved = before.leader !== after.leader && after.leader !== null
  const course = {
    placements: [placementOf(after)],
    leaders: moved ? [after.leader] : [],
    fills: 0,
    fillsVary: false,
  }
  return {
    queue: before,
    inForce,
    settings: { from: settingsUnder(before, inForce.from), to: settingsUnder(after, inForce.to) },
    placement: placementOf(before),
    messages: after.messages,
    persistent: after.persistent,
    course,
    unfilled: course,
    steps: null,
  }
}

const placementOf = ({ leader, mirrors }: QueueSnapshot): Placement => ({
  leader: leader ?? '',
  mirrors,
  chosen: null,
})

const keyOf = ({ vhost, name }: MatchedObject) => `${vhost}\0${name}`
