// The consuming half of a workload: takes messages with a prefetch, works on each for a while and acknowledges it; when
// the server ends its consumer or its connection, it asks again until it is served. Writes to the recorder.

import { readBody } from './body.ts'
import { Client, type ClientEvents } from './client.ts'
import type { Clock, Network } from './line.ts'
import type { Recorder } from './recorder.ts'

export interface ConsumerOptions {
  readonly node: string
  readonly queue: string
  readonly prefetch: number
  /** From a delivery to its acknowledgement; messages are worked on side by side. */
  readonly workMs: number
}

export class Consumer implements ClientEvents {
  readonly client: Client
  /** Deliveries not acknowledged yet. */
  working = 0
  private readonly options: ConsumerOptions
  private readonly clock: Clock
  private readonly recorder: Recorder
  /** Raised when the channel goes: acknowledgements of earlier deliveries are no longer sent. */
  private channel = 0

  constructor(options: ConsumerOptions, network: Network, clock: Clock, recorder: Recorder) {
    this.options = options
    this.clock = clock
    this.recorder = recorder
    this.client = new Client('consumer', options.node, network, clock, this)
  }

  opened(): void {
    this.client.consume(this.options.queue, this.options.prefetch)
  }

  delivered(tag: number, redelivered: boolean, body: Buffer): void {
    const { message, attempt } = readBody(body)
    this.recorder.delivered({ message, at: this.clock.now, redelivered, republished: attempt > 1 })
    const { channel } = this
    this.working++
    this.clock.after(this.options.workMs, () => {
      if (channel !== this.channel) return
      this.working--
      this.client.ack(tag)
    })
  }

  /** The queue is out of reach; what was delivered may still be acknowledged on this channel. */
  cancelled(): void {
    const { channel } = this
    this.client.later(() => {
      if (channel === this.channel) this.opened()
    })
  }

  /** The queue is still out of reach. */
  channelClosed(): void {
    this.leaveChannel()
    const { channel } = this
    this.client.later(() => {
      if (channel === this.channel) this.client.reopen()
    })
  }

  lost(): void {
    this.leaveChannel()
  }

  answered(): void {}

  confirmed(): void {}

  private leaveChannel(): void {
    this.channel++
    this.working = 0
  }
}
