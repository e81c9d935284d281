// One simulated cluster with its users, in virtual time: the work with its faults, the calm after them, and the emptying of
// every queue at the end. It writes the history; what is wrong with it is for the invariants to say.

import type { LineEnd } from '../compare/line.ts'
import { EmulatedTarget } from '../compare/targets/emulated.ts'
import type { Cluster } from '../nodes/cluster.ts'
import { randomStream } from '../nodes/loop.ts'
import { observed } from '../nodes/timings.ts'
import type { TraceEvent } from '../nodes/trace.ts'
import { Cells } from './coverage.ts'
import { bringUp, disturb, setPolicy } from './faults.ts'
import type { HistoryEvent, PhaseEvent } from './history.ts'
import { Inspector } from './inspector.ts'
import { forsaken } from './invariants/rest.ts'
import type { Plan } from './plan.ts'
import { type Company, type Exchange, User } from './user.ts'

/** Silence is noticed sooner than in a real cluster, so that a seed need not last for minutes. */
const netTick = { minMs: 2000, maxMs: 3500 } as const

/** More events than this at one go: the cluster goes round in circles. */
const mostEvents = 400_000

export class World implements Company, Exchange {
  readonly plan: Plan
  readonly history: HistoryEvent[] = []
  readonly cells = new Cells()
  readonly users: readonly User[]
  /** Which of the policies is in force for the half `a`. */
  policy = 'none'
  /** Disturbances: faults but for starts, heals and changes of policy. */
  disturbances = 0
  readonly target: EmulatedTarget
  private readonly at = new Map<string, string>()
  private readonly where: () => number
  private messages = 0

  constructor(plan: Plan) {
    this.plan = plan
    const { nodes, seed, handling } = plan
    const names = Array.from({ length: nodes }, (_, i) => `rabbit@node${i + 1}`)
    const partitionHandling = handling.of(names, randomStream(seed, 'simulation handling'))
    this.target = new EmulatedTarget(nodes, seed, { partitionHandling, netTick })
    const { trace } = this.cluster
    for (const event of trace.events()) this.take(event)
    trace.onEvent = (event) => this.take(event)
    this.where = randomStream(seed, 'simulation network')
    this.users = plan.users.map((user) => new User(user, this, this, this.target))
  }

  get cluster(): Cluster {
    return this.target.cluster
  }

  get queues(): Plan['queues'] {
    return this.plan.queues
  }

  note(event: HistoryEvent): void {
    this.history.push(event)
  }

  nextMessage(): number {
    return ++this.messages
  }

  // ---- the users' network

  dial(user: string, end: LineEnd): ReturnType<EmulatedTarget['dial']> {
    const plan = this.plan.users.find(({ name }) => name === user)
    const names = this.target.nodes
    let node = names[plan?.home ?? Number(user.slice(Inspector.prefix.length))]!
    if (plan?.wanders && !this.target.isRunning(node)) node = names[Math.floor(this.where() * names.length)]!
    this.at.set(user, node)
    return this.target.dial(node, end)
  }

  nodeOf(user: string): string {
    return this.at.get(user) ?? ''
  }

  // ---- the run

  /** The work: users at it, faults in between. */
  work(): void {
    const { plan } = this
    const chance = randomStream(plan.seed, 'simulation faults')
    const [first = ''] = this.target.nodes
    const detail = setPolicy(this, first, chance)
    this.note({ at: this.target.now, what: 'fault', fault: 'policy', detail })
    for (const user of this.users) user.start()
    this.pass(300 + 1500 * chance())
    for (let done = 0; done < plan.faults; done++) {
      // Just before it and after it the users are all at it, now and then.
      if (chance() < 0.5) for (const user of this.users) this.target.after(3 * chance(), () => user.act())
      this.pass(2.5 * chance())
      const fault = disturb(this, chance)
      if (fault !== null) {
        this.note({ at: this.target.now, what: 'fault', fault: fault.row.name, detail: fault.detail })
        this.cells.met(fault.row.name, this)
        if (fault.row.hard) this.disturbances++
      }
      if (chance() < 0.5) for (const user of this.users) this.target.after(400 * chance(), () => user.act())
      this.pass(chance() < 0.3 ? 300 * chance() : 2600 * chance())
    }
    this.pass(1500)
  }

  /** No more faults: everything is mended and started, users settle what they hold and ask for nothing new. */
  calm(): void {
    this.phase('calm')
    const { cluster } = this
    for (const link of cluster.allLinks()) link.delayMs = observed.linkDelayMs
    for (const { name, state } of cluster.members) if (state === 'frozen') cluster.thaw(name)
    cluster.heal()
    this.pass(500)
    for (let round = 0; round < 8 && !this.isWhole; round++) {
      for (const { name } of cluster.members) bringUp(this, name)
      this.pass(5000)
      const [kept, ...others] = cluster.islands
      // What "ignore" leaves behind ends when all sides but one are restarted.
      if (kept !== undefined && others.length > 0 && round > 0)
        for (const island of others) for (const name of [...island.members]) cluster.stop(name)
      this.pass(500)
    }
    this.pass(4000)
    for (const user of this.users) user.tired = true
    this.pass(6000)
    this.phase('rest')
  }

  get isWhole(): boolean {
    const { members, islands } = this.cluster
    return islands.length === 1 && members.every(({ state }) => state === 'running')
  }

  /** Users leave; somebody on each node looks at every queue, and one of them empties it and uses it once more. */
  empty(): Inspector[] {
    for (const user of this.users) user.leave()
    this.pass(1000)
    this.phase('emptying')
    const gone = forsaken(this.cluster)
    const shared = this.plan.queues.filter(({ name, kind }) => !kind.exclusive && !gone.has(name))
    const inspectors = this.target.nodes.map((_node, i) => new Inspector(i, shared, this, this, this.target))
    for (const inspector of inspectors) {
      inspector.look()
      this.until(() => inspector.done, 10_000)
    }
    const emptier = inspectors[this.plan.seed % inspectors.length]!
    emptier.empty()
    this.until(() => emptier.done, 30_000)
    for (const inspector of inspectors) inspector.leave()
    this.pass(1000)
    this.phase('end')
    return inspectors
  }

  /** Lets `ms` of virtual time pass. */
  pass(ms: number): void {
    this.until(() => false, ms)
  }

  /** Lets time pass until `done`, at most `ms`. */
  private until(done: () => boolean, ms: number): void {
    const { loop } = this.cluster
    const end = loop.now + ms
    loop.drain()
    for (let events = 0; !done(); events++) {
      if (events > mostEvents) throw new Error(`more than ${mostEvents} events within ${ms} ms`)
      const { now, peer } = loop.nextDue()
      const next = Math.min(now, peer)
      if (next > end) return loop.runUntil(end)
      loop.runUntil(Math.max(next, loop.now))
    }
  }

  private phase(phase: PhaseEvent['phase']): void {
    this.note({ at: this.target.now, what: 'phase', phase })
  }

  private take({ at, kind, node, subject, value }: TraceEvent): void {
    this.note({ at, what: kind, node, subject, value })
  }
}
