// What a channel needs of its connection. The connection fulfils it; the channel imports nothing above itself.

import type { Writer } from './amqp/writer.ts'
import type { Channel } from './channel.ts'
import type { BrokerError } from './errors.ts'

export interface ChannelOwner {
  readonly id: number
  /** The connection's name. */
  readonly name: string
  readonly user: string
  readonly vhost: string
  readonly writer: Writer
  /** What the opening settled: frame size, what the client understands. */
  readonly session: { readonly frameMax: number; readonly cancelNotify: boolean }
  /** Too much output is unsent: no more deliveries for now. */
  readonly congested: boolean
  /** Takes note that the client is to be read no more because of a queue, or again. */
  readonly pause: { queue(id: number, stop: boolean): void }
  /** Something was written. */
  outputReady(): void
  /** A waiting channel may go on with what was held for it. */
  channelReady(channel: Channel): void
  /** The client has closed the channel. */
  channelClosed(channel: Channel): void
  /** An operation failed after its method had been handled; `method` is its class and method id. */
  channelFailed(channel: Channel, error: BrokerError, method: number): void
}
