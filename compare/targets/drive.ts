// Drives scenarios on a site, by AMQP and HTTP, and writes down what comes of each step. Scenarios that meet the same faults
// run side by side on one cluster, each in its vhost; at a fault all wait until the last has come that far.

import type { Channel } from 'amqplib'
import { type Outcome, runs, viewText } from '../outcome.ts'
import { describe, type Fault, isFault, type Scenario, type Step } from '../steps.ts'
import { bodyOf, Clients, library } from './clients.ts'
import { plainRequest, queueAction, setPolicy } from './management.ts'
import { Publishing } from './publishing.ts'
import { commonNames, type NodeView, nodeView, pause, poll, type Site, settled } from './site.ts'
import { Transactions } from './transactions.ts'
import { matches, queueView } from './views.ts'

/** Runs `scenarios`, which must have equal fault keys, side by side; outcomes in their order. */
export async function drive(site: Site, scenarios: readonly Scenario[]): Promise<Outcome[]> {
  await library()
  // One after the other: made all at once they keep a real cluster busier than a request waits.
  const vhosts: string[] = []
  for (const { name } of scenarios) vhosts.push(await site.openVhost(name))
  const gate = new Gate(site, scenarios.length)
  return Promise.all(scenarios.map((scenario, i) => new Run(site, scenario, gate, vhosts[i]!).outcome()))
}

/** Where runs meet before a fault. */
class Gate {
  private readonly site: Site
  private readonly size: number
  private arrived = 0
  private open: PromiseWithResolvers<string | undefined> = resolvers()

  constructor(site: Site, size: number) {
    this.site = site
    this.size = size
  }

  async pass(fault: Fault): Promise<string | undefined> {
    const { open } = this
    if (++this.arrived === this.size) {
      this.arrived = 0
      this.open = resolvers()
      this.site.harm(fault).then(open.resolve, open.reject)
    }
    return open.promise
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

function resolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}

type Of<K extends Step['do']> = Extract<Step, { do: K }>

class Run {
  private readonly site: Site
  private readonly scenario: Scenario
  private readonly gate: Gate
  private readonly vhost: string
  private readonly clients: Clients
  private readonly transactions: Transactions
  private readonly late: string[] = []
  /** Requests whose step is over. */
  private readonly pending: Promise<void>[] = []
  private publishing: { readonly step: Promise<void>; readonly messages: Publishing } | null = null

  constructor(site: Site, scenario: Scenario, gate: Gate, vhost: string) {
    this.site = site
    this.scenario = scenario
    this.gate = gate
    this.vhost = vhost
    this.clients = new Clients(site, vhost)
    this.transactions = new Transactions(this.clients)
  }

  async outcome(): Promise<Outcome> {
    const steps: string[] = []
    for (const step of this.scenario.steps) {
      const result = await this.take(step)
      steps.push(result === '' ? describe(step) : `${describe(step)} => ${result}`)
    }
    await this.clients.quiet()
    await Promise.race([Promise.all(this.pending), pause(this.site.patience.quiet)])
    const consumers: Record<string, string> = {}
    for (const [name, log] of this.clients.consumers) consumers[name] = runs(log.events)
    const outcome = { steps, consumers, connections: { ...this.clients.ends }, late: [...this.late].sort() }
    await this.clients.close()
    return outcome
  }

  private async take(step: Step): Promise<string> {
    try {
      if (isFault(step)) {
        return commonNames((await this.gate.pass(step)) ?? '', this.site, this.vhost)
      }
      return await this.perform(step)
    } catch (error) {
      if (isFault(step)) throw error
      return this.clients.textOf(error)
    }
  }

