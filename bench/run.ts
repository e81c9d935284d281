// `npm run bench`: starts a Warren for each round (or aims at a broker that is running), puts every workload on it with
// the load generator, and prints medians. The machine it runs on is part of every number: compare on one machine only.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Complaint } from './complaint.ts'
import { LoadGenerator } from './load.ts'
import { help, type Options, readOptions } from './options.ts'
import { parseReport, type Report, Results, tableLines } from './results.ts'
import { Warren } from './warren.ts'
import { type Addresses, placement, type Workload, workloads } from './workloads.ts'

const progress = (line: string) => process.stderr.write(`${line}\n`)

/** One way of running some of the workloads: a cluster of this size, started with these options. */
interface Stage {
  readonly nodes: number
  readonly startOptions: readonly string[]
  readonly workloads: readonly Workload[]
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (!options) {
    process.stdout.write(`${help()}\n`)
    return 0
  }
  const before = options.against === null ? undefined : parseReport(read(options.against), options.against)
  const generator = await LoadGenerator.build()
  process.once('exit', () => generator.remove())
  const results = new Results()
  for (let round = 1; round <= options.rounds; round++) {
    progress(`round ${round} of ${options.rounds}`)
    if (options.amqp) await aim(options, options.amqp, generator, results)
    else for (const stage of stages(options)) await perform(stage, options, generator, results)
  }
  const report = reportOf(options, results)
  if (report.series.length + report.faults.length === 0)
    throw new Complaint(
      'nothing was measured: --amqp cannot time a start, and needs three addresses for a cluster',
    )
  process.stdout.write(`${report.machine}\n${report.target}, rounds: ${report.rounds}\n\n`)
  process.stdout.write(`${tableLines(report.series, before).join('\n')}\n`)
  for (const fault of report.faults) process.stdout.write(`FAILED ${fault}\n`)
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`)
  return report.faults.length > 0 ? 1 : 0
}

/** One node for the single workloads, a cluster of three with the mirroring policy for the others. */
function stages({ only, length, startOptions }: Options): Stage[] {
  const chosen = workloads(length).filter(({ name }) => only === null || only.has(name))
  const policies = fileURLToPath(new URL('./mirrored.yaml', import.meta.url))
  const all: Stage[] = [
    { nodes: 1, startOptions, workloads: chosen.filter(({ place }) => place === 'single') },
    {
      nodes: 3,
      startOptions: ['--policies', policies, ...startOptions],
      workloads: chosen.filter(({ place }) => place !== 'single'),
    },
  ]
  const everyStart = only === null || only.has('start')
  return all.filter((stage) => everyStart || stage.workloads.length > 0)
}

async function perform(stage: Stage, options: Options, generator: LoadGenerator, results: Results) {
  const warren = await Warren.start(stage.nodes, stage.startOptions)
  const stop = () => void warren.stop().then(() => process.exit(130))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const name = `start, ${stage.nodes} ${stage.nodes === 1 ? 'node' : 'nodes'}`
    const megabytes = await warren.idleMegabytes()
    results.add(name, 'ports open', 'ms', warren.startMs)
    if (megabytes !== null) results.add(name, 'idle memory', 'MB', megabytes)
    progress(`  ${name}: ${Math.round(warren.startMs)} ms`)
    for (const workload of stage.workloads)
      await measure(workload, warren.addresses, options, generator, results)
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
    await warren.stop()
  }
}

/** A broker that is not ours: what it cannot show is left out. */
async function aim(options: Options, nodes: Addresses, generator: LoadGenerator, results: Results) {
  for (const workload of workloads(options.length)) {
    const named = options.only?.has(workload.name) ?? false
    const wanted = named || (options.only === null && workload.place !== 'mirrored')
    if (!wanted) continue
    if (workload.place === 'single' || nodes.length === 3)
      await measure(workload, nodes, options, generator, results)
    else if (named) throw new Complaint(`${workload.name} needs three addresses in --amqp`)
  }
}

/** Runs the steps of one workload and keeps their numbers; a fault is noted and the rest of the run goes on. */
async function measure(
  workload: Workload,
  nodes: Addresses,
  { login }: Options,
  generator: LoadGenerator,
  results: Results,
) {
  for (const { options, metrics, expectDelivered } of workload.steps) {
    const { numbers, fault } = await generator.step(
      [...placement(workload, nodes), ...login, ...options],
      expectDelivered,
    )
    if (fault !== null) {
      progress(`  ${workload.name}: FAILED ${fault}`)
      results.faults.push(`${workload.name}: ${fault}`)
      return
    }
    for (const { name, from, unit } of metrics) {
      const value = numbers.get(from)
      if (value === undefined) throw new Error(`the load generator printed no ${from}`)
      results.add(workload.name, name, unit, value)
      progress(`  ${workload.name}: ${name} ${Math.round(value).toLocaleString('en')} ${unit}`)
    }
  }
}

function reportOf(options: Options, { series, faults }: Results): Report {
  const [processor] = cpus()
  return {
    format: 1,
    when: new Date().toISOString(),
    target: options.amqp ? `broker at ${options.amqp.join(', ')}` : 'warren on loopback',
    machine: `${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}, Node.js ${process.version}`,
    rounds: options.rounds,
    seconds: options.length.seconds,
    series,
    faults,
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
