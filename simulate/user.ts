// One simulated user of the cluster: a client with a real client's habits that now and then publishes, settles, fetches,
// purges or looks, as its plan and its chance say. It notes all it does and sees in the history and never looks into the broker.

import { readBody, writeBody } from '../compare/body.ts'
import { Client, type ClientEvents } from '../compare/client.ts'
import type { Clock, Network } from '../compare/line.ts'
import { encodeProperties } from '../nodes/amqp/content.ts'
import { emptyTable, type Table } from '../nodes/amqp/fields.ts'
import type { MethodArguments, MethodName } from '../nodes/amqp/methods.ts'
import type { ClientEvent } from './history.ts'
import { argumentsOf } from './kinds.ts'
import { pickOf, type QueuePlan, type UserPlan } from './plan.ts'

/** What users share: numbers of messages, the history, and which queues a fanout reaches. */
export interface Company {
  readonly queues: readonly QueuePlan[]
  note(event: ClientEvent): void
  /** The number of the next message. */
  nextMessage(): number
}

/** A network that says to which node it has put a client through. */
export interface Exchange extends Network {
  nodeOf(user: string): string
}

const cancelOnFailover: Table = new Map([['x-cancel-on-ha-failover', { type: 'bool', value: true } as const]])
const properties = new Map<number, Buffer>()

/** Properties by persistence and priority, encoded once. */
function propertiesOf(persistent: boolean, priority: number): Buffer {
  const number = priority * 2 + (persistent ? 1 : 0)
  let encoded = properties.get(number)
  if (encoded === undefined) {
    encoded = encodeProperties({ deliveryMode: persistent ? 2 : 1, priority })
    properties.set(number, encoded)
  }
  return encoded
}

/** Time between two acts of a user, in ms. */
const pauseMs = { min: 50, max: 950 } as const

interface Held {
  readonly tag: number
  readonly at: number
}

export class User implements ClientEvents {
  readonly plan: UserPlan
  readonly client: Client
  /** It neither publishes nor fetches any more; it settles what it is sent at once. */
  tired = false
  private readonly company: Company
  private readonly clock: Clock
  private readonly exchange: Exchange
  private readonly chance: () => number
  private session = 0
  private consumers = 0
  private node = ''
  private ready = false
  private lastTag = 0
  private readonly unconfirmed = new Map<number, number>()
  private held: Held[] = []
  private consuming: { readonly queue: string; readonly tag: string } | null = null
  /** Operations that wait for their answer, oldest first. */
  private asked: { readonly method: string; readonly queue: string; readonly noAck: boolean }[] = []
  private gone = false

  constructor(plan: UserPlan, company: Company, exchange: Exchange, clock: Clock) {
    this.plan = plan
    this.company = company
    this.clock = clock
    this.exchange = exchange
    this.chance = clock.chance(`user ${plan.name}`)
    this.client = new Client(plan.name, plan.name, exchange, clock, this)
  }

  start(): void {
    this.clock.after(20 * this.chance(), () => this.client.connect())
    this.rest()
  }

  /** Publishes without an answer, and operations: both are none when all is well. */
  get waiting(): string[] {
    if (!this.ready) return []
    const publishes = this.unconfirmed.size > 0 ? [`${this.unconfirmed.size} confirms`] : []
    return [...publishes, ...this.asked.map(({ method, queue }) => `${method} ${queue}`)]
  }

  get connected(): boolean {
    return this.ready
  }

  /** Leaves for good, without a word. */
  leave(): void {
    if (this.session > 0) this.note({ what: 'left' })
    this.ready = false
    this.gone = true
    this.client.stop()
  }

  /** Does something now, if it can. */
  act(): void {
    if (!this.client.open) return
    const { plan, chance } = this
    if (this.tired) return this.settle(this.held.length)
    if (chance() < 0.012) return this.drop()
    if (plan.consumes && this.consuming === null && this.asked.length === 0) return this.consume()
    const settles = this.held.length > 0 && (chance() < 0.7 || !plan.publishes)
    if (settles) return this.settle(1 + Math.floor(chance() * this.held.length))
    if (plan.publishes && (chance() < 0.85 || !plan.fetches)) return this.publishSome()
    if (plan.fetches) return this.fetch()
    if (this.consuming !== null && chance() < 0.02) this.cancel()
  }

