// `warren start`: its options, examples and exit codes. What it does is start.ts.

import type { Command } from 'commander'
import { memorySize, oneOf, wholeNumber } from './options.ts'

export function addStart(program: Command): void {
  program
    .command('start')
    .description('Start a cluster on this machine and keep it until Ctrl-C.')
    .option('--nodes <count>', 'how many nodes, 1 to 64', wholeNumber(1, 64), 3)
    .option(
      '--port <port>',
      'AMQP port of the first node, the next node has the next; 0: any free',
      wholeNumber(0, 65_535),
      5672,
    )
    .option(
      '--admin-port <port>',
      'port of the admin page and the HTTP API; 0: any free (default: 15672, any free with --port 0)',
      wholeNumber(0, 65_535),
    )
    .option(
      '--prometheus-port <port>',
      "port of the first node's Prometheus metrics, the next node has the next; 0: any free (default: 15692)",
      wholeNumber(0, 65_535),
    )
    .option(
      '--host <address>',
      'address to listen on; the default means loopback, IPv4 and IPv6',
      '127.0.0.1',
    )
    .option(
      '--policies <file>',
      'YAML or JSON list of policies to start with; preset:NAME is one of `warren policies presets`',
    )
    .option('--watch', 'apply edits of the policy file as they are made', false)
    .option(
      '--definitions <file>',
      'definitions.json to start with, of a RabbitMQ 3.10 or of Warren: its users and vhosts instead of guest and /',
    )
    .option(
      '--partition-handling <mode>',
      'what nodes do when they lose sight of each other: ignore, pause_minority, pause_if_all_down or autoheal',
      oneOf('ignore', 'pause_minority', 'pause_if_all_down', 'autoheal'),
      'ignore',
    )
    .option('--pause-if-all-down-nodes <nodes>', 'pause while none of these can be reached: node1,node2')
    .option(
      '--pause-if-all-down-recover <mode>',
      'what follows when several sides could go on: ignore or autoheal',
      oneOf('ignore', 'autoheal'),
    )
    .option(
      '--net-ticktime <seconds>',
      'how long nodes take to notice that a link has fallen silent, a quarter more or less',
      wholeNumber(1, 86_400),
      60,
    )
    .option('--tls', 'open TLS ports too, with throw-away certificates whose CA is printed', false)
    .option('--tls-cert <file>', 'open TLS ports too, with this certificate (PEM)')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option(
      '--tls-ca <file>',
      'CAs that may vouch for certificates of clients, who then log in by EXTERNAL (PEM)',
    )
    .option('--admin-tls', 'the admin port speaks HTTPS, with the certificate of --tls or --tls-cert', false)
    .option(
      '--tls-port <port>',
      'TLS port of the first node; 0: any free (default: 5671 with one node, 5681 with several, any with --port 0)',
      wholeNumber(0, 65_535),
    )
    .option(
      '--consumer-timeout <ms>',
      'how long a delivery may stay unacknowledged before its channel is closed; 0: for ever (default: 1800000)',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--memory-limit <size>',
      "memory to stay below by no longer reading publishers: 512MB, 1GiB, or a share of the machine's such as 0.4",
      memorySize,
      '0.4',
    )
    .option(
      '--trace <level>',
      'what is recorded: events, or messages too, whose last steps /warren/messages then tells',
      oneOf('events', 'messages'),
      'events',
    )
    .option(
      '--seed <number>',
      'of everything left to chance, so that a run can be repeated',
      wholeNumber(0, 2 ** 32 - 1),
    )
    .addHelpText(
      'after',
      `
Examples:
  warren start
  warren start --nodes 1 --port 0     one node on any free port, which is printed
  warren start --policies ha.yaml     with the policies of a file such as

      - name: ha
        pattern: ^orders
        definition: { ha-mode: exactly, ha-params: 2, ha-sync-mode: automatic }

  warren start --policies ha.yaml --watch
                                      and with every edit of it
  warren start --policies preset:ha-exactly-2

  warren start --tls                  TLS on 5681, 5682 and 5683 besides; clients trust the CA whose path is printed
  warren start --tls-cert server.pem --tls-key server.key --tls-ca ca.pem
                                      with certificates of your own
  warren start --partition-handling pause_minority
                                      then cut it: warren ctl partition node1 node2,node3
  warren start --partition-handling pause_if_all_down --pause-if-all-down-nodes node1

Nodes are named rabbit@node1, rabbit@node2 and so on. User guest, password guest, virtual host /.
Exit code: 0 after Ctrl-C or SIGTERM, 1 when it cannot start, 64 for a wrong option.`,
    )
    .action(async (options) => (await import('./start.ts')).start(options))
}
