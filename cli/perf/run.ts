// One run from the first connection to the last: declares, starts consumers and then producers, reads the meter once an
// interval, and ends by time, counts or a signal. Whatever ends it, what it declared is taken away and the summary printed.

import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent } from './agent.ts'
import { Busyness } from './busy.ts'
import { Ended } from './connection.ts'
import { Consumer } from './consumer.ts'
import { type Counts, Meter } from './meter.ts'
import type { Part, PartHost } from './part.ts'
import { dealt, type Plan } from './plan.ts'
import { Producer } from './producer.ts'
import type { Busy, Report } from './report.ts'
import { Topology } from './topology.ts'

/** How often the end looks whether everything has arrived, and how long nothing may have come for it to be so. */
const lookMs = 20
const quietMs = 300

export class Run {
  readonly #plan: Plan
  readonly #report: Report
  readonly #meter = new Meter()
  readonly #topology: Topology
  readonly #producers: Agent[] = []
  readonly #consumers: Agent[] = []
  readonly #host: PartHost
  #startedAt = 0
  #tickedAt = 0
  #failure: Ended | null = null
  /** Ends the run with a reason; set while it runs. */
  #end: (why: string) => void = () => {}

  constructor(plan: Plan, report: Report) {
    this.#plan = plan
    this.#report = report
    const { addresses, connection, topology, id } = plan
    // Queues are declared through the last node, so that with three nodes publisher, consumer and owner are apart.
    this.#topology = new Topology(topology, id, addresses.at(-1)!, connection)
    const { clock } = connection
    this.#host = {
      clock,
      meter: this.#meter,
      seconds: () => (this.#startedAt === 0 ? 0 : (performance.now() - this.#startedAt) / 1000),
      finished: () => this.#someoneFinished(),
    }
  }

  /** Resolves once everything is closed. `interrupted` resolves with the reason to stop early. Rejects with Ended. */
  async perform(interrupted: Promise<string>): Promise<void> {
    let stop: string | null = null
    const early = interrupted.then((why) => {
      stop = why
      this.#end(why)
    })
    void early
    try {
      await this.#topology.declare()
      await this.#open()
      if (stop === null) await this.#measure()
    } finally {
      await this.#close()
    }
    if (this.#failure !== null) throw this.#failure
  }

  // ---- before

  async #open(): Promise<void> {
    const { consumers, producers } = this.#plan
    for (let i = 0; i < consumers; i++)
      await this.#add(this.#consumers, `consumer #${i}`, i + 1, this.#consumer(i))
    for (let i = 0; i < producers; i++)
      await this.#add(this.#producers, `producer #${i}`, i, this.#producer(i))
  }

