// `cluster_status` in rabbitmqctl's sections, as text or JSON, put together from one node's view of the cluster. It only
// reads, and shows nothing that the HTTP API does not (docs/observed.md §2).

import type { Session } from './ctl-session.ts'

interface NodeView {
  readonly name: string
  readonly type: string
  readonly running: boolean
  readonly partitions?: readonly string[]
  readonly mem_alarm?: boolean
  readonly disk_free_alarm?: boolean
  readonly being_drained?: boolean | null
}
interface Listener {
  readonly node: string
  readonly protocol: string
  readonly ip_address: string
  readonly port: number
}
export interface Overview {
  readonly cluster_name: string
  readonly rabbitmq_version: string
  readonly release_series_support_status: string
  readonly erlang_version: string
  readonly erlang_full_version: string
  readonly listeners: readonly Listener[]
  readonly object_totals: Readonly<Record<string, number>>
}
interface Flag {
  readonly name: string
  readonly state: string
}

const purposes: Readonly<Record<string, string>> = {
  amqp: 'AMQP 0-9-1 and AMQP 1.0',
  'amqp/ssl': 'AMQP 0-9-1 and AMQP 1.0 over TLS',
  clustering: 'inter-node and CLI tool communication',
  http: 'HTTP API',
  https: 'HTTP API over TLS (HTTPS)',
  'http/prometheus': 'Prometheus exporter API over HTTP',
}

export async function clusterStatus(session: Session): Promise<void> {
  const target = await session.target()
  session.say(`Cluster status of node ${target} ...`)
  const overview = await session.get<Overview>('/overview')
  const nodes = (await session.get<NodeView[]>('/nodes')).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const flags = await session.api('GET', '/feature-flags')
  const running = nodes.filter((node) => node.running)
  const status = {
    alarms: running.flatMap((node) => alarmsOf(node)),
    cluster_name: overview.cluster_name,
    disk_nodes: nodes.filter((node) => node.type !== 'ram').map((node) => node.name),
    feature_flags: flags.status === 200 ? (flags.body as Flag[]) : [],
    listeners: Object.fromEntries(running.map(({ name }) => [name, listenersOf(overview, name)])),
    maintenance_status: Object.fromEntries(running.map((node) => [node.name, maintenance(node)])),
    partitions: Object.fromEntries(
      running.flatMap(({ name, partitions = [] }) => (partitions.length === 0 ? [] : [[name, partitions]])),
    ) as Record<string, readonly string[]>,
    ram_nodes: nodes.filter((node) => node.type === 'ram').map((node) => node.name),
    running_nodes: running.map((node) => node.name),
    versions: Object.fromEntries(
      running.map(({ name }) => [
        name,
        {
          erlang_version: overview.erlang_version,
          rabbitmq_name: 'RabbitMQ',
          rabbitmq_version: overview.rabbitmq_version,
        },
      ]),
    ),
  }
  session.print(session.flags.formatter === 'json' ? JSON.stringify(status) : sections(status))
}

function alarmsOf(node: NodeView): { node: string; resource: string; type: string }[] {
  const resources = [...(node.mem_alarm ? ['memory'] : []), ...(node.disk_free_alarm ? ['disk'] : [])]
  return resources.map((resource) => ({ node: node.name, resource, type: 'resource_limit' }))
}

function maintenance(node: NodeView): string {
  return node.being_drained ? 'marked for maintenance' : 'not under maintenance'
}

/** Of the node `name`, with what they are for. */
export function listenersOf({ listeners }: Overview, name: string) {
  return listeners
    .filter(({ node }) => node === name)
    .map(({ node, protocol, ip_address, port }) => ({
      interface: ip_address.includes(':') ? `[${ip_address}]` : ip_address,
      node,
      port,
      protocol,
      purpose: purposes[protocol] ?? protocol,
    }))
}

type Status = {
  readonly alarms: readonly { node: string; resource: string }[]
  readonly cluster_name: string
  readonly disk_nodes: readonly string[]
  readonly ram_nodes: readonly string[]
  readonly running_nodes: readonly string[]
  readonly versions: Readonly<Record<string, { rabbitmq_version: string; erlang_version: string }>>
  readonly maintenance_status: Readonly<Record<string, string>>
  readonly partitions: Readonly<Record<string, readonly string[]>>
  readonly listeners: Readonly<Record<string, ReturnType<typeof listenersOf>>>
  readonly feature_flags: readonly Flag[]
}

function sections(status: Status): string {
  const entries = Object.entries
  const alarmNames: Record<string, string> = { memory: 'Memory alarm', disk: 'Free disk space alarm' }
  const parts = [
    section('Basics', [`Cluster name: ${status.cluster_name}`]),
    section('Disk Nodes', status.disk_nodes),
    ...(status.ram_nodes.length === 0 ? [] : [section('RAM Nodes', status.ram_nodes)]),
    section('Running Nodes', status.running_nodes),
    section(
      'Versions',
      entries(status.versions).map(
        ([name, { rabbitmq_version, erlang_version }]) =>
          `${name}: RabbitMQ ${rabbitmq_version} on Erlang ${erlang_version}`,
      ),
    ),
    section(
      'Maintenance status',
      entries(status.maintenance_status).map(([name, state]) => `Node: ${name}, status: ${state}`),
    ),
    section(
      'Alarms',
      status.alarms.map(({ node, resource }) => `${alarmNames[resource]} on node ${node}`),
    ),
    section(
      'Network Partitions',
      entries(status.partitions).map(
        ([name, unseen]) => `Node ${name} cannot communicate with ${unseen.join(', ')}`,
      ),
    ),
    section(
      'Listeners',
      Object.values(status.listeners)
        .flat()
        .map(
          (l) =>
            `Node: ${l.node}, interface: ${l.interface}, port: ${l.port}, protocol: ${l.protocol}, purpose: ${l.purpose}`,
        ),
    ),
    ...(status.feature_flags.length === 0
      ? []
      : [
          section(
            'Feature flags',
            status.feature_flags.map(({ name, state }) => `Flag: ${name}, state: ${state}`),
          ),
        ]),
  ]
  return parts.join('\n').trimEnd()
}

export const section = (title: string, lines: readonly string[]) =>
  `${bold(title)}\n\n${(lines.length === 0 ? ['(none)'] : lines).join('\n')}\n`

/** rabbitmqctl prints its headings bold even into a pipe; NO_COLOR=1 leaves them plain. */
export function bold(text: string): string {
  return process.env['NO_COLOR'] ? text : `\u001b[1m${text}\u001b[0m`
}
