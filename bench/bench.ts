// The order of a run: micro benches, then one node, then three, each with its rounds; in every round a fresh Warren and, beside
// it, one RabbitMQ for all rounds, whose turn comes first in every other round. Made by run.ts; it prints only progress.
import type { LoadGenerator } from './load.ts'
import { type Micro, nanoseconds } from './micro.ts'
import { micros } from './micros.ts'
import { mirrored } from './mirrored.ts'
import type { Options } from './options.ts'
import { RabbitMq } from './rabbitmq.ts'
import { median, type Results, type Side } from './results.ts'
import {
  connectionMemory,
  idleMemory,
  type Measured,
  messageMemory,
  type Outcome,
  withAmqplib,
} from './steps.ts'
import { figure } from './table.ts'
import { foreign, type Target } from './target.ts'
import { Warren } from './warren.ts'
import { placement, type Workload, workloads } from './workloads.ts'

/** Of a short run, in seconds from its start: no round of one node begins after the first, none of three after the second. */
const [singleUntil, clusterUntil] = [70, 135]
/** And no RabbitMQ is started after this. */
const rabbitUntil = 110
const microSamples = { short: [7, 15], full: [15, 100] } as const

interface Party {
  readonly side: Side
  readonly target: Target
}

export class Bench {
  readonly #options: Options
  readonly #paired: boolean
  readonly #load: LoadGenerator
  readonly #results: Results
  readonly #progress: (line: string) => void
  readonly #began = performance.now()

  constructor(
    options: Options,
    paired: boolean,
    load: LoadGenerator,
    results: Results,
    progress: (line: string) => void,
  ) {
    this.#options = options
    this.#paired = paired
    this.#load = load
    this.#results = results
    this.#progress = progress
  }

  async run(): Promise<void> {
    const { amqp } = this.#options
    if (amqp !== null) return this.#aim(foreign(amqp))
    this.#micros()
    await this.#stage(1, singleUntil)
    await this.#stage(3, clusterUntil)
  }

