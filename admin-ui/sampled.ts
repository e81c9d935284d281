// Everything that has counters, as the sampler looks at it: overviews, vhosts, nodes, links, queues, exchanges,
// connections and channels, each under the names that its resource shows. An island's sums are its own.

import { Channel } from '../nodes/channel.ts'
import { Connection } from '../nodes/connection.ts'
import type { Definitions, ExchangeRecord } from '../nodes/definitions.ts'
import type { Queue } from '../nodes/queue.ts'
import { linkCounters, nodeCounters } from './api/node-counters.ts'
import {
  churn,
  clientTotals,
  countedBy,
  deliverStats,
  messageCounts,
  messageTotals,
  publishStats,
  trafficStats,
} from './api/totals.ts'
import { type Sampled, vhostKey } from './statistics.ts'
import { type Context, View } from './view.ts'

/** Looked at every time. */
const always = Number.NaN

export function* sampledIn(context: Context): IterableIterator<Sampled> {
  const seen = new Set<Definitions>()
  for (const member of context.live.cluster.members) {
    if (member.state !== 'running' || member.node === null || seen.has(member.node.definitions)) continue
    seen.add(member.node.definitions)
    yield* sampledOf(new View(context, member, member.node))
  }
}

function* sampledOf(view: View): IterableIterator<Sampled> {
  const { definitions } = view
  yield { of: definitions, depth: 4, mark: always, counters: () => overviewCounters(view) }
  for (const name of definitions.vhosts.keys())
    yield {
      of: vhostKey(definitions, name),
      depth: 4,
      mark: always,
      counters: () => vhostCounters(view, name),
    }
  for (const node of view.nodes) {
    yield { of: node, depth: 4, mark: always, counters: () => nodeCounters(node) }
    for (const { link, counters } of linkCounters(view, node))
      yield { of: link, depth: 1, mark: always, counters: () => counters }
    for (const queue of node.leaders.values()) yield sampledQueue(queue)
    for (const connection of node.connections.values())
      if (connection instanceof Connection) yield sampledConnection(connection)
    for (const channel of node.channels.values())
      if (channel instanceof Channel) yield sampledChannel(channel)
  }
  for (const exchange of definitions.exchanges.values()) yield sampledExchange(exchange)
}

export const overviewCounters = (view: View) => {
  const counted = clientTotals(view, null)
  return {
    ...publishStats(counted),
    ...deliverStats(counted),
    ...churn(view.nodes),
    ...messageTotals(view, null),
  }
}

const vhostCounters = (view: View, name: string) => {
  const vhosts = new Set([name])
  const counted = clientTotals(view, vhosts)
  return {
    ...publishStats(counted),
    ...deliverStats(counted),
    ...trafficStats(counted),
    ...messageTotals(view, vhosts),
  }
}

/** Weights under which changes of the parts do not cancel out. */
const [byReady, byUnacked] = [1_048_583.7, 7919.3]

export const queueCounters = (queue: Queue) => ({
  ...messageCounts(queue),
  publish: queue.counts.published,
  ...deliverStats(queue.counts),
})

function sampledQueue(queue: Queue): Sampled {
  const { published, delivered, redelivered, acked, got, getEmpty } = queue.counts
  const done = published + delivered + redelivered + acked + got + getEmpty
  return {
    of: queue,
    depth: 2,
    mark: done + queue.ready * byReady + queue.outlets.count * byUnacked,
    counters: () => queueCounters(queue),
  }
}

const sampledExchange = (exchange: ExchangeRecord): Sampled => ({
  of: exchange,
  depth: 2,
  mark: exchange.counts.in + exchange.counts.out,
  counters: () => ({ publish_in: exchange.counts.in, publish_out: exchange.counts.out }),
})

const sampledConnection = (connection: Connection): Sampled => ({
  of: connection,
  depth: 1,
  mark: connection.traffic.receivedBytes + connection.traffic.sentBytes,
  counters: () => ({
    recv_oct: connection.traffic.receivedBytes,
    send_oct: connection.traffic.sentBytes,
  }),
})

function sampledChannel(channel: Channel): Sampled {
  const counted = countedBy(channel)
  return {
    of: channel,
    depth: 1,
    mark: Object.values(counted).reduce((total, count) => total + count, 0),
    counters: () => ({ ...publishStats(counted), ...deliverStats(counted) }),
  }
}
