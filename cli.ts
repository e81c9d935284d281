#!/usr/bin/env node
// The `warren` command: start, ctl, perf and compare. With the folder `cli` the only reader of argv; it decides nothing but
// which command runs, and each command's code is loaded only when it does, since start-up time is what people wait for.

import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { exitCodes, Failure } from './cli/failure.ts'
import { collected, commaList, memorySize, oneOf, wholeNumber } from './cli/options.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

// A reader that has seen enough, as in `warren ctl --help | head`, is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const program = new Command('warren')
  .description('A whole RabbitMQ 3.10 cluster in one process: real AMQP clients, policies, faults on demand.')
  .version(version, '-V, --version', 'print the version')
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'warren: ')) })
  .addHelpText(
    'after',
    `
Examples:
  warren start                        three nodes at amqp://127.0.0.1:5672, 5673 and 5674
  warren ctl set_policy ha . '{"ha-mode":"all"}'
                                      every queue mirrored on every node
  warren ctl kill_node 1              as if the machine of rabbit@node1 had lost its power
  warren ctl list_queues name node mirrors messages
                                      who leads each queue now
  warren policies lint policies.yaml  what is wrong, risky or surprising about policies
  warren perf -z 10                   how much it carries: rates and latencies for ten seconds
  warren compare                      the same work and the same fault, without a cluster, with one, with mirrors

Help of one command: warren start --help, warren ctl --help, warren ctl list_queues --help, warren perf --help`,
  )

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
  .option('--host <address>', 'address to listen on; the default means loopback, IPv4 and IPv6', '127.0.0.1')
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
  .action(async (options) => (await import('./cli/start.ts')).start(options))

program
  .command('ctl')
  .description("Look at and change a running cluster with rabbitmqctl's words; kill nodes, cut links.")
  .argument('[verb...]', 'as `warren ctl --help` lists them')
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .addHelpText('after', '\nAll verbs: warren ctl --help')
  .action(async (words: string[]) => (await import('./cli/ctl.ts')).ctl(words))

program
  .command('policies')
  .description('Look at policy files and definitions without a cluster: lint, migrate, presets, schema.')
  .argument('[word...]', 'as `warren policies --help` lists them')
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .addHelpText('after', '\nAll commands: warren policies --help')
  .action(async (words: string[]) => (await import('./cli/policies/command.ts')).policies(words))

program
  .command('perf')
  .description("Load a broker, this one or a real one, with PerfTest's words; show rates and latencies.")
  .argument('[option...]', 'as `warren perf --help` lists them')
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .addHelpText('after', '\nAll options: warren perf --help')
  .action(async (words: string[]) => (await import('./cli/perf/command.ts')).perf(words))

program
  .command('compare')
  .description(
    'Run the same work and the same faults through cluster modes and show what each loses and costs.',
  )
  .argument(
    '[file]',
    'a scenario (YAML or JSON), or library:NAME; without one library:leader-crash, explained',
  )
  .option('--seed <number>', 'of the work, the faults and the placement', wholeNumber(0, 2 ** 32 - 1), 1)
  .option(
    '--variant <names>',
    'only these variants, with commas; modes may be named too, such as mirrored-exactly-2',
    commaList,
  )
  .option(
    '--target <target>',
    'what runs it: emulated, rabbitmq or both',
    oneOf('emulated', 'rabbitmq', 'both'),
    'emulated',
  )
  .option('--url <addresses>', 'a running cluster: amqp:// of node1, node2, … with commas', commaList)
  .option(
    '--management <addresses>',
    'its HTTP API, in the same order (default: port 15672 of the same hosts)',
    commaList,
  )
  .option(
    '--command <verb=command>',
    'how a fault is made there; repeat it. {host}, {node} and {number} are put in, for links {other-host} too',
    collected,
  )
  .option('--yes', 'do not ask before a cluster at --url is harmed', false)
  .option('--json [file]', 'the whole result as JSON; without a file, or with -, on the standard output')
  .option('--junit <file>', 'the assertions as JUnit XML, for CI')
  .option('--markdown <file>', 'tables as Markdown')
  .option('--html <file>', 'charts and timeline as one HTML page')
  .option('--list', 'name the scenarios that ship with Warren', false)
  .addOption(new Option('--messages <count>').hideHelp())
  .addOption(new Option('--scenario <name>').hideHelp())
  .addHelpText(
    'after',
    `
Examples:
  warren compare                      single, ordinary and mirrored meet the crash of a queue's owner
  warren compare --list               which scenarios there are
  warren compare library:leader-crash --html crash.html
  warren compare mine.yaml --variant ordinary,mirrored-exactly-2 --junit result.xml
  warren compare mine.yaml --seed 7 --json -
                                      equal seeds give equal results, byte for byte
  warren compare mine.yaml --target both
                                      emulated beside a real cluster, started from the installed rabbitmq-server
  warren compare mine.yaml --target rabbitmq --url amqp://a,amqp://b,amqp://c --yes \\
    --command 'kill=ssh {host} systemctl kill -s KILL rabbitmq-server' --command 'start=ssh {host} systemctl start rabbitmq-server'
                                      on a cluster that runs; verbs: kill, stop, start, freeze, thaw, cut, mend

A file says what is declared, who publishes and consumes, what goes wrong and what is asserted; its schema is
warren/scenario.schema.json. Reports take - for the standard output.
Exit code: 0 when every assertion holds, 1 when one does not or a run fails, 64 for a wrong option, 65 for a wrong file,
69 when no RabbitMQ is installed, 130 after Ctrl-C.`,
  )
  .action(async (file: string | undefined, options) => {
    if (options.list) {
      const { listScenarios } = await import('./cli/scenario-file.ts')
      process.stdout.write(listScenarios())
      return
    }
    const { compareFile } = await import('./cli/compare/command.ts')
    exitCode = await compareFile(file, options)
  })

