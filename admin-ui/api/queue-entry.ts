// A queue as the HTTP API shows it: running with its leader's statistics, down with its fixed properties only, or waiting
// without state and counters (docs/observed.md §0.4, §4.6, §6). Reads leaders; it must never change one.

import { plain } from '../../nodes/amqp/fields.ts'
import type { Channel } from '../../nodes/channel.ts'
import { effectivePolicy, type QueueRecord } from '../../nodes/definitions.ts'
import type { Queue } from '../../nodes/queue.ts'
import type { View } from '../view.ts'
import { connectionOf } from './channel-entry.ts'
import { type Row, valueAt, type Wanted } from './list.ts'
import { deliverStats, happened, messageCounts } from './totals.ts'

/** Statistics of an Erlang process, which there is none of here. */
export const noGarbageCollection = {
  max_heap_size: -1,
  min_bin_vheap_size: -1,
  min_heap_size: -1,
  fullsweep_after: -1,
  minor_gcs: -1,
}

/** The entry in a list; what is dear to make and not `wanted` is left out. */
export function queueEntry(view: View, record: QueueRecord, wanted: Wanted = () => true): Row {
  const fixed = fixedPart(record)
  if (record.state === 'down') return { ...fixed, ...mirrorPart({ ...record, mirrors: [] }), state: 'down' }
  const queue = view.leaderOf(record)
  if (queue === null) return { ...fixed, ...mirrorPart(record), ...stoppedPart(record) }
  return { ...fixed, ...mirrorPart(record), ...runningPart(view, record, queue, wanted) }
}

/** What lists are sorted by most: read as they stand, since an entry for each of 10,000 queues would take a second. */
const figures: Readonly<Record<string, (queue: Queue) => number>> = {
  consumers: (queue) => queue.consumers.all.length,
  memory: (queue) => queue.readyBytes + queue.outlets.bytes,
  message_bytes: (queue) => queue.readyBytes + queue.outlets.bytes,
  messages: (queue) => queue.ready + queue.outlets.count,
  messages_ready: (queue) => queue.ready,
  messages_unacknowledged: (queue) => queue.outlets.count,
}

/** The value under a column of the entry, without making more of that than needed. */
export function queueValue(view: View, record: QueueRecord, path: readonly string[]): unknown {
  const [key = ''] = path
  if (key === 'name' || key === 'vhost') return record[key]
  const figure = Object.hasOwn(figures, key) ? figures[key] : undefined
  if (figure === undefined && key !== 'message_stats' && !/^messages.*_details$/.test(key))
    return valueAt(
      queueEntry(view, record, (...keys) => keys.includes(key)),
      path,
    )
  const queue = view.leaderOf(record)
  if (queue === null) return undefined
  if (figure !== undefined) return path.length === 1 ? figure(queue) : undefined
  if (key === 'message_stats') return valueAt(messageStats(view, queue), path)
  return valueAt(view.details(queue, messageCounts(queue), 'lengths'), path)
}

/** Without statistics: `disable_stats`, and with it perhaps `enable_queue_totals`. */
export function bareQueueEntry(view: View, record: QueueRecord, totals: boolean): Row {
  const queue = view.leaderOf(record)
  const state = record.state === 'down' ? 'down' : totals ? 'running' : 'live'
  const counts = totals && queue !== null ? messageCounts(queue) : {}
  const policy = record.policy === null ? {} : { policy: record.policy.name }
  return { ...fixedPart(record), ...mirrorPart(record), ...policy, state, ...counts }
}

function fixedPart(record: QueueRecord): Row {
  return {
    arguments: plain(record.arguments),
    auto_delete: record.autoDelete,
    durable: record.durable,
    exclusive: record.exclusiveOwner !== null,
    name: record.name,
    node: record.leader,
    type: 'classic',
    vhost: record.vhost,
  }
}