  #wants(name: string): boolean {
    return this.#options.only === null || this.#options.only.has(name)
  }

  #micros(): void {
    const [samples, stretchMs] = microSamples[this.#options.full ? 'full' : 'short']
    for (const [workload, list] of Object.entries(micros)) {
      if (!this.#wants(workload)) continue
      this.#progress(`${workload}: ${list.length} micro benches`)
      for (const micro of list) this.#micro(workload, micro, nanoseconds(micro, samples, stretchMs))
    }
  }

  #micro(workload: string, { name, mostMs }: Micro, values: readonly number[]): void {
    const [unit, size] = mostMs === undefined ? (['ns', 1] as const) : (['ms', 1e6] as const)
    for (const [i, value] of values.entries()) this.#results.add(workload, name, unit, value / size, i)
    const took = median(values) / size
    if (mostMs !== undefined && took > mostMs)
      this.#results.faults.push(`${name}: takes ${took.toFixed(0)} ms, and may take ${mostMs}`)
  }

  /** All rounds on clusters of this size. */
  async #stage(nodes: 1 | 3, untilSeconds: number): Promise<void> {
    const chosen = workloads(this.#options.length).filter(
      ({ name, place }) => this.#wants(name) && (place === 'single') === (nodes === 1),
    )
    const beside = nodes === 1 ? ['start', 'memory', 'amqplib', 'trace'] : ['start']
    if (chosen.length === 0 && !beside.some((name) => this.#wants(name))) return
    const needed = chosen.length > 0 || (nodes === 1 && (this.#wants('memory') || this.#wants('amqplib')))
    const timesStart = this.#options.full && this.#wants('start')
    const late = !this.#options.full && this.#seconds > rabbitUntil
    if (late && this.#paired) this.#progress(`no time for RabbitMQ with ${name(nodes)}`)
    const rabbit = this.#paired && !late && (needed || timesStart) ? await this.#rabbit(nodes) : null
    try {
      for (let round = 0; round < this.#options.rounds; round++) {
        if (round > 0 && !this.#options.full && this.#seconds > untilSeconds) {
          this.#progress(`no time for more rounds with ${name(nodes)}`)
          break
        }
        this.#progress(`${name(nodes)}, round ${round + 1} of ${this.#options.rounds}`)
        await this.#round(nodes, chosen, rabbit, round)
      }
    } finally {
      await rabbit?.stop()
    }
  }

  get #seconds(): number {
    return (performance.now() - this.#began) / 1000
  }

  async #rabbit(nodes: 1 | 3): Promise<RabbitMq> {
    this.#progress(`starting RabbitMQ with ${name(nodes)}`)
    const rabbit = await RabbitMq.start(nodes)
    if (this.#wants('memory') && nodes === 1) await this.#memory({ side: 'rabbit', target: rabbit }, 0)
    return rabbit
  }

  async #round(
    nodes: 1 | 3,
    chosen: readonly Workload[],
    rabbit: RabbitMq | null,
    round: number,
  ): Promise<void> {
    await this.#start(nodes, rabbit, round)
    if (nodes === 1) await this.#beside(rabbit, round)
    if (chosen.length === 0) return
    await this.#with(nodes, [], async (warren) => {
      for (const workload of chosen)
        for (const party of parties(warren, rabbit, round)) await this.#workload(workload, party, round)
    })
  }

  /** A fresh Warren for some work, ended whatever becomes of it. */
  async #with(
    nodes: 1 | 3,
    extra: readonly string[],
    work: (warren: Warren) => Promise<void>,
  ): Promise<void> {
    const policies = nodes === 3 ? ['--policies', mirrored] : []
    const warren = await Warren.start(nodes, [...policies, ...extra, ...this.#options.startOptions])
    try {
      await work(warren)
    } finally {
      await warren.stop()
    }
  }

  // ---- one step each

  async #start(nodes: 1 | 3, rabbit: RabbitMq | null, round: number): Promise<void> {
    if (!this.#wants('start')) return
    const label = `start, ${name(nodes)}`
    const row = (ms: number): Measured => ({ name: 'ports open', unit: 'ms', value: ms })
    await this.#with(nodes, [], async (warren) => {
      this.#keep(label, [row(warren.startMs)], 'values', round)
      this.#keep(label, await idleMemory(warren), 'values', round)
    })
    if (rabbit === null || !this.#options.full) return
    this.#keep(label, [row(await rabbit.restart())], 'rabbit', round)
    this.#keep(label, await idleMemory(rabbit), 'rabbit', round)
  }

  /** What is measured on one node besides the workloads. */
  async #beside(rabbit: RabbitMq | null, round: number): Promise<void> {
    if (this.#wants('memory'))
      await this.#with(1, [], (target) => this.#memory({ side: 'values', target }, round))
    if (this.#wants('amqplib'))
      await this.#with(1, [], async (warren) => {
        for (const { side, target } of parties(warren, rabbit, round))
          this.#keep('amqplib', await withAmqplib(target, this.#options.length.seconds), side, round)
      })
    if (this.#wants('trace')) await this.#trace(round)
  }

  async #memory({ side, target }: Party, round: number): Promise<void> {
    const { login, length } = this.#options
    this.#keep('memory', await connectionMemory(target, this.#load, length.connections, login), side, round)
    this.#keep('memory', await messageMemory(target, this.#load, length.fillMessages, login), side, round)
  }

  /** auto100 with the trace of messages and without, in turns. */
  async #trace(round: number): Promise<void> {
    const [workload] = workloads(this.#options.length)
    const rates: Record<string, number> = {}
    for (const level of round % 2 === 0 ? ['events', 'messages'] : ['messages', 'events'])
      await this.#with(1, ['--trace', level], async (warren) => {
        const outcome = await this.#perform(workload!, warren)
        if ('fault' in outcome) return this.#keep('trace', outcome, 'values', round)
        rates[level] = outcome[0]!.value
      })
    const { events, messages } = rates
    if (events === undefined || messages === undefined) return
    const figures: Measured[] = [
      { name: 'rate with it', unit: 'msg/s', value: messages },
      { name: 'share of the rate without', unit: 'factor', value: messages / events },
    ]
    this.#keep('trace', figures, 'values', round)
  }

  async #workload(workload: Workload, { side, target }: Party, round: number): Promise<void> {
    this.#keep(workload.name, await this.#perform(workload, target), side, round)
  }

  /** Runs the steps of a workload; the first fault ends it. */
  async #perform(workload: Workload, target: Target): Promise<Outcome> {
    const measured: Measured[] = []
    for (const { options, metrics, expectDelivered } of workload.steps) {
      const where = [...placement(workload, target.addresses), ...this.#options.login]
      const { numbers, fault } = await this.#load.step([...where, ...options], expectDelivered)
      if (fault !== null) return { fault }
      for (const { name, from, unit } of metrics) {
        const value = numbers.get(from)
        if (value === undefined) throw new Error(`the load generator printed no ${from}`)
        measured.push({ name, unit, value })
      }
    }
    return measured
  }

  #keep(workload: string, outcome: Outcome, side: Side, round: number): void {
    const who = side === 'rabbit' ? ' (RabbitMQ)' : ''
    if ('fault' in outcome) {
      this.#progress(`  ${workload}${who}: FAILED ${outcome.fault}`)
      this.#results.faults.push(`${workload}${who}: ${outcome.fault}`)
      return
    }
    for (const { name, unit, value } of outcome) {
      this.#results.add(workload, name, unit, value, round, side)
      this.#progress(`  ${workload}${who}: ${name} ${figure(value)} ${unit}`)
    }
  }

  /** A broker that is not ours: what it cannot show is left out. */
  async #aim(target: Target): Promise<void> {
    const { only, rounds, length } = this.#options
    for (let round = 0; round < rounds; round++) {
      this.#progress(`round ${round + 1} of ${rounds}`)
      for (const workload of workloads(length)) {
        const { name: called, place } = workload
        if (only === null ? place === 'mirrored' : !only.has(called)) continue
        if (place !== 'single' && target.addresses.length !== 3) {
          if (only === null) continue
          this.#results.faults.push(`${called}: needs three addresses in --amqp`)
          continue
        }
        await this.#workload(workload, { side: 'values', target }, round)
      }
    }
  }
}

const name = (nodes: number) => (nodes === 1 ? '1 node' : `${nodes} nodes`)

/** Who is asked, and in which order: it changes every round, so that what drifts on a shared machine cancels. */
function parties(warren: Target, rabbit: Target | null, round: number): Party[] {
  const both: Party[] = [{ side: 'values', target: warren }]
  if (rabbit !== null) both.unshift({ side: 'rabbit', target: rabbit })
  return round % 2 === 0 ? both : both.reverse()
}
