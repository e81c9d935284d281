// One consuming channel: times what is delivered, works on it for as long as was asked and acknowledges it. An agent gives it
// a connection, and another one when that is lost. It looks at no more of a body than its stamp.

import { Ring } from '../../nodes/ring.ts'
import { get32, readStamp, stampBytes } from './clock.ts'
import type { ChannelUser, Connection, Ended } from './connection.ts'
import { Pace } from './pace.ts'
import type { Part, PartHost } from './part.ts'
import type { ConsumingPlan } from './plan.ts'

/** Deliveries that a slow consumer holds before it stops reading its socket, and when it goes on. */
const heldMost = 10_000
const heldFew = 5_000
/** A timer is late by a few milliseconds: so much working time may be made up for, and no more. */
const madeUpSeconds = 0.005

/** Declares what this consumer is to read and says how its queues are called. */
export type Declare = (connection: Connection, channel: number) => Promise<readonly string[]>

export class Consumer implements Part, ChannelUser {
  finished = false
  readonly #host: PartHost
  readonly #plan: ConsumingPlan
  readonly #declare: Declare
  /** Null when it works on a delivery in no time. */
  readonly #pace: Pace | null
  #connection: Connection | null = null
  #channel = 0
  #queues: readonly string[] = []
  /** The delivery whose content is coming in. */
  #tag = 0
  #stamp = -1
  #missing = 0
  #fresh = false
  /** Delivered and not yet worked on: tags, and beside them stamps. */
  readonly #heldTags = new Ring<number>()
  readonly #heldStamps = new Ring<number>()
  #stopsReading = false
  #unacked = 0
  #lastTag = 0
  #left: number
  #timer: NodeJS.Timeout | null = null

  constructor(host: PartHost, plan: ConsumingPlan, declare: Declare) {
    this.#host = host
    this.#plan = plan
    this.#declare = declare
    this.#left = plan.count ?? Number.POSITIVE_INFINITY
    this.#pace = plan.rate(0) === Number.POSITIVE_INFINITY ? null : new Pace(plan.rate, madeUpSeconds)
  }

  async open(connection: Connection, channel: number): Promise<void> {
    const { prefetch, channelPrefetch } = this.#plan
    await connection.channel(channel, this)
    this.#queues = await this.#declare(connection, channel)
    for (const [prefetchCount, global] of [
      [prefetch, false],
      [channelPrefetch, true],
    ] as const)
      if (prefetchCount > 0)
        await connection.call(channel, 'basicQos', { prefetchSize: 0, prefetchCount, global })
    this.#connection = connection
    this.#channel = channel
    this.#unacked = this.#lastTag = 0
    for (const queue of this.#queues) await this.#consume(connection, queue)
  }

  async #consume(connection: Connection, queue: string): Promise<void> {
    const flags = { noLocal: false, noAck: this.#plan.autoAck, exclusive: false, nowait: false }
    const asked = { queue, consumerTag: '', ...flags, arguments: this.#plan.arguments }
    await connection.call(this.#channel, 'basicConsume', asked)
  }

  start(): void {}

  /** Acknowledges what it has dealt with and takes no more. */
  stop(): void {
    this.#acknowledge()
    this.#connection?.flush()
    this.lost()
  }

  lost(): void {
    this.#connection = null
    this.#heldTags.clear()
    this.#heldStamps.clear()
    this.#stopsReading = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  // ---- from the broker

  deliver(buf: Buffer, start: number): void {
    const at = start + 1 + buf[start]!
    this.#tag = get32(buf, at) * 0x1_0000_0000 + get32(buf, at + 4)
    this.#fresh = true
    this.#stamp = -1
  }

  header(buf: Buffer, start: number): void {
    this.#missing = get32(buf, start + 4) * 0x1_0000_0000 + get32(buf, start + 8)
    if (this.#missing === 0) this.#complete()
  }

  body(buf: Buffer, start: number, end: number): void {
    if (this.#fresh && end - start >= stampBytes) this.#stamp = readStamp(buf, start)
    this.#fresh = false
    this.#missing -= end - start
    if (this.#missing <= 0) this.#complete()
  }

  #complete(): void {
    if (this.#pace === null) return this.#handle(this.#tag, this.#stamp, this.#connection?.readAt ?? 0)
    this.#heldTags.push(this.#tag)
    this.#heldStamps.push(this.#stamp)
  }

  turn(): void {
    if (this.#pace === null || this.#heldTags.length === 0) return
    if (this.#timer === null) this.#work()
    if (this.#heldTags.length > heldMost && !this.#stopsReading) {
      this.#stopsReading = true
      this.#connection?.pause()
    }
  }

  /** Deals with as many as its time allows; messages are worked on one after the other. */
  #work(): void {
    this.#timer = null
    const pace = this.#pace!
    const seconds = this.#host.seconds()
    const now = this.#host.clock.now()
    for (let due = pace.due(seconds); due > 0 && this.#heldTags.length > 0; due--) {
      pace.take(1)
      this.#handle(this.#heldTags.shift()!, this.#heldStamps.shift()!, now)
    }
    this.#connection?.flush()
    if (this.#stopsReading && this.#heldTags.length < heldFew) {
      this.#stopsReading = false
      this.#connection?.resume()
    }
    if (this.#heldTags.length > 0) this.#timer = setTimeout(() => this.#work(), pace.waitMs)
  }

  #handle(tag: number, stamp: number, now: number): void {
    const connection = this.#connection
    if (connection === null || this.#left === 0) return
    const { meter, clock } = this.#host
    meter.received++
    if (stamp >= 0) meter.consumerLatency.record((now - stamp) / clock.perUnit)
    this.#lastTag = tag
    this.#left--
    if (++this.#unacked >= this.#plan.ackEvery || this.#left === 0) this.#acknowledge()
    if (this.#left > 0) return
    this.finished = true
    this.#host.finished()
  }

  #acknowledge(): void {
    if (!this.#plan.autoAck && this.#unacked > 0)
      this.#connection?.writer.ack(this.#channel, this.#lastTag, this.#unacked > 1)
    this.#unacked = 0
  }

  /** Its queue is gone or has moved: begin anew on a fresh connection. */
  cancelled(): void {
    this.#connection?.abort('the broker cancelled the consumer')
  }

  closed(why: Ended): void {
    this.#connection?.abort(`the broker closed the channel: ${why.message}`)
  }

  settled(): void {}
  returned(): void {}
}
