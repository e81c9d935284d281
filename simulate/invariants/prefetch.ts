// A consumer never holds more unsettled deliveries of one leader's term than its prefetch allows; all consumers of a channel
// together never more than a channel-wide limit. Old deliveries of a lost leader do not count (docs/observed.md §4.1), but
// settling one settles the message's new delivery on the same channel (§11).

import { type HistoryEvent, isClientEvent, isClusterEvent } from '../history.ts'
import type { Plan } from '../plan.ts'

interface Window {
  readonly queue: string
  readonly prefetch: number
  /** Messages of this term. */
  readonly held: Set<number>
}

export function prefetch(_plan: Plan, history: readonly HistoryEvent[]): string[] {
  const faults: string[] = []
  const windows = new Map<string, Window>()
  /** What each tag of a channel stands for. */
  const channels = new Map<string, Map<number, number>>()
  for (const event of history) {
    if (isClusterEvent(event)) {
      const ends = event.what === 'promoted' || event.what === 'queue-recovered'
      if (ends) for (const window of windows.values()) if (window.queue === event.subject) window.held.clear()
    }
    if (!isClientEvent(event)) continue
    const { user, session } = event
    const channel = `${user} ${session}`
    if (event.what === 'opened') channels.set(channel, new Map())
    if (event.what === 'delivered') channels.get(channel)?.set(event.tag, event.message)
    if (event.what === 'consuming' && !event.noAck && event.prefetch > 0) {
      const { queue, prefetch } = event
      windows.set(channel, { queue, prefetch, held: new Set() })
      continue
    }
    const window = windows.get(channel)
    if (window === undefined) continue
    if (event.what === 'settled')
      for (const tag of event.tags) window.held.delete(channels.get(channel)?.get(tag) ?? 0)
    else if (event.what === 'lost' || event.what === 'closed') windows.delete(channel)
    else if (event.what === 'delivered' && event.consumer !== null && !event.noAck) {
      window.held.add(event.message)
      if (window.held.size > window.prefetch)
        faults.push(
          `${user} holds ${window.held.size} of ${window.queue} with a prefetch of ${window.prefetch}`,
        )
    }
  }
  return faults
}
