// The overview: versions, totals and listeners of the cluster in one object (docs/observed.md §6).

import { rabbitmq_3_10 } from '../../nodes/compat.ts'
import type { User } from '../../nodes/definitions-access.ts'
import { clusterName } from '../../nodes/definitions-parameters.ts'
import { exchangeTypes } from '../../nodes/exchanges/index.ts'
import { isMonitor, opens } from '../access.ts'
import type { Call, Resource } from '../resource.ts'
import type { View } from '../view.ts'
import { columns, type Row } from './list.ts'
import { contextOf, listenersOf } from './listeners.ts'
import {
  churn,
  clientTotals,
  consumerTotal,
  deliverStats,
  happened,
  messageTotals,
  publishStats,
  type Vhosts,
} from './totals.ts'

export const overview: readonly Resource[] = [
  { path: '/overview', GET: (call) => columnsOrNone(call, overviewOf(call)) },
]

/** Erlang has no empty object: where no column is left, the real one answers with an empty list. */
function columnsOrNone(call: Call, row: Row): unknown {
  const shown = columns(call, row)
  return Object.keys(shown).length === 0 ? [] : shown
}

export const enabledTypes = () => exchangeTypes.map((type) => ({ ...type, enabled: true }))

function overviewOf({ view, user }: Call): Row {
  const { definitions } = view
  const monitor = isMonitor(user)
  // Others see what is in their vhosts, and their own connections.
  const vhosts = monitor
    ? null
    : new Set([...definitions.vhosts.keys()].filter((name) => opens(user, definitions, name)))
  const counted = clientTotals(view, vhosts)
  const stats = happened(publishStats(counted), deliverStats(counted))
  const disk = { disk_reads: 0, disk_writes: 0 }
  const blind = vhosts?.size === 0
  return {
    management_version: rabbitmq_3_10.version,
    rates_mode: 'basic',
    sample_retention_policies: { global: [600, 3600, 28800, 86400], basic: [600, 3600], detailed: [600] },
    exchange_types: enabledTypes(),
    product_version: rabbitmq_3_10.version,
    product_name: 'RabbitMQ',
    rabbitmq_version: rabbitmq_3_10.version,
    cluster_name: definitions.globalParameters.get(clusterName) ?? view.node.name,
    erlang_version: rabbitmq_3_10.erlang,
    erlang_full_version: `Erlang/OTP ${rabbitmq_3_10.erlang} (emulated by Warren on Node.js ${process.version})`,
    release_series_support_status: 'supported',
    disable_stats: false,
    enable_queue_totals: false,
    message_stats: blind ? {} : view.details(definitions, { ...disk, ...stats }),
    churn_rates: view.details(definitions, churn(view.nodes), 'node_stats'),
    queue_totals: blind ? {} : view.details(definitions, messageTotals(view, vhosts), 'lengths'),
    object_totals: objectTotals(view, user, vhosts),
    statistics_db_event_queue: 0,
    ...(monitor && {
      node: view.node.name,
      listeners: listenersOf(view),
      contexts: view.running.map((node) => ({ ssl_opts: [], node, ...contextOf(view) })),
    }),
  }
}

function objectTotals(view: View, user: User, vhosts: Vhosts): Row {
  const { definitions } = view
  const here = ({ vhost }: { readonly vhost: string }) => vhosts === null || vhosts.has(vhost)
  const queues = [...definitions.queues.values()].filter(here)
  const connections = view.connections.filter(
    (connection) => vhosts === null || connection.user === user.name,
  )
  return {
    channels: connections.reduce((total, { channels }) => total + channels.size, 0),
    connections: connections.length,
    ...(vhosts === null && { consumers: consumerTotal(view) }),
    exchanges: [...definitions.exchanges.values()].filter(here).length,
    queues: queues.filter(({ state }) => state !== 'down').length,
  }
}
