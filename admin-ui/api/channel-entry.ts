// Channels, connections and consumers as the HTTP API shows them. Used by several resources; reads only.

import { plain } from '../../nodes/amqp/fields.ts'
import { Channel } from '../../nodes/channel.ts'
import { Connection } from '../../nodes/connection.ts'
import type { Peer } from '../../nodes/connection-carrier.ts'
import type { Consumer } from '../../nodes/consumer.ts'
import type { QueueRecord } from '../../nodes/definitions.ts'
import type { Queue } from '../../nodes/queue.ts'
import type { View } from '../view.ts'
import type { Row } from './list.ts'
import { idleSince, noGarbageCollection } from './queue-entry.ts'
import { countedBy, deliverStats, happened, publishStats } from './totals.ts'

/** What identifies a connection wherever another object names it. */
export const connectionOf = ({ name, peer }: Connection) => ({
  name,
  peer_host: peer.address,
  peer_port: peer.port,
})

/** What TLS settled, and the client's certificate; null on a plain connection and without one. */
function certificateOf({ tls }: Peer): Row {
  const certificate = tls?.certificate
  return {
    peer_cert_issuer: certificate?.issuer ?? null,
    peer_cert_subject: certificate?.subject ?? null,
    peer_cert_validity: certificate?.validity ?? null,
  }
}

const tlsOf = ({ tls }: Peer): Row => ({
  ssl: tls !== undefined,
  ssl_cipher: tls?.cipher ?? null,
  ssl_hash: tls?.hash ?? null,
  ssl_key_exchange: tls?.keyExchange ?? null,
  ssl_protocol: tls?.protocol ?? null,
})

/** The name that the client gave its connection; absent when it gave none. */
function providedName({ session }: Connection): Row {
  const field = session.clientProperties.get('connection_name')
  return field?.type === 'longstr' ? { user_provided_name: String(field.value) } : {}
}

export function connectionEntry(view: View, connection: Connection): Row {
  const { peer } = connection
  const rates = (counters: Record<string, number>) => view.details(connection, counters, 'data_rates')
  return {
    auth_mechanism: connection.session.mechanism,
    channel_max: connection.session.channelMax,
    channels: connection.channels.size,
    client_properties: plain(connection.session.clientProperties),
    connected_at: Math.floor(connection.connectedAt),
    frame_max: connection.session.frameMax,
    garbage_collection: noGarbageCollection,
    host: peer.localAddress,
    name: connection.name,
    node: connection.node.name,
    ...certificateOf(peer),
    peer_host: peer.address,
    peer_port: peer.port,
    port: peer.localPort,
    protocol: 'AMQP 0-9-1',
    recv_cnt: connection.traffic.receivedChunks,
    ...rates({ recv_oct: connection.traffic.receivedBytes, reductions: 0 }),
    send_cnt: connection.traffic.sentChunks,
    ...rates({ send_oct: connection.traffic.sentBytes }),
    send_pend: 0,
    ...tlsOf(peer),
    state:
      connection.state === 'running' ? connection.pause.name(view.cluster.memory.alarm) : connection.state,
    timeout: connection.session.heartbeatSeconds,
    type: 'network',
    user: connection.user,
    ...providedName(connection),
    user_who_performed_action: connection.user,
    vhost: connection.vhost,
  }
}

const channelName = (connection: Connection, channel: Channel) => `${connection.name} (${channel.number})`

/** `message_stats`, absent as long as nothing has happened. */
function channelStats(view: View, channel: Channel): Row {
  const counted = countedBy(channel)
  const stats = happened(publishStats(counted), deliverStats(counted))
  return Object.keys(stats).length === 0 ? {} : { message_stats: view.details(channel, stats) }
}

const uncommitted = ({ transaction }: Channel) =>
  transaction?.settlements.reduce((total, { deliveries }) => total + deliveries.length, 0) ?? 0

export function channelEntry(view: View, connection: Connection, channel: Channel): Row {
  return {
    acks_uncommitted: uncommitted(channel),
    confirm: channel.confirming,
    connection_details: connectionOf(connection),
    consumer_count: channel.consumers.byTag.size,
    garbage_collection: noGarbageCollection,
    global_prefetch_count: channel.limiter.limit,
    idle_since: idleSince(view, channel),
    ...channelStats(view, channel),
    messages_unacknowledged: channel.unacked.count,
    messages_uncommitted: channel.transaction?.publishes.length ?? 0,
    messages_unconfirmed: channel.confirming ? channel.unconfirmed.outstanding : 0,
    name: channelName(connection, channel),
    node: connection.node.name,
    number: channel.number,
    pending_raft_commands: 0,
    prefetch_count: channel.prefetch,
    ...view.details(channel, { reductions: 0 }),
    state: 'running',
    transactional: channel.transaction !== null,
    user: connection.user,
    user_who_performed_action: connection.user,
    vhost: connection.vhost,
  }
}

/** A consumer of `queue`; its channel shows as long as it lives on a node of this view. */
export function consumerEntry(view: View, record: QueueRecord, queue: Queue, consumer: Consumer): Row {
  const { options } = consumer
  const active = queue.settings.singleActiveConsumer ? queue.consumers.active === consumer : true
  return {
    arguments: options.arguments,
    ack_required: !options.noAck,
    active,
    activity_status: active ? (queue.settings.singleActiveConsumer ? 'single_active' : 'up') : 'waiting',
    channel_details: channelDetails(view, consumer),
    consumer_tag: options.consumerTag,
    exclusive: options.exclusive,
    prefetch_count: options.prefetch,
    queue: { name: record.name, vhost: record.vhost },
  }
}

/** An empty list stands for a channel that is gone (docs/observed.md §10). */
function channelDetails(view: View, { channel: ref }: Consumer): Row | [] {
  const node = view.nodes.find(({ name }) => name === ref.node)
  const channel = node?.channels.get(ref.channel)
  if (!(channel instanceof Channel) || !(channel.owner instanceof Connection)) return []
  const { owner } = channel
  return {
    connection_name: owner.name,
    name: channelName(owner, channel),
    node: ref.node,
    number: channel.number,
    peer_host: owner.peer.address,
    peer_port: owner.peer.port,
    user: owner.user,
  }
}
