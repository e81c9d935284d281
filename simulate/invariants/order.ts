// Per-channel order: what one channel published to a queue comes in that order, to each consumer as long as it is not marked as
// a redelivery, and to whoever empties the queue at the end in any case. Among messages of equal priority, where there are any.

import { type HistoryEvent, isClientEvent, type Published } from '../history.ts'
import { graveyard } from '../kinds.ts'
import type { Plan } from '../plan.ts'

export function order(plan: Plan, history: readonly HistoryEvent[]): string[] {
  const faults: string[] = []
  const sent = new Map<number, Published>()
  const kinds = new Map(plan.queues.map(({ name, kind }) => [name, kind]))
  /** The last message of each publishing channel, by receiver. */
  const last = new Map<string, number>()
  let emptying = false
  for (const event of history) {
    if (event.what === 'phase') emptying ||= event.phase === 'emptying'
    if (!isClientEvent(event)) continue
    if (event.what === 'published') sent.set(event.message, event)
    if (event.what !== 'delivered' || event.queue.endsWith(`-${graveyard}`)) continue
    const { queue, consumer, message, redelivered, user, session } = event
    const from = sent.get(message)
    if (from === undefined || (!emptying && (redelivered || consumer === null))) continue
    const level = kinds.get(queue)?.priorities ? from.priority : 0
    const way = `${queue} ${user} ${session} ${consumer} < ${from.user} ${from.session} ${level}`
    const former = last.get(way) ?? 0
    if (message <= former)
      faults.push(`${user} got message ${message} of ${queue} after ${former} of the same channel`)
    last.set(way, message)
  }
  return faults
}
