// What nodes say to one another over links, as plain data. Written by the sender's room, read by the receiver's; this
// file has no behaviour. Channels and queues are named by numbers that are unique in a cluster and never reused.

import type { BrokerError } from './errors.ts'
import type { Entry, Message } from './message.ts'

/** Where a channel lives and which it is. */
export interface ChannelRef {
  readonly node: string
  readonly channel: number
}

/** A publish, sent to the leaders on a node, and once more to the mirrors on a node (docs/observed.md §4.3). */
export interface PublishMessage {
  readonly kind: 'publish'
  readonly role: 'leader' | 'mirror'
  readonly queues: readonly number[]
  readonly message: Message
  readonly sender: ChannelRef
  /** The sender's publish number, from 1; orders its publishes on every replica. */
  readonly seq: number
  readonly confirm: boolean
}

/** A publish that reached a leader when it had given up, for the mirror that is about to lead. */
export interface PassedOnMessage extends Omit<PublishMessage, 'kind' | 'role' | 'queues'> {
  readonly kind: 'passed-on'
  readonly queue: number
}

/** All publishes of `channel` to `queue` up to `upTo` are safe, but for those in `rejected`. */
export interface ConfirmMessage {
  readonly kind: 'confirm'
  readonly channel: number
  readonly queue: number
  readonly upTo: number
  readonly rejected: readonly number[]
}

/** The channel's connection is to be read no more, or again: consumers of `queue` fall behind. */
export interface FlowMessage {
  readonly kind: 'flow'
  readonly channel: number
  readonly queue: number
  readonly stop: boolean
}

export interface DeliverMessage {
  readonly kind: 'deliver'
  readonly channel: number
  readonly queue: number
  readonly consumerTag: string
  readonly id: number
  readonly message: Message
  readonly redelivered: boolean
}

/** A direct reply, straight to the channel that asked. */
export interface DirectReplyMessage {
  readonly kind: 'direct-reply'
  readonly channel: number
  readonly message: Message
}

export type Settlement = 'ack' | 'requeue' | 'reject'

export interface SettleMessage {
  readonly kind: 'settle'
  readonly queue: number
  readonly channel: number
  readonly ids: readonly number[]
  readonly how: Settlement
}

/** The channel has passed deliveries on to its client: the leader may send `count` more, in units of `creditFor`. */
export interface CreditMessage {
  readonly kind: 'credit'
  readonly queue: number
  readonly channel: number
  readonly consumerTag: string
  readonly count: number
}

/** A channel-wide prefetch is granted on demand: the leader asks, the channel grants, what is not used is released. */
export interface LimiterMessage {
  readonly kind: 'limiter'
  readonly verb: 'ask' | 'grant' | 'release' | 'on' | 'off'
  readonly queue: number
  readonly channel: ChannelRef
  readonly count: number
}

export interface ConsumeOptions {
  readonly consumerTag: string
  readonly noAck: boolean
  readonly exclusive: boolean
  /** Per-consumer limit of unacknowledged deliveries; 0 is none. */
  readonly prefetch: number
  /** True while the channel has a channel-wide limit. */
  readonly limited: boolean
  readonly priority: number
  readonly arguments: Readonly<Record<string, unknown>>
}

export type QueueOperation =
  | { readonly op: 'declare' }
  | { readonly op: 'create' }
  | { readonly op: 'get'; readonly noAck: boolean }
  | { readonly op: 'consume'; readonly consumer: ConsumeOptions }
  | { readonly op: 'cancel'; readonly consumerTag: string }
  | { readonly op: 'purge' }
  | { readonly op: 'delete'; readonly ifUnused: boolean; readonly ifEmpty: boolean }
  | { readonly op: 'sync' }
  | { readonly op: 'cancel-sync' }

export interface RequestMessage {
  readonly kind: 'request'
  readonly id: number
  readonly queue: number
  readonly channel: ChannelRef
  readonly operation: QueueOperation
}

