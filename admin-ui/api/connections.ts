// Connections, channels and consumers: who is there, and closing a connection (docs/observed.md §6).

import type { Connection } from '../../nodes/connection.ts'
import type { User } from '../../nodes/definitions-access.ts'
import { connectionForced } from '../../nodes/errors.ts'
import { isMonitor, opens } from '../access.ts'
import { notAuthorised, objectNotFound } from '../http-error.ts'
import { type Call, noContent, type Resource } from '../resource.ts'
import type { View } from '../view.ts'
import { channelEntry, connectionEntry, consumerEntry } from './channel-entry.ts'
import { columns, list, listOf, pages, type Row } from './list.ts'

export const connections: readonly Resource[] = [
  {
    path: '/connections',
    GET: (call) => listConnections(call, () => true),
  },
  {
    path: '/connections/username/:user',
    GET: (call) => listConnections(call, ({ user }) => user === call.params['user']),
    DELETE: closeAllOfUser,
  },
  {
    path: '/vhosts/:vhost/connections',
    GET: (call) => listConnections(call, ({ vhost }) => vhost === call.params['vhost']),
  },
  { path: '/connections/:name', GET: getConnection, DELETE: closeConnection },
  {
    path: '/connections/:name/channels',
    GET: (call) => pages(call, channelsOf(call.view, [connectionOf(call)])),
  },
  { path: '/channels', GET: (call) => pages(call, channelsOf(call.view, visible(call))) },
  {
    path: '/vhosts/:vhost/channels',
    GET: (call) =>
      pages(
        call,
        channelsOf(
          call.view,
          visible(call).filter(({ vhost }) => vhost === call.params['vhost']),
        ),
      ),
  },
  { path: '/channels/:name', GET: getChannel },
  {
    path: '/consumers',
    GET: (call) =>
      list(
        call,
        consumersOf(call.view).filter((row) => opens(call.user, call.view.definitions, vhostOf(row))),
        ['queue.vhost', 'queue.name'],
      ),
  },
  {
    path: '/consumers/:in',
    GET: (call) => {
      const { view, user, params } = call
      const vhost = params['in']!
      if (!view.definitions.vhosts.has(vhost)) throw objectNotFound()
      const open = opens(user, view.definitions, vhost)
      const mine = open ? consumersOf(view).filter((row) => vhostOf(row) === vhost) : []
      return list(call, mine, ['queue.name'])
    },
  },
]

/** Whose connections the user may look at: everybody's for a monitor, else its own (docs/observed.md §16.1). */
const visible = ({ view, user }: Call): Connection[] =>
  view.connections.filter((connection) => isMonitor(user) || connection.user === user.name)

function listConnections(call: Call, wanted: (connection: Connection) => boolean): unknown {
  const { view } = call
  return listOf(call, visible(call).filter(wanted), () => (connection) => connectionEntry(view, connection))
}

const vhostOf = (row: Row) => (row['queue'] as { vhost: string }).vhost

function connectionOf({ view, user, params }: Call): Connection {
  const found = view.connections.find((connection) => connection.name === params['name'])
  if (found === undefined) throw objectNotFound()
  if (!isMonitor(user) && found.user !== user.name) throw notYours()
  return found
}

const notYours = () => notAuthorised('User not authorised to access object')

/** Closing is for an administrator, or for the connection's own user. */
function requireOwner(user: User, name: string): void {
  if (!user.tags.includes('administrator') && user.name !== name) throw notYours()
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
  requireOwner(call.user, connection.user)
  close(call, [connection])
  return noContent
}

function closeAllOfUser(call: Call) {
  const name = call.params['user']!
  requireOwner(call.user, name)
  close(
    call,
    call.view.connections.filter(({ user }) => user === name),
  )
  return noContent
}

function close(call: Call, connections_: readonly Connection[]): void {
  const reason = call.header('X-Reason') || 'Closed via management plugin'
  call.view.act(() => {
    for (const connection of connections_) connection.shut(connectionForced(reason))
  })
}

function channelsOf(view: View, of: readonly Connection[]): Row[] {
  return of.flatMap((connection) =>
    [...connection.channels.values()].map((channel) => channelEntry(view, connection, channel)),
  )
}

function getChannel(call: Call): Row {
  const { view, params } = call
  const entry = channelsOf(view, visible(call)).find((row) => row['name'] === params['name'])
  if (entry === undefined) throw objectNotFound()
  const name = ({ channel_details }: Row) => (channel_details as { name?: string }).name
  const mine = consumersOf(view)
    .filter((row) => name(row) === params['name'])
    // Of a channel on another node the real one does not say here whose it is (docs/observed.md §10).
    .map((row) => (entry['node'] === view.node.name ? row : { ...row, channel_details: [] }))
  return columns(call, { ...entry, consumer_details: mine, deliveries: [], publishes: [] })
}

function consumersOf(view: View): Row[] {
  return [...view.definitions.queues.values()].flatMap((record) => {
    const queue = view.leaderOf(record)
    return queue?.consumers.all.map((consumer) => consumerEntry(view, record, queue, consumer)) ?? []
  })
}
