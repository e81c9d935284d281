// What a run of the load tool is to do, with every option settled: written by options.ts, read by everything else here.

import type { Properties } from '../../nodes/amqp/content.ts'
import type { Table } from '../../nodes/amqp/fields.ts'
import type { Address } from './address.ts'
import type { ConnectionOptions } from './connection.ts'
import type { Phase, Rate } from './pace.ts'

export interface Plan {
  readonly id: string
  readonly addresses: readonly Address[]
  readonly connection: ConnectionOptions
  /** Seconds between attempts to connect again; null: the first loss of a connection ends the run. */
  readonly recoverySeconds: number | null
  readonly producers: number
  readonly producerChannels: number
  readonly consumers: number
  readonly consumerChannels: number
  readonly publishing: PublishingPlan
  readonly consuming: ConsumingPlan
  readonly topology: TopologyPlan
  /** How long to publish; null: until the counts are reached or a signal comes. */
  readonly seconds: number | null
  readonly intervalSeconds: number
  /** How long the end may wait for confirms and for what is on its way to consumers. */
  readonly shutdownSeconds: number
}

export interface PublishingPlan {
  readonly rate: Rate
  readonly sizes: readonly Phase[]
  /** Most unconfirmed publishes per channel; null: without confirms. */
  readonly confirm: number | null
  readonly mandatory: boolean
  readonly properties: Properties
  /** Messages per channel; null: no end. */
  readonly count: number | null
}

export interface ConsumingPlan {
  readonly rate: Rate
  readonly autoAck: boolean
  readonly ackEvery: number
  /** Per consumer, and per channel; 0: no limit. */
  readonly prefetch: number
  readonly channelPrefetch: number
  readonly arguments: Table
  /** Messages per channel; null: no end. */
  readonly count: number | null
}

export interface TopologyPlan {
  readonly exchange: string
  readonly type: string
  /** Empty: each consumer has a queue named by the broker. */
  readonly queues: readonly string[]
  /** The key of every queue and message; null: the queue's own name. */
  readonly routingKey: string | null
  readonly predeclared: boolean
  readonly bind: boolean
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly exclusive: boolean
  readonly queueArguments: Table
}

/**
 * Which of `items` worker `index` of `workers` gets: one each, beginning anew when there are more workers; several when
 * there are fewer.
 */
export function dealt<Item>(items: readonly Item[], workers: number, index: number): Item[] {
  if (items.length === 0) return []
  if (workers >= items.length) return [items[index % items.length]!]
  return items.filter((_, i) => i % workers === index)
}
