// The columns of list_queues, read from a queue of the HTTP API, and which queues rabbitmqctl leaves out. Called by the
// listing verbs; it asks nothing itself.

import type { Cell } from './ctl-output.ts'

/** The fields of GET /api/queues that are not printed as they are. */
export interface ListedQueue extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly node: string
  readonly state?: string
  readonly slave_nodes?: readonly string[]
  readonly synchronised_slave_nodes?: readonly string[]
  readonly sync_messages?: number
}

/** Warren's own columns: names of nodes where rabbitmqctl has process identifiers. */
const ownColumns = ['node', 'mirrors', 'synchronised_mirrors']

/** rabbitmqctl's columns, then Warren's. */
export const queueColumns = [
  ...['name', 'durable', 'auto_delete', 'arguments', 'policy', 'pid', 'owner_pid', 'exclusive'],
  ...['exclusive_consumer_pid', 'exclusive_consumer_tag', 'messages_ready', 'messages_unacknowledged'],
  ...['messages', 'messages_ready_ram', 'messages_unacknowledged_ram', 'messages_ram', 'messages_persistent'],
  ...['message_bytes', 'message_bytes_ready', 'message_bytes_unacknowledged', 'message_bytes_ram'],
  ...['message_bytes_persistent', 'head_message_timestamp', 'disk_reads', 'disk_writes', 'consumers'],
  ...['consumer_utilisation', 'consumer_capacity', 'memory', 'slave_pids', 'synchronised_slave_pids'],
  ...['state', 'type', 'leader', 'members', 'online'],
  ...ownColumns,
]

/**
 * A mirrored queue whose leader is gone and that has none to promote is not listed at all (docs/observed.md §4.6); the
 * HTTP API still shows it, without a state.
 */
export function shownQueues(queues: readonly ListedQueue[], running: readonly string[]): ListedQueue[] {
  return queues.filter(({ state, node }) => state !== undefined || running.includes(node))
}

export function queueCell(queue: ListedQueue, column: string): Cell {
  const { node, slave_nodes: mirrors, synchronised_slave_nodes: synchronised } = queue
  switch (column) {
    case 'pid':
      return { pids: [node], single: true }
    case 'slave_pids':
      return mirrors === undefined ? '' : { pids: mirrors, single: false }
    case 'synchronised_slave_pids':
      return synchronised === undefined ? '' : { pids: synchronised, single: false }
    case 'mirrors':
      return mirrors === undefined ? '' : { names: mirrors }
    case 'synchronised_mirrors':
      return synchronised === undefined ? '' : { names: synchronised }
    case 'state':
      return queue.state === 'syncing' ? `{syncing, ${queue.sync_messages ?? 0}}` : (queue.state ?? 'running')
    default:
      return plain(queue[column])
  }
}

function plain(value: unknown): Cell {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? { table: value as Record<string, unknown> } : (value as Cell)
}