program
  .command('explore')
  .description(
    'Search schedules of faults for one that breaks what a scenario asserts, and tell it as a story.',
  )
  .argument(
    '<file>',
    'a scenario (YAML or JSON), or library:NAME; its workload is kept, its faults are replaced',
  )
  .option('--seeds <count>', 'how many schedules are tried', wholeNumber(1, 1_000_000_000), 1000)
  .option('--seed <number>', 'of the first schedule', wholeNumber(1, 2 ** 31 - 1), 1)
  .option('--threads <count>', 'how many at a time (default: one a processor)', wholeNumber(1, 256))
  .option('--most-faults <count>', 'nodes lost or links cut in one schedule, at most', wholeNumber(1, 20), 3)
  .option(
    '--kinds <kind...>',
    'of faults: kill, stop, cut, cut-link, freeze, silence, deafen (default: the first five)',
  )
  .option('--assert <assertion...>', 'what must hold, instead of what the file asserts: "confirmed-lost = 0"')
  .option('--variant <name...>', 'only these variants of the file')
  .option('--out <folder>', 'where scenario files of what is found are written', '.')
  .addHelpText(
    'after',
    `
Examples:
  warren explore library:leader-crash
                                      which of its variants can break its assertions, and how
  warren explore FILE --assert 'confirmed-lost = 0' --seeds 10000
                                      which of my policies can lose a confirmed message

Of each variant the first schedule that breaks something is made simple, told as a story and written as a
scenario file that \`warren compare\` runs. Without assertions, none may lose a confirmed message. Equal seeds
find the same. After Ctrl-C what was found so far is shown.
Exit code: 0 when all holds, 1 when something is broken, 64 for a wrong option, 65 for a wrong file, 130 after Ctrl-C.`,
  )
  .action(async (file, options) => (await import('./cli/explore/command.ts')).explore(file, options))

program
  .command('calibrate')
  .description(
    'Measure what work costs a real RabbitMQ cluster of three nodes; scenarios predict with the file.',
  )
  .option('--out <file>', 'where to write the result; standard output by default')
  .option(
    '--url <amqp-url...>',
    'a running cluster, one address for each of three nodes; by default one is started',
  )
  .option(
    '--management <http-url...>',
    'its HTTP API, in the same order; by default port 15672 of the same hosts',
  )
  .option(
    '--rounds <count>',
    'how often each workload is measured (default: 3, with --check 5)',
    wholeNumber(1, 100),
  )
  .option('--seconds <count>', 'how long each time', wholeNumber(1, 60), 2)
  .option('--check', 'measure other workloads and say how good their predictions are, in Markdown', false)
  .option(
    '--costs <file>',
    'the calibration that --check predicts with; default: the one that comes with Warren',
    'default',
  )
  .addHelpText(
    'after',
    `
Examples:
  warren calibrate --out costs.yaml     starts a cluster, takes about four minutes; then cluster: { costs: costs.yaml }
  warren calibrate --check              how good the file that comes with Warren is here`,
  )
  .action(async (flags) => (await import('./cli/calibrate.ts')).runCalibrate(flags))

/** Of a command that has done its work and has something to say about it. */
let exitCode = 0

async function run(): Promise<number> {
  try {
    await program.parseAsync()
    return exitCode || Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
    if (!(error instanceof Failure)) throw error
    process.stderr.write(error.text)
    return error.exitCode
  }
}

process.exitCode = await run()
