// What a client has settled does not come back, unless a fault came between: its delivery, its acknowledgement or the leader
// that took it was lost. An upheaval in the second after the acknowledgement may still have caught it on its way.

import { divisions, Stillness, upheavals } from '../custody.ts'
import { type HistoryEvent, isClientEvent, isClusterEvent, type Published } from '../history.ts'
import { graveyard } from '../kinds.ts'
import type { Plan } from '../plan.ts'
import { messagesOfTwoSides } from '../two-sides.ts'

/** How long an acknowledgement may take to every replica and to the disk, in ms. */
const settledAfterMs = 1000
/** A cut is felt by one node after the other. */
const wakeMs = 1000

interface Settlement {
  readonly deliveredAt: number
  readonly settledAt: number
  readonly by: string
}

export function settlements(plan: Plan, history: readonly HistoryEvent[]): string[] {
  const faults: string[] = []
  const twoSides = messagesOfTwoSides(history)
  const held = new Map<string, { readonly queue: string; readonly message: number; readonly at: number }>()
  const settled = new Map<string, Settlement>()
  /** Times of upheavals, of cuts, and of broken connections by user and session. */
  const shocks: number[] = []
  const broken = new Map<string, number>()
  let lastCut = -Infinity
  const sent = new Map<number, Published>()
  const feeders = plan.queues.filter(({ kind }) => kind.deadLetters)
  /** How many of its copies may come to `queue`: sent there, or as a dead letter of another. */
  const copies = (message: number, queue: string) =>
    (sent.get(message)?.targets ?? []).filter(
      (target) =>
        target === queue ||
        feeders.some(({ name, half }) => name === target && queue === `${half}-${graveyard}`),
    ).length
  /** While something stood still an acknowledgement may have waited, to be lost in the end. */
  const stillness = new Stillness()
  const stills: { readonly from: number; readonly to: number }[] = []
  let stillSince = 0
  const between = (from: number, to: number) =>
    shocks.some((at) => at >= from && at <= to) ||
    stills.some((still) => still.from <= to && still.to >= from) ||
    (stillness.now && stillSince <= to)
  for (const event of history) {
    if (isClusterEvent(event)) {
      const wasStill = stillness.now
      if (upheavals.has(event.what)) shocks.push(event.at)
      if (divisions.has(event.what)) lastCut = event.at
      stillness.take(event)
      if (wasStill) {
        // What was sent meanwhile comes to both sides in the end.
        lastCut = event.at
        if (!stillness.now) stills.push({ from: stillSince, to: event.at })
      }
      if (!wasStill && stillness.now) stillSince = event.at
    }
    if (!isClientEvent(event)) continue
    const session = `${event.user} ${event.session}`
    if (event.what === 'published') sent.set(event.message, event)
    else if (event.what === 'lost' || event.what === 'closed' || event.what === 'left')
      broken.set(session, event.at)
    else if (event.what === 'settled') {
      for (const tag of event.tags) {
        const one = held.get(`${session} ${tag}`)
        if (one === undefined || event.how === 'requeue') continue
        const known = { deliveredAt: one.at, settledAt: event.at, by: session }
        settled.set(`${one.queue} ${one.message}`, known)
      }
    } else if (event.what === 'delivered') {
      const { queue, message, tag, at, noAck, user } = event
      const name = `${queue} ${message}`
      const former = settled.get(name)
      if (!noAck) held.set(`${session} ${tag}`, { queue, message, at })
      else settled.set(name, { deliveredAt: at, settledAt: at, by: session })
      if (former === undefined) continue
      const { deliveredAt, settledAt, by } = former
      const broke = broken.get(by) ?? -Infinity
      if (broke >= settledAt && broke <= settledAt + settledAfterMs) continue
      if (between(deliveredAt - settledAfterMs, settledAt + settledAfterMs)) continue
      // Both sides of a cut have what was there before it.
      if (lastCut + wakeMs >= (sent.get(message)?.at ?? 0) || twoSides.has(message)) continue
      if (copies(message, queue) > 1) continue
      faults.push(`message ${message} of ${queue} was settled by ${by} and came back to ${user}`)
    }
  }
  return faults
}
