// One publishing channel: fills in and writes stretches of messages as fast as rate, window and socket allow, and times the
// confirms. An agent gives it a connection, and another one when that is lost. It never decides when the run ends.

import type { ChannelUser, Connection, Ended } from './connection.ts'
import { Pace, valueAt } from './pace.ts'
import type { Part, PartHost } from './part.ts'
import type { PublishingPlan } from './plan.ts'
import { Template } from './template.ts'

/** Stretches that may be under way to the socket at a time: one is written while the next is filled in. */
const stretches = 2

/** Where messages go; the keys are taken in turn. */
export interface Destination {
  readonly exchange: string
  readonly keys: readonly string[]
}

export class Producer implements Part, ChannelUser {
  finished = false
  readonly #host: PartHost
  readonly #plan: PublishingPlan
  readonly #to: Destination
  readonly #declare: (connection: Connection, channel: number) => Promise<void>
  readonly #pace: Pace
  #connection: Connection | null = null
  #channel = 0
  #template: Template | null = null
  #size = 0
  #spare: Buffer[] = []
  /** Which message of the template is next. */
  #cursor = 0
  #left: number
  #sequence = 0
  #unconfirmed: Unconfirmed | null = null
  #running = false
  #immediate: NodeJS.Immediate | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(
    host: PartHost,
    plan: PublishingPlan,
    to: Destination,
    /** 0 to 1, to spread producers of the same rate over time. */
    stagger: number,
    /** Declares what it publishes to. */
    declare: (connection: Connection, channel: number) => Promise<void>,
  ) {
    this.#host = host
    this.#plan = plan
    this.#to = to
    this.#declare = declare
    this.#left = plan.count ?? Number.POSITIVE_INFINITY
    this.#pace = new Pace(plan.rate, 1, stagger)
  }

  async open(connection: Connection, channel: number): Promise<void> {
    await connection.channel(channel, this)
    await this.#declare(connection, channel)
    if (this.#plan.confirm !== null) await connection.call(channel, 'confirmSelect', { nowait: false })
    this.#unconfirmed = this.#plan.confirm === null ? null : new Unconfirmed(this.#plan.confirm)
    this.#connection = connection
    this.#channel = channel
    this.#template = null
  }

  start(): void {
    this.#running = true
    this.#pump()
  }

  /** Publishes no more. */
  stop(): void {
    this.#running = false
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#immediate = this.#timer = null
  }

  /** Everything published on this connection has been confirmed or refused. */
  get settledAll(): boolean {
    return this.#unconfirmed === null || this.#unconfirmed.inFlight === 0
  }

  lost(): void {
    this.stop()
    this.#connection = null
    this.#unconfirmed = null
  }

  // ---- publishing

  #pump(): void {
    this.#immediate = this.#timer = null
    const connection = this.#connection
    if (connection === null || !this.#running) return
    const seconds = this.#host.seconds()
    this.#resize(connection, seconds)
    const template = this.#template!
    for (;;) {
      const count = Math.min(this.#due(seconds), template.count - this.#cursor, this.#left)
      if (count < 1 || this.#spare.length === 0) break
      this.#publish(connection, template, count)
    }
    if (this.#left === 0) return this.#finish()
    if (this.#spare.length > 0 && this.#room() > 0) this.#later()
  }

  /** How many may leave now. */
  #due(seconds: number): number {
    return Math.min(this.#pace.due(seconds), this.#room())
  }

  #room(): number {
    return this.#unconfirmed === null ? Number.POSITIVE_INFINITY : this.#unconfirmed.room
  }

  #publish(connection: Connection, template: Template, count: number): void {
    const copy = this.#spare.pop()!
    const now = this.#host.clock.now()
    const bytes = template.fill(copy, this.#cursor, count, this.#sequence, now)
    this.#cursor = (this.#cursor + count) % template.count
    this.#sequence += count
    this.#left -= count
    this.#pace.take(count)
    this.#unconfirmed?.add(count, now)
    this.#host.meter.sent += count
    connection.send(bytes, () => {
      if (template !== this.#template) return
      this.#spare.push(copy)
      // Not at once: a broker that reads as fast as this writes must not keep the loop from reading.
      if (this.#running && this.#immediate === null && this.#timer === null)
        this.#immediate = setImmediate(() => this.#pump())
    })
  }

  /** The rate allows nothing now, though window and socket would. */
  #later(): void {
    if (this.#timer === null) this.#timer = setTimeout(() => this.#pump(), this.#pace.waitMs)
  }

  #resize(connection: Connection, seconds: number): void {
    const size = valueAt(this.#plan.sizes, seconds)
    if (this.#template !== null && size === this.#size) return
    const { mandatory, properties } = this.#plan
    const form = { ...this.#to, mandatory, properties, size }
    const template = new Template(form, this.#channel, connection.frameMax)
    this.#size = size
    this.#template = template
    this.#cursor = 0
    this.#spare = Array.from({ length: stretches }, () => template.copy())
  }

  #finish(): void {
    if (this.finished) return
    this.finished = true
    this.#host.finished()
  }

  // ---- from the broker

  settled(tag: number, multiple: boolean, acked: boolean): void {
    const { meter, clock } = this.#host
    const readAt = this.#connection?.readAt ?? 0
    const settled = this.#unconfirmed?.settle(tag, multiple, (stamp) =>
      meter.confirmLatency.record((readAt - stamp) / clock.perUnit),
    )
    if (acked) meter.confirmed += settled ?? 0
    else meter.nacked += settled ?? 0
  }

  turn(): void {
    if (this.#running && this.#unconfirmed !== null && this.#immediate === null && this.#timer === null)
      this.#pump()
  }

  returned(): void {
    this.#host.meter.returned++
  }

  closed(why: Ended): void {
    this.#connection?.abort(`the broker closed the channel: ${why.message}`)
  }

  // What else comes here is the content of returned messages.
  deliver(): void {}
  header(): void {}
  body(): void {}
  cancelled(): void {}
}

/** Publishes not yet confirmed and when each was made; tags count from 1. */
class Unconfirmed {
  readonly #window: number
  readonly #stamps: Float64Array
  readonly #done: Uint8Array
  /** Everything up to here is settled. */
  #low = 0
  #last = 0
  #open = 0

  constructor(window: number) {
    this.#window = window
    // Tags may be settled out of turn: those behind an open one still have their place.
    const places = 2 ** Math.ceil(Math.log2(2 * window))
    this.#stamps = new Float64Array(places)
    this.#done = new Uint8Array(places)
  }

  get inFlight(): number {
    return this.#open
  }

  get room(): number {
    return Math.min(this.#window - this.#open, this.#stamps.length - (this.#last - this.#low))
  }

  add(count: number, stamp: number): void {
    const mask = this.#stamps.length - 1
    for (let i = 0; i < count; i++) {
      const at = ++this.#last & mask
      this.#stamps[at] = stamp
      this.#done[at] = 0
    }
    this.#open += count
  }

  /** Returns how many publishes this settles, and tells each one's stamp. */
  settle(tag: number, multiple: boolean, each: (stamp: number) => void): number {
    const mask = this.#stamps.length - 1
    const upTo = Math.min(tag, this.#last)
    let settled = 0
    for (let at = multiple ? this.#low + 1 : Math.max(upTo, this.#low + 1); at <= upTo; at++) {
      if (this.#done[at & mask] === 1) continue
      this.#done[at & mask] = 1
      each(this.#stamps[at & mask]!)
      settled++
    }
    while (this.#low < this.#last && this.#done[(this.#low + 1) & mask] === 1) this.#low++
    this.#open -= settled
    return settled
  }
}
