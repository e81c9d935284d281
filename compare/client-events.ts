// What a client tells its user, and how it is made to behave when its connection breaks. Interfaces only; `client` keeps to them.

import type { MethodArguments, MethodName } from '../nodes/amqp/methods.ts'

/** What the client's user is told. Each has to be ready for `lost` at any time. */
export interface ClientEvents {
  /** Connection and channel are open, for the first time or again. */
  opened(): void
  /** The connection is gone, the channel with it: nothing sent before will be answered. */
  lost(): void
  /** The server closed the channel; `reopen` opens another. */
  channelClosed(code: number, text: string): void
  /** A method's plain answer, such as queueDeclareOk. */
  answered(method: MethodName, args: MethodArguments[MethodName]): void
  confirmed(tag: number, multiple: boolean, acked: boolean): void
  delivered(tag: number, redelivered: boolean, body: Buffer, consumerTag: string): void
  /** The server ended the consumer. */
  cancelled(consumerTag: string): void
  /** A message fetched with basic.get; only for whoever fetches. */
  fetched?(tag: number, redelivered: boolean, body: Buffer): void
  /** A mandatory message that found no queue. */
  returned?(body: Buffer): void
  /** The broker has taken what was sent. */
  drained?(): void
}

/** What a client does when its connection breaks. */
export interface Habits {
  /** The nodes it knows; the first is dialled first. */
  readonly nodes: readonly string[]
  /** It waits a random time between these; null: it never comes back. */
  readonly delayMs: { readonly min: number; readonly max: number } | null
  /** Which node it dials then. */
  readonly order: 'same' | 'next' | 'random'
  /** The heartbeat it asks for, in ms, a multiple of 1000; null: none. With one it also gives up a handshake in time. */
  readonly heartbeatMs: number | null
}
