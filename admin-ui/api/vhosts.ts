// Virtual hosts, who is asking, and the cluster's name.

import { objectNotFound } from '../http-error.ts'
import { withRates } from '../rates.ts'
import type { Call, Resource } from '../resource.ts'
import type { View } from '../view.ts'
import { columns, list, type Row } from './list.ts'
import { messageTotals, statsTotals } from './totals.ts'

export const vhosts: readonly Resource[] = [
  {
    path: '/vhosts',
    GET: (call) =>
      list(
        call,
        [...call.view.definitions.vhosts.keys()].map((name) => vhostEntry(call.view, name)),
        ['name'],
      ),
  },
  { path: '/vhosts/:name', GET: getVhost },
  { path: '/whoami', GET: ({ user }) => ({ name: user.name, tags: user.tags }) },
  { path: '/cluster-name', GET: ({ view }) => ({ name: view.cluster.clusterName }) },
]

function getVhost(call: Call): Row {
  const name = call.params['name']!
  if (!call.view.definitions.vhosts.has(name)) throw objectNotFound()
  return columns(call, vhostEntry(call.view, name))
}

function vhostEntry(view: View, name: string): Row {
  const description = name === '/' ? 'Default virtual host' : ''
  const { rates } = view.context
  const mine = view.connections.filter((connection) => connection.vhost === name)
  const sum = (of: 'receivedBytes' | 'sentBytes') =>
    mine.reduce((total, connection) => total + connection[of], 0)
  const traffic = { recv_oct: sum('receivedBytes'), send_oct: sum('sentBytes') }
  const { queues } = view.definitions
  return {
    cluster_state: Object.fromEntries(view.running.map((node) => [node, 'running'])),
    default_queue_type: 'undefined',
    description,
    message_stats: withRates(rates, view.definitions.vhosts, statsTotals(view, name), view.now),
    ...withRates(rates, queues, messageTotals(view, name), view.now),
    metadata: { description, tags: [] },
    name,
    ...withRates(rates, queues, traffic, view.now),
    tags: [],
    tracing: false,
  }
}
