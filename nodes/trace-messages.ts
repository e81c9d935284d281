// What becomes of each message, as columns of numbers in a bounded ring: published, delivered, acknowledged, dropped and why.
// Off unless it is asked for before the queues are declared, since it costs time with every message; then queues are made
// that write to it (queue-traced). It must never influence the core.

import type { Message } from './message.ts'

/** What can be told of a message at its queue, in a closed list. */
export const messageSteps = [
  'published',
  'delivered',
  'got',
  'acked',
  'rejected',
  'requeued',
  'expired',
  'maxlen',
  'purged',
  'confirmed',
  'refused',
] as const
export type MessageStep = (typeof messageSteps)[number]

export interface MessageRecord {
  /** Milliseconds since the Unix epoch, or of a simulation. */
  readonly at: number
  readonly step: MessageStep
  /** Where the queue is led, and which queue. */
  readonly node: string
  readonly queue: string
  readonly vhost: string
  /** The message's number in its queue; 0 where the record is not about one: confirmed, refused, purged. */
  readonly id: number
  /** Who published it, was sent it or settled it: the channel's number in the cluster; 0 where it was nobody. */
  readonly channel: number
  /**
   * Of published: which of its channel's publishes it is. Of confirmed: all of them up to this one. Of refused: this one.
   * Of purged: how many messages. Otherwise 0.
   */
  readonly seq: number
}

export class MessageTrace {
  /** Records forgotten because the ring was full. */
  dropped = 0
  /** Told of each message that a queue takes, and which number it has there: whoever knows messages by their bodies. */
  onPublished: ((message: Message, queue: string, id: number) => void) | null = null
  private readonly capacity: number
  private readonly times: Float64Array
  private readonly steps: Uint8Array
  private readonly nodes: string[]
  private readonly queues: string[]
  private readonly vhosts: string[]
  private readonly ids: Float64Array
  private readonly channels: Float64Array
  private readonly seqs: Float64Array
  private written = 0

  constructor(capacity = 65_536) {
    this.capacity = capacity
    this.times = new Float64Array(capacity)
    this.steps = new Uint8Array(capacity)
    this.nodes = new Array<string>(capacity).fill('')
    this.queues = new Array<string>(capacity).fill('')
    this.vhosts = new Array<string>(capacity).fill('')
    this.ids = new Float64Array(capacity)
    this.channels = new Float64Array(capacity)
    this.seqs = new Float64Array(capacity)
  }

  /** Numbers of steps, so that a writer need not look them up for every message. */
  static readonly stepNumber = Object.fromEntries(messageSteps.map((step, i) => [step, i])) as Readonly<
    Record<MessageStep, number>
  >

  add(
    at: number,
    step: number,
    node: string,
    vhost: string,
    queue: string,
    id: number,
    channel: number,
    seq: number,
  ): void {
    const i = this.written % this.capacity
    if (this.written++ >= this.capacity) this.dropped++
    this.times[i] = at
    this.steps[i] = step
    this.nodes[i] = node
    this.queues[i] = queue
    this.vhosts[i] = vhost
    this.ids[i] = id
    this.channels[i] = channel
    this.seqs[i] = seq
  }

  /** How many records were ever written: the `since` of the next read. */
  get count(): number {
    return this.written
  }

  /** The records still held from number `since` on, oldest first, of one queue where it is named. */
  *records(since = 0, queue?: string): IterableIterator<MessageRecord & { readonly number: number }> {
    for (let n = Math.max(since, this.written - this.capacity); n < this.written; n++) {
      const i = n % this.capacity
      if (queue !== undefined && this.queues[i] !== queue) continue
      yield {
        number: n,
        at: this.times[i]!,
        step: messageSteps[this.steps[i]!]!,
        node: this.nodes[i]!,
        queue: this.queues[i]!,
        vhost: this.vhosts[i]!,
        id: this.ids[i]!,
        channel: this.channels[i]!,
        seq: this.seqs[i]!,
      }
    }
  }
}
