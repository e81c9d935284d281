// Nodes as their fellow sees them: a running one with 93 keys, one that is down or on the other side of a partition with
// four (docs/observed.md §2, §6, §8.1). What an emulated node has not (file descriptors, an Erlang machine) shows as 0.

import { availableParallelism } from 'node:os'
import { rabbitmq_3_10 } from '../../nodes/compat.ts'
import type { Node } from '../../nodes/node.ts'
import { objectNotFound } from '../http-error.ts'
import type { Call, Resource } from '../resource.ts'
import type { View } from '../view.ts'
import { columns, list, type Row } from './list.ts'
import { contextOf } from './listeners.ts'
import { linkCounters, nodeCounters, zeros } from './node-counters.ts'
import { memoryOf } from './node-memory.ts'
import { enabledTypes } from './overview.ts'

export const nodes: readonly Resource[] = [
  {
    path: '/nodes',
    reads: 'monitoring',
    GET: (call) =>
      list(
        call,
        nodesOf(call.view).map((name) => nodeEntry(call.view, name)),
        ['name'],
      ),
  },
  { path: '/nodes/:name', reads: 'monitoring', GET: getNode },
]

const collected = [
  ...['connection_closed', 'channel_closed', 'consumer_deleted', 'exchange_deleted', 'queue_deleted'],
  ...['vhost_deleted', 'node_node_deleted', 'channel_consumer_deleted'],
]

const externalText =
  'TLS peer verification-based authentication plugin. Used in combination with the EXTERNAL SASL mechanism.'

/** The members of the cluster as this node knows it, lowest number first. */
function nodesOf({ cluster, definitions }: View): string[] {
  return cluster.members.map(({ name }) => name).filter((name) => definitions.nodes.has(name))
}

function getNode(call: Call): Row {
  const name = call.params['name']!
  if (!call.view.definitions.nodes.has(name)) throw objectNotFound()
  const running = call.view.running.includes(name)
  // Only when asked for: it takes the real one some time.
  const memory = running && call.query.get('memory') === 'true' ? { memory: memoryOf(call.view) } : {}
  return columns(call, { ...memory, ...nodeEntry(call.view, name) })
}

function nodeEntry(view: View, name: string): Row {
  const node = view.nodes.find((candidate) => candidate.name === name)
  const type = view.definitions.nodes.get(name) ?? 'disc'
  if (node === undefined) return { name, type, running: false, cluster_links: [] }
  return { ...machinePart(view, node), ...countedPart(view, node) }
}

function machinePart(view: View, node: Node): Row {
  const mechanism = (name: string, description: string) => ({ name, description, enabled: true })
  return {
    partitions: view.cluster.partitionsSeenBy(node.name),
    os_pid: String(process.pid),
    fd_total: 1_048_576,
    sockets_total: 1_048_576,
    mem_limit: view.cluster.memory.limit,
    mem_alarm: view.cluster.memory.alarm,
    disk_free_limit: 0,
    disk_free_alarm: false,
    proc_total: 1_048_576,
    rates_mode: 'basic',
    uptime: Math.floor(view.now - view.cluster.member(node.name).startedAt),
    run_queue: 0,
    processors: availableParallelism(),
    exchange_types: enabledTypes(),
    auth_mechanisms: [
      mechanism('PLAIN', 'SASL PLAIN authentication mechanism'),
      mechanism('AMQPLAIN', 'QPid AMQPLAIN mechanism'),
      ...(view.context.ports.tls.some(({ tls }) => tls?.ca !== undefined)
        ? [mechanism('EXTERNAL', externalText)]
        : []),
    ],
    applications: [{ name: 'rabbit', description: 'RabbitMQ', version: rabbitmq_3_10.version }],
    contexts: [contextOf(view)],
    log_files: [],
    db_dir: '',
    config_files: [],
    // In seconds; silence is noticed a quarter sooner or later.
    net_ticktime: Math.round(view.cluster.timings.netTick.maxMs / 1250),
    enabled_plugins: ['rabbitmq_management'],
    mem_calculation_strategy: 'rss',
    ra_open_file_metrics: { ra_log_wal: 0, ra_log_segment_writer: 0 },
    name: node.name,
    type: view.definitions.nodes.get(node.name) ?? 'disc',
    running: true,
  }
}

function countedPart(view: View, node: Node): Row {
  return {
    ...view.details(node, nodeCounters(node), 'node_stats'),
    cluster_links: linkCounters(view, node).map(({ peer, link, counters }) => ({
      stats: view.details(link, counters, 'node_stats'),
      name: peer,
      peer_addr: '127.0.0.1',
      peer_port: view.portOf(peer) + 20_000,
      sock_addr: '127.0.0.1',
      sock_port: view.portOf(node.name) + 20_000,
      ...counters,
    })),
    metrics_gc_queue_length: zeros(collected),
  }
}
