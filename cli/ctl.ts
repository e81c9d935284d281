// `warren ctl`: makes a command of each verb, with the options that all of them know, and words wrong usage as rabbitmqctl
// does. Called by cli.ts with the words after `ctl`; it does no verb's work.

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type Formatter, formatters, type GeneralFlags, Session } from './ctl-session.ts'
import type { Verb } from './ctl-verb.ts'
import { verbs } from './ctl-verbs.ts'
import { type ExitCode, exitCodes, Failure, WrongWords } from './failure.ts'
import { oneOf, wholeNumber } from './options.ts'

/** Does what `words` say. Throws Failure; a CommanderError only when help was all there was to print. */
export async function ctl(words: readonly string[]): Promise<void> {
  const program = general(new Command('warren ctl'))
    .description("Look at and change a running Warren with rabbitmqctl's words.")
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', examples)
  for (const verb of verbs) add(program, verb)
  try {
    await program.parseAsync([...words], { from: 'user' })
  } catch (error) {
    if (error instanceof WrongWords) throw wrongUsage(program, words, error.message, error.exitCode)
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0 || error.code === 'commander.help') throw error
    throw wrongUsage(program, words, rabbitWords(error), exitCodes.usage)
  }
}

function add(program: Command, verb: Verb): void {
  const { usage, alias, about, examples, run, options, fromOutside } = verb
  const known = verb.formatters ?? usualForms
  const command = general(program.command(usage).description(about), known)
  options?.(command)
  if (alias !== undefined) command.alias(alias)
  command.addHelpText('after', `\nExamples:\n${examples.map((words) => `  warren ctl ${words}\n`).join('')}`)
  command.action(async (...given: unknown[]) => {
    given.pop()
    const flags = { ...program.opts(), ...command.opts() } as Partial<GeneralFlags>
    const { url = defaultUrl, vhost: onlyVhost, quiet = false, silent = false } = flags
    const { formatter = known[0]! } = flags
    if (!known.includes(formatter))
      throw new WrongWords(`Invalid options for this command:\n--formatter : ${formatter}`)
    const vhosts = { vhost: onlyVhost ?? '/', ...(onlyVhost !== undefined && { onlyVhost }) }
    const session = new Session({ ...flags, ...vhosts, url, formatter, quiet, silent }, command.name())
    if (!fromOutside) await session.target()
    await run(session, ...(given as never[]))
  })
}

/** The options that all verbs know, before or after the verb's name. */
function general(command: Command, forms: readonly Formatter[] = usualForms): Command {
  const options = [
    new Option(
      '--url <url>',
      'the admin URL that `warren start` printed (default: http://127.0.0.1:15672)',
    ).argParser(httpUrl),
    new Option('-n, --node <node>', 'ask this node: rabbit@node1, node1 or 1 (default: the first that runs)'),
    new Option('-p, --vhost <vhost>', 'virtual host (default: /)'),
    new Option('--formatter <form>', `${forms.join(' or ')} (default: ${forms[0]})`).argParser(
      oneOf(...formatters),
    ),
    new Option('-q, --quiet', 'no informational lines'),
    new Option('-s, --silent', 'no informational lines and no header line'),
    new Option('-t, --timeout <seconds>', 'how long to wait for an answer').argParser(wholeNumber(1, 86_400)),
  ]
  for (const option of options) command.addOption(option.helpGroup('General options:'))
  return command
}

const usualForms = ['table', 'json', 'csv', 'pretty_table', 'erlang'] as const
const defaultUrl = new URL('http://127.0.0.1:15672')

function httpUrl(text: string): URL {
  if (!/^http:/i.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It must be a URL like http://127.0.0.1:15672.')
  return new URL(text)
}

/** What commander complains of, as rabbitmqctl words it. */
function rabbitWords(error: CommanderError): string {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  switch (error.code) {
    case 'commander.missingArgument':
      return 'not enough arguments.'
    case 'commander.excessArguments':
      return 'too many arguments.'
    case 'commander.unknownOption':
      return `Invalid options for this command:\n${quoted} : `
    case 'commander.unknownCommand':
      return `Command '${quoted}' not found.`
    case 'commander.invalidArgument': {
      const [, given, argument, choices] =
        /argument value '(.*)' is invalid for argument '(.*?)'\. (.*)/.exec(error.message) ?? []
      if (given !== undefined) return `Bad argument: ${argument} '${given}'. ${choices}`
      const [, option, value, why] =
        /'([^' ,]*)[^']*' argument '(.*)' is invalid\. (.*)/.exec(error.message) ?? []
      return `Invalid options for this command:\n${option} : ${value}\n${why}`
    }
    default:
      return error.message.replace(/^error: /, '')
  }
}

function wrongUsage(
  program: Command,
  words: readonly string[],
  complaint: string,
  exitCode: ExitCode,
): Failure {
  const verb = program.commands.find((command) => words.includes(command.name()))
  const usage =
    verb === undefined
      ? 'warren ctl [options] <command>; all commands: warren ctl --help'
      : `warren ctl ${verb.name()} ${verb.usage()}`
  return new Failure(
    exitCode,
    `Error (argument validation): ${complaint}\nArguments given:\n\t${words.join(' ')}\n\nUsage\n\n${usage}\n`,
  )
}

const examples = `
Examples:
  warren ctl cluster_status -n node2              the cluster as rabbit@node2 sees it
  warren ctl list_queues name node mirrors synchronised_mirrors messages
  warren ctl set_policy ha '^orders' '{"ha-mode":"exactly","ha-params":2}' --apply-to queues
  warren ctl kill_node 1                          then see who leads: warren ctl list_queues name node
  warren ctl start_node 1
  warren ctl partition node1 node2,node3          cut, and: warren ctl heal
  warren ctl -n node3 stop_app                    then: -n node3 reset, and node3 has left the cluster

Exit codes as rabbitmqctl's: 64 wrong usage, 65 no such virtual host or bad data, 69 refused or not reachable; and 1 when a
verb that judges, as preview_policy and explain do, has found something.`
