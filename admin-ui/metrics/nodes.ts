// Metrics of a node itself: what came and went, memory, limits and alarms, its links to the others as distribution metrics, and
// the links' meters by kind of traffic. What an Erlang machine has and Warren has not is not made up (test/api/metrics.test).

import { statfsSync } from 'node:fs'
import { rabbitmq_3_10 } from '../../nodes/compat.ts'
import { type Link, linkKinds } from '../../nodes/link.ts'
import { type Asked, type Column, counter, type Family, gauge, label } from './family.ts'

/** The one object of families without labels. */
const itself = { objects: ({ node }: Asked) => [node], labels: () => '', always: true as const }

const openChannels = ({ node }: Asked) =>
  [...node.connections.values()].reduce((sum, { channelCount }) => sum + channelCount, 0)

const unlimited = 1_048_576

export const nodeFamilies: readonly Family<Asked['node']>[] = [
  {
    ...itself,
    name: 'connection_churn_metrics',
    columns: [
      counter(
        'connections_opened_total',
        'Total number of connections opened',
        ({ counts, connections }) => counts.connectionsClosed + connections.size,
      ),
      counter(
        'connections_closed_total',
        'Total number of connections closed or terminated',
        ({ counts }) => counts.connectionsClosed,
      ),
      counter(
        'channels_opened_total',
        'Total number of channels opened',
        ({ counts }, asked) => counts.channelsClosed + openChannels(asked),
      ),
      counter(
        'channels_closed_total',
        'Total number of channels closed',
        ({ counts }) => counts.channelsClosed,
      ),
      counter(
        'queues_declared_total',
        'Total number of queues declared',
        ({ counts }) => counts.queuesDeclared,
      ),
      counter('queues_created_total', 'Total number of queues created', ({ counts }) => counts.queuesCreated),
      counter('queues_deleted_total', 'Total number of queues deleted', ({ counts }) => counts.queuesDeleted),
    ],
  },
  {
    ...itself,
    name: 'node_coarse_metrics',
    columns: [
      gauge('process_open_fds', 'Sockets that are open', ({ connections }) => connections.size),
      gauge('process_open_tcp_sockets', 'Open TCP sockets', ({ connections }) => connections.size),
      gauge('process_resident_memory_bytes', 'Memory of the process, which all nodes share', () =>
        process.memoryUsage.rss(),
      ),
      gauge('disk_space_available_bytes', 'Disk space available in bytes', freeDisk),
      gauge(
        'erlang_processes_used',
        'What would be processes: queues and channels',
        ({ leaders, channels }) => leaders.size + channels.size,
      ),
    ],
  },
  {
    ...itself,
    name: 'node_metrics',
    columns: [
      gauge('process_max_fds', 'Open file descriptors limit: none of its own', () => unlimited),
      gauge('process_max_tcp_sockets', 'Open TCP sockets limit: none of its own', () => unlimited),
      gauge(
        'resident_memory_limit_bytes',
        'Memory high watermark in bytes',
        (_, { live }) => live.cluster.memory.limit,
      ),
      gauge('disk_space_available_limit_bytes', 'Free disk space low watermark: none', () => 0),
      gauge('erlang_processes_limit', 'Processes limit: none of its own', () => unlimited),
      gauge('erlang_net_ticktime_seconds', 'Inter-node heartbeat interval', (_, { live }) =>
        Math.round(live.cluster.timings.netTick.maxMs / 1250),
      ),
      gauge(
        'erlang_uptime_seconds',
        'Node uptime',
        ({ name }, { live }) => (live.cluster.loop.now - live.cluster.member(name).startedAt) / 1000,
      ),
    ],
  },
]

/** The same for all that ask within a second. */
let disk = { at: -Infinity, free: 0 }

function freeDisk(): number {
  const now = performance.now()
  if (now - disk.at > 1000) {
    const { bavail, bsize } = statfsSync(process.cwd())
    disk = { at: now, free: bavail * bsize }
  }
  return disk.free
}

