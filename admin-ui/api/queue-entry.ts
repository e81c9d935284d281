// A queue as the HTTP API shows it: running with its leader's statistics, down with its fixed properties only, or waiting
// without state and counters (docs/observed.md §0.4, §4.6, §6). Reads leaders; it must never change one.

import { plain } from '../../nodes/amqp/fields.ts'
import type { Channel } from '../../nodes/channel.ts'
import { effectivePolicy, type QueueRecord } from '../../nodes/definitions.ts'
import type { Queue } from '../../nodes/queue.ts'
import type { RangeKind } from '../ranges.ts'
import type { View } from '../view.ts'
import { connectionOf } from './channel-entry.ts'
import type { Row, Wanted } from './list.ts'
import { deliverStats, happened, messageCounts } from './totals.ts'

/** Statistics of an Erlang process, which there is none of here. */
export const noGarbageCollection = {
  max_heap_size: -1,
  min_bin_vheap_size: -1,
  min_heap_size: -1,
  fullsweep_after: -1,
  minor_gcs: -1,
}

/** Columns of every queue, whether anybody leads it or not. `undefined`: the entry has no such column. */
const everyQueue: Readonly<Record<string, (record: QueueRecord) => unknown>> = {
  arguments: (record) => plain(record.arguments),
  auto_delete: (record) => record.autoDelete,
  durable: (record) => record.durable,
  exclusive: (record) => record.exclusiveOwner !== null,
  name: (record) => record.name,
  node: (record) => record.leader,
  type: () => 'classic',
  vhost: (record) => record.vhost,
  // Of mirrored queues only; exclusive ones never are (docs/observed.md §0.14).
  slave_nodes: (record) => mirrorsOf(record)?.map(({ node }) => node),
  synchronised_slave_nodes: (record) =>
    mirrorsOf(record)
      ?.filter(({ synced }) => synced)
      .map(({ node }) => node),
}

const mirrorsOf = ({ settings, state, mirrors }: QueueRecord) =>
  settings.haMode === null ? undefined : state === 'down' ? [] : mirrors

/** Further ones of a queue whose leader runs. */
const ledQueue: Readonly<Record<string, (queue: Queue, record: QueueRecord, view: View) => unknown>> = {
  backing_queue_status: backingQueueStatus,
  consumer_capacity: consumersAble,
  consumer_utilisation: consumersAble,
  consumers: (queue) => queue.consumers.all.length,
  effective_policy_definition: (_, record) => effectivePolicy(record),
  exclusive_consumer_tag: ({ consumers }) =>
    consumers.all.find(({ options }) => options.exclusive)?.options.consumerTag ?? null,
  garbage_collection: () => noGarbageCollection,
  head_message_timestamp: () => null,
  idle_since: (queue, _, view) => idleSince(view, queue),
  memory: bytesOf,
  message_bytes: bytesOf,
  message_bytes_paged_out: () => 0,
  message_bytes_persistent: (queue) => queue.disk.bytes,
  message_bytes_ram: bytesOf,
  message_bytes_ready: (queue) => queue.readyBytes,
  message_bytes_unacknowledged: (queue) => queue.outlets.bytes,
  message_stats: messageStats,
  ...withRate('messages', messagesOf, 'lengths'),
  ...withRate('messages_ready', (queue) => queue.ready, 'lengths'),
  ...withRate('messages_unacknowledged', (queue) => queue.outlets.count, 'lengths'),
  messages_paged_out: () => 0,
  messages_persistent: (queue) => queue.disk.count,
  messages_ram: messagesOf,
  messages_ready_ram: (queue) => queue.ready,
  messages_unacknowledged_ram: (queue) => queue.outlets.count,
  operator_policy: (_, record) => record.operatorPolicy?.name ?? null,
  policy: (_, record) => record.policy?.name ?? null,
  recoverable_slaves: (_, record) => mirrorsOf(record)?.map(({ node }) => node) ?? null,
  ...withRate('reductions', () => 0),
  single_active_consumer_tag: ({ consumers }) => consumers.active?.options.consumerTag ?? null,
  state: (_, record) => (record.syncing ? 'syncing' : 'running'),
  sync_messages: (queue, record) =>
    record.syncing ? (queue.replication.synchronisation?.sent ?? 0) : undefined,
}

