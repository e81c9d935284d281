// Frames that arrived for channels that wait for a queue: kept in order, copied out of the socket's chunk, handed on when
// the channel is ready. Their bytes bound how far the socket is read (DESIGN: waiting is state).

import type { Channel } from './channel.ts'
import { limits } from './limits.ts'
import { Ring } from './ring.ts'

interface Held {
  readonly type: number
  readonly method: number
  readonly bytes: Buffer
}

/** What takes the frames in the end. */
export interface FrameTaker {
  take(channel: Channel, type: number, method: number, buf: Buffer, start: number, end: number): void
}

/** What a held frame costs besides its bytes. */
const overhead = 64

export class HeldFrames {
  bytes = 0
  private byChannel: Map<Channel, Ring<Held>> | null = null
  private readonly taker: FrameTaker

  constructor(taker: FrameTaker) {
    this.taker = taker
  }

  /** Nothing more should be read. */
  get full(): boolean {
    return this.bytes >= limits.heldBytes
  }

  hold(channel: Channel, type: number, method: number, buf: Buffer, start: number, end: number): void {
    this.byChannel ??= new Map()
    let ring = this.byChannel.get(channel)
    if (ring === undefined) this.byChannel.set(channel, (ring = new Ring()))
    ring.push({ type, method, bytes: Buffer.from(buf.subarray(start, end)) })
    this.bytes += end - start + overhead
  }

  /** Are frames of this channel still held? New ones must then queue behind them. */
  holds(channel: Channel): boolean {
    return this.byChannel?.has(channel) ?? false
  }

  /** Hands on what is held until the channel waits again or has ended. */
  release(channel: Channel): void {
    const ring = this.byChannel?.get(channel)
    if (ring === undefined || this.byChannel === null) return
    this.byChannel.delete(channel)
    while (ring.length > 0 && !channel.busy && !channel.closed) {
      const { type, method, bytes } = ring.shift()!
      this.bytes -= bytes.length + overhead
      this.taker.take(channel, type, method, bytes, 0, bytes.length)
    }
    if (ring.length > 0 && !channel.closed) this.byChannel.set(channel, ring)
    else for (const { bytes } of ring) this.bytes -= bytes.length + overhead
  }

  /** The channel has ended: what was held for it is dropped. */
  drop(channel: Channel): void {
    for (const { bytes } of this.byChannel?.get(channel) ?? []) this.bytes -= bytes.length + overhead
    this.byChannel?.delete(channel)
  }
}
