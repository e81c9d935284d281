// Sums of a view, for the overview and the vhosts: messages of the queues there are, and what clients have done so far, those
// that have gone included (docs/observed.md §6, §26).

import { Channel } from '../../nodes/channel.ts'
import { Connection } from '../../nodes/connection.ts'
import type { ChannelCounts, EndedCounts } from '../../nodes/counts.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import type { Queue } from '../../nodes/queue.ts'
import type { View } from '../view.ts'

/** Which vhosts count; null: all. */
export type Vhosts = ReadonlySet<string> | null

const counts = (vhosts: Vhosts, vhost: string) => vhosts === null || vhosts.has(vhost)

/** The leaders of a view. */
function leaders(view: View, vhosts: Vhosts): Queue[] {
  const wanted = (record: QueueRecord) => counts(vhosts, record.vhost)
  return [...view.definitions.queues.values()].filter(wanted).flatMap((record) => view.leaderOf(record) ?? [])
}

export const messageCounts = (queue: Queue) => ({
  messages: queue.ready + queue.outlets.count,
  messages_ready: queue.ready,
  messages_unacknowledged: queue.outlets.count,
})

export function messageTotals(view: View, vhosts: Vhosts) {
  const total = { messages: 0, messages_ready: 0, messages_unacknowledged: 0 }
  for (const queue of leaders(view, vhosts)) {
    total.messages_ready += queue.ready
    total.messages_unacknowledged += queue.outlets.count
  }
  total.messages = total.messages_ready + total.messages_unacknowledged
  return total
}

export const consumerTotal = (view: View) =>
  leaders(view, null).reduce((total, queue) => total + queue.consumers.all.length, 0)

type Counted = ChannelCounts & { readonly confirmed: number }

/** What a publisher sees, in RabbitMQ's words. */
export const publishStats = ({ confirmed, dropped, published, returned }: Counted) => ({
  confirm: confirmed,
  drop_unroutable: dropped,
  publish: published,
  return_unroutable: returned,
})

/** What a consumer sees. */
export const deliverStats = (counted: Omit<ChannelCounts, 'published' | 'returned' | 'dropped'>) => ({
  ack: counted.acked,
  deliver: counted.delivered - counted.deliveredNoAck,
  deliver_get: counted.delivered + counted.got,
  deliver_no_ack: counted.deliveredNoAck,
  get: counted.got - counted.gotNoAck,
  get_empty: counted.getEmpty,
  get_no_ack: counted.gotNoAck,
  redeliver: counted.redelivered,
})

/** The groups of `stats` in which something has happened: the real one has nothing of the others. */
export function happened(...groups: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const some = groups.filter((group) => Object.values(group).some((count) => count !== 0))
  return Object.fromEntries(some.flatMap(Object.entries).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What a channel has counted so far. */
export const countedBy = (channel: Channel): Counted => ({
  ...channel.counts,
  confirmed: channel.confirmedCount,
})

const zero = (): EndedCounts => ({
  ...{ published: 0, returned: 0, dropped: 0, confirmed: 0, delivered: 0, deliveredNoAck: 0 },
  ...{ redelivered: 0, acked: 0, got: 0, gotNoAck: 0, getEmpty: 0, receivedBytes: 0, sentBytes: 0 },
})

/** All that clients of the vhosts have done on the nodes of the view since these were started. */
export function clientTotals(view: View, vhosts: Vhosts): EndedCounts {
  const total = zero()
  const add = (more: Readonly<Partial<EndedCounts>>) => {
    for (const [name, count] of Object.entries(more)) total[name as keyof EndedCounts] += count
  }
  for (const node of view.nodes) {
    for (const [vhost, ended] of node.counts.ended) if (counts(vhosts, vhost)) add(ended)
    for (const channel of node.channels.values())
      if (channel instanceof Channel && counts(vhosts, channel.vhost)) add(countedBy(channel))
    for (const connection of node.connections.values())
      if (connection instanceof Connection && counts(vhosts, connection.vhost)) {
        const { receivedBytes, sentBytes } = connection.traffic
        add({ receivedBytes, sentBytes })
      }
  }
  return total
}

export const trafficStats = ({ receivedBytes, sentBytes }: EndedCounts) => ({
  recv_oct: receivedBytes,
  send_oct: sentBytes,
})

/** What came and went on the nodes of a view. */
export function churn(nodes: View['nodes']) {
  const total = {
    channel_closed: 0,
    channel_created: 0,
    connection_closed: 0,
    connection_created: 0,
    queue_created: 0,
    queue_declared: 0,
    queue_deleted: 0,
  }
  for (const { counts: here, channels, connections } of nodes) {
    total.channel_closed += here.channelsClosed
    total.channel_created += here.channelsClosed + channels.size
    total.connection_closed += here.connectionsClosed
    total.connection_created += here.connectionsClosed + connections.size
    total.queue_created += here.queuesCreated
    total.queue_declared += here.queuesDeclared
    total.queue_deleted += here.queuesDeleted
  }
  return total
}
