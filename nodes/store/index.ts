// What a node's disk keeps of its queues: the interface of a store. `append` returns at once with a sequence; `durable`
// says up to which sequence everything would survive a crash, and only that releases confirms of persistent messages.

import type { Message } from '../message.ts'

/** A persistent message as found on the disk after a restart. */
export interface StoredMessage {
  readonly id: number
  readonly message: Message
  /** As it was when the message was kept: in ms of `loop.now`, Infinity for never. */
  readonly expiresAt: number
  /** It had been delivered before a clean stop. */
  readonly delivered: boolean
}

/** A message that a delayed exchange of this node keeps until `due` (ms of `loop.now`). */
export interface HeldMessage {
  readonly vhost: string
  readonly exchange: string
  readonly message: Message
  readonly furtherKeys: readonly string[]
  readonly due: number
}

export interface Store {
  /** What delayed exchanges keep; on the disk as soon as it is in here, and there still after a crash. */
  readonly held: Set<HeldMessage>
  /** Keeps a message of `queue`; returns the sequence that must become durable first. */
  append(queue: number, id: number, message: Message, expiresAt: number): number
  /** Notes a delivery or removal; written lazily, so that a crash may forget it (docs/observed.md §0.6). */
  delivered(queue: number, id: number): void
  remove(queue: number, id: number): void
  /** Forgets every queue but these: what a restart finds that is no longer this node's. */
  retain(queues: ReadonlySet<number>): void
  /** Forgets a queue altogether. */
  drop(queue: number): void
  /** Highest durable sequence. */
  readonly durable: number
  /** Called whenever `durable` has risen. */
  onDurable: (() => void) | null
  /** What a restart finds of `queue`, in order; empty when nothing. */
  recover(queue: number): readonly StoredMessage[]
  /** Ends cleanly: everything noted is written. */
  stop(): void
  /** Ends as by SIGKILL: what was not yet written is gone. */
  crash(): void
}
