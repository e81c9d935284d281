// What a queue is told about itself and what it asks of its node. The node fulfils `QueueHost`; the queue imports nothing
// above it.

import type { Consumer, LocalSink } from './consumer.ts'
import type { Loop } from './loop.ts'
import type { Entry, Message } from './message.ts'
import type { ChannelRef } from './protocol.ts'
import type { Queue } from './queue.ts'
import type { Road } from './replication.ts'
import type { Store } from './store/index.ts'

/** Why a message leaves a queue other than to a consumer, as x-death names it. */
export type DropReason = 'rejected' | 'expired' | 'maxlen'

/** What a queue asks of its node. */
export interface QueueHost {
  readonly loop: Loop
  readonly road: Road
  readonly store: Store
  readonly clusterSize: number
  /** The receiving side of a channel on this node; null when it is elsewhere. */
  sinkOf(channel: ChannelRef): LocalSink | null
  deliver(queue: Queue, consumer: Consumer, entry: Entry): void
  confirm(queue: Queue, sender: ChannelRef, upTo: number, count: number, rejected: readonly number[]): void
  deadLetter(queue: Queue, message: Message, reason: DropReason): void
  /** The sender's connection is to be read no more, or again. */
  flow(queue: Queue, sender: ChannelRef, stop: boolean): void
  askLimiter(queue: Queue, channel: ChannelRef, verb: 'ask' | 'release', count: number): void
  cancelled(queue: Queue, consumer: Consumer): void
  /** The queue wants to be deleted: its last consumer left, or nobody used it. */
  remove(queue: Queue): void
  synchronised(queue: Queue, mirror: string, synced: boolean): void
  /** Call `storeAdvanced` when the store has written more. */
  awaitStore(queue: Queue): void
}

/** The fixed part of a queue, from its record. */
export interface QueueIdentity {
  readonly id: number
  readonly vhost: string
  readonly name: string
  readonly durable: boolean
  readonly exclusive: boolean
  readonly autoDelete: boolean
  readonly term: number
}

/** Counts since the leader's start, for statistics. */
export interface QueueCounts {
  published: number
  /** To consumers, those without acknowledgement included. */
  delivered: number
  deliveredNoAck: number
  redelivered: number
  acked: number
  /** By basic.get, those without acknowledgement included. */
  got: number
  gotNoAck: number
  getEmpty: number
}

export const noCounts = (): QueueCounts => ({
  published: 0,
  delivered: 0,
  deliveredNoAck: 0,
  redelivered: 0,
  acked: 0,
  got: 0,
  gotNoAck: 0,
  getEmpty: 0,
})

/**
 * No id is given twice in a queue's life: a channel may still hold a delivery of an earlier leader that this one never
 * heard of, and its settlement must not meet another message under the same id.
 */
export const firstIdOf = (term: number) => (term - 1) * 2 ** 32 + 1
