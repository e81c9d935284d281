// What the work needs of a cluster, whether it is real, Warren on live sockets, or Warren in virtual time: clients, policies
// and the bytes that have crossed the links. Fulfilled by `live` and `virtual`; used by `work`.

import type { NodeNumber } from './cases.ts'

/** Bytes on each directed link, as "1>2". */
export type Links = Readonly<Record<string, number>>

export const linkNames = ['1>2', '2>1', '1>3', '3>1', '2>3', '3>2'] as const

export interface Publish {
  readonly exchange?: string
  readonly key: string
  readonly bodyBytes: number
  readonly persistent?: boolean
  readonly headers?: boolean
}

/** What a publish with headers carries: about 200 bytes of properties. */
export const someHeaders: Readonly<Record<string, string>> = Object.fromEntries(
  ['tenant', 'request', 'origin', 'attempt'].map((name) => [name, `${name}-${'v'.repeat(30)}`]),
)

export interface Consume {
  readonly noAck: boolean
  readonly prefetch: number
  readonly global?: boolean
}

export interface Declare {
  readonly durable: boolean
  /** Dead letters go to the queue of this name. */
  readonly deadLetterKey?: string
}

/** One client with one channel, in confirm mode. Deliveries are acknowledged, or rejected, one by one as they come. */
export interface Client {
  declare(queue: string, options?: Declare): Promise<void>
  deleteQueue(queue: string): Promise<void>
  declareExchange(name: string, type: string): Promise<void>
  deleteExchange(name: string): Promise<void>
  bind(queue: string, exchange: string, key: string): Promise<void>
  unbind(queue: string, exchange: string, key: string): Promise<void>
  /** Begins to publish with confirms; otherwise there are none. */
  confirming(): Promise<void>
  publish(what: Publish): void
  /** All publishes are confirmed. */
  answered(): Promise<void>
  /** Gives the consumer's tag; `reject`: deliveries are rejected without requeue. */
  consume(queue: string, options: Consume, reject?: boolean): Promise<string>
  cancel(consumerTag: string): Promise<void>
  /** So many deliveries have come in all. */
  delivered(count: number): Promise<void>
  /** Takes one message and settles it; false when there was none. */
  get(queue: string, then: 'ack' | 'requeue' | 'auto'): Promise<boolean>
  /** Ends the client. */
  close(): Promise<void>
}

export interface Stage {
  client(node: NodeNumber): Promise<Client>
  /** The cluster's own name of a node. */
  nameOf(node: NodeNumber): string
  setPolicy(name: string, pattern: string, definition: Readonly<Record<string, unknown>>): Promise<void>
  clearPolicy(name: string): Promise<void>
  /** Resolves when the queue, declared through its leader's node, has so many mirrors, synchronised or not. */
  placed(queue: string, leader: NodeNumber, mirrors: number, synchronised: boolean): Promise<void>
  synchronise(queue: string, leader: NodeNumber): Promise<void>
  /** Lets time pass. */
  pause(ms: number): Promise<void>
  /** Waits until nothing moves any more and gives what has crossed the links so far, without what an idle cluster sends. */
  quiet(): Promise<Links>
}
