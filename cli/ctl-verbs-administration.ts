// The verbs of `warren ctl` about limits, memory, parameters, operator policies, connections and whole queues, one row each: part of the
// table in ctl-verbs.

import type { Command } from 'commander'
import * as connections from './ctl-connections.ts'
import * as limits from './ctl-limits.ts'
import { chosenColumns } from './ctl-lists.ts'
import { setMemoryHighWatermark } from './ctl-memory.ts'
import * as parameters from './ctl-parameters.ts'
import * as users from './ctl-users.ts'
import type { Verb } from './ctl-verb.ts'
import { columns, headers, integer } from './ctl-verb-options.ts'
import { oneOf, wholeNumber } from './options.ts'

const policyOptions = (command: Command) =>
  command
    .option('--priority <number>', 'of those that match, the highest applies', integer, 0)
    .option('--apply-to <what>', 'queues, exchanges or all', 'all')

export const administrationVerbs: readonly Verb[] = [
  {
    usage: 'set_operator_policy <name> <pattern> <definition>',
    about: 'Set limits that policies and clients cannot exceed; the definition is JSON',
    examples: [`set_operator_policy cap '^orders' '{"max-length":1000}'`],
    run: parameters.setOperatorPolicy,
    options: policyOptions,
  },
  {
    usage: 'clear_operator_policy <name>',
    about: 'Remove an operator policy',
    examples: ['clear_operator_policy cap'],
    run: parameters.clearOperatorPolicy,
  },
  {
    usage: 'list_operator_policies',
    about: 'Operator policies of a virtual host',
    examples: ['list_operator_policies'],
    run: parameters.listOperatorPolicies,
    options: headers,
  },
  {
    usage: 'list_policies_that_match <name>',
    about: 'Policies whose pattern matches a queue or an exchange, the one that holds first',
    examples: ['list_policies_that_match orders.eu', 'list_policies_that_match amq.topic --kind exchange'],
    run: parameters.listPoliciesThatMatch,
    options: (command) =>
      headers(command).option('--kind <kind>', 'queue or exchange', oneOf('queue', 'exchange'), 'queue'),
  },
  {
    usage: 'set_parameter <component> <name> <value>',
    about: 'Set a runtime parameter; the value is JSON',
    examples: [`set_parameter operator_policy cap '{"pattern":"^o","definition":{"max-length":5}}'`],
    run: parameters.setParameter,
  },
  {
    usage: 'clear_parameter <component> <name>',
    about: 'Remove a runtime parameter',
    examples: ['clear_parameter operator_policy cap'],
    run: parameters.clearParameter,
  },
  {
    usage: 'list_parameters',
    about: 'Runtime parameters of a virtual host',
    examples: ['list_parameters'],
    run: parameters.listParameters,
    options: headers,
  },
  {
    usage: 'set_global_parameter <name> <value>',
    about: 'Set a global runtime parameter; the value is JSON',
    examples: [`set_global_parameter owner '"shop"'`],
    run: parameters.setGlobalParameter,
  },
  {
    usage: 'clear_global_parameter <name>',
    about: 'Remove a global runtime parameter',
    examples: ['clear_global_parameter owner'],
    run: parameters.clearGlobalParameter,
  },
  {
    usage: 'list_global_parameters',
    about: 'Global runtime parameters',
    examples: ['list_global_parameters'],
    run: parameters.listGlobalParameters,
    options: headers,
  },
  {
    usage: 'set_cluster_name <name>',
    about: 'Give the cluster a name',
    examples: ['set_cluster_name shop'],
    run: parameters.setClusterName,
  },
  {
    usage: 'list_feature_flags [column...]',
    about: 'Feature flags, all of them enabled',
    examples: ['list_feature_flags name state'],
    run: (session, given: string[], flags: never) =>
      parameters.listFeatureFlags(
        session,
        chosenColumns(given, parameters.flagColumns, ['name', 'state']),
        flags,
      ),
    options: columns(parameters.flagColumns),
  },
  {
    usage: 'enable_feature_flag <name>',
    about: 'Does nothing: all feature flags are enabled',
    examples: ['enable_feature_flag all'],
    run: parameters.enableFeatureFlag,
  },
  {
    usage: 'set_vm_memory_high_watermark <fraction|absolute> [limit]',
    about: "Set the memory from which publishers are blocked; it is the process's and so every node's",
    examples: ['set_vm_memory_high_watermark 0.4', 'set_vm_memory_high_watermark absolute 512MB'],
    run: setMemoryHighWatermark,
  },
  {
    usage: 'authenticate_user <name> <password>',
    about: 'Check a password',
    examples: ['authenticate_user shop secret'],
    run: limits.authenticateUser,
  },
  {
    usage: 'clear_password <name>',
    about: 'Let a user no longer log in with a password',
    examples: ['clear_password shop'],
    run: limits.clearPassword,
  },
  {
    usage: 'set_user_limits <name> <definition>',
    about: 'Bound how many connections and channels a user may have; the definition is JSON',
    examples: [`set_user_limits shop '{"max-connections":10,"max-channels":100}'`],
    run: limits.setUserLimits,
  },
  {
    usage: 'clear_user_limits <name> <limit>',
    about: "Remove a user's limit, or all",
    examples: ['clear_user_limits shop max-channels', 'clear_user_limits shop all'],
    run: limits.clearUserLimits,
  },
  {
    usage: 'list_user_limits',
    about: 'Limits of a user',
    examples: ['list_user_limits --user shop', 'list_user_limits --global'],
    run: limits.listUserLimits,
    options: (command) =>
      headers(command).option('--user <name>', 'whose limits').option('--global', 'of all users'),
  },
  {
    usage: 'set_vhost_limits <definition>',
    about: 'Bound how many connections and queues a virtual host may have; the definition is JSON',
    examples: [`set_vhost_limits -p staging '{"max-queues":100}'`],
    run: limits.setVhostLimits,
  },
  {
    usage: 'clear_vhost_limits',
    about: 'Remove the limits of a virtual host',
    examples: ['clear_vhost_limits -p staging'],
    run: limits.clearVhostLimits,
  },
  {
    usage: 'list_vhost_limits',
    about: 'Limits of a virtual host',
    examples: ['list_vhost_limits -p staging', 'list_vhost_limits --global'],
    run: limits.listVhostLimits,
    options: (command) => headers(command).option('--global', 'of all virtual hosts'),
  },
  {
    usage: 'set_vhost_tags <vhost> [tag...]',
    about: 'Give a virtual host tags',
    examples: ['set_vhost_tags staging test'],
    run: limits.setVhostTags,
  },
  {
    usage: 'restart_vhost',
    about: 'Does nothing: virtual hosts do not fail',
    examples: ['restart_vhost -p staging'],
    run: limits.restartVhost,
  },
  {
    usage: 'trace_on',
    about: 'Copy what clients publish through a node and get from it to the exchange amq.rabbitmq.trace',
    examples: ['trace_on', '-n node2 trace_on -p staging'],
    run: (session) => users.trace(session, true),
  },
  {
    usage: 'trace_off',
    about: 'Copy it no longer',
    examples: ['trace_off'],
    run: (session) => users.trace(session, false),
  },
  {
    usage: 'list_user_topic_permissions <user>',
    about: 'Topic permissions of a user',
    examples: ['list_user_topic_permissions shop'],
    run: limits.listUserTopicPermissions,
    options: headers,
  },
  {
    usage: 'delete_queue <queue>',
    about: 'Delete a queue with its messages',
    examples: ['delete_queue orders', 'delete_queue orders --if-empty --if-unused'],
    run: connections.deleteQueue,
    options: (command) =>
      command
        .option('-e, --if-empty', 'only if it is empty')
        .option('-u, --if-unused', 'only if it has no consumer'),
  },
  {
    usage: 'purge_queue <queue>',
    about: 'Remove the ready messages of a queue',
    examples: ['purge_queue orders'],
    run: connections.purgeQueue,
  },
  {
    usage: 'list_channels [column...]',
    about: 'Channels',
    examples: ['list_channels', 'list_channels name consumer_count prefetch_count'],
    run: connections.listChannels,
    options: columns(connections.channelColumns),
  },
  {
    usage: 'list_consumers [column...]',
    about: 'Consumers of a virtual host',
    examples: ['list_consumers'],
    run: connections.listConsumers,
    options: columns(connections.consumerColumns),
  },
  {
    usage: 'close_connection <pid> <reason>',
    about: 'Close a connection, named by its pid of list_connections',
    examples: [`close_connection '<rabbit@node1.12.0.0>' 'no longer wanted'`],
    run: connections.closeConnection,
  },
  {
    usage: 'close_all_connections <reason>',
    about: 'Close all connections of a virtual host, or of a node',
    examples: ['close_all_connections -p staging bye', 'close_all_connections --global bye'],
    run: connections.closeAllConnections,
    options: (command) =>
      command
        .option('--global', 'all connections of the asked node, whatever their virtual host')
        .option('--limit <count>', 'close so many at most', wholeNumber(0, 1_000_000))
        .option('--per-connection-delay <ms>', 'wait between two', wholeNumber(0, 60_000)),
  },
  {
    usage: 'close_all_user_connections <user> <reason>',
    about: 'Close all connections of a user',
    examples: ['close_all_user_connections shop bye'],
    run: connections.closeAllUserConnections,
  },
]
