// Metrics of a node's connections and channels, and of all messages that went through them, under RabbitMQ's names. Warren
// counts by channel, not by channel and exchange or queue: labels say so.

import { Channel } from '../../nodes/channel.ts'
import { Connection } from '../../nodes/connection.ts'
import type { Node } from '../../nodes/node.ts'
import { type Asked, counter, type Family, gauge, label } from './family.ts'

const connections = ({ node }: Asked) =>
  [...node.connections.values()].filter((connection) => connection instanceof Connection)

export const connectionFamilies: readonly Family<Connection>[] = [
  {
    name: 'connection_coarse_metrics',
    objects: connections,
    vhost: ({ vhost }) => vhost,
    labels: ({ name }) => label('channel', name),
    columns: [
      counter(
        'connection_incoming_bytes_total',
        'Bytes received on a connection',
        ({ traffic }) => traffic.receivedBytes,
      ),
      counter(
        'connection_outgoing_bytes_total',
        'Bytes sent on a connection',
        ({ traffic }) => traffic.sentBytes,
      ),
    ],
  },
  {
    name: 'connection_metrics',
    objects: connections,
    vhost: ({ vhost }) => vhost,
    labels: ({ name }) => label('channel', name),
    columns: [
      counter(
        'connection_incoming_packets_total',
        'Chunks received on a connection',
        ({ traffic }) => traffic.receivedChunks,
      ),
      counter(
        'connection_outgoing_packets_total',
        'Chunks sent on a connection',
        ({ traffic }) => traffic.sentChunks,
      ),
      gauge('connection_pending_packets', 'Chunks waiting to be sent on a connection', ({ output }) =>
        output.pending > 0 ? 1 : 0,
      ),
      gauge('connection_channels', 'Channels on a connection', ({ channelCount }) => channelCount),
    ],
  },
]

const channelsOf = (node: Node) => [...node.channels.values()].filter((channel) => channel instanceof Channel)
const channels = ({ node }: Asked) => channelsOf(node)
const ofChannel = {
  objects: channels,
  vhost: ({ vhost }: Channel) => vhost,
  labels: (channel: Channel) => {
    const { owner, number } = channel
    return label('channel', owner instanceof Connection ? `${owner.name} (${number})` : String(number))
  },
}

export const channelFamilies: readonly Family<Channel>[] = [
  {
    ...ofChannel,
    name: 'channel_metrics',
    columns: [
      gauge('channel_consumers', 'Consumers on a channel', ({ consumers }) => consumers.byTag.size),
      gauge(
        'channel_messages_unacked',
        'Delivered but not yet acknowledged messages',
        ({ unacked }) => unacked.count,
      ),
      gauge('channel_messages_unconfirmed', 'Published but not yet confirmed messages', (channel) =>
        channel.confirming ? channel.unconfirmed.outstanding : 0,
      ),
      gauge(
        'channel_messages_uncommitted',
        'Messages received in a transaction but not yet committed',
        (channel) => (channel.transaction === null ? 0 : channel.transaction.publishes.length),
      ),
      gauge('channel_acks_uncommitted', 'Acknowledgements in a transaction not yet committed', (channel) =>
        channel.transaction === null ? 0 : channel.transaction.settlements.length,
      ),
      gauge(
        'consumer_prefetch',
        'Limit of unacknowledged messages for each consumer',
        ({ prefetch }) => prefetch,
      ),
      gauge(
        'channel_prefetch',
        'Total limit of unacknowledged messages for all consumers on a channel',
        ({ limiter }) => limiter.limit,
      ),
    ],
  },
  {
    ...ofChannel,
    name: 'channel_exchange_metrics',
    columns: [
      counter('channel_messages_published_total', 'Messages published', ({ counts }) => counts.published),
      counter(
        'channel_messages_confirmed_total',
        'Messages published and confirmed',
        (channel) => channel.confirmedCount,
      ),
      counter(
        'channel_messages_unroutable_returned_total',
        'Messages published as mandatory and returned as unroutable',
        ({ counts }) => counts.returned,
      ),
      counter(
        'channel_messages_unroutable_dropped_total',
        'Messages published as non-mandatory and dropped as unroutable',
        ({ counts }) => counts.dropped,
      ),
    ],
  },
  {
    ...ofChannel,
    name: 'channel_queue_metrics',
    columns: [
      counter(
        'channel_get_ack_total',
        'Messages fetched with basic.get in manual acknowledgement mode',
        ({ counts }) => counts.got - counts.gotNoAck,
      ),
      counter(
        'channel_get_total',
        'Messages fetched with basic.get in automatic acknowledgement mode',
        ({ counts }) => counts.gotNoAck,
      ),
      counter(
        'channel_messages_delivered_ack_total',
        'Messages delivered to consumers in manual acknowledgement mode',
        ({ counts }) => counts.delivered - counts.deliveredNoAck,
      ),
      counter(
        'channel_messages_delivered_total',
        'Messages delivered to consumers in automatic acknowledgement mode',
        ({ counts }) => counts.deliveredNoAck,
      ),
      counter(
        'channel_messages_redelivered_total',
        'Messages redelivered to consumers',
        ({ counts }) => counts.redelivered,
      ),
      counter(
        'channel_messages_acked_total',
        'Messages acknowledged by consumers',
        ({ counts }) => counts.acked,
      ),
      counter('channel_get_empty_total', 'Times basic.get found no message', ({ counts }) => counts.getEmpty),
    ],
  },
]

