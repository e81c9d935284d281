// How long a channel's deliveries may stay unacknowledged, those of basic.get included (docs/observed.md §17). A real channel
// looks once a minute; this one wakes only at the look that would find something. It must cost nothing while nothing is
// unacknowledged.

import type { Unacked } from './channel-unacked.ts'
import { BrokerError } from './errors.ts'
import { limits } from './limits.ts'
import type { Loop, Timer } from './loop.ts'

export class Patience {
  private readonly loop: Loop
  private readonly unacked: Unacked
  private readonly timeoutMs: number
  private readonly openedAt: number
  private readonly lost: () => void
  private timer: Timer | null = null

  /** `timeoutMs` 0: deliveries may stay for ever. `lost` is told once, when one has stayed too long. */
  constructor(loop: Loop, unacked: Unacked, timeoutMs: number, lost: () => void) {
    this.loop = loop
    this.unacked = unacked
    this.timeoutMs = timeoutMs
    this.openedAt = loop.now
    this.lost = lost
  }

  /** Something is about to be delivered that is to be acknowledged, or has come back by a rollback. */
  watch(): void {
    if (this.timer === null && this.timeoutMs > 0) this.arm(this.unacked.oldestAt ?? this.loop.now)
  }

  stop(): void {
    this.timer?.cancel()
    this.timer = null
  }

  /** Wakes at the first look at which a delivery of `since` is too old. Looks are a minute apart, or a time-out if shorter. */
  private arm(since: number): void {
    const { loop, timeoutMs, openedAt } = this
    const tick = Math.min(limits.channelTickMs, timeoutMs)
    const next = Math.floor((loop.now - openedAt) / tick) + 1
    const looks = Math.max(next, Math.ceil((since + timeoutMs - openedAt) / tick))
    this.timer = loop.at(openedAt + looks * tick, () => this.look())
  }

  private look(): void {
    this.timer = null
    const oldest = this.unacked.oldestAt
    if (oldest === null) return
    if (oldest + this.timeoutMs <= this.loop.now) this.lost()
    else this.arm(oldest)
  }
}

/** 406 that names no method (docs/observed.md §17). */
export function acknowledgementTimedOut(channel: number, timeoutMs: number): BrokerError {
  const error = new BrokerError(
    406,
    `PRECONDITION_FAILED - delivery acknowledgement on channel ${channel} timed out. Timeout value used: ${timeoutMs} ms. This timeout value can be configured, see consumers doc guide to learn more`,
  )
  error.method = 0
  return error
}
