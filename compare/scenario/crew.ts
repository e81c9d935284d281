// All clients of a scenario's workload on one cluster: made, connected, set to work and sent home together. Used by `run`.

import { tableFromPlain } from '../../nodes/amqp/fields.ts'
import type { Habits } from '../client.ts'
import { Consumer } from './consumer.ts'
import type { Journal } from './journal.ts'
import { Publisher } from './publisher.ts'
import type { Target } from './target.ts'
import type { Consumers, NodeNumber, NodeRef, Publishers, Scenario } from './types.ts'
import { nodeName } from './variants.ts'

type Someone = Publisher | Consumer

export class Crew {
  private readonly publishers: { readonly client: Publisher; readonly startMs: number }[] = []
  private readonly consumers: {
    readonly client: Consumer
    readonly startMs: number
    readonly stopMs: number | null
  }[] = []
  private readonly scenario: Scenario
  private readonly nodes: number
  private readonly target: Target
  private readonly journal: Journal
  /** Who plays a role as the work begins: clients stay where they were configured to go. */
  private readonly roles = new Map<string, NodeNumber | null>()
  private expected = 0
  private stops = 0

  constructor(scenario: Scenario, nodes: number, target: Target, journal: Journal) {
    this.scenario = scenario
    this.nodes = nodes
    this.target = target
    this.journal = journal
  }

  /** Asks who leads and mirrors the queues that clients' nodes speak of. */
  lookUp(): void {
    const { publishers, consumers } = this.scenario.workload
    const refs = [...publishers, ...consumers].flatMap(({ nodes }) => nodes)
    const queues = new Set(refs.flatMap((ref) => (typeof ref === 'number' ? [] : [queueOf(ref)])))
    this.expected = 2 * queues.size
    for (const queue of queues)
      this.target.look(queue, (state) => {
        this.roles.set(`leader ${queue}`, state?.leader ?? null)
        this.roles.set(`mirror ${queue}`, state?.mirrors[0] ?? null)
      })
  }

  get found(): boolean {
    return this.roles.size === this.expected
  }

  /** Makes all clients and connects those who are there from the beginning. */
  connect(): void {
    const { network, clock } = this.target
    const queues = this.scenario.topology.queues.map(({ name }) => name)
    for (const options of this.scenario.workload.publishers)
      for (const [name, habits] of this.each(options, options.producers)) {
        const client = new Publisher(name, habits, options, network, clock, this.journal)
        this.publishers.push({ client, startMs: options.startMs })
      }
    for (const options of this.scenario.workload.consumers) {
      const place = { options, queue: queues.indexOf(options.queue), args: tableFromPlain(options.arguments) }
      for (const [name, habits] of this.each(options, options.consumers)) {
        const client = new Consumer(name, habits, place, network, clock, this.journal)
        this.consumers.push({ client, startMs: options.startMs, stopMs: options.stopMs })
      }
    }
    for (const { client, startMs } of this.all()) if (startMs === 0) client.client.connect()
  }

  get connected(): boolean {
    return this.all().every(({ client, startMs }) => startMs > 0 || client.client.open)
  }

  /** The work begins now. */
  begin(): void {
    const { clock } = this.target
    for (const { client, startMs } of this.publishers)
      clock.after(startMs, () => {
        if (startMs > 0) client.client.connect()
        client.start()
      })
    for (const { client, startMs, stopMs } of this.consumers) {
      if (startMs > 0) clock.after(startMs, () => client.client.connect())
      if (stopMs === null) continue
      this.stops++
      clock.after(stopMs, () => {
        this.stops--
        client.stop()
      })
    }
  }

  /** Applications have handed over all they will, and no consumer has anything in its hands or is still to go. */
  get idle(): boolean {
    return (
      this.stops === 0 &&
      this.publishers.every(({ client }) => client.finished) &&
      this.consumers.every(({ client }) => client.idle)
    )
  }

  end(): void {
    for (const { client } of this.all()) client.stop()
  }

  private all(): readonly { readonly client: Someone; readonly startMs: number }[] {
    return [...this.publishers, ...this.consumers]
  }

  /** Equal clients begin one further each in their list of nodes. */
  private each(options: Publishers | Consumers, count: number): (readonly [string, Habits])[] {
    const nodes = options.nodes.map((ref) => nodeName(this.number(ref)))
    const { delayMs, order, heartbeatMs } = options
    return Array.from({ length: count }, (_, i) => {
      const from = i % nodes.length
      const own = [...nodes.slice(from), ...nodes.slice(0, from)]
      return [
        i === 0 ? options.name : `${options.name}-${i + 1}`,
        { nodes: own, delayMs, order, heartbeatMs },
      ] as const
    })
  }

  /** A node that the variant does not have is its first. */
  private number(ref: NodeRef): NodeNumber {
    const number =
      typeof ref === 'number'
        ? ref
        : this.roles.get(`${'leaderOf' in ref ? 'leader' : 'mirror'} ${queueOf(ref)}`)
    return number == null || number > this.nodes ? 1 : number
  }
}

const queueOf = (ref: Exclude<NodeRef, number>) => ('leaderOf' in ref ? ref.leaderOf : ref.mirrorOf)
