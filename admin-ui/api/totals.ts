// Sums over the queues of a view, for the overview and the vhosts. What Warren does not count is 0.

import type { QueueRecord } from '../../nodes/definitions.ts'
import type { Queue } from '../../nodes/queue.ts'
import { noCounts } from '../../nodes/queue-host.ts'
import type { View } from '../view.ts'
import { messageCounts, statsOf } from './queue-entry.ts'

/** The leaders of a view, of one vhost or of all. */
function leaders(view: View, vhost: string | null): Queue[] {
  const wanted = (record: QueueRecord) => vhost === null || record.vhost === vhost
  return [...view.definitions.queues.values()].filter(wanted).flatMap((record) => view.leaderOf(record) ?? [])
}

function sum<T extends Record<string, number>>(all: readonly T[], zero: T): T {
  const total: Record<string, number> = { ...zero }
  for (const one of all)
    for (const [name, value] of Object.entries(one)) total[name] = (total[name] ?? 0) + value
  return total as T
}

export function messageTotals(view: View, vhost: string | null) {
  const zero = { messages: 0, messages_ready: 0, messages_unacknowledged: 0 }
  return sum(leaders(view, vhost).map(messageCounts), zero)
}

/** Deliveries, acknowledgements and publishes of the queues there are, in RabbitMQ's words. */
export function statsTotals(view: View, vhost: string | null): Record<string, number> {
  const counted = sum(
    leaders(view, vhost).map((queue) => statsOf(queue.counts)),
    statsOf(noCounts()),
  )
  const uncounted = { confirm: 0, drop_unroutable: 0, return_unroutable: 0 }
  return Object.fromEntries(Object.entries({ ...counted, ...uncounted }).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export const consumerTotal = (view: View) =>
  leaders(view, null).reduce((total, queue) => total + queue.consumers.all.length, 0)