type Counts = Channel['counts']

/** What all channels of a node have counted since its start, those that are gone included. */
function total({ node }: Asked, name: keyof Counts): number {
  let sum = 0
  for (const ended of node.counts.endings) sum += ended[name]
  for (const channel of channelsOf(node)) sum += channel.counts[name]
  return sum
}

function confirmed({ node }: Asked, withOpen: boolean): number {
  let sum = 0
  for (const ended of node.counts.endings) sum += ended.confirmed
  for (const channel of channelsOf(node)) {
    sum += channel.confirmedCount
    if (withOpen && channel.confirming) sum += channel.unconfirmed.outstanding
  }
  return sum
}

/** One object, for its label. */
const protocol = {
  objects: () => ['amqp091'],
  labels: (name: string) => label('protocol', name),
  always: true as const,
}
const ofQueueType = {
  objects: () => ['rabbit_classic_queue'],
  labels: (name: string) => `${label('protocol', 'amqp091')},${label('queue_type', name)}`,
  always: true as const,
}
const ofStrategy = {
  objects: () => ['at_most_once'],
  labels: (name: string) =>
    `${label('queue_type', 'rabbit_classic_queue')},${label('dead_letter_strategy', name)}`,
  always: true as const,
}

const of = (name: keyof Counts) => (_: string, asked: Asked) => total(asked, name)
const between = (all: keyof Counts, others: keyof Counts) => (_: string, asked: Asked) =>
  total(asked, all) - total(asked, others)

/** RabbitMQ's global counters, which begin with the node and never fall. */
export const globalFamilies: readonly Family<string>[] = [
  {
    ...protocol,
    name: 'global_counters',
    columns: [
      gauge(
        'global_publishers',
        'Publishers',
        (_, { node }) => channelsOf(node).filter(({ counts }) => counts.published > 0).length,
      ),
      gauge('global_consumers', 'Consumers', (_, { node }) =>
        channelsOf(node).reduce((sum, { consumers }) => sum + consumers.byTag.size, 0),
      ),
      counter('global_messages_received_total', 'Messages received from clients', of('published')),
      counter(
        'global_messages_received_confirm_total',
        'Messages received from publishers using confirms',
        (_, asked) => confirmed(asked, true),
      ),
      counter('global_messages_confirmed_total', 'Messages confirmed to publishers', (_, asked) =>
        confirmed(asked, false),
      ),
      counter(
        'global_messages_routed_total',
        'Messages routed to at least one queue',
        (_, asked) => total(asked, 'published') - total(asked, 'dropped') - total(asked, 'returned'),
      ),
      counter(
        'global_messages_unroutable_dropped_total',
        'Messages published as non-mandatory and dropped as unroutable',
        of('dropped'),
      ),
      counter(
        'global_messages_unroutable_returned_total',
        'Messages published as mandatory and returned as unroutable',
        of('returned'),
      ),
    ],
  },
  {
    ...ofQueueType,
    name: 'global_counters',
    columns: [
      counter(
        'global_messages_delivered_total',
        'Messages delivered to consumers and by basic.get',
        (_, asked) => total(asked, 'delivered') + total(asked, 'got'),
      ),
      counter(
        'global_messages_delivered_consume_auto_ack_total',
        'Messages delivered in automatic acknowledgement mode',
        of('deliveredNoAck'),
      ),
      counter(
        'global_messages_delivered_consume_manual_ack_total',
        'Messages delivered in manual acknowledgement mode',
        between('delivered', 'deliveredNoAck'),
      ),
      counter(
        'global_messages_delivered_get_auto_ack_total',
        'Messages fetched with basic.get in automatic acknowledgement mode',
        of('gotNoAck'),
      ),
      counter(
        'global_messages_delivered_get_manual_ack_total',
        'Messages fetched with basic.get in manual acknowledgement mode',
        between('got', 'gotNoAck'),
      ),
      counter('global_messages_get_empty_total', 'Times basic.get found no message', of('getEmpty')),
      counter('global_messages_redelivered_total', 'Messages redelivered to consumers', of('redelivered')),
      counter('global_messages_acknowledged_total', 'Messages acknowledged by consumers', of('acked')),
    ],
  },
  {
    ...ofStrategy,
    name: 'global_counters',
    columns: (['expired', 'maxlen', 'rejected'] as const).map((reason) =>
      counter(
        `global_messages_dead_lettered_${reason}_total`,
        `Dead letters: ${reason}`,
        (_, { node }) => node.counts.deadLettered[reason],
      ),
    ),
  },
]