  async #add(agents: Agent[], name: string, first: number, parts: readonly Part[]): Promise<void> {
    const { addresses, connection, recoverySeconds } = this.#plan
    const agent = new Agent(name, parts, addresses, first, connection, recoverySeconds, {
      said: (text) => this.#report.said(text),
      failed: (why) => this.#fail(new Ended(why.code, `${name}: ${why.message}`)),
    })
    this.#report.said(`starting ${name}`)
    agents.push(agent)
    await agent.open()
  }

  #consumer(index: number): Consumer[] {
    const { consumers, consumerChannels, consuming, topology } = this.#plan
    const workers = consumers * consumerChannels
    return Array.from({ length: consumerChannels }, (_, channel) => {
      const own = dealt(topology.queues, workers, index * consumerChannels + channel)
      return new Consumer(this.#host, consuming, (connection, number) =>
        this.#topology.forConsumer(connection, number, own),
      )
    })
  }

  #producer(index: number): Producer[] {
    const { producers, producerChannels, publishing, topology } = this.#plan
    const workers = producers * producerChannels
    return Array.from({ length: producerChannels }, (_, channel) => {
      const worker = index * producerChannels + channel
      const keys = dealt(this.#topology.keys, workers, worker)
      const form = { exchange: topology.exchange, keys }
      return new Producer(this.#host, publishing, form, worker / workers, (connection, number) =>
        this.#topology.forProducer(connection, number),
      )
    })
  }

  // ---- while

  async #measure(): Promise<void> {
    const { seconds, intervalSeconds } = this.#plan
    const ended = new Promise<string>((resolve) => {
      this.#end = resolve
    })
    this.#startedAt = performance.now()
    const whole = new Busyness()
    const sinceTick = new Busyness()
    for (const agent of [...this.#consumers, ...this.#producers]) agent.start()
    const ticking = setInterval(() => this.#tick(sinceTick.look()), intervalSeconds * 1000)
    const limit = seconds === null ? null : setTimeout(() => this.#end('Reached time limit'), seconds * 1000)
    this.#someoneFinished()
    const why = await ended
    if (limit !== null) clearTimeout(limit)
    for (const agent of this.#producers) for (const part of agent.parts) part.stop()
    const busy = whole.look()
    const { counts, seconds: took } = await this.#settle(why)
    clearInterval(ticking)
    this.#report.summary(why, this.#meter.whole(counts, took), busy)
  }

  #tick(busy: Busy): void {
    const time = this.#host.seconds()
    this.#report.interval(time, this.#meter.read(time - this.#tickedAt), busy)
    this.#tickedAt = time
  }

  /** Everything that has a count has reached it. */
  #someoneFinished(): void {
    const { publishing, consuming, consumers, producers } = this.#plan
    const limited = [
      ...(publishing.count === null ? [] : this.#producers),
      ...(consuming.count === null ? [] : this.#consumers),
    ]
    const expected = (publishing.count === null ? 0 : producers) + (consuming.count === null ? 0 : consumers)
    if (expected === 0 || limited.length < expected) return
    if (limited.every((agent) => agent.parts.every((part) => part.finished)))
      this.#end('Reached message limit')
  }

  #fail(why: Ended): void {
    this.#failure ??= why
    this.#end(why.message)
  }

  // ---- after

  /**
   * Waits for confirms, and after a run by counts for what is still on its way to consumers. The rates are those up to the
   * stop; of a run by counts those up to the last thing that happened.
   */
  async #settle(why: string): Promise<{ counts: Counts; seconds: number }> {
    const stopped = { counts: this.#meter.counts, seconds: this.#host.seconds() }
    const byCounts = this.#plan.publishing.count !== null && why === 'Reached message limit'
    const end = stopped.seconds + (this.#failure === null ? this.#plan.shutdownSeconds : 0)
    let last = stopped
    while (this.#host.seconds() < end) {
      const quiet = (this.#host.seconds() - last.seconds) * 1000 >= quietMs
      if (this.#allConfirmed && (!byCounts || quiet || this.#allReceived)) break
      await pause(lookMs)
      const { counts } = this.#meter
      if (differ(counts, last.counts)) last = { counts, seconds: this.#host.seconds() }
    }
    return byCounts ? { ...last, counts: this.#meter.counts } : stopped
  }

  get #allConfirmed(): boolean {
    const producers = this.#producers.flatMap((agent) => agent.parts) as Producer[]
    return producers.every((producer) => producer.settledAll)
  }

  get #allReceived(): boolean {
    const { consumers, publishing, topology } = this.#plan
    if (consumers === 0) return !publishing.mandatory
    const once = topology.routingKey === null && topology.type === 'direct' && topology.queues.length > 0
    return once && this.#meter.received >= this.#meter.sent - this.#meter.returned
  }

  async #close(): Promise<void> {
    await Promise.all(this.#producers.map((agent) => agent.close()))
    await Promise.all(this.#consumers.map((agent) => agent.close()))
    try {
      await this.#topology.remove()
    } catch (error) {
      if (!(error instanceof Ended)) throw error
      this.#report.said(`what was declared could not be deleted: ${error.message}`)
    }
  }
}

function differ(a: Counts, b: Counts): boolean {
  return (
    a.sent !== b.sent || a.confirmed !== b.confirmed || a.nacked !== b.nacked || a.received !== b.received
  )
}