  /** Declares what it uses, as programs do when they have connected. */
  declareAll(): void {
    for (const queue of this.plan.queues) this.declare(queue)
  }

  // ---- from the client

  /** A channel that was closed and opened again begins anew, as a connection does. */
  opened(): void {
    this.session++
    this.node = this.exchange.nodeOf(this.plan.name)
    this.begin()
  }

  lost(): void {
    this.note({ what: 'lost' })
    this.end()
  }

  channelClosed(code: number, text: string): void {
    this.note({ what: 'closed', code, text })
    this.end()
    this.client.later(() => {
      if (!this.client.open) this.client.reopen()
    })
  }

  answered(method: MethodName): void {
    const asked = this.asked.shift()
    const fits =
      method === `${asked?.method}Ok` || (method === 'basicGetEmpty' && asked?.method === 'basicGet')
    if (asked === undefined || !fits) throw new Error(`${method} answers ${asked?.method ?? 'nothing'}`)
    this.note({ what: 'answered', method, queue: asked.queue })
    if (method === 'basicCancelOk') this.consuming = null
  }

  confirmed(tag: number, multiple: boolean, acked: boolean): void {
    for (const [candidate, message] of multiple
      ? [...this.unconfirmed]
      : [[tag, this.unconfirmed.get(tag)]]) {
      if (candidate === undefined || message === undefined || candidate > tag) continue
      this.unconfirmed.delete(candidate)
      this.note({ what: acked ? 'confirmed' : 'refused', message })
    }
  }

  delivered(tag: number, redelivered: boolean, body: Buffer, consumer: string): void {
    const { message } = readBody(body)
    const noAck = this.plan.manner === 'no-ack'
    const queue = this.consuming?.tag === consumer ? this.consuming.queue : `unknown consumer ${consumer}`
    this.note({ what: 'delivered', queue, consumer, tag, message, redelivered, noAck })
    if (noAck) return
    this.held.push({ tag, at: this.clock.now })
    if (this.plan.manner === 'at once' || this.tired) this.settle(this.held.length)
  }

  fetched(tag: number, redelivered: boolean, body: Buffer): void {
    const asked = this.asked.shift()
    const { message } = readBody(body)
    const queue = asked?.queue ?? 'nothing asked'
    const noAck = asked?.noAck ?? false
    this.note({ what: 'delivered', queue, consumer: null, tag, message, redelivered, noAck })
    if (!noAck) this.held.push({ tag, at: this.clock.now })
  }

  returned(body: Buffer): void {
    this.note({ what: 'returned', message: readBody(body).message })
  }

  cancelled(consumer: string): void {
    const queue = this.consuming?.queue ?? ''
    this.note({ what: 'cancelled', queue, consumer, prefetch: 0, noAck: false })
    this.consuming = null
  }

  // ---- inside

  private begin(): void {
    this.ready = true
    this.lastTag = 0
    this.note({ what: 'opened' })
    if (this.plan.confirms) this.ask('confirmSelect', { nowait: false }, '')
    if (this.session === 1 || this.chance() < 0.6) this.declareAll()
  }

  private end(): void {
    this.ready = false
    this.unconfirmed.clear()
    this.held = []
    this.asked = []
    this.consuming = null
  }

  /** Comes back to act after a pause, until it leaves. */
  private rest(): void {
    this.clock.after(pauseMs.min + (pauseMs.max - pauseMs.min) * this.chance(), () => {
      if (this.gone) return
      this.act()
      this.rest()
    })
  }

  private note(what: object): void {
    const { plan, session, node, clock } = this
    this.company.note({ at: clock.now, user: plan.name, session, node, ...what } as ClientEvent)
  }

  private ask<N extends MethodName>(method: N, args: MethodArguments[N], queue: string, noAck = false): void {
    this.asked.push({ method, queue, noAck })
    this.note({ what: 'asked', method: noAck ? `${method}, no-ack` : method, queue })
    this.client.send(method, args)
  }

  private declare({ name, kind, half, fanout }: QueuePlan): void {
    const { durable, exclusive, autoDelete } = kind
    const flags = { passive: false, durable, exclusive, autoDelete, nowait: false }
    this.ask('queueDeclare', { queue: name, ...flags, arguments: argumentsOf(kind, half) }, name)
    if (!fanout) return
    const binding = { queue: name, exchange: 'amq.fanout', routingKey: '', nowait: false }
    this.ask('queueBind', { ...binding, arguments: emptyTable }, name)
  }

