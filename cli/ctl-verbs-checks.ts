// The verbs of `warren ctl` that ask about one node's health, one row each: part of the table in ctl-verbs.

import * as checks from './ctl-checks.ts'
import { status } from './ctl-node-status.ts'
import type { Verb } from './ctl-verb.ts'

export const checkVerbs: readonly Verb[] = [
  {
    usage: 'ping',
    about: "Check that a node's process is there",
    examples: ['ping', '-n node2 ping'],
    run: checks.ping,
    fromOutside: true,
  },
  {
    usage: 'await_startup',
    about: 'Wait until a node has started',
    examples: ['-n node2 await_startup -t 60'],
    run: checks.awaitStartup,
    fromOutside: true,
  },
  {
    usage: 'await_online_nodes <count>',
    about: 'Wait until so many nodes run together',
    examples: ['await_online_nodes 3'],
    run: checks.awaitOnlineNodes,
  },
  {
    usage: 'status',
    about: 'Version, alarms, memory, totals and listeners of a node',
    examples: ['status', 'status --unit mb', 'status -n node2 --formatter json'],
    run: status,
    options: (command) => command.option('--unit <unit>', 'of memory: bytes, mb or gb', 'gb'),
  },
  {
    usage: 'is_running',
    about: 'Whether a node runs',
    examples: ['is_running'],
    run: checks.isRunning,
    fromOutside: true,
  },
  {
    usage: 'is_booting',
    about: 'Whether a node is about to run',
    examples: ['is_booting'],
    run: checks.isBooting,
    fromOutside: true,
  },
  {
    usage: 'check_running',
    about: 'Fail unless a node runs',
    examples: ['check_running'],
    run: checks.checkRunning,
    fromOutside: true,
  },
  { usage: 'alarms', about: 'Alarms of all nodes', examples: ['alarms'], run: checks.alarms },
  {
    usage: 'check_alarms',
    about: 'Fail when a node has an alarm',
    examples: ['check_alarms'],
    run: (session) => checks.checkAlarms(session, false),
  },
  {
    usage: 'check_local_alarms',
    about: 'Fail when this node has an alarm',
    examples: ['check_local_alarms'],
    run: (session) => checks.checkAlarms(session, true),
  },
  { usage: 'listeners', about: 'Ports of a node', examples: ['listeners'], run: checks.listeners },
  {
    usage: 'check_port_connectivity',
    about: 'Fail unless all ports of a node can be connected to',
    examples: ['check_port_connectivity'],
    run: checks.checkPortConnectivity,
  },
  {
    usage: 'check_port_listener <port>',
    about: 'Fail unless a node listens on a port',
    examples: ['check_port_listener 5672'],
    run: checks.checkPortListener,
  },
  {
    usage: 'check_protocol_listener <protocol>',
    about: 'Fail unless a node listens for a protocol',
    examples: ['check_protocol_listener amqp'],
    run: checks.checkProtocolListener,
  },
  {
    usage: 'check_virtual_hosts',
    about: 'Fail unless all virtual hosts run on a node',
    examples: ['check_virtual_hosts'],
    run: checks.checkVirtualHosts,
  },
  {
    usage: 'check_if_node_is_mirror_sync_critical',
    about: 'Fail when a queue would have no synchronised mirror without this node',
    examples: ['check_if_node_is_mirror_sync_critical'],
    run: checks.checkMirrorSyncCritical,
  },
  {
    usage: 'check_if_node_is_quorum_critical',
    about: 'Passes always: there are no quorum queues',
    examples: ['check_if_node_is_quorum_critical'],
    run: checks.checkQuorumCritical,
  },
  {
    usage: 'server_version',
    about: 'The version of RabbitMQ that is emulated',
    examples: ['server_version'],
    run: checks.serverVersion,
  },
  {
    usage: 'erlang_version',
    about: 'The version of Erlang/OTP that this RabbitMQ ran on',
    examples: ['erlang_version'],
    run: checks.erlangVersion,
  },
]
