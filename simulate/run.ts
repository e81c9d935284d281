// `npm run simulate`: threads that play seeds, a line of progress every ten seconds, what went wrong with the command that plays
// it again, and at the end what was covered. The only file of the simulation that reads argv and prints.

import { cpus } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Cells } from './coverage.ts'
import { describe } from './history.ts'
import { help, type Options, readOptions } from './options.ts'
import { runSeed } from './seed.ts'
import { addDigests, type Tally, type WorkerMessage, type WorkerPlan } from './worker.ts'

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Seeds whose failure is told in full; of the others only the number. */
const mostTold = 10
const mostSentences = 5

class Run {
  private readonly options: Options
  private readonly began = performance.now()
  private readonly shared: Int32Array
  private readonly cells = new Cells()
  private readonly sum: Tally = { seeds: 0, operations: 0, disturbances: 0, busyMs: 0, causes: {} }
  private digest = '0'.repeat(16)
  private readonly failed: number[] = []
  private interrupted = false

  constructor(options: Options) {
    this.options = options
    this.shared = new Int32Array(new SharedArrayBuffer(8))
    this.shared[0] = options.seed
  }

  /** The exit status. */
  async run(): Promise<number> {
    const { seeds, seed, workers } = this.options
    const progress = setInterval(() => this.progress(), 10_000)
    const interrupt = () => {
      if (this.interrupted) process.exit(130)
      this.interrupted = true
      Atomics.store(this.shared, 1, 1)
      say('interrupted: the seeds under way are brought to their end')
    }
    process.on('SIGINT', interrupt)
    say(`${seeds} seeds from ${seed} on ${workers} ${workers === 1 ? 'thread' : 'threads'}`)
    try {
      await Promise.all(Array.from({ length: workers }, () => this.thread()))
    } finally {
      clearInterval(progress)
      process.off('SIGINT', interrupt)
    }
    return this.conclude()
  }

  private thread(): Promise<void> {
    const workerData: WorkerPlan = { shared: this.shared, last: this.options.seed + this.options.seeds - 1 }
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
    return new Promise((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => this.take(message))
      worker.on('error', reject)
      worker.on('exit', () => resolve())
    })
  }

  private take(message: WorkerMessage): void {
    if (message.kind === 'failed') return this.tell(message.seed, message.violations)
    const { tally, cells, digest } = message
    this.sum.seeds += tally.seeds
    this.sum.operations += tally.operations
    this.sum.disturbances += tally.disturbances
    this.sum.busyMs += tally.busyMs
    for (const [cause, count] of Object.entries(tally.causes))
      this.sum.causes[cause] = (this.sum.causes[cause] ?? 0) + count
    this.cells.merge(cells)
    this.digest = addDigests(this.digest, digest)
  }

  private tell(seed: number, violations: readonly string[]): void {
    this.failed.push(seed)
    if (this.failed.length > mostTold) return
    say(`FAILED seed ${seed}`)
    for (const what of violations.slice(0, mostSentences)) say(`  ${what.replaceAll('\n', '\n  ')}`)
    if (violations.length > mostSentences) say(`  and ${violations.length - mostSentences} more`)
    say(`  play it again: npm run simulate -- --seed ${seed} --trace`)
  }

  private progress(): void {
    const seconds = (performance.now() - this.began) / 1000
    const { seeds } = this.sum
    const left =
      seeds === 0 ? '' : `, ${(((this.options.seeds - seeds) / seeds) * seconds).toFixed(0)} s to go`
    say(`${seconds.toFixed(0)} s: ${seeds} seeds, ${this.failed.length} failed${left}`)
  }

  private conclude(): number {
    const { seeds, operations, disturbances, causes } = this.sum
    const seconds = (performance.now() - this.began) / 1000
    const each = (count: number) => (count / Math.max(1, seeds)).toFixed(1)
    say('')
    say(
      `${seeds} seeds in ${seconds.toFixed(1)} s; each ${each(operations)} client operations, ${each(disturbances)} disturbances`,
    )
    say(`digest of all histories: ${this.digest}`)
    say('messages gone, by cause:')
    for (const [cause, count] of Object.entries(causes).sort(([, a], [, b]) => b - a))
      say(`  ${String(count).padStart(8)}  ${cause}`)
    const empty = this.cover()
    if (this.failed.length > 0) {
      const seedsFailed = this.failed.sort((a, b) => a - b).slice(0, 100)
      say(`FAILED: ${this.failed.length} of ${seeds} seeds: ${seedsFailed.join(' ')}`)
      return 1
    }
    if (this.interrupted) return 130
    say(empty ? 'FAILED: cells of the coverage table are empty' : 'nothing is wrong')
    return empty ? 1 : 0
  }

  /** Prints the coverage; true when it is not what it has to be. */
  private cover(): boolean {
    const { cells } = this
    if (this.options.table) for (const line of cells.lines()) say(line)
    const all = cells.counts.length
    say(
      `coverage: ${all - cells.empty} of ${all} cells of fault × policy × partition handling × kind of queue`,
    )
    if (cells.empty === 0) return false
    for (const line of cells.missing(10)) say(`  empty: ${line}`)
    if (!this.options.cover) say('  with so few seeds that may be; --cover makes it a failure')
    return this.options.cover
  }
}

/** Plays one seed and prints its timeline. */
function replay(seed: number): number {
  const { plan, history, violations, hash } = runSeed(seed)
  for (const event of history) say(describe(event))
  say('')
  say(
    `seed ${seed}: ${plan.nodes} nodes, ${plan.handling.name}, queues ${plan.queues.map(({ name }) => name).join(', ')}`,
  )
  say(`hash ${hash}`)
  for (const what of violations) say(`FAILED ${what}`)
  if (violations.length === 0) say('nothing is wrong')
  return violations.length === 0 ? 0 : 1
}

try {
  const options = readOptions(process.argv.slice(2), cpus().length)
  if (options === null) say(help)
  else process.exitCode = options.trace ? replay(options.seed) : await new Run(options).run()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 2
}
