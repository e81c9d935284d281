// Somebody who comes when all is over: looks at every queue through one node, and may empty each and use it once more. A
// client like any other; what it sees goes into the history, and what it was not served is told.

import { readBody, writeBody } from '../compare/body.ts'
import { Client, type ClientEvents } from '../compare/client.ts'
import type { Clock } from '../compare/line.ts'
import { encodeProperties } from '../nodes/amqp/content.ts'
import { emptyTable } from '../nodes/amqp/fields.ts'
import type { MethodArguments, MethodName } from '../nodes/amqp/methods.ts'
import type { QueuePlan } from './plan.ts'
import type { Company, Exchange } from './user.ts'

/** What a queue looked like through one node: `messages consumers`, or why it could not be looked at. */
export type Sight = string

const persistent = encodeProperties({ deliveryMode: 2 })

export class Inspector implements ClientEvents {
  static readonly prefix = 'inspector'
  readonly seen = new Map<string, Sight>()
  /** Queues that did not serve, and how. */
  readonly unserved: string[] = []
  done = false
  private readonly name: string
  private readonly client: Client
  private readonly queues: readonly QueuePlan[]
  private readonly company: Company
  private readonly exchange: Exchange
  private readonly clock: Clock
  private left: QueuePlan[] = []
  private job: 'look' | 'empty' | 'use' = 'look'
  private last = 0
  private tag = 0

  constructor(
    number: number,
    queues: readonly QueuePlan[],
    company: Company,
    exchange: Exchange,
    clock: Clock,
  ) {
    this.name = `${Inspector.prefix}${number}`
    this.queues = queues
    this.company = company
    this.exchange = exchange
    this.clock = clock
    this.client = new Client(this.name, this.name, exchange, clock, this)
  }

  /** Looks at each queue. */
  look(): void {
    this.begin('look', this.queues)
    this.client.connect()
  }

  /** Empties each queue that is there; then each is used once. */
  empty(): void {
    this.begin('empty', this.there())
    this.client.send('confirmSelect', { nowait: false })
  }

  leave(): void {
    this.client.stop()
  }

  // ---- from the client

  opened(): void {
    this.next()
  }

  answered(method: MethodName, args: MethodArguments[MethodName]): void {
    if (method === 'confirmSelectOk') return this.next()
    const queue = this.left[0]
    if (queue === undefined) return
    if (method === 'queueDeclareOk') {
      const { messageCount, consumerCount } = args as MethodArguments['queueDeclareOk']
      this.seen.set(queue.name, `${messageCount} messages, ${consumerCount} consumers`)
    } else if (this.job === 'use')
      this.unserved.push(`${queue.name} confirmed a message and does not have it`)
    this.left.shift()
    this.next()
  }

  fetched(tag: number, redelivered: boolean, body: Buffer): void {
    const queue = this.left[0]!.name
    const { message } = readBody(body)
    const said = { at: this.clock.now, user: this.name, session: 1, node: this.exchange.nodeOf(this.name) }
    this.company.note({
      ...said,
      what: 'delivered',
      queue,
      consumer: null,
      tag,
      message,
      redelivered,
      noAck: true,
    })
    if (this.job === 'use') {
      if (message !== this.last)
        this.unserved.push(`${queue} gave message ${message} instead of ${this.last}`)
      this.left.shift()
    }
    this.next()
  }

  confirmed(tag: number, _multiple: boolean, acked: boolean): void {
    const queue = this.left[0]
    if (queue === undefined || tag !== this.tag) return
    if (!acked) this.unserved.push(`${queue.name} refuses a message though it is empty`)
    this.client.send('basicGet', { queue: queue.name, noAck: true })
  }

  channelClosed(code: number, text: string): void {
    const queue = this.left.shift()
    if (queue !== undefined) {
      if (this.job === 'look') this.seen.set(queue.name, `${code} ${text}`)
      else this.unserved.push(`${queue.name}: ${code} ${text}`)
    }
    this.client.reopen()
  }

  lost(): void {
    this.unserved.push(
      `the connection to ${this.exchange.nodeOf(this.name)} broke though nothing was done to it`,
    )
  }

  delivered(): void {}

  cancelled(): void {}

  // ---- inside

  private there(): QueuePlan[] {
    return this.queues.filter(({ name }) => this.seen.get(name)?.endsWith('consumers'))
  }

  private begin(job: Inspector['job'], queues: readonly QueuePlan[]): void {
    this.job = job
    this.left = [...queues]
    this.done = false
  }

  private next(): void {
    const queue = this.left[0]
    if (queue === undefined) {
      if (this.job !== 'empty') return this.finish()
      this.begin('use', this.there())
      return this.left.length === 0 ? this.finish() : this.next()
    }
    const { name } = queue
    if (this.job === 'empty') return this.client.send('basicGet', { queue: name, noAck: true })
    if (this.job === 'use') return this.use(name)
    const flags = { passive: true, durable: false, exclusive: false, autoDelete: false, nowait: false }
    this.client.send('queueDeclare', { queue: name, ...flags, arguments: emptyTable })
  }

  private use(queue: string): void {
    const message = (this.last = this.company.nextMessage())
    const said = { at: this.clock.now, user: this.name, session: 1, node: this.exchange.nodeOf(this.name) }
    const how = { tag: ++this.tag, confirms: true, persistent: true, priority: 0, held: false }
    this.company.note({ ...said, what: 'published', message, targets: [queue], ...how })
    this.client.publish(queue, persistent, writeBody(message, 1, 10))
  }

  private finish(): void {
    this.done = true
  }
}
