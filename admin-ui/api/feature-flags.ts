// Feature flags: those of RabbitMQ 3.10, which a new cluster has all enabled (docs/observed.md §26). There is none that could
// be changed.

import { badRequest } from '../http-error.ts'
import { type Call, noContent, type Resource } from '../resource.ts'
import { list } from './list.ts'

export const featureFlags: readonly Resource[] = [
  {
    path: '/feature-flags',
    GET: (call) => list(call, flags, ['name']),
    reads: 'administrator',
  },
  { path: '/feature-flags/:name/enable', PUT: enable, changes: 'administrator' },
]

const agent = 'rabbitmq_management_agent'

const flag = (name: string, desc: string, provided_by = 'rabbit', doc_url = '') => ({
  name,
  desc,
  doc_url,
  state: 'enabled',
  stability: 'stable',
  provided_by,
})

const flags = [
  flag('classic_mirrored_queue_version', 'Support setting version for classic mirrored queues'),
  flag('drop_unroutable_metric', 'Count unroutable publishes to be dropped in stats', agent),
  flag('empty_basic_get_metric', 'Count AMQP `basic.get` on empty queues in stats', agent),
  flag(
    'implicit_default_bindings',
    'Default bindings are now implicit, instead of being stored in the database',
  ),
  flag('maintenance_mode_status', 'Maintenance mode status'),
  flag(
    'quorum_queue',
    'Support queues of type `quorum`',
    'rabbit',
    'https://www.rabbitmq.com/quorum-queues.html',
  ),
  flag('stream_queue', 'Support queues of type `stream`', 'rabbit', 'https://www.rabbitmq.com/stream.html'),
  flag('user_limits', 'Configure connection and channel limits for a user'),
  flag('virtual_host_metadata', 'Virtual host metadata (description, tags, etc)'),
]

function enable({ params }: Call) {
  if (!flags.some(({ name }) => name === params['name'])) throw badRequest('unsupported')
  return noContent
}
