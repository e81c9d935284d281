// Heartbeats of one connection on the peers' clock: sends one in each silent half interval, and gives up after the peer
// has been silent for two intervals and a half (docs/observed.md §5.1: 2.9 s at 1 s). Silence of a peer that is not
// being read means nothing.

import type { Loop, Timer } from './loop.ts'

/** The connection, as far as its pulse goes. */
export interface Beating {
  /** The peer is read. */
  readonly wantsRead: boolean
  beat(): void
  end(): void
}

export class Heartbeat {
  sent = true
  received = true
  private timer: Timer | null = null
  private silentTicks = 0
  private readonly loop: Loop
  private readonly owner: Beating

  constructor(loop: Loop, owner: Beating) {
    this.loop = loop
    this.owner = owner
  }

  /** `seconds` 0: none. */
  start(seconds: number): void {
    if (seconds > 0) this.arm((seconds * 1000) / 2)
  }

  stop(): void {
    this.timer?.cancel()
    this.timer = null
  }

  private arm(halfMs: number): void {
    this.timer = this.loop.atPeer(this.loop.peerNow + halfMs, () => {
      this.silentTicks = this.received || !this.owner.wantsRead ? 0 : this.silentTicks + 1
      if (this.silentTicks >= 5) return this.owner.end()
      if (!this.sent) this.owner.beat()
      this.sent = this.received = false
      this.arm(halfMs)
    })
  }
}
