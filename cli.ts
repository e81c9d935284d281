#!/usr/bin/env node
// The `warren` command. With the folder `cli` the only reader of argv; it decides nothing but which command runs, and each
// command's code is loaded only when it does, since start-up time is what people wait for.

import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addCalibrate } from './cli/calibrate-options.ts'
import { addCompare } from './cli/compare-options.ts'
import { addExplore } from './cli/explore-options.ts'
import { exitCodes, Failure } from './cli/failure.ts'
import { addStart } from './cli/start-options.ts'

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

/** A command that reads its own words, and has many. */
function passOn(name: string, description: string, words: string, all: string, run: Pass): void {
  program
    .command(name)
    .description(description)
    .argument(`[${words}...]`, `as \`warren ${name} --help\` lists them`)
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', `\n${all}: warren ${name} --help`)
    .action(run)
}

type Pass = (words: string[]) => Promise<void>

addStart(program)
passOn(
  'ctl',
  "Look at and change a running cluster with rabbitmqctl's words; kill nodes, cut links.",
  'verb',
  'All verbs',
  async (words) => (await import('./cli/ctl.ts')).ctl(words),
)
passOn(
  'policies',
  'Look at policy files and definitions without a cluster: lint, migrate, presets, schema.',
  'word',
  'All commands',
  async (words) => (await import('./cli/policies/command.ts')).policies(words),
)
passOn(
  'perf',
  "Load a broker, this one or a real one, with PerfTest's words; show rates and latencies.",
  'option',
  'All options',
  async (words) => (await import('./cli/perf/command.ts')).perf(words),
)
addCompare(program)
addExplore(program)
addCalibrate(program)

async function run(): Promise<number> {
  try {
    await program.parseAsync()
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
    if (!(error instanceof Failure)) throw error
    process.stderr.write(error.text)
    return error.exitCode
  }
}

process.exitCode = await run()
