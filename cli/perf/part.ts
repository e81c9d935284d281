// What an agent's channels have in common, be they producers or consumers, and what they are given: the interfaces between
// agent, producer and consumer.

import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import type { Meter } from './meter.ts'

/** One channel's work. It outlives its connection: `lost`, then `open` on the next one and `start`. */
export interface Part {
  /** It has reached its count. */
  readonly finished: boolean
  /** Opens the channel and prepares everything on it. Rejects with Ended. */
  open(connection: Connection, channel: number): Promise<void>
  start(): void
  stop(): void
  lost(): void
}

/** What a part may use, and whom it tells. */
export interface PartHost {
  readonly clock: Clock
  readonly meter: Meter
  /** Since the start of the run. */
  seconds(): number
  /** A part has reached its count. */
  finished(): void
}
