// The verbs of `warren ctl`, one row each: usage, what it is for, examples, the function that does it, its own options.
// ctl.ts makes commands of them; whoever adds a verb adds a row here and nothing else.

import { Argument } from 'commander'
import { partitionHandlings } from '../nodes/membership.ts'
import { definitionsVerbs } from './ctl-definitions.ts'
import {
  cutLink,
  deafen,
  heal,
  healLink,
  nodeVerb,
  partition,
  setPartitionHandling,
  silence,
  silenceLink,
  slowLink,
} from './ctl-faults.ts'
import * as lists from './ctl-lists.ts'
import * as policies from './ctl-policies.ts'
import { policyFileVerbs } from './ctl-policy-files.ts'
import { previewVerbs } from './ctl-preview.ts'
import { queueColumns } from './ctl-queues.ts'
import { rebalance } from './ctl-rebalance.ts'
import { clusterStatus } from './ctl-status.ts'
import * as users from './ctl-users.ts'
import type { Verb } from './ctl-verb.ts'
import { columns, headers, integer } from './ctl-verb-options.ts'
import { administrationVerbs } from './ctl-verbs-administration.ts'
import { checkVerbs } from './ctl-verbs-checks.ts'
import { membershipVerbs } from './ctl-verbs-cluster.ts'
import { oneOf, wholeNumber } from './options.ts'

