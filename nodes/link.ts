// One directed, first-in-first-out link between two nodes. Everything nodes tell one another goes through `send`, also
// at zero delay; a fault edits the link's state and nothing else. The link meters by kind what a real RabbitMQ would
// send. It must never look inside what it carries, reorder, or lose one from the middle.

import type { Loop, Runnable } from './loop.ts'
import { Ring } from './ring.ts'

/** Kinds of traffic, as the meters and the cost model name them. */
export const linkKinds = [
  'definitions',
  'request',
  'publish',
  'replicate',
  'confirm',
  'deliver',
  'redeliver',
  'ack',
  'sync',
] as const
export type LinkKind = (typeof linkKinds)[number]

/** What crossed a link: packets, message bodies and bytes (payload of the connection, no TCP headers). */
export interface Meter {
  packets: number
  bodies: number
  bytes: number
}

export type Meters = Record<LinkKind, Meter>

export function emptyMeters(): Meters {
  return Object.fromEntries(linkKinds.map((kind) => [kind, { packets: 0, bodies: 0, bytes: 0 }])) as Meters
}

/** `up`; `cut`: both ends know at once; `silent`: nothing arrives, and is held until the link is up again or cut. */
export type LinkState = 'up' | 'cut' | 'silent'

/** What a link carries. A published message in it is kept when it must wait. */
export interface Carried {
  readonly kind: string
  readonly message?: { keep(): void }
}

export interface LinkEnd<M> {
  receive(from: string, message: M): void
}

/** Whoever sends: what it is busy with is done before anything leaves. */
export interface Sender {
  /** In ms of the loop's time, never in its past. */
  readonly freeAt: number
}

export class Link<M extends Carried> implements Runnable {
  readonly from: string
  readonly to: string
  state: LinkState = 'up'
  delayMs = 0
  /** How much passes at most; what is sent faster waits its turn. */
  bytesPerMs = Infinity
  /** Only where work takes time. */
  sender: Sender | null = null
  readonly meters: Meters = emptyMeters()
  private readonly loop: Loop
  private readonly end: LinkEnd<M>
  private readonly messages = new Ring<M>()
  /** How many at the front are due at once; and when the others are, one by one. */
  private prompt = 0
  private readonly dues = new Ring<number>()
  private scheduled = false
  private lastDue = 0
  private busyUntil = 0
  private epoch = 0

  constructor(loop: Loop, from: string, to: string, end: LinkEnd<M>) {
    this.loop = loop
    this.from = from
    this.to = to
    this.end = end
  }

  /**
   * Sends `message`, which a real cluster would have needed `bytes` for; dropped when the link is cut, as a broken
   * connection drops it.
   */
  send(message: M, bytes = 0): void {
    if (this.state === 'cut') return
    this.messages.push(message)
    if (this.bytesPerMs !== Infinity) this.occupy(bytes)
    const departs = this.sender === null ? this.loop.now : this.sender.freeAt
    const due = Math.max(this.lastDue, Math.max(this.busyUntil, departs) + this.delayMs)
    this.lastDue = due
    if (due > this.loop.now) this.dues.push(due)
    else this.prompt++
    if (due > this.loop.now || this.state === 'silent') message.message?.keep()
    if (!this.scheduled) this.schedule(due)
  }

  /** Counts traffic of `kind`: `packets`, `bodies` and `bytes` as a real cluster would have sent. */
  meter(kind: LinkKind, packets: number, bodies: number, bytes: number): void {
    const meter = this.meters[kind]
    meter.packets += packets
    meter.bodies += bodies
    meter.bytes += bytes
  }

  /** Sets the state; what is under way is lost when the link is cut, and held back while it is silent. */
  become(state: LinkState): void {
    if (state === this.state && state !== 'cut') return
    this.state = state
    this.epoch++
    // A silent link passes for one that has seen to its next delivery, so that none is arranged.
    this.scheduled = state === 'silent'
    if (state === 'cut') {
      this.lastDue = this.busyUntil = 0
      this.messages.clear()
      this.dues.clear()
      this.prompt = 0
    } else if (state === 'silent') for (const { message } of this.messages) message?.keep()
    else if (this.messages.length > 0) this.schedule(this.loop.now)
  }

  /** What a silent link holds, in order; it holds no more. */
  takeHeld(): M[] {
    const held = [...this.messages]
    this.messages.clear()
    this.dues.clear()
    this.prompt = 0
    return held
  }

  /** The connection at this end breaks and is made anew: what is under way is lost. */
  interrupt(): void {
    const { state } = this
    this.become('cut')
    this.become(state)
  }

  /** Hands over what is due, in order. Called by the loop only. */
  run(): void {
    if (this.state === 'silent') return
    this.scheduled = false
    while (this.dues.length > 0 && this.dues.peek()! <= this.loop.now) {
      this.dues.shift()
      this.prompt++
    }
    const { epoch } = this
    for (let left = this.prompt; left > 0 && epoch === this.epoch; left--) {
      this.prompt--
      this.end.receive(this.from, this.messages.shift() as M)
    }
    if (this.dues.length > 0 && !this.scheduled) this.schedule(this.dues.peek()!)
  }

  private occupy(bytes: number): void {
    this.busyUntil = Math.max(this.busyUntil, this.loop.now) + bytes / this.bytesPerMs
  }

  private schedule(due: number): void {
    this.scheduled = true
    if (due <= this.loop.now) return this.loop.ready(this)
    const epoch = this.epoch
    this.loop.at(due, () => {
      if (epoch === this.epoch) this.run()
    })
  }
}
