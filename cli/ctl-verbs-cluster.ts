// The verbs of `warren ctl` about who belongs to the cluster, one row each: part of the table in ctl-verbs. All are told to the
// node that -n names, whether it runs or not.

import { Argument } from 'commander'
import * as cluster from './ctl-cluster.ts'
import type { Verb } from './ctl-verb.ts'

const steps =
  '\nA node joins in three steps: stop_app, join_cluster NODE, start_app. What it had is gone with the second.\n' +
  'It leaves in two: stop_app, reset. A node that is lost for good is taken out by another: forget_cluster_node.'

export const membershipVerbs: readonly Verb[] = [
  {
    usage: 'add_node',
    about: 'Bring a brand-new node to life beside the others; join_cluster makes it one of them',
    examples: ['add_node'],
    run: cluster.addNode,
    fromOutside: true,
    options: (command) => command.addHelpText('after', steps),
  },
  {
    usage: 'stop_app',
    about: 'Stop the application of a node; its process lives on and can be told to join, leave or start',
    examples: ['-n node2 stop_app'],
    run: cluster.stopApp,
    fromOutside: true,
  },
  {
    usage: 'start_app',
    about: 'Start the application of a node again',
    examples: ['-n node2 start_app'],
    run: cluster.startApp,
    fromOutside: true,
  },
  {
    usage: 'join_cluster <existing_cluster_member>',
    about: 'Make a node a member of the cluster that another is in; its application must be stopped',
    examples: ['-n node4 join_cluster rabbit@node1', '-n node4 join_cluster --ram node1'],
    run: cluster.joinCluster,
    fromOutside: true,
    options: (command) =>
      command
        .option('--disc', 'keep the definitions on disk (default)')
        .option('--ram', 'be shown as a RAM node')
        .addHelpText('after', steps),
  },
  {
    usage: 'reset',
    about: 'Leave the cluster and forget everything; the application must be stopped',
    examples: ['-n node2 reset'],
    run: cluster.reset,
    fromOutside: true,
    options: (command) => command.addHelpText('after', steps),
  },
  {
    usage: 'force_reset',
    about: 'As reset, without telling the others: they must forget_cluster_node before it can come back',
    examples: ['-n node2 force_reset'],
    run: cluster.forceReset,
    fromOutside: true,
  },
  {
    usage: 'forget_cluster_node <existing_cluster_member_node>',
    about: 'Take a node that does not run out of the cluster, with the queues that only it had',
    examples: ['-n node1 forget_cluster_node rabbit@node3'],
    run: cluster.forgetClusterNode,
    fromOutside: true,
    options: (command) => command.option('--offline', 'the node of -n does not run either'),
  },
  {
    usage: 'force_boot',
    about: 'Let the next start of a node wait for nobody, though it was not the last to stop',
    examples: ['-n node1 force_boot'],
    run: cluster.forceBoot,
    fromOutside: true,
  },
  {
    usage: 'update_cluster_nodes <seed_node>',
    about: 'Let a node learn anew who is in the cluster, before it starts',
    examples: ['-n node2 update_cluster_nodes rabbit@node1'],
    run: cluster.updateClusterNodes,
    fromOutside: true,
  },
  {
    usage: 'change_cluster_node_type',
    about: 'Make a node a disc or a RAM node; its application must be stopped',
    examples: ['-n node2 change_cluster_node_type ram'],
    run: cluster.changeClusterNodeType,
    fromOutside: true,
    options: (command) => command.addArgument(new Argument('<type>').choices(['disc', 'disk', 'ram'])),
  },
  {
    usage: 'rename_cluster_node <oldnode> <newnode> [more...]',
    about: 'Refused: the nodes of Warren keep their names',
    examples: ['rename_cluster_node rabbit@node1 rabbit@other'],
    run: cluster.renameClusterNode,
    fromOutside: true,
  },
]
