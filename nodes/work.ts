// Processor time: what each operation of a node costs, and the processors on which work waits its turn. Made by `cluster` when a
// simulation asks for it; a live cluster has none of it. Everything that enters a node comes by a pipe, one thing after the
// other; it must never reorder what came by the same pipe.

import type { Loop } from './loop.ts'
import { Ring } from './ring.ts'

/** What costs time, in the words of docs/cost-model.md. */
export const operations = [
  'publish',
  'queue',
  'persist',
  'relayPublish',
  'replicate',
  'deliver',
  'relayDeliver',
] as const
export type Operation = (typeof operations)[number]

/** Milliseconds of a whole machine: `fixedMs` for each, and `byteMs` for each byte of the body. */
export interface ServiceTime {
  readonly fixedMs: number
  readonly byteMs: number
}

export type ServiceTimes = Readonly<Record<Operation, ServiceTime>>

export interface Work {
  readonly times: ServiceTimes
  /** How much faster a machine is than the one that was measured: twice the cores, 2. One queue does not gain by it. */
  readonly speed: number
  /** Whether all nodes are on one machine, or each has its own. */
  readonly machines: 'shared' | 'own'
}

type Job = () => void

/** One connection's or link's way into a node. */
export class Pipe {
  readonly jobs = new Ring<Job>()
  /** It stands in its processor's line, or will when its time comes. */
  waiting = false
  /** Nothing more is taken from it before: a queue it fed is behind. */
  heldUntil = 0
  /** How much time it has had, in ms; one that was idle is as if it had had its share. */
  had = 0
}

/** So far may a queue be behind before those who feed it wait, in ms: RabbitMQ's credit flow. */
const laneCreditMs = 1

/** One machine: takes one thing after the other, from the pipe that has had least, and is busy for as long as that costs. */
export class Processor {
  private readonly loop: Loop
  private readonly speed: number
  private readonly line: Pipe[] = []
  private armed = false
  private busyUntil = 0
  private serving: Pipe | null = null
  /** Whose turn it was last, and when it began. */
  private last: Pipe | null = null
  private lastAt = 0
  /** What the pipe served last had had by then. */
  private share = 0

  constructor(loop: Loop, speed: number) {
    this.loop = loop
    this.speed = speed
  }

  /** When all that has begun will be done, in ms of the loop's time: what is sent now leaves then. */
  get freeAt(): number {
    return Math.max(this.loop.now, this.busyUntil)
  }

  /** `job` runs when the machine comes to it; what it costs is told by `spend` while it runs and until its turn ends. */
  enter(pipe: Pipe, job: Job): void {
    pipe.jobs.push(job)
    if (!pipe.waiting) this.queue(pipe)
  }

  /** Work of `ms` on the machine that was measured. */
  spend(ms: number): void {
    this.busyUntil = this.freeAt + ms / this.speed
  }

  /** The same, done by one queue, which works on one thing at a time whatever the machine: `until` is when it is free. */
  spendInLane(lane: { until: number }, ms: number): void {
    this.spend(ms)
    lane.until = Math.max(lane.until, this.loop.now) + ms
    if (this.serving !== null)
      this.serving.heldUntil = Math.max(this.serving.heldUntil, lane.until - laneCreditMs)
  }

  private queue(pipe: Pipe): void {
    pipe.waiting = true
    if (pipe.heldUntil > this.loop.now) return void this.loop.at(pipe.heldUntil, () => this.queue(pipe))
    pipe.had = Math.max(pipe.had, this.share)
    this.line.push(pipe)
    this.arm()
  }

  private arm(): void {
    if (this.armed || this.line.length === 0) return
    this.armed = true
    this.loop.at(this.freeAt, () => this.serve())
  }

  private serve(): void {
    this.armed = false
    // What was begun last has cost more since: what its turn gathered, or what another pipe's did.
    if (this.busyUntil > this.loop.now) return this.arm()
    if (this.last !== null) this.last.had += this.busyUntil - this.lastAt
    const pipe = this.next()
    this.last = pipe
    this.lastAt = this.busyUntil = this.loop.now
    this.share = pipe.had
    this.serving = pipe
    pipe.jobs.shift()?.()
    this.serving = null
    pipe.waiting = false
    if (pipe.jobs.length > 0) this.queue(pipe)
    this.arm()
  }

  /** Of those that have had least the one that has waited longest. Called when somebody waits. */
  private next(): Pipe {
    let at = 0
    for (let i = 1; i < this.line.length; i++) if (this.line[i]!.had < this.line[at]!.had) at = i
    return this.line.splice(at, 1)[0]!
  }
}

/** All machines of a cluster. */
export class Machines {
  readonly times: ServiceTimes
  private readonly loop: Loop
  private readonly work: Work
  private readonly processors = new Map<string, Processor>()

  constructor(loop: Loop, work: Work) {
    this.loop = loop
    this.work = work
    this.times = work.times
  }

  /** The machine that `node` is on. */
  of(node: string): Processor {
    const name = this.work.machines === 'shared' ? '' : node
    let processor = this.processors.get(name)
    if (processor === undefined)
      this.processors.set(name, (processor = new Processor(this.loop, this.work.speed)))
    return processor
  }
}
