// Metrics of the queues that a node leads, under RabbitMQ's names, and what nobody else tells of them: how many mirrors are
// missing, what mirrors lack, and what the loss of the leader's node would cost.

import type { QueueRecord } from '../../nodes/definitions.ts'
import type { Queue } from '../../nodes/queue.ts'
import { lossOfLeader, missingOn } from '../loss.ts'
import { type Asked, counter, type Family, gauge, label } from './family.ts'

const labels = ({ identity }: Queue) => `${label('vhost', identity.vhost)},${label('queue', identity.name)}`
const common = {
  objects: ({ node }: Asked) => node.leaders.values(),
  vhost: ({ identity }: Queue) => identity.vhost,
  labels,
}

const consumers = gauge<Queue>(
  'queue_consumers',
  'Consumers on a queue',
  (queue) => queue.consumers.all.length,
)

const capacity = ({ consumers: { all } }: Queue) =>
  all.length === 0 ? 0 : all.filter((consumer) => consumer.eligible).length / all.length

export const queueFamilies: readonly Family<Queue>[] = [
  {
    ...common,
    name: 'queue_coarse_metrics',
    columns: [
      gauge('queue_messages_ready', 'Messages ready to be delivered to consumers', ({ ready }) => ready),
      gauge(
        'queue_messages_unacked',
        'Messages delivered to consumers but not yet acknowledged',
        ({ outlets }) => outlets.count,
      ),
      gauge('queue_messages', 'Sum of ready and unacknowledged messages', ({ depth }) => depth),
    ],
  },
  {
    ...common,
    name: 'queue_metrics',
    columns: [
      consumers,
      { ...gauge('queue_consumer_capacity', 'Consumer capacity', capacity), each: true },
      gauge('queue_consumer_utilisation', 'Same as consumer capacity', capacity),
      gauge('queue_process_memory_bytes', 'Bytes of bodies the queue holds', (queue) => bytes(queue)),
      gauge('queue_messages_ram', 'Ready and unacknowledged messages in memory', ({ depth }) => depth),
      gauge('queue_messages_ram_bytes', 'Their size in bytes', (queue) => bytes(queue)),
      gauge('queue_messages_ready_ram', 'Ready messages in memory', ({ ready }) => ready),
      gauge(
        'queue_messages_unacked_ram',
        'Unacknowledged messages in memory',
        ({ outlets }) => outlets.count,
      ),
      gauge('queue_messages_persistent', 'Persistent messages', ({ disk }) => disk.count),
      {
        ...gauge('queue_messages_persistent_bytes', 'Their size in bytes', ({ disk }: Queue) => disk.bytes),
        each: true,
      },
      gauge('queue_messages_bytes', 'Size in bytes of ready and unacknowledged messages', (queue) =>
        bytes(queue),
      ),
      gauge('queue_messages_ready_bytes', 'Size in bytes of ready messages', ({ readyBytes }) => readyBytes),
      gauge(
        'queue_messages_unacked_bytes',
        'Size in bytes of unacknowledged messages',
        ({ outlets }) => outlets.bytes,
      ),
      gauge(
        'queue_messages_paged_out',
        'Messages paged out to disk: none, for bodies stay in memory',
        () => 0,
      ),
      gauge('queue_messages_paged_out_bytes', 'Their size in bytes', () => 0),
    ],
  },
  { ...common, name: 'queue_consumer_count', columns: [consumers] },
  {
    ...common,
    name: 'channel_queue_exchange_metrics',
    labels: ({ identity }) => `${label('queue_vhost', identity.vhost)},${label('queue', identity.name)}`,
    columns: [
      counter(
        'queue_messages_published_total',
        'Messages published to queues',
        ({ counts }) => counts.published,
      ),
    ],
  },
]

const bytes = (queue: Queue) => queue.readyBytes + queue.outlets.bytes

interface Kept {
  readonly record: QueueRecord
  readonly queue: Queue
}

function* kept({ node }: Asked): IterableIterator<Kept> {
  for (const queue of node.leaders.values()) {
    const record = node.definitions.queuesById.get(queue.identity.id)
    if (record !== undefined) yield { record, queue }
  }
}

/** How many mirrors its policy wants beside the leader, whether there are nodes for them or not. */
function mirrorsWanted({ settings, leader, exclusiveOwner }: QueueRecord, nodes: number): number {
  const { haMode, haCount, haNodes } = settings
  if (haMode === null || exclusiveOwner !== null) return 0
  if (haMode === 'all') return nodes - 1
  if (haMode === 'exactly') return haCount - 1
  return haNodes.filter((name) => name !== leader).length
}

const island = ({ live, node }: Asked) => live.cluster.islandOf(node.name)

/** What only Warren knows. */
export const warrenQueues: Family<Kept> = {
  name: 'warren_queue_metrics',
  prefix: 'warren_',
  objects: kept,
  vhost: ({ queue }) => queue.identity.vhost,
  labels: ({ record, queue }) => `${labels(queue)},${label('node', record.leader)}`,
  columns: [
    gauge(
      'queue_mirrors_missing',
      'Mirrors that the policy wants and that are not there or lack messages',
      ({ record }, { node }) =>
        Math.max(
          0,
          mirrorsWanted(record, node.definitions.nodes.size) -
            record.mirrors.filter(({ synced }) => synced).length,
        ),
    ),
    gauge(
      'queue_unsynchronised_messages',
      'Messages that mirrors lack, all mirrors together',
      ({ record, queue }) => record.mirrors.reduce((sum, mirror) => sum + missingOn(queue, mirror), 0),
    ),
    gauge(
      'loss_messages',
      'Messages that would be gone for good if this node were lost',
      ({ record, queue }, asked) => lossOfLeader(island(asked), record, queue).messages,
    ),
    gauge(
      'loss_queues_unavailable',
      'Queues that nobody could use if this node were lost',
      ({ record, queue }, asked) => (lossOfLeader(island(asked), record, queue).available ? 0 : 1),
    ),
  ],
}
