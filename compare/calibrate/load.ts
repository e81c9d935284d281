// A saturating load: one publisher that keeps a window of unconfirmed messages, one consumer that acknowledges each. The same
// code loads a real cluster and the emulated one. Made for one shape by whoever measures; it must never look into the broker.

import { encodeProperties } from '../../nodes/amqp/content.ts'
import { Ring } from '../../nodes/ring.ts'
import { Client } from '../client.ts'
import type { ClientEvents } from '../client-events.ts'
import type { Clock, Network } from '../line.ts'
import type { Shape } from './shape.ts'

/** What a load came to. Times in ms. */
export interface Measured {
  /** Messages per second: delivered, or confirmed where nobody consumes. */
  readonly rate: number
  /** From publishing to the confirm. */
  readonly confirm: { readonly p50: number; readonly p99: number }
  /** From publishing to the delivery; zeros where nobody consumes. */
  readonly latency: { readonly p50: number; readonly p99: number }
}

const transient = encodeProperties({})
const persistent = encodeProperties({ deliveryMode: 2 })
const leastBytes = 16

export class Load {
  private readonly shape: Shape
  private readonly queue: string
  private readonly network: Network
  private readonly clock: Clock
  private readonly nameOf: (node: number) => string
  private readonly publisher: Client
  private readonly consumer: Client | null
  private readonly sentAt = new Ring<number>()
  private firstTag = 1
  private fault: string | null = null
  private confirms: number[] = []
  private latencies: number[] = []
  private beganAt = 0
  private stopped = false
  private consuming = false
  private confirming = false

  /** `nameOf`: what `network` dials a node by. */
  constructor(shape: Shape, queue: string, network: Network, clock: Clock, nameOf: (node: number) => string) {
    this.shape = shape
    this.queue = queue
    this.network = network
    this.clock = clock
    this.nameOf = nameOf
    const { publisher, consumer } = shape
    this.publisher = this.client('publisher', publisher, {
      opened: () => this.publisher.confirmSelect(),
      answered: () => {
        this.confirming = true
        this.begin()
      },
      confirmed: (tag, multiple, acked) => this.confirmed(tag, multiple, acked),
    })
    this.consumer =
      consumer === null
        ? null
        : this.client('consumer', consumer, {
            opened: () => this.consumer?.consume(queue, shape.window),
            answered: (method) => {
              if (method !== 'basicConsumeOk') return
              this.consuming = true
              this.begin()
            },
            delivered: (tag, body) => this.delivered(tag, body),
          })
  }

  /** Declares the queue and connects; the work begins when both clients are there. */
  start(): void {
    const connect = () => {
      this.publisher.connect()
      this.consumer?.connect()
    }
    if (this.consumer === null) return connect()
    const declarer: Client = this.client('declarer', this.shape.leader, {
      opened: () => declarer.declareQueue(this.queue),
      answered: () => {
        declarer.stop()
        connect()
      },
    })
    declarer.connect()
  }

  /** Counts from now on. Throws a sentence when something went wrong or nothing has been confirmed yet. */
  count(): void {
    this.check()
    this.confirms = []
    this.latencies = []
    this.beganAt = this.clock.now
  }

  /** Confirms so far; enough when something went wrong. */
  get counted(): number {
    return this.fault === null ? this.confirms.length : Infinity
  }

  /** What has been counted. Throws as `count` does. */
  measured(): Measured {
    this.check()
    const seconds = (this.clock.now - this.beganAt) / 1000
    const counted = this.consumer === null ? this.confirms : this.latencies
    return {
      rate: counted.length / seconds,
      confirm: pointsOf(this.confirms),
      latency: pointsOf(this.latencies),
    }
  }

  /** Deletes the queue, then leaves; calls `left` when the broker has nothing of it any more. */
  stop(left: () => void): void {
    this.stopped = true
    this.publisher.stop()
    this.consumer?.stop()
    if (this.consumer === null) return left()
    const remover: Client = this.client('remover', this.shape.leader, {
      opened: () =>
        remover.send('queueDelete', { queue: this.queue, ifUnused: false, ifEmpty: false, nowait: false }),
      answered: () => {
        remover.stop()
        left()
      },
    })
    remover.connect()
  }

  private check(): void {
    if (this.fault !== null) throw new Error(`${this.shape.name}: ${this.fault}`)
    if (this.firstTag === 1) throw new Error(`${this.shape.name}: nothing was confirmed`)
  }

  private client(name: string, node: number, events: Partial<SomeEvents>): Client {
    const fail = (fault: string) => {
      if (!this.stopped) this.fault ??= fault
    }
    const all: ClientEvents = {
      opened: () => events.opened?.(),
      answered: (method) => events.answered?.(method),
      confirmed: (...args) => events.confirmed?.(...args),
      delivered: (tag, _redelivered, body) => events.delivered?.(tag, body),
      lost: () => fail(`the ${name} lost its connection`),
      channelClosed: (code, text) => fail(`the ${name}'s channel was closed: ${code} ${text}`),
      cancelled: () => fail('the consumer was cancelled'),
    }
    return new Client(name, this.nameOf(node), this.network, this.clock, all)
  }

  private begin(): void {
    if (this.confirming && (this.consumer === null || this.consuming)) this.pump()
  }

  private pump(): void {
    const { shape, sentAt } = this
    const properties = shape.persistent ? persistent : transient
    while (!this.stopped && sentAt.length < shape.window) {
      const body = Buffer.alloc(Math.max(leastBytes, shape.bytes))
      body.writeDoubleBE(this.clock.now, 0)
      sentAt.push(this.clock.now)
      const key = this.consumer === null ? `nobody ${this.queue}` : this.queue
      this.publisher.publish(key, properties, body)
    }
  }

  private confirmed(tag: number, multiple: boolean, acked: boolean): void {
    if (!acked) this.fault ??= 'a publish was refused'
    // Real brokers confirm out of turn; which of the window it was makes no difference to how many are under way.
    const count = multiple ? tag - this.firstTag + 1 : 1
    const { now } = this.clock
    for (let i = 0; i < count; i++) this.confirms.push(now - (this.sentAt.shift() ?? now))
    this.firstTag += Math.max(0, count)
    this.pump()
  }

  private delivered(tag: number, body: Buffer): void {
    this.latencies.push(this.clock.now - body.readDoubleBE(0))
    this.consumer?.ack(tag)
  }
}

interface SomeEvents {
  opened(): void
  answered(method: string): void
  confirmed(tag: number, multiple: boolean, acked: boolean): void
  delivered(tag: number, body: Buffer): void
}

/** Values of the list that so many of the others do not exceed; 0 when there are none. */
export function pointsOf(values: readonly number[]): { p50: number; p99: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const point = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return { p50: point(0.5), p99: point(0.99) }
}
