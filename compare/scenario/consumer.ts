// One consumer of a scenario: takes messages with its prefetch, works on one after the other and acknowledges; it may crash
// after the work and before the acknowledgement, and may recognise what it has done before. Made by `crew`; writes to the
// journal and must never look into the broker.

import type { Table } from '../../nodes/amqp/fields.ts'
import { Ring } from '../../nodes/ring.ts'
import { readBody } from '../body.ts'
import { Client, type ClientEvents, type Habits } from '../client.ts'
import type { Clock, Network } from '../line.ts'
import type { Journal } from './journal.ts'
import type { Consumers } from './types.ts'

interface Delivery {
  readonly tag: number
  readonly message: number
}

export class Consumer implements ClientEvents {
  readonly client: Client
  private readonly options: Consumers
  private readonly args: Table
  private readonly clock: Clock
  private readonly journal: Journal
  private readonly number: number
  /** Arrived and not begun. */
  private readonly inbox = new Ring<Delivery>()
  private working = false
  /** Raised when the channel goes: what belongs to an earlier one is dropped. */
  private channel = 0
  /** Worked on, and not acknowledged yet; the last tag of them. */
  private unsettled = 0
  private lastTag = 0
  private worked = 0
  private crashes = 0
  private stopping = false

  constructor(
    name: string,
    habits: Habits,
    place: { readonly options: Consumers; readonly queue: number; readonly args: Table },
    network: Network,
    clock: Clock,
    journal: Journal,
  ) {
    this.options = place.options
    this.args = place.args
    this.clock = clock
    this.journal = journal
    this.number = journal.addConsumer(name, place.options.name, place.queue)
    this.client = new Client(name, habits, network, clock, this)
  }

  /** It has nothing in its hands, or has left. */
  get idle(): boolean {
    return this.stopping || (!this.working && this.inbox.length === 0)
  }

  /** Acknowledges what it has worked on, and leaves. */
  stop(): void {
    this.stopping = true
    if (this.unsettled > 0 && this.client.open) this.settle()
    this.client.stop()
  }

  opened(): void {
    this.client.consume(this.options.queue, this.options.qos, this.options.autoack, this.args)
  }

  delivered(tag: number, redelivered: boolean, body: Buffer): void {
    const { message, attempt } = readBody(body)
    this.journal.delivered(this.number, message, this.clock.now, redelivered, attempt)
    this.inbox.push({ tag, message })
    this.work()
  }

  /** The queue is out of reach; what was delivered may still be acknowledged on this channel. */
  cancelled(): void {
    this.journal.moment(this.clock.now, this.name, 'the server cancelled the consumer')
    const { channel } = this
    this.client.later(() => {
      if (channel === this.channel && this.client.open) this.opened()
    })
  }

  channelClosed(code: number, text: string): void {
    this.journal.moment(this.clock.now, this.name, `the channel was closed: ${code} ${text}`)
    this.leaveChannel()
    const { channel } = this
    this.client.later(() => {
      if (channel === this.channel) this.client.reopen()
    })
  }

  lost(): void {
    this.journal.moment(this.clock.now, this.name, `the connection to ${this.client.node} is lost`)
    this.leaveChannel()
  }

  answered(): void {}

  confirmed(): void {}

  // ---- inside

  private get name(): string {
    return this.journal.consumers[this.number]!.name
  }

  private work(): void {
    while (!this.working && !this.stopping) {
      const delivery = this.inbox.shift()
      if (delivery === undefined) return
      const known = this.options.idempotent && this.journal.wasDone(this.number, delivery.message)
      if (known) this.journal.recognised(this.number)
      if (known || this.options.latencyMs === 0) {
        this.worksDone(delivery, known)
        continue
      }
      this.working = true
      const { channel } = this
      this.clock.after(this.options.latencyMs, () => {
        // The connection went meanwhile: the work is done all the same, the acknowledgement is not.
        if (channel !== this.channel) return this.finished(delivery.message)
        this.working = false
        this.worksDone(delivery, false)
        this.work()
      })
    }
  }

  private finished(message: number): void {
    if (!this.stopping) this.journal.worked(this.number, message)
  }

  private worksDone({ tag, message }: Delivery, known: boolean): void {
    if (!known) this.finished(message)
    const { crash } = this.options
    if (crash !== null && ++this.worked % crash.every === 0 && this.crashes < crash.times) {
      this.crashes++
      this.journal.moment(
        this.clock.now,
        this.name,
        `crashes after the work on m${message}, before the acknowledgement`,
      )
      this.leaveChannel()
      return this.client.crash(crash.backMs)
    }
    if (this.options.autoack) return this.journal.ack(this.number, 1, this.clock.now)
    this.lastTag = tag
    if (++this.unsettled >= this.options.multiAckEvery) this.settle()
  }

  private settle(): void {
    this.client.ack(this.lastTag, this.options.multiAckEvery > 1)
    this.journal.ack(this.number, this.unsettled, this.clock.now)
    this.unsettled = 0
  }

  private leaveChannel(): void {
    this.channel++
    this.working = false
    this.unsettled = 0
    this.inbox.clear()
  }
}
