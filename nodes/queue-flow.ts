// Back-pressure of one queue on its publishers, as RabbitMQ's credit flow has it: while its consumers fall behind, those
// who publish are not read. Only for as long as that helps: a queue that its consumers do not empty in time grows freely,
// bounded by the memory limit alone. Owned by `queue`; it must never stop a publisher for good.

import type { Loop } from './loop.ts'
import type { ChannelRef } from './protocol.ts'

/** Ready messages and bytes above which publishers stop, and below which they go on. */
export const flowMarks = { high: 4000, low: 1000, highBytes: 16_777_216, lowBytes: 4_194_304 } as const

/** How long consumers have to empty the queue, in ms; a publisher waits a little longer than the queue does. */
export const flowPatienceMs = 200

/** The ready messages. */
export interface Backlogged {
  readonly length: number
  readonly bytes: number
}

export type TellSender = (sender: ChannelRef, stop: boolean) => void

export class Flow {
  private readonly loop: Loop
  private readonly backlog: Backlogged
  private readonly consumers: readonly unknown[]
  private readonly tell: TellSender
  /** `free`: its consumers were given their time and did not empty it. */
  private state: 'open' | 'stopped' | 'free' = 'open'
  private since = 0
  private readonly stopped = new Map<number, ChannelRef>()

  constructor(loop: Loop, backlog: Backlogged, consumers: readonly unknown[], tell: TellSender) {
    this.loop = loop
    this.backlog = backlog
    this.consumers = consumers
    this.tell = tell
  }

  /** `sender` has added to the backlog. */
  grown(sender: ChannelRef): void {
    const { length, bytes } = this.backlog
    if (length <= flowMarks.high && bytes <= flowMarks.highBytes) return
    if (this.state === 'free' || this.consumers.length === 0) return
    const { now } = this.loop
    if (this.state === 'open') {
      this.state = 'stopped'
      this.since = now
    } else if (now - this.since > flowPatienceMs) return this.end('free')
    if (this.stopped.has(sender.channel)) return
    this.stopped.set(sender.channel, sender)
    this.tell(sender, true)
  }

  /** Messages have left the backlog, or consumers the queue. */
  fallen(): void {
    if (this.state === 'open') return
    const { length, bytes } = this.backlog
    const empty = length <= flowMarks.low && bytes <= flowMarks.lowBytes
    if (empty || this.consumers.length === 0) this.end('open')
  }

  private end(state: 'open' | 'free'): void {
    this.state = state
    for (const sender of this.stopped.values()) this.tell(sender, false)
    this.stopped.clear()
  }
}
