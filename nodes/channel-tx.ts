// A transaction on a channel: publishes and acknowledgements wait for tx.commit; commit-ok is sent when every queue has
// taken the publishes safely, as RabbitMQ does with its internal confirms.

import type { Channel } from './channel.ts'
import type { ConfirmSink } from './channel-confirms.ts'
import type { Delivered } from './channel-unacked.ts'
import { preconditionFailed } from './errors.ts'
import type { Settlement } from './protocol.ts'

/** tx.commit, by class and method. */
const commit = (90 << 16) | 20

export class Transaction implements ConfirmSink {
  /** Each sends its message, routed before, when called. */
  readonly publishes: (() => void)[] = []
  readonly settlements: { readonly deliveries: readonly Delivered[]; readonly how: Settlement }[] = []
  /** A commit waits for the queues' confirms. */
  committing = false
  /** A queue has refused one of the publishes, or is lost with it. */
  private failed = false
  private readonly channel: Channel

  constructor(channel: Channel) {
    this.channel = channel
  }

  commit(): void {
    const { channel } = this
    this.committing = true
    for (const publish of this.publishes.splice(0)) publish()
    for (const { deliveries, how } of this.settlements.splice(0)) channel.settleDeliveries(deliveries, how)
    channel.unacked.letGo()
    channel.scheduleConfirms()
    this.checkCommitted()
  }

  rollback(): void {
    this.publishes.length = 0
    const { unacked, patience } = this.channel
    for (const { deliveries } of this.settlements.splice(0)) unacked.restore(deliveries)
    if (unacked.count > 0) patience.watch()
  }

  checkCommitted(): void {
    if (!this.committing || this.channel.unconfirmed.outstanding > 0) return
    this.committing = false
    const { channel, failed } = this
    this.failed = false
    // What the other queues have taken stays (docs/observed.md §20).
    if (failed)
      return channel.owner.channelFailed(channel, preconditionFailed('partial tx completion'), commit)
    channel.reply('txCommitOk', {})
    channel.owner.channelReady(channel)
  }

  ack(): void {}

  nack(): void {
    this.failed = true
  }
}
