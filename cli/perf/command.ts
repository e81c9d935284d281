// `warren perf`: measures a broker, Warren or RabbitMQ, with PerfTest's words. Called by cli.ts with the words after `perf`;
// it reads the options, runs the plan and says in one sentence why it could not.

import { Command } from 'commander'
import { exitCodes, Failure } from '../failure.ts'
import { Ended } from './connection.ts'
import { addOptions, type Flags, shortWords } from './options.ts'
import type { Plan } from './plan.ts'
import { CsvReport, JsonReport, type Report, type Shown, TextReport } from './report.ts'
import { Run } from './run.ts'
import { settle } from './settle.ts'

/** Does what `words` say. Throws Failure; a CommanderError for a wrong option, or when help was all there was to print. */
export async function perf(words: readonly string[]): Promise<void> {
  const program = new Command('warren perf')
    .description("Loads a broker and shows rates and latencies, in the words of RabbitMQ's PerfTest.")
    .helpOption('-?, --help', 'show this')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'warren perf: ')) })
    .addHelpText('after', examples)
  addOptions(program).parse(
    words.map((word) => shortWords[word] ?? word),
    { from: 'user' },
  )
  const flags = program.opts<Flags>()
  const plan = settle(flags, unique())
  const reports = reportsOf(plan, flags)
  const interrupted = firstSignal()
  void interrupted.then(() => firstSignal()).then(() => process.exit(130))
  try {
    await new Run(plan, together(reports)).perform(interrupted)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    throw new Failure(exitCodes.failed, `warren perf: ${error.message}${hint(error)}`)
  }
}

/** Time and process, as PerfTest's ids. */
function unique(): string {
  const time = new Date().toTimeString().slice(0, 8).replaceAll(':', '')
  return `${time}-${String(process.pid % 1000).padStart(3, '0')}`
}

function reportsOf(plan: Plan, { json, outputFile }: Flags): Report[] {
  const shown: Shown = {
    id: plan.id,
    published: plan.producers > 0,
    returned: plan.producers > 0 && plan.publishing.mandatory,
    confirmed: plan.producers > 0 && plan.publishing.confirm !== null,
    received: plan.consumers > 0,
    unit: plan.connection.clock.unit,
  }
  const out = (text: string) => process.stdout.write(text)
  const reports: Report[] = [json ? new JsonReport(shown, out) : new TextReport(shown, out)]
  if (outputFile === undefined) return reports
  try {
    return [...reports, new CsvReport(shown, outputFile)]
  } catch (error) {
    throw new Failure(exitCodes.failed, `warren perf: --output-file: ${(error as Error).message}`)
  }
}

function together(reports: readonly Report[]): Report {
  return {
    said: (text) => {
      for (const report of reports) report.said(text)
    },
    interval: (...given) => {
      for (const report of reports) report.interval(...given)
    },
    summary: (...given) => {
      for (const report of reports) report.summary(...given)
    },
  }
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve('Interrupted'))
  })
}

function hint({ code, message }: Ended): string {
  if (code === 406 && /inequivalent arg/.test(message))
    return '\nIt exists already, otherwise: try --predeclared.'
  return ''
}

const examples = `
Examples:
  warren perf -z 10                            one producer, one consumer, as fast as they can
  warren perf -x 2 -y 4 -u orders -a           two producers, four consumers of one queue, no acks
  warren perf -s 1000 -f persistent -c 100 -q 100 -A 10
                                               durable, confirmed, acknowledged by tens
  warren perf -r 2000 -z 30                    latency at 2,000 messages a second
  warren perf --queue-pattern 'perf-%d' --queue-pattern-to 100 -x 20 -y 20
  warren perf -H amqp://localhost:5672,amqp://localhost:5673,amqp://localhost:5674
                                               publisher, consumer and queue on a node each
  warren perf -y 0 -u backlog -C 1000000 --auto-delete false
                                               fill a queue; then empty it: warren perf -x 0 -u backlog -p
  warren perf -vr 100:10 -vr 5000:5            100 a second for ten seconds, 5,000 for five, and again

PerfTest's short words of several letters are known too: -qp, -qpf, -qpt, -qa, -ca, -mp, -ad, -sb, -vr, -vs, -vl, -ms,
-st, -cri, -dcr. Connections that are lost are made again, so that a fault can be watched: warren ctl kill_node 1.
Exit code: 0 after time, counts or Ctrl-C; 1 when the broker cannot be reached or refuses; 64 for a wrong option.`