  private perform(step: Exclude<Step, Fault>): Promise<string> | string {
    switch (step.do) {
      case 'publish':
        return this.publish(step)
      case 'published':
        return this.published()
      case 'consume':
        return this.answered(step, async () => {
          await this.clients.consume(step.on, step.as, step.queue, step.consumer, step)
          return 'ok'
        })
      case 'deliveries':
        return this.deliveries(step)
      case 'settle':
        return this.settle(step)
      case 'cancel':
        return this.answered(step, async () => {
          const { channel, tag } = this.log(step.consumer)
          await channel.cancel(tag)
          return 'ok'
        })
      case 'close':
        return this.log(step.consumer)
          .channel.close()
          .then(() => 'ok')
      case 'policy':
      case 'clear-policy':
        return setPolicy(this.site, this.vhost, step)
      case 'sync':
      case 'cancel-sync':
        return queueAction(this.site, this.vhost, step)
      case 'http':
        return this.answered(step, () => plainRequest(this.site, this.vhost, step))
      case 'rebalance':
        return this.site.rebalance?.(step.on, this.vhost) ?? 'not to be had here'
      case 'tx':
        return this.answered(step, () => this.transactions.perform(step))
      case 'look':
        return this.look(step)
      case 'await':
        return this.awaitView(step)
      case 'nodes':
        return this.nodes((view) => view.running)
      case 'members':
        return this.nodes((view) => view.members)
      case 'rest':
        return pause(this.site.patience.quiet).then(() => '')
      default:
        return this.answered(step, () => this.asked(step))
    }
  }

  /** A request on a channel of its own. What is not answered in time is looked at again at the end of the run. */
  private async answered(step: Step, act: () => Promise<string>): Promise<string> {
    let over = false
    const answer = act().catch((error: unknown) => this.clients.textOf(error))
    this.pending.push(
      answer.then((text) => {
        // An operation's deadline of a minute may or may not pass while the scenario runs.
        if (over && !/due to timeout|connection lost/.test(text))
          this.late.push(`${describe(step)} => ${text}`)
      }),
    )
    const none = pause(this.site.patience.answer).then(() => 'no answer')
    const text = await Promise.race([answer, none])
    over = true
    return text
  }

  private async asked(
    step: Of<'declare' | 'exchange' | 'bind' | 'unbind' | 'get' | 'drain' | 'purge' | 'delete'>,
  ) {
    const channel = await this.clients.channel(step.on, step.as)
    const text = await this.ask(channel, step)
    const held = step.do === 'get' && step.how === 'hold'
    if (!held) await channel.close().catch(() => {})
    return text
  }

  private async ask(channel: Channel, step: Parameters<Run['asked']>[0]): Promise<string> {
    switch (step.do) {
      case 'declare': {
        const { queue, do: _, on: __, as: ___, passive, ...options } = step
        const ok = passive ? await channel.checkQueue(queue) : await channel.assertQueue(queue, options)
        return `ok ${ok.messageCount} messages ${ok.consumerCount} consumers`
      }
      case 'exchange':
        await channel.assertExchange(step.exchange, step.type, { durable: step.durable ?? true })
        return 'ok'
      case 'bind':
        await channel.bindQueue(step.queue, step.exchange, step.key)
        return 'ok'
      case 'unbind':
        await channel.unbindQueue(step.queue, step.exchange, step.key)
        return 'ok'
      case 'get':
        return this.get(channel, step.queue, step.count, step.how)
      case 'drain':
        return this.get(channel, step.queue, Number.POSITIVE_INFINITY, 'ack')
      case 'purge':
        return `ok ${(await channel.purgeQueue(step.queue)).messageCount}`
      case 'delete': {
        const { ifUnused, ifEmpty } = step
        const options = { ...(ifUnused ? { ifUnused } : {}), ...(ifEmpty ? { ifEmpty } : {}) }
        return `ok ${(await channel.deleteQueue(step.queue, options)).messageCount}`
      }
    }
  }

  private async get(channel: Channel, queue: string, count: number, how: string): Promise<string> {
    const got: string[] = []
    while (got.length < count) {
      const message = await channel.get(queue)
      if (message === false) {
        got.push('(empty)')
        break
      }
      got.push(bodyOf(message))
      if (how === 'ack') channel.ack(message)
      else if (how === 'requeue') channel.nack(message)
    }
    return runs(got)
  }

