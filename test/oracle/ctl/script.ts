// What the comparison of `warren ctl` with rabbitmqctl says, in order: the same words go to a real cluster of three (`record`)
// and to Warren (test/cli/ctl-recorded). A step is one command; `stage` is what clients do before the first.

import type { ChannelModel, ConfirmChannel } from 'amqplib'

/** The tool of a real installation that knows the verb. */
export type Tool = 'rabbitmqctl' | 'rabbitmq-diagnostics' | 'rabbitmq-queues'

export interface Step {
  readonly tool: Tool
  readonly words: readonly string[]
}

const ctl = (...lines: readonly (readonly string[])[]): Step[] =>
  lines.map((words) => ({ tool: 'rabbitmqctl', words }))
const queues = (...lines: readonly (readonly string[])[]): Step[] =>
  lines.map((words) => ({ tool: 'rabbitmq-queues', words }))
const diagnostics = (...lines: readonly (readonly string[])[]): Step[] =>
  lines.map((words) => ({ tool: 'rabbitmq-diagnostics', words }))

const json = ['--formatter', 'json']

export const script: readonly Step[] = [
  // ---- a node
  ...ctl(['ping'], ['await_startup'], ['await_online_nodes', '2'], ['version']),
  ...diagnostics(
    ['ping'],
    ['is_running'],
    ['is_running', ...json],
    ['is_booting'],
    ['check_running'],
    ['check_running', '-s'],
    ['check_local_alarms'],
    ['check_local_alarms', ...json],
    ['check_alarms'],
    ['alarms'],
    ['alarms', ...json],
    ['check_port_connectivity'],
    ['check_port_listener', '1'],
    ['check_port_listener', '1', ...json],
    ['check_protocol_listener', 'amqp'],
    ['check_protocol_listener', 'amqp091'],
    ['check_protocol_listener', 'mqtt'],
    ['check_virtual_hosts'],
    ['check_if_node_is_quorum_critical'],
    ['server_version'],
    ['server_version', ...json],
    ['erlang_version'],
    ['cluster_status', ...json],
    ['list_network_interfaces', 'x'],
  ),
  ...queues(
    ['check_if_node_is_mirror_sync_critical'],
    ['check_if_node_is_quorum_critical'],
    ['rebalance', 'nosuch'],
    ['list_queues', 'name'],
  ),
  // ---- lists
  ...ctl(
    ['list_queues'],
    ['list_queues', '-q'],
    ['list_queues', '-s'],
    ['list_queues', '--no-table-headers'],
    [
      'list_queues',
      'name',
      'durable',
      'auto_delete',
      'arguments',
      'messages',
      'consumers',
      'policy',
      'state',
    ],
    ['list_queues', 'name', 'arguments', 'messages', ...json],
    ['list_queues', 'name', 'messages', '--formatter', 'csv'],
    ['list_queues', 'name', 'messages', 'arguments', '--formatter', 'csv'],
    ['list_queues', 'name', 'messages', '--formatter', 'pretty_table'],
    ['list_queues', 'name', 'messages', '--formatter', 'erlang'],
    ['list_queues', 'nosuch'],
    ['list_queues', '-p', 'nosuch'],
    ['list_queues', 'name', '--offline'],
    ['list_exchanges'],
    ['list_exchanges', 'name', 'type', 'durable', 'auto_delete', 'internal', 'arguments', 'policy'],
    ['list_exchanges', 'name', 'type', ...json],
    ['list_bindings'],
    ['list_bindings', 'source_name', 'destination_name', 'routing_key', 'arguments', ...json],
    ['list_connections'],
    ['list_connections', 'user', 'state', 'channels', 'vhost', 'protocol', ...json],
    ['list_connections', 'nosuch'],
    ['list_channels'],
    [
      'list_channels',
      'user',
      'consumer_count',
      'messages_unacknowledged',
      'confirm',
      'prefetch_count',
      ...json,
    ],
    ['list_channels', 'name', 'number', 'vhost', 'transactional', 'messages_unconfirmed'],
    ['list_channels', 'nosuch'],
    ['list_consumers'],
    ['list_consumers', 'queue_name', 'consumer_tag', 'ack_required', 'prefetch_count', 'arguments', ...json],
    ['list_consumers', '-p', 'nosuch'],
    ['list_users', '--formatter', 'csv'],
    ['list_users', '--formatter', 'pretty_table'],
    ['list_vhosts', 'name', 'tracing'],
  ),
  // ---- users and vhosts
  ...ctl(
    ['add_user', 'shop', 'secret'],
    ['add_user', 'shop', 'secret'],
    ['authenticate_user', 'shop', 'secret'],
    ['authenticate_user', 'shop', 'wrong'],
    ['authenticate_user', 'nobody', 'x'],
    ['clear_password', 'shop'],
    ['clear_password', 'nobody'],
    ['authenticate_user', 'shop', 'secret'],
    ['change_password', 'shop', 'better'],
    ['set_user_tags', 'shop', 'monitoring', 'policymaker'],
    ['list_users'],
    ['set_user_limits', 'shop', '{"max-connections": 5, "max-channels": 7}'],
    ['set_user_limits', 'shop', '{"max-konnections": 5}'],
    ['set_user_limits', 'shop', '{'],
    ['set_user_limits', 'nobody', '{"max-connections": 5}'],
    ['list_user_limits'],
    ['list_user_limits', '--user', 'shop'],
    ['list_user_limits', '--user', 'nobody'],
    ['list_user_limits', ...json],
    ['list_user_limits', '--global'],
    ['clear_user_limits', 'shop', 'max-channels'],
    ['clear_user_limits', 'shop', 'all'],
    ['clear_user_limits', 'nobody', 'all'],
    ['list_user_limits', '--user', 'shop'],
    ['add_vhost', 'staging', '--description', 'tried here', '--tags', 'a,b'],
    ['add_vhost', 'staging'],
    ['list_vhosts', 'name', 'description', 'tags'],
    ['list_vhosts', 'name', 'description', 'tags', ...json],
    ['set_vhost_tags', 'staging', 'c', 'd'],
    ['set_vhost_tags', 'nosuch', 'c'],
    ['set_vhost_limits', '-p', 'staging', '{"max-queues": 3, "max-connections": 0}'],
    ['set_vhost_limits', '-p', 'staging', '{"max-kueues": 3}'],
    ['set_vhost_limits', '-p', 'staging', '{'],
    ['set_vhost_limits', '-p', 'nosuch', '{"max-queues": 3}'],
    ['list_vhost_limits', '-p', 'staging'],
    ['list_vhost_limits', '-p', 'staging', ...json],
    ['list_vhost_limits', '-p', 'nosuch'],
    ['list_vhost_limits', '--global'],
    ['list_vhost_limits', '--global', ...json],
    ['clear_vhost_limits', '-p', 'staging'],
    ['list_vhost_limits', '-p', 'staging'],
    ['set_permissions', '-p', 'staging', 'shop', 'a', 'b', 'c'],
    ['list_user_permissions', 'shop'],
    ['list_permissions', '-p', 'staging', ...json],
    ['set_topic_permissions', '-p', 'staging', 'shop', 'amq.topic', '^a', '^b'],
    ['list_user_topic_permissions', 'shop'],
    ['list_user_topic_permissions', 'shop', ...json],
    ['list_user_topic_permissions', 'nobody'],
    ['list_topic_permissions', '-p', 'staging'],
    ['restart_vhost', '-p', 'staging'],
    ['delete_vhost', 'staging'],
    ['delete_user', 'shop'],
    ['delete_user', 'shop'],
  ),
  // ---- policies and parameters
  ...ctl(
    ['set_operator_policy', 'op', '^o', '{"max-length":5}', '--priority', '3'],
    ['set_operator_policy', 'op', '^o', '{"ha-mode":"all"}'],
    ['set_operator_policy', 'op', '^o', '{'],
    ['set_operator_policy', 'op', '^o', '{"max-length":5}', '-p', 'nosuch'],
    ['list_operator_policies'],
    ['list_operator_policies', ...json],
    ['list_operator_policies', '-p', 'nosuch'],
    ['clear_operator_policy', 'op'],
    ['clear_operator_policy', 'op'],
    ['list_policies'],
    ['set_global_parameter', 'mark', '{"a":1}'],
    ['set_global_parameter', 'mark', '{'],
    ['list_global_parameters'],
    ['clear_global_parameter', 'mark'],
    ['clear_global_parameter', 'mark'],
    ['set_parameter', 'nosuch', 'n', '"v"'],
    ['list_parameters'],
    ['list_parameters', '-p', 'nosuch'],
    ['clear_parameter', 'nosuch', 'n'],
    ['set_cluster_name', 'renamed'],
    ['set_cluster_name', 'oracle'],
    ['list_feature_flags', 'name', 'state'],
    ['enable_feature_flag', 'all'],
    ['enable_feature_flag', 'nosuch'],
  ),
  // ---- queues and connections
  ...ctl(
    ['purge_queue', 'stock'],
    ['purge_queue', 'nosuch'],
    ['delete_queue', 'nosuch'],
    ['delete_queue', 'full', '--if-empty'],
    ['delete_queue', 'served', '--if-unused'],
    ['delete_queue', 'stock'],
    ['delete_queue', 'full'],
    ['delete_queue', 'x', '-p', 'nosuch'],
    ['close_connection', '<r1@localhost.1.2.3>', 'why not'],
    ['close_connection', 'nonsense', 'why not'],
    ['close_all_connections', '-p', 'nosuch', 'going'],
    ['close_all_user_connections', 'nobody', 'going'],
    ['suspend_listeners'],
    ['resume_listeners'],
    ['close_all_connections', '--global', 'going'],
    ['list_connections'],
    ['nosuch_verb'],
    ['list_user_permissions'],
    ['delete_queue'],
    ['list_vhosts', '--formatter', 'nosuch'],
  ),
  // ---- memory
  ...ctl(
    ['status'],
    ['status', ...json],
    ['set_vm_memory_high_watermark', '0.4'],
    ['set_vm_memory_high_watermark', '0'],
    ['set_vm_memory_high_watermark', '1'],
    ['set_vm_memory_high_watermark', '1.5'],
    ['set_vm_memory_high_watermark', '2'],
    ['set_vm_memory_high_watermark', '--', '-1'],
    ['set_vm_memory_high_watermark', 'abc'],
    ['set_vm_memory_high_watermark', '0.4abc'],
    ['set_vm_memory_high_watermark'],
    ['set_vm_memory_high_watermark', '0.4', 'x'],
    ['set_vm_memory_high_watermark', '.5'],
    ['set_vm_memory_high_watermark', 'absolute'],
    ['set_vm_memory_high_watermark', 'absolute', '1000000000'],
    ['set_vm_memory_high_watermark', 'absolute', '512MB'],
    ['set_vm_memory_high_watermark', 'absolute', '1GiB'],
    ['set_vm_memory_high_watermark', 'absolute', '1.5GB'],
    ['set_vm_memory_high_watermark', 'absolute', '1kb'],
    ['set_vm_memory_high_watermark', 'absolute', '700m'],
    ['set_vm_memory_high_watermark', 'absolute', '700MiB'],
    ['set_vm_memory_high_watermark', 'absolute', '700mb'],
    ['set_vm_memory_high_watermark', 'absolute', '700 MB'],
    ['set_vm_memory_high_watermark', 'absolute', 'abc'],
    ['set_vm_memory_high_watermark', 'absolute', '10XB'],
    ['set_vm_memory_high_watermark', 'absolute', '0'],
    ['set_vm_memory_high_watermark', 'absolute', '5', '6'],
    ['set_vm_memory_high_watermark', '0.5', ...json],
    ['set_vm_memory_high_watermark', '0.5', '-q'],
    ['status', '--unit', 'mb'],
    ['status', '--unit', 'xx'],
  ),
]

/** What there is when the script begins; the clients stay connected. `connect` opens a connection to node i. */
export async function stage(connect: (node: number) => Promise<ChannelModel>): Promise<void> {
  const first = await connect(1)
  const channel: ConfirmChannel = await first.createConfirmChannel()
  await channel.assertExchange('orders.in', 'topic', { durable: true, autoDelete: true })
  await channel.assertQueue('stock', { durable: true, arguments: { 'x-max-length': 10, 'x-note': 'a "b"' } })
  await channel.assertQueue('full', { durable: true })
  await channel.assertQueue('served', { durable: false })
  await channel.bindQueue('stock', 'orders.in', 'order.#')
  for (let i = 0; i < 3; i++) channel.sendToQueue('full', Buffer.from('x'))
  channel.publish('orders.in', 'order.new', Buffer.from('y'))
  await channel.waitForConfirms()
  const second = await (await connect(2)).createChannel()
  await second.prefetch(7)
  await second.consume('served', () => {}, { consumerTag: 'server', arguments: { 'x-priority': 3 } })
}
