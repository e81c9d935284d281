// Runs a scenario's work on one variant of a cluster, on any target, to its end: declare, connect, work and faults, come to rest,
// repair, drain, judge. Equal seeds give equal runs in virtual time. Called by `compare`, `explore` and tests; prints nothing.

import { Crew } from './crew.ts'
import { Faults } from './faults.ts'
import { Journal } from './journal.ts'
import { judge } from './judge.ts'
import { durationOf } from './needs.ts'
import type { VariantRun } from './result.ts'
import { declareTopology, drainQueue } from './setup.ts'
import type { Evidence, OpenTarget, Target } from './target.ts'
import type { Scenario, Variant } from './types.ts'
import { nodeName } from './variants.ts'

/** Told now and then how far a run is. */
export type Progress = (done: {
  readonly published: number
  readonly atMs: number
  readonly ofMs: number
}) => void

/** What a run may be given besides. */
export interface RunOptions {
  readonly readFile?: (path: string) => string
  readonly progress?: Progress
  /** Looked at now and then; true ends the run, which then throws. */
  readonly stopped?: () => boolean
}

/** The topology must be declared and the clients be connected within this time, in ms. */
const setupMs = 60_000
/** Mirrors are in place this long after the last declaration. */
const settleMs = 1000
/** Work is over when nothing has moved for this long. */
const quietMs = 5000

/** Throws one sentence when the run cannot be made; nothing of it is left running then. */
export async function runScenario(
  scenario: Scenario,
  variant: Variant,
  open: OpenTarget,
  seed: number,
  options: RunOptions = {},
): Promise<VariantRun> {
  const { cluster, topology } = scenario
  const target = await open({
    ...{ seed, nodes: variant.nodes, partitionHandling: variant.partitionHandling },
    ...{ netTickMs: cluster.netTickMs, links: cluster.links, disk: cluster.disk, costs: cluster.costs },
    ...{ policies: variant.policies, operatorPolicies: variant.operatorPolicies, topology },
    messages: messagesOf(scenario),
    readFile: options.readFile ?? nobodyReads,
  })
  try {
    return await new Run(scenario, variant, target, seed, options).whole()
  } finally {
    await target.close()
  }
}

function nobodyReads(path: string): string {
  throw new Error(`${path} is not at hand`)
}

/** How many messages will be published at most; Infinity when only time will tell. */
export function messagesOf({ workload }: Scenario): number {
  return workload.publishers.reduce((sum, { producers, messages, timeMs, rates }) => {
    const fastest = Math.max(...rates.map(({ rate }) => rate ?? Infinity))
    const byTime = timeMs === null ? Infinity : Math.ceil((fastest * timeMs) / 1000)
    return sum + producers * Math.min(messages ?? Infinity, byTime)
  }, 0)
}

class Run {
  private readonly scenario: Scenario
  private readonly variant: Variant
  private readonly target: Target
  private readonly seed: number
  private readonly options: RunOptions
  private readonly journal = new Journal()
  private readonly faults: Faults
  private readonly crew: Crew

  constructor(scenario: Scenario, variant: Variant, target: Target, seed: number, options: RunOptions) {
    this.scenario = scenario
    this.variant = variant
    this.target = target
    this.seed = seed
    this.options = options
    this.faults = new Faults(scenario.faults, target, this.journal, variant.nodes)
    this.crew = new Crew(scenario, variant.nodes, target, this.journal)
  }

  async whole(): Promise<VariantRun> {
    const { clock } = this.target
    await this.declare()
    this.journal.beganAt = clock.now
    this.crew.begin()
    this.faults.arm()
    const patience = this.scenario.afterwards.patienceMs
    const finished = await this.work(durationOf(this.scenario) + patience)
    const workedUntil = this.journal.lastAt
    const whole = !this.scenario.afterwards.repair || (await this.repair(patience))
    const evidence = await this.target.evidence()
    this.crew.end()
    if (this.scenario.afterwards.drain) await this.drain(patience)
    return this.judged(evidence, workedUntil, finished && whole)
  }

  /** Lets time pass as the target does, for `forMs` at most; throws when the run is to stop. */
  private pass(until: () => boolean, forMs: number, stepMs?: number): Promise<void> {
    const { target, options } = this
    const looked = () => {
      if (options.stopped?.()) throw new Error('interrupted')
      return until()
    }
    return target.run(looked, target.clock.now + forMs, stepMs)
  }

  private async declare(): Promise<void> {
    const { target, scenario, crew } = this
    let declared = false
    let refused: string | null = null
    declareTopology(scenario.topology, this.variant.nodes, target.network, target.clock, (refusal) => {
      declared = true
      refused = refusal
    })
    await this.pass(() => declared, setupMs)
    if (refused !== null) throw new Error(refused)
    if (!declared) throw new Error('the topology could not be declared within a minute')
    await this.pass(() => false, settleMs)
    crew.lookUp()
    await this.pass(() => crew.found, setupMs, 10)
    crew.connect()
    await this.pass(() => crew.connected, setupMs, 10)
    if (!crew.connected) throw new Error('the clients could not connect within a minute')
  }

  /** False when it has not come to rest after `forMs`. */
  private async work(forMs: number): Promise<boolean> {
    const { clock } = this.target
    const ofMs = durationOf(this.scenario)
    const quiet = this.quietness()
    let over = false
    await this.pass(() => {
      this.options.progress?.({
        ...{ published: this.journal.count.published, atMs: clock.now - this.journal.beganAt, ofMs },
      })
      over = quiet() && this.crew.idle && this.faults.due === 0
      return over
    }, forMs)
    return over
  }

  /** All links, nodes and queues are back, and what moves then has come to rest. */
  private async repair(forMs: number): Promise<boolean> {
    const { clock } = this.target
    const limitMs = clock.now + forMs
    let repaired = false
    this.target.repair(() => (repaired = true))
    await this.pass(() => repaired, forMs)
    const quiet = this.quietness()
    await this.pass(() => quiet() && this.crew.idle, limitMs - clock.now)
    return repaired
  }

  /** Says whether nothing has moved for a while; time counts from now. */
  private quietness(): () => boolean {
    const { clock } = this.target
    let [since, moved] = [clock.now, this.journal.stirrings]
    return () => {
      if (this.journal.stirrings !== moved) [since, moved] = [clock.now, this.journal.stirrings]
      return clock.now - since >= quietMs
    }
  }

  private async drain(forMs: number): Promise<void> {
    const { network, clock } = this.target
    const limitMs = clock.now + forMs
    // What consumers had in their hands is back in its queue.
    await this.pass(() => false, Math.min(forMs, settleMs))
    let left = this.scenario.topology.queues.length
    for (const [place, { name, leader }] of this.scenario.topology.queues.entries()) {
      const node = nodeName(leader <= this.variant.nodes ? leader : 1)
      const each = (message: number) => this.journal.left(place, message)
      drainQueue(name, node, network, clock, each, () => left--)
    }
    await this.pass(() => left === 0, limitMs - clock.now)
  }

  private judged(evidence: Evidence, workedUntil: number, finished: boolean): VariantRun {
    const { journal, faults, scenario, variant, target } = this
    const missed = faults.missed.map(({ name }) => name || 'a fault')
    for (const name of missed)
      journal.moment(workedUntil, '', `${name} never happened: its condition did not come`)
    const matter = { journal, faults, scenario, variant, evidence, workedUntil }
    return { variant: variant.name, target: target.kind, seed: this.seed, ...judge(matter), finished }
  }
}
