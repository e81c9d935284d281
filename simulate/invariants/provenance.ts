// Nothing is delivered that was not published to that queue, nothing twice without the mark of a redelivery, and the tags of a
// channel go up by one.

import { divisions, Stillness } from '../custody.ts'
import {
  type Delivered,
  type HistoryEvent,
  isClientEvent,
  isClusterEvent,
  type Published,
} from '../history.ts'
import { graveyard } from '../kinds.ts'
import type { Plan } from '../plan.ts'
import { messagesOfTwoSides } from '../two-sides.ts'

/** How long mirrors may not have heard of a delivery, in ms. */
const unheardMs = 150
/** A cut is felt by one node after the other. */
const wakeMs = 1000

export function provenance(plan: Plan, history: readonly HistoryEvent[]): string[] {
  const faults: string[] = []
  const targets = new Map<number, Published>()
  const twoSides = messagesOfTwoSides(history)
  const seen = new Map<string, Map<number, number>>()
  const lastTags = new Map<string, number>()
  let cutAt = -Infinity
  /** When something last stood still: what leaders did then, mirrors may never hear of. */
  let stillAt = -Infinity
  const stillness = new Stillness()
  /** Times at which nodes went. */
  const losses: number[] = []
  const feeders = (queue: string) =>
    queue.endsWith(`-${graveyard}`)
      ? plan.queues
          .filter((one) => one.kind.deadLetters && queue.startsWith(one.half))
          .map(({ name }) => name)
      : []
  const check = ({ user, session, queue, tag, message, redelivered, at }: Delivered) => {
    const sent = targets.get(message)
    const sentTo = sent?.targets ?? []
    const dead = feeders(queue)
    if (sent === undefined) faults.push(`${user} got message ${message}, which nobody has sent`)
    else if (!sentTo.includes(queue) && !dead.some((feeder) => sentTo.includes(feeder)))
      faults.push(`${user} got message ${message} from ${queue}, where it was never sent`)
    let known = seen.get(queue)
    if (known === undefined) seen.set(queue, (known = new Map()))
    // Both sides of a cut have what was there before it, and either is the first to deliver it there.
    const twice = sent === undefined || twoSides.has(message) || sent.at < Math.max(cutAt, stillAt) + wakeMs
    const first = known.get(message)
    // Its delivery was the last a leader did: its mirrors had not heard of that, and take it for a new one.
    const unheard =
      first !== undefined && (first <= stillAt || losses.some((at) => Math.abs(at - first) <= unheardMs))
    if (first !== undefined && !unheard && !redelivered && !twice && dead.length === 0)
      faults.push(`message ${message} of ${queue} came once more and was not marked`)
    if (first === undefined) known.set(message, at)
    const channel = `${user} ${session}`
    const last = lastTags.get(channel) ?? 0
    // Whoever inspects has one session, whose channel may have been opened anew.
    if (tag !== last + 1 && tag !== 1) faults.push(`${user} got the tag ${tag} after ${last}`)
    lastTags.set(channel, tag)
  }
  for (const event of history) {
    if (isClusterEvent(event)) stillness.take(event)
    if (stillness.now) stillAt = event.at
    if (divisions.has(event.what)) cutAt = event.at
    if (event.what === 'node-killed' || event.what === 'node-stopped') losses.push(event.at)
    if (!isClientEvent(event)) continue
    if (event.what === 'published') targets.set(event.message, event)
    else if (event.what === 'delivered') check(event)
  }
  return faults
}
