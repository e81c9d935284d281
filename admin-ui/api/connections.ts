// Connections, channels and consumers: who is there, and closing a connection (docs/observed.md §6).

import type { Connection } from '../../nodes/connection.ts'
import { connectionForced } from '../../nodes/errors.ts'
import { objectNotFound } from '../http-error.ts'
import { type Call, noContent, type Resource } from '../resource.ts'
import type { View } from '../view.ts'
import { channelEntry, connectionEntry, consumerEntry } from './channel-entry.ts'
import { columns, list, type Row } from './list.ts'

export const connections: readonly Resource[] = [
  {
    path: '/connections',
    GET: (call) =>
      list(
        call,
        call.view.connections.map((c) => connectionEntry(call.view, c)),
      ),
  },
  { path: '/connections/:name', GET: getConnection, DELETE: closeConnection },
  {
    path: '/connections/:name/channels',
    GET: (call) => list(call, channelsOf(call.view, [connectionOf(call)])),
  },
  { path: '/channels', GET: (call) => list(call, channelsOf(call.view, call.view.connections)) },
  { path: '/channels/:name', GET: getChannel },
  { path: '/consumers', GET: (call) => list(call, consumersOf(call.view), ['queue.vhost', 'queue.name']) },
  {
    path: '/consumers/:vhost',
    GET: (call) =>
      list(
        call,
        consumersOf(call.view).filter((row) => vhostOf(row) === call.params['vhost']),
        ['queue.name'],
      ),
  },
]

const vhostOf = (row: Row) => (row['queue'] as { vhost: string }).vhost

function connectionOf({ view, params }: Call): Connection {
  const found = view.connections.find((connection) => connection.name === params['name'])
  if (found === undefined) throw objectNotFound()
  return found
}

/** Looked at alone, what TLS would say is empty text, not null. */
function getConnection(call: Call): Row {
  const entry = connectionEntry(call.view, connectionOf(call))
  const blank = ([name, value]: [string, unknown]) => [name, value === null ? '' : value]
  return columns(call, Object.fromEntries(Object.entries(entry).map(blank)))
}

/** The client is told 320 with the text of X-Reason. */
function closeConnection(call: Call) {
  const connection = connectionOf(call)
  const reason = call.header('X-Reason') || 'Closed via management plugin'
  call.view.act(() => connection.shut(connectionForced(reason)))
  return noContent
}

function channelsOf(view: View, of: readonly Connection[]): Row[] {
  return of.flatMap((connection) =>
    [...connection.channels.values()].map((channel) => channelEntry(view, connection, channel)),
  )
}

function getChannel(call: Call): Row {
  const { view, params } = call
  const entry = channelsOf(view, view.connections).find((row) => row['name'] === params['name'])
  if (entry === undefined) throw objectNotFound()
  const name = ({ channel_details }: Row) => (channel_details as { name?: string }).name
  const mine = consumersOf(view).filter((row) => name(row) === params['name'])
  return columns(call, { ...entry, consumer_details: mine, deliveries: [], publishes: [] })
}

function consumersOf(view: View): Row[] {
  return [...view.definitions.queues.values()].flatMap((record) => {
    const queue = view.leaderOf(record)
    return queue?.consumers.all.map((consumer) => consumerEntry(view, record, queue, consumer)) ?? []
  })
}