  private async publish(step: Of<'publish'>): Promise<string> {
    const { on, as, key, count, ...options } = step
    if (options.confirms === false) {
      const channel = await this.clients.channel(on, as)
      for (let i = 0; i < count; i++)
        channel.publish(options.exchange ?? '', key, Buffer.from(`${options.body ?? 'm'}${i}`), {
          persistent: options.persistent !== false,
        })
      await channel.close()
      return 'sent'
    }
    const messages = new Publishing(await this.clients.confirmChannel(on, as), this.site)
    const running = messages.run(key, count, options)
    if (options.everyMs !== undefined) {
      this.publishing = { step: running, messages }
      return 'begun'
    }
    await running
    return messages.text
  }

  private async published(): Promise<string> {
    if (this.publishing === null) return 'nothing was begun'
    await this.publishing.step
    return this.publishing.messages.text
  }

  private log(consumer: string) {
    const log = this.clients.consumers.get(consumer)
    if (log === undefined) throw new Error(`no consumer ${consumer}`)
    return log
  }

  /** Waits for so many deliveries from the beginning; whether they have come is told by the consumer's history. */
  private async deliveries({ consumer, count }: Of<'deliveries'>): Promise<string> {
    const { events } = this.log(consumer)
    const delivered = () => events.filter((event) => !event.startsWith('(')).length
    const came = await poll(this.site, this.site.patience.arrival, async () => delivered() >= count)
    return came ? 'come' : `only ${delivered()}`
  }

  private async settle({ consumer, how, tags, multiple }: Of<'settle'>): Promise<string> {
    const { channel, messages } = this.log(consumer)
    for (const tag of tags) {
      const message = messages.get(tag)
      if (message === undefined) return `no delivery with tag ${tag}`
      if (how === 'ack') channel.ack(message, multiple)
      else channel.nack(message, multiple, how === 'requeue')
    }
    // A question on the same channel: when it is answered, or refused, what went before has been handled.
    await channel.checkExchange('amq.direct').catch(() => {})
    return 'sent'
  }

  private async look({ on, queue }: Of<'look'>): Promise<string> {
    await this.nudge(on, queue)
    const view = () => queueView(this.site, on, this.vhost, queue)
    const seen = await settled(this.site, view)
    // No state is what a queue without a leader shows, and for a while one whose statistics have not come yet.
    const stated = async () => (await view())?.state !== undefined
    if (seen === null || seen.state !== undefined) return viewText(seen)
    if (!(await poll(this.site, this.site.patience.arrival, stated))) return viewText(await view())
    return viewText(await settled(this.site, view))
  }

  /** A passive declare that nobody waits for: an idle queue of a real broker tells its statistics when it is asked something. */
  private async nudge(on: number, queue: string): Promise<void> {
    try {
      const channel = await this.clients.channel(on, 'looking')
      channel.checkQueue(queue).then(
        () => channel.close().catch(() => {}),
        () => {},
      )
    } catch {
      // The node does not run; then its view says so.
    }
  }

  private async awaitView({ on, queue, until }: Of<'await'>): Promise<string> {
    const view = () => queueView(this.site, on, this.vhost, queue)
    const reached = await poll(this.site, this.site.patience.arrival, async () =>
      matches(await view(), until),
    )
    return reached ? 'reached' : `not reached: ${viewText(await view())}`
  }

  private async nodes(shown: (view: NodeView) => readonly number[]): Promise<string> {
    const all = Array.from({ length: this.site.size }, (_, i) => i + 1)
    const views = await settled(this.site, () => Promise.all(all.map((node) => nodeView(this.site, node))))
    const list = (numbers: readonly number[]) => `[${numbers.map((node) => `node${node}`).join(' ')}]`
    return views
      .map((view, i) => {
        if (view === null) return `node${i + 1} silent`
        const apart = view.partitions.length > 0 ? `, partitions ${list(view.partitions)}` : ''
        return `node${i + 1} sees ${list(shown(view))}${apart}`
      })
      .join('; ')
  }
}
