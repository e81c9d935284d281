// The publishing half of a workload: hands over a message at a fixed rate, keeps a window of unconfirmed ones, and sends
// again what was refused or not confirmed when its connection broke. Ordered by `workload`; writes to the recorder.

import { encodeProperties } from '../nodes/amqp/content.ts'
import { Ring } from '../nodes/ring.ts'
import { writeBody } from './body.ts'
import { Client, type ClientEvents } from './client.ts'
import type { Clock, Network } from './line.ts'
import type { Recorder } from './recorder.ts'

export interface PublisherOptions {
  readonly node: string
  readonly queue: string
  readonly messages: number
  readonly intervalMs: number
  readonly bodyBytes: number
  /** Most publishes that may be unconfirmed at a time. */
  readonly window: number
}

const persistent = encodeProperties({ deliveryMode: 2 })

export class Publisher implements ClientEvents {
  readonly client: Client
  private readonly options: PublisherOptions
  private readonly clock: Clock
  private readonly recorder: Recorder
  /** Handed over and not sent, or to be sent again; the oldest first. */
  private readonly outbox = new Ring<number>()
  /** Sent on this connection and not confirmed: tag to message, in the order of tags. */
  private readonly unconfirmed = new Map<number, number>()
  private readonly attempts = new Map<number, number>()
  private handedOver = 0
  private refused = 0
  private lastTag = 0
  private confirming = false

  constructor(options: PublisherOptions, network: Network, clock: Clock, recorder: Recorder) {
    this.options = options
    this.clock = clock
    this.recorder = recorder
    this.client = new Client('publisher', options.node, network, clock, this)
  }

  start(): void {
    const startAt = this.clock.now
    const { messages, intervalMs } = this.options
    const next = () => {
      this.recorder.published(++this.handedOver, this.clock.now)
      this.outbox.push(this.handedOver)
      this.pump()
      // Reckoned from the start, so that roundings do not add up.
      if (this.handedOver < messages)
        this.clock.after(startAt + this.handedOver * intervalMs - this.clock.now, next)
    }
    next()
  }

  /** Everything is handed over and confirmed. */
  get done(): boolean {
    const waiting = this.outbox.length + this.unconfirmed.size + this.refused
    return this.handedOver === this.options.messages && waiting === 0
  }

  // ---- from the client

  opened(): void {
    this.client.confirmSelect()
  }

  answered(method: string): void {
    if (method !== 'confirmSelectOk') return
    this.confirming = true
    this.lastTag = 0
    this.pump()
  }

  confirmed(tag: number, multiple: boolean, acked: boolean): void {
    for (const [candidate, message] of multiple ? this.unconfirmed : [[tag, this.unconfirmed.get(tag)]]) {
      if (candidate === undefined || message === undefined || candidate > tag) break
      this.unconfirmed.delete(candidate)
      if (acked) this.recorder.confirmed(message, this.clock.now)
      else this.refuse(message)
    }
    this.pump()
  }

  /** Whatever was not confirmed may be lost: it goes first on the next connection, in its old order. */
  lost(): void {
    this.confirming = false
    for (const message of [...this.unconfirmed.values()].sort((a, b) => b - a)) this.outbox.unshift(message)
    this.unconfirmed.clear()
  }

  channelClosed(code: number, text: string): void {
    throw new Error(`the publisher's channel was closed: ${code} ${text}`)
  }

  delivered(): void {}

  cancelled(): void {}

  // ---- inside

  /** A refused publish is tried again after the usual pause, not at once: the broker has its reasons. */
  private refuse(message: number): void {
    this.recorder.nacked++
    this.refused++
    this.client.later(() => {
      this.refused--
      this.outbox.unshift(message)
      this.pump()
    })
  }

  private pump(): void {
    while (this.confirming && this.unconfirmed.size < this.options.window && this.outbox.length > 0) {
      const message = this.outbox.shift()!
      const attempt = (this.attempts.get(message) ?? 0) + 1
      this.attempts.set(message, attempt)
      if (attempt > 1) this.recorder.republished++
      this.unconfirmed.set(++this.lastTag, message)
      this.client.publish(this.options.queue, persistent, writeBody(message, attempt, this.options.bodyBytes))
    }
  }
}
