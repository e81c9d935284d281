// A connection's output: the frames written, and how much of what was taken the peer has not received yet. Kept by
// `connection`; bounded because those who write look at `congested` first.

import { Writer } from './amqp/writer.ts'
import { limits } from './limits.ts'

export class Output {
  readonly writer = new Writer()
  private unsent = 0
  private wasCongested = false

  /** Bytes written and not received by the peer. */
  get pending(): number {
    return this.unsent + this.writer.length
  }

  /** Too much is pending: no more deliveries for now. */
  get congested(): boolean {
    if (this.pending <= limits.outputHighBytes) return false
    this.wasCongested = true
    return true
  }

  /** So much is pending that nothing more should be asked for: the peer is not read. */
  get full(): boolean {
    return this.pending >= 2 * limits.outputHighBytes
  }

  /** All output since the last call, or null; it is pending until `drained`. */
  take(): Buffer | null {
    const bytes = this.writer.take()
    if (bytes !== null) this.unsent += bytes.length
    return bytes
  }

  /** The peer has received `bytes`. True when it was congested and deliveries may go on. */
  drained(bytes: number): boolean {
    this.unsent -= bytes
    if (!this.wasCongested || this.unsent > limits.outputLowBytes) return false
    this.wasCongested = false
    return true
  }
}
