// Per-channel order: what one channel published to a queue comes in that order, to each consumer as long as it is not marked as
// a redelivery, and to whoever empties the queue at the end in any case. Among messages of equal priority, where there are any.

import { Stillness } from '../custody.ts'
import { type HistoryEvent, isClientEvent, isClusterEvent, type Published } from '../history.ts'
import { graveyard } from '../kinds.ts'
import type { Plan } from '../plan.ts'

/** A cut is felt by one node after the other. */
const wakeMs = 1000

export function order(plan: Plan, history: readonly HistoryEvent[]): string[] {
  const faults: string[] = []
  const sent = new Map<number, Published>()
  const kinds = new Map(plan.queues.map(({ name, kind }) => [name, kind]))
  /** The last message of each publishing channel, by receiver. */
  const last = new Map<string, number>()
  let emptying = false
  /** When something last stood still: what had been sent by then may come once more, from whoever has not heard of it. */
  const stillness = new Stillness()
  let stillAt = -Infinity
  const came = new Set<string>()
  for (const event of history) {
    if (event.what === 'phase') emptying ||= event.phase === 'emptying'
    if (isClusterEvent(event)) stillness.take(event)
    if (stillness.now) stillAt = event.at
    if (!isClientEvent(event)) continue
    if (event.what === 'published') sent.set(event.message, event)
    if (event.what !== 'delivered' || event.queue.endsWith(`-${graveyard}`)) continue
    const { queue, consumer, message, redelivered, user, session } = event
    const from = sent.get(message)
    if (from === undefined || (!emptying && (redelivered || consumer === null))) continue
    const level = kinds.get(queue)?.priorities ? from.priority : 0
    const way = `${queue} ${user} ${session} ${consumer} < ${from.user} ${from.session} ${level}`
    const again = came.has(`${queue} ${message}`)
    came.add(`${queue} ${message}`)
    if (again && from.at < stillAt + wakeMs) continue
    const former = last.get(way) ?? 0
    if (message <= former)
      faults.push(`${user} got message ${message} of ${queue} after ${former} of the same channel`)
    last.set(way, message)
  }
  return faults
}
