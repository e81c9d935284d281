// The overview: versions, totals and listeners of the cluster in one object (docs/observed.md §6).

import { rabbitmq_3_10 } from '../../nodes/compat.ts'
import { clusterName } from '../../nodes/definitions-parameters.ts'
import { exchangeTypes } from '../../nodes/exchanges/index.ts'
import { withRates } from '../rates.ts'
import type { Resource } from '../resource.ts'
import type { View } from '../view.ts'
import { columns, type Row } from './list.ts'
import { contextOf, listenersOf } from './listeners.ts'
import { consumerTotal, messageTotals, statsTotals } from './totals.ts'

export const overview: readonly Resource[] = [
  { path: '/overview', GET: (call) => columns(call, overviewOf(call.view)) },
]

const churn = [
  'channel_closed',
  'channel_created',
  'connection_closed',
  'connection_created',
  'queue_created',
  'queue_declared',
  'queue_deleted',
]

export const enabledTypes = () => exchangeTypes.map((type) => ({ ...type, enabled: true }))

function overviewOf(view: View): Row {
  const { rates } = view.context
  const { definitions } = view
  const uncounted = Object.fromEntries(churn.map((name) => [name, 0]))
  const stats = { ...statsTotals(view, null), disk_reads: 0, disk_writes: 0 }
  return {
    management_version: rabbitmq_3_10.version,
    rates_mode: 'basic',
    sample_retention_policies: { global: [600, 3600, 28800, 86400], basic: [600, 3600], detailed: [600] },
    exchange_types: enabledTypes(),
    product_version: rabbitmq_3_10.version,
    product_name: 'RabbitMQ',
    rabbitmq_version: rabbitmq_3_10.version,
    cluster_name: view.definitions.globalParameters.get(clusterName) ?? view.node.name,
    erlang_version: rabbitmq_3_10.erlang,
    erlang_full_version: `Erlang/OTP ${rabbitmq_3_10.erlang} (emulated by Warren on Node.js ${process.version})`,
    release_series_support_status: 'supported',
    disable_stats: false,
    enable_queue_totals: false,
    message_stats: withRates(rates, definitions, stats, view.now),
    churn_rates: withRates(rates, definitions, uncounted, view.now),
    queue_totals: withRates(rates, definitions, messageTotals(view, null), view.now),
    object_totals: {
      channels: view.connections.reduce((total, connection) => total + connection.channels.size, 0),
      connections: view.connections.length,
      consumers: consumerTotal(view),
      exchanges: definitions.exchanges.size,
      queues: [...definitions.queues.values()].filter((queue) => queue.state !== 'down').length,
    },
    statistics_db_event_queue: 0,
    node: view.node.name,
    listeners: listenersOf(view),
    contexts: view.running.map((node) => ({ ssl_opts: [], node, ...contextOf(view) })),
  }
}
