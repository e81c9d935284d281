// `status` in rabbitmqctl's sections and words, of what a node of Warren has: what only an Erlang machine or a disk has is left
// out (docs/observed.md §27). It only reads.

import type { Session } from './ctl-session.ts'
import { listenersOf, type Overview, section } from './ctl-status.ts'
import { WrongWords } from './failure.ts'

interface NodeView {
  readonly os_pid: string
  readonly uptime: number
  readonly mem_used: number
  readonly mem_limit: number
  readonly mem_alarm: boolean
  readonly fd_used: number
  readonly fd_total: number
  readonly sockets_used: number
  readonly sockets_total: number
  readonly net_ticktime: number
  readonly enabled_plugins: readonly string[]
  readonly being_drained?: boolean | null
  /** Bytes by category, with `strategy` and `total` beside them. */
  readonly memory: Readonly<Record<string, unknown>>
}

/** What there is to tell, under rabbitmqctl's names. */
interface Found {
  readonly active_plugins: readonly string[]
  readonly alarms: readonly object[]
  readonly config_files: readonly string[]
  readonly erlang_version: string
  readonly file_descriptors: Readonly<
    Record<'sockets_limit' | 'sockets_used' | 'total_limit' | 'total_used', number>
  >
  readonly is_under_maintenance: boolean
  readonly listeners: ReturnType<typeof listenersOf>
  readonly log_files: readonly string[]
  readonly memory: Readonly<Record<string, unknown>>
  readonly net_ticktime: number
  readonly pid: number
  readonly product_name: string
  readonly product_version: string
  readonly rabbitmq_version: string
  readonly release_series_support_status: string
  readonly totals: Readonly<Record<'virtual_host_count' | 'connection_count' | 'queue_count', number>>
  readonly uptime: number
  readonly vm_memory_calculation_strategy: string
  readonly vm_memory_high_watermark_limit: number
  readonly vm_memory_high_watermark_setting: { readonly absolute: number } | { readonly relative: number }
}

/** How many bytes make one of --unit. */
const units: Readonly<Record<string, number>> = { bytes: 1, mb: 1e6, gb: 1e9 }

export async function status(session: Session, { unit }: { readonly unit: string }): Promise<void> {
  if (!Object.hasOwn(units, unit))
    throw new WrongWords(
      `"unit '${unit}' is not supported. Please use one of: ${Object.keys(units).join(', ')}"`,
    )
  const node = await session.target()
  session.say(`Status of node ${node} ...`)
  const overview = await session.get<Overview>('/overview')
  const view = await session.get<NodeView>(`/nodes/${encodeURIComponent(node)}?memory=true`)
  const vhosts = await session.get<unknown[]>('/vhosts')
  const { body } = await session.control('GET', '/warren/memory-limit')
  const { fraction } = body as { readonly fraction: number | null }
  const { connections = 0, queues = 0 } = overview.object_totals
  const found: Found = {
    active_plugins: view.enabled_plugins,
    alarms: view.mem_alarm ? [{ node, resource: 'memory', type: 'resource_limit' }] : [],
    config_files: [],
    erlang_version: overview.erlang_full_version,
    file_descriptors: {
      sockets_limit: view.sockets_total,
      sockets_used: view.sockets_used,
      total_limit: view.fd_total,
      total_used: view.fd_used,
    },
    is_under_maintenance: view.being_drained === true,
    listeners: listenersOf(overview, node),
    log_files: [],
    memory: view.memory,
    net_ticktime: view.net_ticktime,
    pid: Number(view.os_pid),
    product_name: '',
    product_version: '',
    rabbitmq_version: overview.rabbitmq_version,
    release_series_support_status: overview.release_series_support_status,
    totals: { virtual_host_count: vhosts.length, connection_count: connections, queue_count: queues },
    uptime: Math.floor(view.uptime / 1000),
    vm_memory_calculation_strategy: 'rss',
    vm_memory_high_watermark_limit: view.mem_limit,
    vm_memory_high_watermark_setting:
      fraction === null ? { absolute: view.mem_limit } : { relative: fraction },
  }
  if (session.flags.formatter === 'json') session.print(JSON.stringify(found))
  else session.print(sections(node, found, view.mem_used, unit))
}

function sections(node: string, found: Found, used: number, unit: string): string {
  const { file_descriptors: files, vm_memory_high_watermark_setting: setting, totals } = found
  const size = (bytes: number) => `${unit === 'bytes' ? bytes : decimal(bytes / units[unit]!)} ${unit}`
  const limit = size(found.vm_memory_high_watermark_limit)
  const watermark = 'relative' in setting ? `${decimal(setting.relative)} of available memory` : limit
  const parts = Object.entries(found.memory)
    .filter((part): part is [string, number] => typeof part[1] === 'number')
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return [
    section('Runtime', [
      `OS PID: ${found.pid}`,
      `Uptime (seconds): ${found.uptime}`,
      `Is under maintenance?: ${found.is_under_maintenance}`,
      `RabbitMQ version: ${found.rabbitmq_version}`,
      `RabbitMQ release series support status: ${found.release_series_support_status}`,
      `Node name: ${node}`,
      `Erlang configuration: ${found.erlang_version}`,
      `Cluster heartbeat timeout (net_ticktime): ${found.net_ticktime}`,
    ]),
    section('Plugins', ['Enabled plugins:', '', ...found.active_plugins.map((name) => ` * ${name}`)]),
    section('Config files', found.config_files),
    section('Log file(s)', found.log_files),
    section(
      'Alarms',
      found.alarms.map(() => `Memory alarm on node ${node}`),
    ),
    section('Memory', [
      `Total memory used: ${size(used)}`,
      `Calculation strategy: ${found.vm_memory_calculation_strategy}`,
      `Memory high watermark setting: ${watermark}, computed to: ${limit}`,
      '',
      ...parts.map(([name, bytes]) => `${name}: ${size(bytes)} (${percent(bytes / used)} %)`),
    ]),
    section('File Descriptors', [
      `Total: ${files.total_used}, limit: ${files.total_limit}`,
      `Sockets: ${files.sockets_used}, limit: ${files.sockets_limit}`,
    ]),
    section('Totals', [
      `Connection count: ${totals.connection_count}`,
      `Queue count: ${totals.queue_count}`,
      `Virtual host count: ${totals.virtual_host_count}`,
    ]),
    section(
      'Listeners',
      found.listeners.map(
        (one) =>
          `Interface: ${one.interface}, port: ${one.port}, protocol: ${one.protocol}, purpose: ${one.purpose}`,
      ),
    ),
  ]
    .join('\n')
    .trimEnd()
}

/** As Erlang prints a float of four places at most: 0.1618, 0.05, 50.0. */
const decimal = (value: number, places = 4) => {
  const rounded = Number(value.toFixed(places))
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded)
}
const percent = (share: number) => decimal(100 * share, 2)
