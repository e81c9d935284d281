// `npm run bench`: puts every workload on a Warren and, where one is installed, in turns on a RabbitMQ, and prints medians. The
// machine it runs on is part of every number: compare on one machine only.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Bench } from './bench.ts'
import { Complaint } from './complaint.ts'
import { LoadGenerator } from './load.ts'
import { describeMachine, machineText } from './machine.ts'
import { micros } from './micros.ts'
import { help, type Options, readOptions } from './options.ts'
import { installedVersion } from './rabbitmq.ts'
import { parseReport, type Report, Results } from './results.ts'
import { tableLines } from './table.ts'
import { resultsPage } from './write.ts'

const progress = (line: string) => process.stderr.write(`${line}\n`)

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (!options) {
    process.stdout.write(`${help()}\n`)
    return 0
  }
  const before = options.against === null ? undefined : parseReport(read(options.against), options.against)
  // Everything that was started ends when the process does, however it ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  const machine = describeMachine()
  const rabbitmq = options.rabbitmq ? installedVersion() : null
  const generator = onlyMicros(options) ? LoadGenerator.none() : await LoadGenerator.build()
  process.once('exit', () => generator.remove())
  const results = new Results()
  await new Bench(options, rabbitmq !== null, generator, results, progress).run()
  const beside = results.series.some(({ rabbit }) => rabbit.length > 0)
  const report = reportOf(options, results, machine, beside ? rabbitmq : null)
  if (report.series.length + report.faults.length === 0)
    throw new Complaint(
      'nothing was measured: --amqp cannot time a start, and needs three addresses for a cluster',
    )
  process.stdout.write(`${machineText(machine)}, load before: ${machine.loadBefore}\n`)
  process.stdout.write(`${report.target}, rounds: ${report.rounds}\n\n`)
  process.stdout.write(`${tableLines(report.series, before).join('\n')}\n`)
  for (const fault of report.faults) process.stdout.write(`FAILED ${fault}\n`)
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`)
  if (options.write !== null) writeFileSync(options.write, resultsPage(report, options))
  return report.faults.length > 0 ? 1 : 0
}

/** They need neither a broker nor a compiler. */
const onlyMicros = ({ only }: Options) => only !== null && [...only].every((name) => name in micros)

function reportOf(
  options: Options,
  { series, faults }: Results,
  machine: Report['machine'],
  rabbitmq: string | null,
): Report {
  const beside = rabbitmq === null ? '' : `, RabbitMQ ${rabbitmq} in turns with it`
  return {
    format: 2,
    when: new Date().toISOString(),
    commit: commit(),
    target: options.amqp ? `broker at ${options.amqp.join(', ')}` : `Warren on loopback${beside}`,
    rabbitmq,
    machine,
    // A short run that ran out of time did fewer than it was asked for.
    rounds: Math.max(...series.filter(({ unit }) => unit !== 'ns').map(({ values }) => values.length), 1),
    seconds: options.length.seconds,
    series,
    faults,
  }
}

/** Of the sources this was built from; null where they are no checkout. */
function commit(): string | null {
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, stdio: 'pipe' }).toString().trim()
  } catch {
    return null
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Complaint(`cannot read ${file}: ${(error as Error).message}`)
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Complaint)) throw error
  progress(`bench: ${error.message}`)
  process.exitCode = 2
}