export const verbs: readonly Verb[] = [
  {
    usage: 'cluster_status',
    about: 'Nodes, partitions, alarms and listeners as one node sees them',
    examples: ['cluster_status', 'cluster_status -n node2 --formatter json'],
    run: clusterStatus,
  },
  {
    usage: 'list_nodes',
    about: "Warren's nodes, their states and AMQP ports",
    examples: ['list_nodes'],
    run: lists.listNodes,
    fromOutside: true,
    options: headers,
  },
  {
    usage: 'list_queues [column...]',
    about: 'Queues and their columns',
    examples: ['list_queues', 'list_queues name node mirrors synchronised_mirrors messages policy state'],
    run: lists.listQueues,
    options: (command) =>
      columns(queueColumns)(command)
        .option('--online', 'only queues whose leader can be reached')
        .option('--offline', 'only queues whose leader is down')
        .option('--local', 'only queues that the asked node leads'),
  },
  {
    usage: 'list_exchanges [column...]',
    about: 'Exchanges',
    examples: ['list_exchanges name type policy'],
    run: lists.listExchanges,
    options: columns(lists.exchangeColumns),
  },
  {
    usage: 'list_bindings [column...]',
    about: 'Bindings',
    examples: ['list_bindings source_name destination_name routing_key'],
    run: lists.listBindings,
    options: columns(lists.bindingColumns),
  },
  {
    usage: 'list_connections [column...]',
    about: 'Connections of clients',
    examples: ['list_connections name node state'],
    run: lists.listConnections,
    options: columns(lists.connectionColumns),
  },
  {
    usage: 'list_policies',
    about: 'Policies of a virtual host',
    examples: ['list_policies'],
    run: lists.listPolicies,
    options: headers,
  },
  {
    usage: 'set_policy <name> <pattern> <definition>',
    about: 'Set a policy; the definition is JSON',
    examples: [
      `set_policy ha . '{"ha-mode":"all"}'`,
      `set_policy two '^orders' '{"ha-mode":"exactly","ha-params":2,"ha-sync-mode":"automatic"}' --priority 1`,
    ],
    run: policies.setPolicy,
    options: (command) =>
      command
        .option('--priority <number>', 'of the policies that match, the highest applies', integer, 0)
        .option('--apply-to <what>', 'queues, exchanges or all', 'all'),
  },
  {
    usage: 'clear_policy <name>',
    about: 'Remove a policy',
    examples: ['clear_policy ha'],
    run: policies.clearPolicy,
  },
  ...policyFileVerbs,
  ...previewVerbs,
  {
    usage: 'sync_queue <queue>',
    about: 'Fill the mirrors of a queue that lack messages',
    examples: ['sync_queue orders'],
    run: policies.syncQueue,
  },
  {
    usage: 'cancel_sync_queue <queue>',
    about: 'Stop filling the mirrors of a queue',
    examples: ['cancel_sync_queue orders'],
    run: policies.cancelSyncQueue,
  },
  {
    usage: 'rebalance <type>',
    about: 'Spread the leaders of mirrored queues over the nodes: all, classic or quorum',
    examples: ['rebalance all', "rebalance classic --queue-pattern '^orders'"],
    run: rebalance,
    options: (command) =>
      command
        .option('--vhost-pattern <pattern>', 'only virtual hosts whose name matches', '.*')
        .option('--queue-pattern <pattern>', 'only queues whose name matches', '.*'),
  },
  {
    usage: 'add_vhost <vhost>',
    about: 'Make a virtual host; nobody has permissions in it yet',
    examples: ['add_vhost staging'],
    run: users.addVhost,
    options: (command) =>
      command.option('--description <text>', 'what it is for').option('--tags <tags>', 'joined by commas'),
  },
  {
    usage: 'delete_vhost <vhost>',
    about: 'Delete a virtual host with all that is in it',
    examples: ['delete_vhost staging'],
    run: users.deleteVhost,
  },
  {
    usage: 'list_vhosts [column...]',
    about: 'Virtual hosts',
    examples: ['list_vhosts name description'],
    run: users.listVhosts,
    options: columns(users.vhostColumns),
  },
  {
    usage: 'add_user <name> <password>',
    about: 'Make a user, who may not do anything yet',
    examples: ['add_user shop secret'],
    run: users.addUser,
  },
  {
    usage: 'delete_user <name>',
    about: 'Delete a user and close its connections',
    examples: ['delete_user shop'],
    run: users.deleteUser,
  },
  {
    usage: 'change_password <name> <password>',
    about: 'Give a user another password',
    examples: ['change_password shop better'],
    run: users.changePassword,
  },
  {
    usage: 'set_user_tags <name> [tag...]',
    about: 'Say what a user may do over HTTP: management, policymaker, monitoring, administrator',
    examples: ['set_user_tags shop monitoring'],
    run: users.setUserTags,
  },
  {
    usage: 'list_users',
    about: 'Users and their tags',
    examples: ['list_users'],
    run: users.listUsers,
    options: headers,
  },
  {
    usage: 'set_permissions <user> <configure> <write> <read>',
    about: 'Say what a user may do in a virtual host, by patterns of names',
    examples: [`set_permissions -p / shop '^shop\\.' '^shop\\.' '.*'`],
    run: users.setPermissions,
  },
  {
    usage: 'clear_permissions <user>',
    about: 'Take all permissions in a virtual host from a user',
    examples: ['clear_permissions shop'],
    run: users.clearPermissions,
  },
  {
    usage: 'list_permissions',
    about: 'Permissions in a virtual host',
    examples: ['list_permissions -p /'],
    run: users.listPermissions,
    options: headers,
  },
  {
    usage: 'list_user_permissions <user>',
    about: 'Permissions of a user',
    examples: ['list_user_permissions shop'],
    run: users.listUserPermissions,
    options: headers,
  },
  {
    usage: 'set_topic_permissions <user> <exchange> <write> <read>',
    about: 'Bound the routing keys a user may publish and bind with on a topic exchange',
    examples: [`set_topic_permissions shop amq.topic '^shop\\.' '.*'`],
    run: users.setTopicPermissions,
  },
  {
    usage: 'clear_topic_permissions <user> [exchange]',
    about: 'Take away the bounds on routing keys, of one exchange or of all',
    examples: ['clear_topic_permissions shop'],
    run: users.clearTopicPermissions,
  },
  {
    usage: 'list_topic_permissions',
    about: 'Topic permissions in a virtual host',
    examples: ['list_topic_permissions'],
    run: users.listTopicPermissions,
    options: headers,
  },
  ...administrationVerbs,
  ...checkVerbs,
  ...definitionsVerbs,
  ...membershipVerbs,
  {
    usage: 'kill_node <name>',
    about: 'As if the machine of a node lost its power',
    examples: ['kill_node 1'],
    run: (session, name: string) => nodeVerb(session, 'kill', name),
    fromOutside: true,
  },
  {
    usage: 'stop_node <name>',
    about: 'Stop a node cleanly: its clients are told, its mirrors take over',
    examples: ['stop_node node2'],
    run: (session, name: string) => nodeVerb(session, 'stop', name),
    fromOutside: true,
  },
  {
    usage: 'start_node <name>',
    about: 'Start a node that was killed or stopped',
    examples: ['start_node rabbit@node1'],
    run: (session, name: string) => nodeVerb(session, 'start', name),
    fromOutside: true,
  },
  {
    usage: 'partition <group...>',
    alias: 'cut',
    about: 'Cut the links between groups of nodes; nodes not named form a group of their own',
    examples: ['partition node1 node2,node3', 'partition "rabbit@node1" "rabbit@node2,rabbit@node3"'],
    run: partition,
    fromOutside: true,
  },
  {
    usage: 'cut_link <node> <other>',
    about: 'Cut the one link between two nodes: a partial partition while a third sees both',
    examples: ['cut_link node1 node2'],
    run: cutLink,
    fromOutside: true,
  },
  {
    usage: 'slow_link <node> <other>',
    about: 'Make the link between two nodes slow, narrow or both',
    examples: ['slow_link node1 node2 --delay 20', 'slow_link 1 2 --delay 5 --rate 1000000'],
    run: slowLink,
    options: (command) =>
      command
        .option('--delay <ms>', 'each way', wholeNumber(0, 3_600_000))
        .option('--rate <bytes>', 'at most so many a second', wholeNumber(1, 1e12)),
    fromOutside: true,
  },
  {
    usage: 'silence_link <node> <other>',
    about: 'Nothing crosses the link between two nodes any more: noticed only after the net tick',
    examples: ['silence_link node1 node2'],
    run: silenceLink,
    fromOutside: true,
  },
  {
    usage: 'heal_link <node> <other>',
    about: 'Make the link between two nodes whole: it carries, at once and as much as comes',
    examples: ['heal_link node1 node2'],
    run: healLink,
    fromOutside: true,
  },
  {
    usage: 'silence <group...>',
    about: 'As partition, but the links fall silent instead of breaking: noticed only after the net tick',
    examples: ['silence node1 node2,node3'],
    run: silence,
    fromOutside: true,
  },
  {
    usage: 'deafen <node> <others>',
    about: 'What the others send no longer reaches the node; what it sends arrives',
    examples: ['deafen node1 node2,node3'],
    run: deafen,
    fromOutside: true,
  },
  {
    usage: 'freeze_node <name>',
    about: 'As if the process of a node stood still (SIGSTOP): its sockets stay open and mute',
    examples: ['freeze_node 1'],
    run: (session, name: string) => nodeVerb(session, 'freeze', name),
    fromOutside: true,
  },
  {
    usage: 'thaw_node <name>',
    about: 'Let a frozen node go on',
    examples: ['thaw_node 1'],
    run: (session, name: string) => nodeVerb(session, 'thaw', name),
    fromOutside: true,
  },
  {
    usage: 'set_partition_handling',
    about: 'Say what nodes do from now on when they lose sight of each other',
    examples: [
      'set_partition_handling pause_minority',
      'set_partition_handling pause_if_all_down --nodes node1,node2 --recover autoheal',
    ],
    run: setPartitionHandling,
    options: (command) =>
      command
        .addArgument(new Argument('<mode>').choices([...partitionHandlings, 'pause_if_all_down']))
        .option('--nodes <names>', 'of pause_if_all_down: joined by commas; who reaches none of them pauses')
        .option('--recover <how>', 'of pause_if_all_down: ignore or autoheal', oneOf('ignore', 'autoheal')),
    fromOutside: true,
  },
  { usage: 'heal', about: 'Mend all links', examples: ['heal'], run: heal, fromOutside: true },
]