/** What a queue answers; `messages` are the ready ones, except after purge and delete, where they are the removed. */
export interface QueueAnswer {
  readonly messages: number
  readonly consumers: number
  readonly entry?: { readonly id: number; readonly message: Message; readonly redelivered: boolean }
}

export interface ReplyMessage {
  readonly kind: 'reply'
  readonly id: number
  readonly answer: QueueAnswer | BrokerError
}

/** The leader ended this consumer (queue deleted). */
export interface CancelledMessage {
  readonly kind: 'cancelled'
  readonly channel: number
  readonly consumerTag: string
}

/** A channel is gone: its consumers end, its unacknowledged messages return. */
export interface ChannelGoneMessage {
  readonly kind: 'channel-gone'
  readonly queue: number
  readonly channel: ChannelRef
}

export type ReplicaOperation =
  | {
      readonly op: 'publish'
      readonly entry: Entry
      readonly sender: ChannelRef
      readonly seq: number
      readonly confirm: boolean
    }
  | {
      /** Not kept: handed to a consumer without acknowledgement, expired at once, or refused. */
      readonly op: 'discard'
      readonly sender: ChannelRef
      readonly seq: number
      readonly confirm: boolean
      readonly refused: boolean
    }
  | { readonly op: 'remove'; readonly ids: readonly number[] }
  | { readonly op: 'sender-gone'; readonly sender: number }
  | { readonly op: 'node-gone'; readonly node: string }

/** A stretch of the leader's stream; `position` is that of its last operation. */
export interface ReplicateMessage {
  readonly kind: 'replicate'
  readonly queue: number
  readonly term: number
  readonly position: number
  readonly operations: readonly ReplicaOperation[]
}

export interface ReplicatedMessage {
  readonly kind: 'replicated'
  readonly queue: number
  readonly term: number
  readonly node: string
  readonly position: number
}

/** Become a mirror, empty; messages below `fromId` are not held. */
export interface JoinMessage {
  readonly kind: 'join'
  readonly queue: number
  readonly term: number
  readonly fromId: number
}

export interface LeaveMessage {
  readonly kind: 'leave'
  readonly queue: number
  readonly term: number
}

/** A new leader tells its mirrors what there is; each keeps what it may hold and answers what it lacks. */
export interface AdoptMessage {
  readonly kind: 'adopt'
  readonly queue: number
  readonly term: number
  /** Of the leader's next message: where a mirror begins that the former leader's `join` never reached. */
  readonly fromId: number
  readonly entries: readonly Entry[]
}

export interface AdoptedMessage {
  readonly kind: 'adopted'
  readonly queue: number
  readonly term: number
  readonly node: string
  readonly lacking: readonly number[]
}

export interface SyncMessage {
  readonly kind: 'sync'
  readonly queue: number
  readonly term: number
  readonly entries: readonly Entry[]
  /** The mirror forgets what it holds: all comes anew. */
  readonly first: boolean
  readonly last: boolean
}

/** The mirror is left with nothing, and holds what is published from `fromId` on. */
export interface SyncCancelledMessage {
  readonly kind: 'sync-cancelled'
  readonly queue: number
  readonly term: number
  readonly fromId: number
}

export interface SyncedMessage {
  readonly kind: 'synced'
  readonly queue: number
  readonly term: number
  readonly node: string
}

/** The definitions changed the queue's settings or wanted replicas: look again. */
export interface ReconfigureMessage {
  readonly kind: 'reconfigure'
  readonly queue: number
}

export type PeerMessage =
  | PublishMessage
  | PassedOnMessage
  | ConfirmMessage
  | FlowMessage
  | DeliverMessage
  | DirectReplyMessage
  | SettleMessage
  | CreditMessage
  | LimiterMessage
  | RequestMessage
  | ReplyMessage
  | CancelledMessage
  | ChannelGoneMessage
  | ReplicateMessage
  | ReplicatedMessage
  | JoinMessage
  | LeaveMessage
  | AdoptMessage
  | AdoptedMessage
  | SyncMessage
  | SyncCancelledMessage
  | SyncedMessage
  | ReconfigureMessage
