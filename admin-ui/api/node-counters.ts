// The counters of a running node, and of its links to the others. What an emulated node has not, such as file descriptors,
// is 0. Read by the node's entry and by the sampler.

import type { Node } from '../../nodes/node.ts'
import type { View } from '../view.ts'
import { churn } from './totals.ts'

/** Of a real node's machine and disk. */
const uncounted = [
  ...['fd_used', 'disk_free', 'gc_num', 'gc_bytes_reclaimed', 'context_switches'],
  ...['io_read_count', 'io_read_bytes', 'io_read_avg_time', 'io_write_count', 'io_write_bytes'],
  ...['io_write_avg_time', 'io_sync_count', 'io_sync_avg_time', 'io_seek_count', 'io_seek_avg_time'],
  ...['io_reopen_count', 'mnesia_ram_tx_count', 'mnesia_disk_tx_count', 'msg_store_read_count'],
  ...['msg_store_write_count', 'queue_index_write_count', 'queue_index_read_count'],
]

export const zeros = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, 0]))

/** Memory in bytes: the process's, which is every node's. */
export function nodeCounters(node: Node): Record<string, number> {
  return {
    mem_used: process.memoryUsage.rss(),
    sockets_used: node.connections.size,
    proc_used: node.leaders.size + node.channels.size,
    ...zeros(uncounted),
    ...churn([node]),
  }
}

/** Bytes to and from each fellow node that runs, as the links' meters have them. */
export function linkCounters(view: View, node: Node) {
  const bytes = (from: string, to: string) => {
    const meters = Object.values(view.cluster.link(from, to)?.meters ?? {})
    return meters.reduce((total, meter) => total + meter.bytes, 0)
  }
  return view.running
    .filter((peer) => peer !== node.name)
    .map((peer) => ({
      peer,
      link: view.cluster.link(node.name, peer) ?? node,
      counters: { send_bytes: bytes(node.name, peer), recv_bytes: bytes(peer, node.name) },
    }))
}
