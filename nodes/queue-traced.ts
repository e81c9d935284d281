// A queue whose messages leave a record of each step. `node-replicas` makes these instead of plain queues when messages are
// traced, so that a cluster that does not trace pays nothing for it. It changes nothing of what a queue does.

import type { QueueSettings } from '../policies/effective.ts'
import type { Consumer } from './consumer.ts'
import type { Entry, Message } from './message.ts'
import type { ChannelRef, QueueAnswer, Settlement } from './protocol.ts'
import { Queue } from './queue.ts'
import type { DropReason, QueueHost, QueueIdentity } from './queue-host.ts'
import { MessageTrace } from './trace-messages.ts'

const step = MessageTrace.stepNumber
const settled: Readonly<Record<Settlement, number>> = {
  ack: step.acked,
  reject: step.rejected,
  requeue: step.requeued,
}

/** The records of one queue. */
class Scribe {
  readonly #trace: MessageTrace
  readonly #host: QueueHost
  readonly #node: string
  readonly #queue: QueueIdentity

  constructor(trace: MessageTrace, host: QueueHost, node: string, queue: QueueIdentity) {
    this.#trace = trace
    this.#host = host
    this.#node = node
    this.#queue = queue
  }

  add(what: number, id: number, channel: number, seq = 0): void {
    const { vhost, name } = this.#queue
    this.#trace.add(this.#host.loop.now, what, this.#node, vhost, name, id, channel, seq)
  }

  told(message: Message, id: number): void {
    this.#trace.onPublished?.(message, this.#queue.name, id)
  }
}

export class TracedQueue extends Queue {
  readonly #scribe: Scribe

  constructor(
    identity: QueueIdentity,
    settings: QueueSettings,
    host: QueueHost,
    trace: MessageTrace,
    node: string,
  ) {
    const scribe = new Scribe(trace, host, node, identity)
    super(identity, settings, tracing(host, scribe))
    this.#scribe = scribe
  }

  override publish(message: Message, sender: ChannelRef, seq: number, confirm: boolean, viaMirror = false) {
    const repeated = viaMirror && seq <= (this.ordered?.get(sender.channel) ?? 0)
    if (!this.hold.active && !repeated) {
      this.#scribe.add(step.published, this.nextMessageId, sender.channel, seq)
      this.#scribe.told(message, this.nextMessageId)
    }
    super.publish(message, sender, seq, confirm, viaMirror)
  }

  override settle(channel: number, ids: readonly number[], how: Settlement): void {
    if (!this.hold.active) for (const id of ids) this.#scribe.add(settled[how], id, channel)
    super.settle(channel, ids, how)
  }

  override get(channel: ChannelRef, noAck: boolean): QueueAnswer {
    const answer = super.get(channel, noAck)
    if (answer.entry !== undefined) this.#scribe.add(step.got, answer.entry.id, channel.channel)
    return answer
  }

  override purge(): QueueAnswer {
    const answer = super.purge()
    this.#scribe.add(step.purged, 0, 0, answer.messages)
    return answer
  }

  override drop(entry: Entry, reason: DropReason): void {
    if (reason !== 'rejected') this.#scribe.add(step[reason], entry.id, 0)
    super.drop(entry, reason)
  }
}

/** The host with two of its verbs recorded; everything else is the host's own. */
function tracing(host: QueueHost, scribe: Scribe): QueueHost {
  const traced: QueueHost = Object.create(host)
  traced.deliver = (queue: Queue, consumer: Consumer, entry: Entry) => {
    scribe.add(step.delivered, entry.id, consumer.channel.channel)
    host.deliver(queue, consumer, entry)
  }
  traced.confirm = (...confirmed: Parameters<QueueHost['confirm']>) => {
    const [, sender, upTo] = confirmed
    const rejected = confirmed.at(-1) as readonly number[]
    scribe.add(step.confirmed, 0, sender.channel, upTo)
    for (const seq of rejected) scribe.add(step.refused, 0, sender.channel, seq)
    host.confirm(...confirmed)
  }
  return traced
}