/** Makes entries with those of their columns that are `wanted`. */
export function queueEntries(view: View, wanted: Wanted = () => true): (record: QueueRecord) => Row {
  const columns = Object.entries(everyQueue).filter(([key]) => wanted(key))
  const ledColumns = Object.entries(ledQueue).filter(([key]) => wanted(key))
  const stateWanted = wanted('state')
  return (record) => {
    const row: Record<string, unknown> = {}
    const put = (key: string, value: unknown) => {
      if (value !== undefined) row[key] = value
    }
    for (const [key, column] of columns) put(key, column(record))
    const queue = view.leaderOf(record)
    if (queue !== null) for (const [key, column] of ledColumns) put(key, column(queue, record, view))
    else if (stateWanted) put('state', stateWithoutLeader(record))
    return row
  }
}

/** A leader that stopped cleanly and left its mirrors alive, if it had any, is shown as stopped (docs/observed.md §13, §21). */
function stateWithoutLeader({ state, leaderStopped, settings }: QueueRecord): string | undefined {
  if (state === 'down') return 'down'
  const stopped = state === 'waiting' && leaderStopped && settings.haPromoteOnShutdown === 'always'
  return stopped ? 'stopped' : undefined
}

/** Without statistics: `disable_stats`, and with it perhaps `enable_queue_totals`. */
export function bareQueueEntries(view: View, totals: boolean): (record: QueueRecord) => Row {
  const entry = queueEntries(view, (key) => Object.hasOwn(everyQueue, key))
  return (record) => {
    const queue = view.leaderOf(record)
    const state = record.state === 'down' ? 'down' : totals ? 'running' : 'live'
    const counts = totals && queue !== null ? messageCounts(queue) : {}
    const policy = record.policy === null ? {} : { policy: record.policy.name }
    return { ...entry(record), ...policy, state, ...counts }
  }
}

function messagesOf(queue: Queue): number {
  return queue.ready + queue.outlets.count
}

function bytesOf(queue: Queue): number {
  return queue.readyBytes + queue.outlets.bytes
}

/** Share of the consumers that can be given something. */
function consumersAble({ consumers: { all } }: Queue): number {
  return all.length === 0 ? 0 : all.filter((consumer) => consumer.eligible).length / all.length
}

/** A figure's column and that of its rate. */
function withRate(name: string, figure: (queue: Queue) => number, kind?: RangeKind) {
  const details = `${name}_details`
  return {
    [name]: figure,
    [details]: (queue: Queue, _: QueueRecord, view: View) =>
      view.details(queue, { [name]: 0 }, kind)[details],
  }
}

/** Absent as long as nothing has happened. */
function messageStats(queue: Queue, _: QueueRecord, view: View): Row | undefined {
  const stats = happened({ publish: queue.counts.published }, deliverStats(queue.counts))
  return Object.keys(stats).length === 0 ? undefined : view.details(queue, stats)
}

/** Since when nothing has happened to it, once the sampler has found it so; absent until then. */
export function idleSince(view: View, of: Queue | Channel): string | undefined {
  const since = view.context.statistics.idleSince(of)
  return since === null ? undefined : new Date(since).toISOString().replace('Z', '+00:00')
}

function backingQueueStatus(queue: Queue, record: QueueRecord): Row {
  const levels = queue.settings.maxPriority
  const prioritised = levels !== null
  const lengths = queue.priorityLengths
  const priorities = Array.from({ length: (levels ?? 0) + 1 }, (_, level) => [level, lengths[level] ?? 0])
  const middle = prioritised ? 'todo' : 0
  const edge = prioritised ? 'todo' : 'undefined'
  return {
    avg_ack_egress_rate: 0,
    avg_ack_ingress_rate: 0,
    avg_egress_rate: 0,
    avg_ingress_rate: 0,
    delta: ['delta', edge, middle, middle, edge],
    len: queue.ready,
    ...(record.settings.haMode === null ? {} : { mirror_seen: 0, mirror_senders: 0 }),
    mode: queue.settings.queueMode,
    next_deliver_seq_id: queue.counts.delivered + queue.counts.got,
    next_seq_id: queue.nextMessageId - 1,
    ...(prioritised ? { priority_lengths: Object.fromEntries(priorities) } : {}),
    q1: 0,
    q2: 0,
    q3: 0,
    q4: queue.ready,
    target_ram_count: 'infinity',
    version: queue.settings.queueVersion,
  }
}

/** The connection an exclusive queue belongs to: shown of a queue alone, not in lists. */
export function ownerPart(view: View, record: QueueRecord): Row {
  if (record.exclusiveOwner === null) return {}
  const owner = view.connections.find((connection) => connection.id === record.exclusiveOwner)
  return owner === undefined ? {} : { owner_pid_details: connectionOf(owner) }
}
