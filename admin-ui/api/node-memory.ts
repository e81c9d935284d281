// What a node's memory goes to. Warren's nodes share one process, whose memory each shows as its own, as it does in the
// list of nodes; what only an Erlang machine has is 0.

import { getHeapStatistics } from 'node:v8'
import { objectNotFound } from '../http-error.ts'
import type { Call, Resource } from '../resource.ts'
import type { View } from '../view.ts'
import type { Row } from './list.ts'

export const nodeMemory: readonly Resource[] = [
  {
    path: '/nodes/:name/memory',
    reads: 'monitoring',
    GET: (call) => ({ memory: memoryOf(running(call)) }),
  },
  {
    path: '/nodes/:name/memory/relative',
    reads: 'monitoring',
    GET: (call) => ({ memory: relative(memoryOf(running(call))) }),
  },
  ...['', '/:filter'].flatMap((filter): Resource[] => [
    {
      path: `/nodes/:name/memory/ets${filter}`,
      reads: 'monitoring',
      GET: (call) => running(call) && { ets_tables_memory: { total: 0 } },
    },
    {
      path: `/nodes/:name/memory/ets${filter}/relative`,
      reads: 'monitoring',
      GET: (call) => running(call) && { ets_tables_memory: { total: 0 } },
    },
  ]),
]

/** Throws 404 unless the node of the path runs in this view. */
function running({ view, params }: Call): View {
  if (!view.running.includes(params['name']!)) throw objectNotFound()
  return view
}

/** In bytes. Bodies and buffers are `binary`, code is what V8 keeps of it, the rest of the heap is `other_proc`. */
export function memoryOf(view: View) {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage()
  const { malloced_memory: malloced } = getHeapStatistics()
  const queues = [...view.node.leaders.values()]
  const queueBytes = queues.reduce((total, queue) => total + queue.readyBytes + queue.outlets.bytes, 0)
  return {
    connection_readers: 0,
    connection_writers: 0,
    connection_channels: 0,
    connection_other: [...view.node.connections.values()].reduce(
      (total, { heldBytes }) => total + heldBytes,
      0,
    ),
    queue_procs: queueBytes,
    queue_slave_procs: 0,
    quorum_queue_procs: 0,
    quorum_queue_dlx_procs: 0,
    stream_queue_procs: 0,
    stream_queue_replica_reader_procs: 0,
    stream_queue_coordinator_procs: 0,
    plugins: 0,
    other_proc: heapUsed,
    metrics: 0,
    mgmt_db: 0,
    mnesia: 0,
    quorum_ets: 0,
    other_ets: 0,
    binary: arrayBuffers,
    msg_index: 0,
    code: external - arrayBuffers > 0 ? external - arrayBuffers : 0,
    atom: 0,
    other_system: malloced,
    allocated_unused: heapTotal - heapUsed,
    reserved_unallocated: Math.max(0, rss - heapTotal - external),
    strategy: 'rss',
    total: { erlang: heapUsed + external, rss, allocated: heapTotal + external },
  }
}

/** In percent of all that is counted; what is there at all is 1 at least. */
function relative({ strategy: _, total: __, ...parts }: ReturnType<typeof memoryOf>): Row {
  const all = Object.values(parts).reduce((total, bytes) => total + bytes, 0)
  const percent = (bytes: number) => (bytes === 0 ? 0 : Math.max(1, Math.trunc((100 * bytes) / all)))
  const shown = Object.entries(parts).map(([name, bytes]) => [name, percent(bytes)])
  return { total: 100, ...Object.fromEntries(shown) }
}
