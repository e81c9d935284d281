// `status` in rabbitmqctl's sections, of what a node of Warren has: version, alarms, memory, totals, listeners. It only reads.

import type { Session } from './ctl-session.ts'
import { bold } from './ctl-status.ts'

interface Listener {
  readonly node: string
  readonly protocol: string
  readonly ip_address: string
  readonly port: number
}
interface Overview {
  readonly rabbitmq_version: string
  readonly erlang_version: string
  readonly listeners: readonly Listener[]
  readonly object_totals: Readonly<Record<string, number>>
}
interface NodeView {
  readonly os_pid: string
  readonly uptime: number
  readonly mem_used: number
  readonly mem_limit: number
  readonly mem_alarm: boolean
  readonly fd_used: number
  readonly fd_total: number
  readonly sockets_used: number
  readonly enabled_plugins: readonly string[]
}

export async function status(session: Session): Promise<void> {
  const node = await session.target()
  session.say(`Status of node ${node} ...`)
  const overview = await session.get<Overview>('/overview')
  const view = await session.get<NodeView>(`/nodes/${encodeURIComponent(node)}`)
  const vhosts = await session.get<unknown[]>('/vhosts')
  const listeners = overview.listeners
    .filter((listener) => listener.node === node)
    .map(({ ip_address: ip, port, protocol }) => ({
      interface: ip.includes(':') ? `[${ip}]` : ip,
      node,
      port,
      protocol,
    }))
  const { connections = 0, queues = 0 } = overview.object_totals
  const totals = { connection_count: connections, queue_count: queues, virtual_host_count: vhosts.length }
  const alarms = view.mem_alarm ? [{ node, resource: 'memory', type: 'resource_limit' }] : []
  if (session.flags.formatter === 'json')
    return session.print(
      JSON.stringify({
        active_plugins: view.enabled_plugins,
        alarms,
        erlang_version: overview.erlang_version,
        listeners,
        memory: { total: { rss: view.mem_used }, strategy: 'rss' },
        pid: Number(view.os_pid),
        rabbitmq_version: overview.rabbitmq_version,
        totals,
        uptime: Math.floor(view.uptime / 1000),
        vm_memory_high_watermark_limit: view.mem_limit,
        vm_memory_high_watermark_setting: { absolute: view.mem_limit },
      }),
    )
  const section = (title: string, lines: readonly string[]) =>
    `${bold(title)}\n\n${(lines.length === 0 ? ['(none)'] : lines).join('\n')}\n`
  session.print(
    [
      section('Runtime', [
        `OS PID: ${view.os_pid}`,
        `Uptime (seconds): ${Math.floor(view.uptime / 1000)}`,
        `RabbitMQ version: ${overview.rabbitmq_version}`,
        `Node name: ${node}`,
        `Erlang configuration: Erlang/OTP ${overview.erlang_version}`,
      ]),
      section('Plugins', ['Enabled plugins:', '', ...view.enabled_plugins.map((name) => ` * ${name}`)]),
      section(
        'Alarms',
        alarms.map(() => `Memory alarm on node ${node}`),
      ),
      section('Memory', [
        `Total memory used: ${gigabytes(view.mem_used)}`,
        'Calculation strategy: rss',
        `Memory high watermark setting: ${gigabytes(view.mem_limit)}, computed to: ${gigabytes(view.mem_limit)}`,
      ]),
      section('File Descriptors', [
        `Total: ${view.fd_used}, limit: ${view.fd_total}`,
        `Sockets: ${view.sockets_used}`,
      ]),
      section('Totals', [
        `Connection count: ${totals.connection_count}`,
        `Queue count: ${totals.queue_count}`,
        `Virtual host count: ${totals.virtual_host_count}`,
      ]),
      section(
        'Listeners',
        listeners.map((one) => `Interface: ${one.interface}, port: ${one.port}, protocol: ${one.protocol}`),
      ),
    ]
      .join('\n')
      .trimEnd(),
  )
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(4)} gb`