const alarm = (name: string, on: (asked: Asked) => boolean): Column<Asked['node']> => ({
  name: `alarms_${name}`,
  type: 'untyped',
  help: 'is 1 if the alarm is in effect',
  value: (_, asked) => (on(asked) ? 1 : 0),
})

/** Told by /metrics and /metrics/per-object, and never by /metrics/detailed. */
export const plainFamilies: readonly Family<Asked['node']>[] = [
  {
    ...itself,
    name: 'process',
    prefix: 'process_',
    columns: [
      gauge('start_time_seconds', 'When the node started', ({ name }, { live }) =>
        Math.round(live.cluster.member(name).startedAt / 1000),
      ),
    ],
  },
  {
    ...itself,
    name: 'alarms',
    columns: [
      alarm('file_descriptor_limit', () => false),
      alarm('free_disk_space_watermark', () => false),
      alarm('memory_used_watermark', ({ live }) => live.cluster.memory.alarm),
    ],
  },
  {
    ...itself,
    name: 'totals',
    columns: [
      gauge('connections', 'Connections currently open', ({ connections }) => connections.size),
      gauge('channels', 'Channels currently open', (_, asked) => openChannels(asked)),
      gauge('consumers', 'Consumers of the queues led here', ({ leaders }) =>
        [...leaders.values()].reduce((sum, { consumers }) => sum + consumers.all.length, 0),
      ),
      gauge('queues', 'Queues led here', ({ leaders }) => leaders.size),
    ],
  },
]

interface Logins {
  readonly protocol: string
  readonly accepted: number
  readonly refused: number
}

export const loginFamily: Family<Logins> = {
  name: 'auth_attempt_metrics',
  objects: ({ node }) => [...node.counts.logins].map(([protocol, counts]) => ({ protocol, ...counts })),
  labels: ({ protocol }) => label('protocol', protocol),
  always: true,
  columns: [
    counter(
      'auth_attempts_total',
      'Total number of authentication attempts',
      ({ accepted, refused }) => accepted + refused,
    ),
    counter(
      'auth_attempts_succeeded_total',
      'Total number of successful authentication attempts',
      ({ accepted }) => accepted,
    ),
    counter(
      'auth_attempts_failed_total',
      'Total number of failed authentication attempts',
      ({ refused }) => refused,
    ),
  ],
}

export const infoFamilies: readonly Family<Asked>[] = [
  {
    name: 'info',
    objects: (asked) => [asked],
    labels: () =>
      [
        label('rabbitmq_version', rabbitmq_3_10.version),
        label('prometheus_plugin_version', rabbitmq_3_10.version),
        label('prometheus_client_version', '4.9.1'),
        label('erlang_version', rabbitmq_3_10.erlang),
      ].join(','),
    always: true,
    prefix: 'rabbitmq_',
    columns: [
      { name: 'build_info', type: 'untyped', help: 'RabbitMQ & Erlang/OTP version info', value: () => 1 },
    ],
  },
  {
    name: 'info',
    objects: (asked) => [asked],
    labels: ({ node, live: { cluster } }) =>
      [
        label('rabbitmq_node', node.name),
        label('rabbitmq_cluster', cluster.clusterName),
        label(
          'rabbitmq_cluster_permanent_id',
          String(node.definitions.globalParameters.get('internal_cluster_id')),
        ),
      ].join(','),
    always: true,
    prefix: 'rabbitmq_',
    columns: [
      {
        name: 'identity_info',
        type: 'untyped',
        help: 'RabbitMQ node & cluster identity info',
        value: () => 1,
      },
    ],
  },
]

/** Both directions between the asked node and one it runs with. */
interface Pair {
  readonly peer: string
  readonly out: Link<never>
  readonly back: Link<never>
}

function pairs({ live: { cluster }, node }: Asked): Pair[] {
  return cluster.runningWith(node.name).flatMap((peer) => {
    const out = cluster.link(node.name, peer) as Link<never> | undefined
    const back = cluster.link(peer, node.name) as Link<never> | undefined
    return out === undefined || back === undefined ? [] : [{ peer, out, back }]
  })
}

