// What one node needs of the cluster around it, and what it offers to the channels upon it. Interfaces only: `cluster`
// fulfils the first, `channel` the second, so that imports keep pointing down.

import type { LocalSink } from './consumer.ts'
import type { QueueRecord } from './definitions.ts'
import type { BrokerError } from './errors.ts'
import type { Link, LinkKind } from './link.ts'
import type { Loop } from './loop.ts'
import type { Memory } from './memory.ts'
import type { Message } from './message.ts'
import type { ChannelRef, PeerMessage, QueueAnswer } from './protocol.ts'
import type { Timings } from './timings.ts'
import type { Trace } from './trace.ts'

/** What became of a queue, as told to every node of the island. */
export type QueueChange = 'promoted' | 'recovered' | 'down' | 'waiting' | 'absent' | 'deleted'

export interface Peers {
  readonly loop: Loop
  readonly trace: Trace
  readonly timings: Timings
  readonly memory: Memory
  /** As connection.start and the HTTP API show it. */
  readonly clusterName: string
  /** How long a delivery may stay unacknowledged, in ms; 0: for ever; undefined: RabbitMQ's default. */
  readonly consumerTimeoutMs: number | undefined
  /** How many nodes the cluster has, running or not. */
  readonly size: number
  /** A number never used before in this cluster: queues, channels, connections, requests. */
  nextId(): number
  link(from: string, to: string): Link<PeerMessage> | undefined
  meter(from: string, to: string, kind: LinkKind, packets: number, bodies: number, bytes: number): void
  /** The nodes that run together with `node`, itself included, by number. */
  runningWith(node: string): readonly string[]
  /** The open connections of those nodes. */
  connectionsWith(node: string): NodeConnection[]
  /** Tells every node of `node`'s island what became of a queue. */
  announce(node: string, record: QueueRecord, change: QueueChange): void
  /** True while somebody who runs with `node` does not answer, so that definitions cannot be changed. */
  unanswering(node: string): boolean
  /** Calls `task` when such a silence has ended. */
  onAnswer(task: () => void): void
  /** A mistake in Warren itself was caught: whoever runs the cluster should see it. */
  report(error: unknown): void
  /** The leader gives up its place to the mirror on `to`. */
  handOver(record: QueueRecord, to: string): void
}

/** Whoever waits for an answer of a queue: a channel, or an administrator's request. */
export interface Requester {
  answered(request: number, answer: QueueAnswer | BrokerError): void
}

/** A client's connection as its node sees it. */
export interface NodeConnection {
  readonly id: number
  readonly user: string
  readonly vhost: string
  readonly channelCount: number
  shut(error: BrokerError): void
  end(): void
  /** What is kept for it, in bytes: output, frames held, bodies that arrive. */
  readonly heldBytes: number
  /** The memory alarm is over: it is read again. */
  unblock(): void
  /** Its node goes on after having stood still: what was written meanwhile leaves. */
  outputReady(): void
}

/** A channel as its node sees it. */
export interface NodeChannel extends LocalSink, Requester {
  readonly ref: ChannelRef
  deliver(queue: number, consumerTag: string, id: number, message: Message, redelivered: boolean): void
  /** A direct reply has come. */
  replied(message: Message): void
  confirmed(queue: number, upTo: number, rejected: readonly number[]): void
  /** Consumers of `queue` fall behind what is published here: `stop` reading, or go on. */
  flow(queue: number, stop: boolean): void
  consumerCancelled(consumerTag: string): void
  /** A leader asks for `count` deliveries under the channel-wide limit; or hands unused ones back. */
  limiterAsked(queue: number, leader: string, count: number): void
  limiterReleased(count: number): void
  queueChanged(record: QueueRecord, change: QueueChange): void
}