/** A leader that stopped cleanly and left its mirrors alive, if it had any, is shown as stopped (docs/observed.md §13, §21). */
const stoppedPart = ({ state, leaderStopped, settings }: QueueRecord): Row =>
  state === 'waiting' && leaderStopped && settings.haPromoteOnShutdown === 'always'
    ? { state: 'stopped' }
    : {}

/** Mirrored queues only; exclusive ones never are (docs/observed.md §0.14). */
function mirrorPart(record: QueueRecord): Row {
  if (record.settings.haMode === null) return {}
  return {
    slave_nodes: record.mirrors.map((mirror) => mirror.node),
    synchronised_slave_nodes: syncedNodes(record),
  }
}

const syncedNodes = (record: QueueRecord) =>
  record.mirrors.filter((mirror) => mirror.synced).map(({ node }) => node)

function runningPart(view: View, record: QueueRecord, queue: Queue, wanted: Wanted): Row {
  const { all, active } = queue.consumers
  const exclusive = all.find((consumer) => consumer.options.exclusive)
  const able = all.length === 0 ? 0 : all.filter((consumer) => consumer.eligible).length / all.length
  return {
    ...(wanted('backing_queue_status') && { backing_queue_status: backingQueueStatus(record, queue) }),
    consumer_capacity: able,
    consumer_utilisation: able,
    consumers: all.length,
    ...(wanted('effective_policy_definition') && { effective_policy_definition: effectivePolicy(record) }),
    exclusive_consumer_tag: exclusive?.options.consumerTag ?? null,
    garbage_collection: noGarbageCollection,
    head_message_timestamp: null,
    ...(wanted('idle_since') && idlePart(view, queue)),
    memory: queue.readyBytes + queue.outlets.bytes,
    ...bytes(queue),
    ...(wanted('message_stats') && messageStats(view, queue)),
    ...lengths(view, queue, wanted),
    messages_paged_out: 0,
    messages_persistent: queue.disk.count,
    messages_ram: queue.ready + queue.outlets.count,
    messages_ready_ram: queue.ready,
    messages_unacknowledged_ram: queue.outlets.count,
    operator_policy: record.operatorPolicy?.name ?? null,
    policy: record.policy?.name ?? null,
    recoverable_slaves: record.settings.haMode === null ? null : record.mirrors.map(({ node }) => node),
    ...(wanted('reductions', 'reductions_details') && view.details(queue, { reductions: 0 })),
    single_active_consumer_tag: active?.options.consumerTag ?? null,
    state: record.syncing ? 'syncing' : 'running',
    ...(record.syncing && { sync_messages: queue.replication.synchronisation?.sent ?? 0 }),
  }
}

/** Their rates are dear, and what is sorted by has none. */
function lengths(view: View, queue: Queue, wanted: Wanted): Row {
  const counts = messageCounts(queue)
  const rates = Object.keys(counts).map((name) => `${name}_details`)
  return wanted(...rates) ? view.details(queue, counts, 'lengths') : counts
}

const bytes = (queue: Queue) => ({
  message_bytes: queue.readyBytes + queue.outlets.bytes,
  message_bytes_paged_out: 0,
  message_bytes_persistent: queue.disk.bytes,
  message_bytes_ram: queue.readyBytes + queue.outlets.bytes,
  message_bytes_ready: queue.readyBytes,
  message_bytes_unacknowledged: queue.outlets.bytes,
})

/** `message_stats`, absent as long as nothing has happened. */
function messageStats(view: View, queue: Queue): Row {
  const stats = happened({ publish: queue.counts.published }, deliverStats(queue.counts))
  return Object.keys(stats).length === 0 ? {} : { message_stats: view.details(queue, stats) }
}

/** Since when nothing has happened to it, once the sampler has found it so. */
export function idlePart(view: View, of: Queue | Channel): Row {
  const since = view.context.statistics.idleSince(of)
  return since === null ? {} : { idle_since: new Date(since).toISOString().replace('Z', '+00:00') }
}

function backingQueueStatus(record: QueueRecord, queue: Queue): Row {
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