const sum = ({ meters }: Link<never>, what: 'bytes' | 'packets') =>
  linkKinds.reduce((total, kind) => total + meters[kind][what], 0)
const average = (link: Link<never>) => Math.round(sum(link, 'bytes') / Math.max(1, sum(link, 'packets')))

/** What crossed a link, as a real cluster would have sent it. */
export const linkFamily: Family<Pair> = {
  name: 'erlang_vm_dist',
  prefix: 'erlang_vm_dist_',
  objects: pairs,
  labels: ({ peer }) => label('peer', peer),
  always: true,
  columns: [
    gauge('recv_bytes', 'Number of bytes received', ({ back }) => sum(back, 'bytes')),
    gauge('recv_cnt', 'Number of packets received', ({ back }) => sum(back, 'packets')),
    gauge('recv_avg_bytes', 'Average size of packets received', ({ back }) => average(back)),
    gauge('send_bytes', 'Number of bytes sent', ({ out }) => sum(out, 'bytes')),
    gauge('send_cnt', 'Number of packets sent', ({ out }) => sum(out, 'packets')),
    gauge('send_avg_bytes', 'Average size of packets sent', ({ out }) => average(out)),
    gauge('send_pend_bytes', 'Bytes waiting to be sent: none are', () => 0),
    gauge('node_state', 'State of the link: 3 up, 1 while it is silent or cut', ({ out, back }) =>
      out.state === 'up' && back.state === 'up' ? 3 : 1,
    ),
    gauge('node_queue_size_bytes', 'Bytes in the output queue: none are', () => 0),
  ],
}

interface Traffic {
  readonly peer: string
  readonly kind: (typeof linkKinds)[number]
  readonly link: Link<never>
}

/** The same by kind of traffic, from this node to each other. */
export const warrenLinks: Family<Traffic> = {
  name: 'warren_link_metrics',
  prefix: 'warren_link_',
  objects: (asked) =>
    pairs(asked).flatMap(({ peer, out }) => linkKinds.map((kind) => ({ peer, kind, link: out }))),
  labels: ({ peer, kind }) => `${label('peer', peer)},${label('kind', kind)}`,
  always: true,
  columns: [
    counter('bytes_total', 'Bytes sent to the peer', ({ link, kind }) => link.meters[kind].bytes),
    counter('packets_total', 'Packets sent to the peer', ({ link, kind }) => link.meters[kind].packets),
    counter('bodies_total', 'Message bodies sent to the peer', ({ link, kind }) => link.meters[kind].bodies),
  ],
}

/** Told as rabbitmq_cluster_* by /metrics/detailed alone, of the whole cluster. */
export const vhostFamily: Family<string> = {
  name: 'vhost_status',
  prefix: 'rabbitmq_cluster_',
  objects: ({ node }) => node.definitions.vhosts.keys(),
  vhost: (name) => name,
  labels: (name) => label('vhost', name),
  always: true,
  columns: [gauge('vhost_status', 'Whether a given vhost is running', () => 1)],
}

interface Bound {
  readonly vhost: string
  readonly name: string
  readonly type: string
  readonly count: number
}

const ofExchange = {
  prefix: 'rabbitmq_cluster_',
  objects: ({ node }: Asked): Bound[] =>
    [...node.definitions.exchanges.values()]
      .filter(({ name, internal }) => name !== '' && !internal)
      .map(({ vhost, name, type, router }) => ({ vhost, name, type, count: router.size })),
  vhost: ({ vhost }: Bound) => vhost,
  labels: ({ vhost, name, type }: Bound) =>
    `${label('vhost', vhost)},${label('exchange', name)},${label('type', type)}`,
  always: true as const,
}

export const exchangeFamilies: readonly Family<Bound>[] = [
  {
    ...ofExchange,
    name: 'exchange_bindings',
    columns: [gauge('exchange_bindings', 'Number of bindings for an exchange', ({ count }) => count)],
  },
  {
    ...ofExchange,
    name: 'exchange_names',
    columns: [gauge('exchange_name', 'Enumerates exchanges without any additional info', () => 1)],
  },
]
