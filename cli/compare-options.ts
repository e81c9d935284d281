// `warren compare`: its options, examples and exit codes. What it does is compare/command.ts.

import { type Command, Option } from 'commander'
import { collected, commaList, oneOf, wholeNumber } from './options.ts'

export function addCompare(program: Command): void {
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
        const { listScenarios } = await import('./scenario-file.ts')
        process.stdout.write(listScenarios())
        return
      }
      const { compareFile } = await import('./compare/command.ts')
      process.exitCode = (await compareFile(file, options)) || process.exitCode
    })
}