  private publishSome(): void {
    const count = this.chance() < 0.5 ? 1 : 1 + Math.floor(this.chance() * 5)
    const queue = pickOf(this.plan.queues, this.chance)
    for (let i = 0; i < count; i++) this.publish(queue)
  }

  private publish({ name, fanout }: QueuePlan): void {
    const { chance, plan } = this
    const wide = fanout && chance() < 0.4
    const targets = wide
      ? this.company.queues.filter((queue) => queue.fanout).map((queue) => queue.name)
      : [name]
    const persistent = chance() < plan.persistent
    const priority = Math.floor(chance() * 4)
    const message = this.company.nextMessage()
    const tag = ++this.lastTag
    if (plan.confirms) this.unconfirmed.set(tag, message)
    const held = this.asked.length > 0
    this.note({
      what: 'published',
      message,
      targets,
      tag,
      confirms: plan.confirms,
      persistent,
      priority,
      held,
    })
    const body = writeBody(message, 1, 5 + Math.floor(chance() ** 3 * 3000))
    const exchange = wide ? 'amq.fanout' : ''
    this.client.publish(name, propertiesOf(persistent, priority), body, exchange, chance() < 0.2)
  }

  private consume(): void {
    const { plan } = this
    const queue = pickOf(plan.queues, this.chance).name
    const tag = `${plan.name}.${++this.consumers}`
    const { prefetch, global } = plan
    const noAck = plan.manner === 'no-ack'
    this.ask('basicQos', { prefetchSize: 0, prefetchCount: prefetch, global }, '')
    this.consuming = { queue, tag }
    this.note({ what: 'consuming', queue, consumer: tag, prefetch, noAck })
    this.ask(
      'basicConsume',
      {
        queue,
        consumerTag: tag,
        noLocal: false,
        noAck,
        exclusive: false,
        nowait: false,
        arguments: plan.cancelOnFailover ? cancelOnFailover : emptyTable,
      },
      queue,
    )
  }

  private cancel(): void {
    const { consuming } = this
    if (consuming === null) return
    this.note({
      what: 'cancelling',
      queue: consuming.queue,
      consumer: consuming.tag,
      prefetch: 0,
      noAck: false,
    })
    this.ask('basicCancel', { consumerTag: consuming.tag, nowait: false }, consuming.queue)
  }

  /** Settles the oldest `count` of what it holds: mostly it acknowledges. */
  private settle(count: number): void {
    if (count === 0 || !this.client.open) return
    const draw = this.tired ? 0 : this.chance()
    const how = draw < 0.8 ? 'ack' : draw < 0.92 ? 'requeue' : 'reject'
    const tags = this.held.splice(0, count).map(({ tag }) => tag)
    this.note({ what: 'settled', how, tags })
    const multiple = tags.length > 1 && this.chance() < 0.7
    const last = tags.at(-1)!
    for (const deliveryTag of multiple ? [last] : tags) {
      if (how === 'ack') this.client.send('basicAck', { deliveryTag, multiple })
      else this.client.send('basicNack', { deliveryTag, multiple, requeue: how === 'requeue' })
    }
  }

  private fetch(): void {
    const { chance } = this
    const queue = pickOf(this.plan.queues, chance)
    const draw = chance()
    if (draw < 0.6) {
      const noAck = chance() < 0.15
      return this.ask('basicGet', { queue: queue.name, noAck }, queue.name, noAck)
    }
    if (draw < 0.75) return this.declare(queue)
    if (draw < 0.77) return this.ask('queuePurge', { queue: queue.name, nowait: false }, queue.name)
    if (draw < 0.8) {
      const flags = { ifUnused: chance() < 0.5, ifEmpty: chance() < 0.3, nowait: false }
      return this.ask('queueDelete', { queue: queue.name, ...flags }, queue.name)
    }
    const flags = { passive: true, durable: false, exclusive: false, autoDelete: false, nowait: false }
    this.ask('queueDeclare', { queue: queue.name, ...flags, arguments: emptyTable }, queue.name)
  }

  private drop(): void {
    this.note({ what: 'lost' })
    this.end()
    this.client.redial()
  }
}
