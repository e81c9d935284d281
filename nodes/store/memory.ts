// A disk modelled in memory: group commits for messages, a lazy journal for deliveries and acknowledgements, and a crash
// that forgets what was not written. The default store; it must never survive the process.

import type { Loop, Runnable } from '../loop.ts'
import type { Message } from '../message.ts'
import { Ring } from '../ring.ts'
import { pick, type Timings } from '../timings.ts'
import type { HeldMessage, Store, StoredMessage } from './index.ts'

/** What is on the disk of one queue. A message costs no object of its own: there are many. */
interface Image {
  readonly messages: Map<number, Message>
  /** When those of `messages` expire that ever do. */
  readonly expiries: Map<number, number>
  readonly delivered: Set<number>
}

interface Append {
  readonly queue: number
  readonly id: number
  readonly message: Message
  readonly expiresAt: number
}

interface Lazy {
  readonly queue: number
  readonly id: number
  readonly removed: boolean
}

export class MemoryStore implements Store, Runnable {
  readonly held = new Set<HeldMessage>()
  durable = 0
  onDurable: (() => void) | null = null
  private readonly loop: Loop
  private readonly timings: Timings
  private readonly chance: () => number
  private readonly images = new Map<number, Image>()
  private readonly appends = new Ring<Append>()
  private readonly lazies = new Ring<Lazy>()
  private sequence = 0
  private commitDue = false
  private lazyDue = false
  private epoch = 0

  constructor(loop: Loop, timings: Timings, chance: () => number) {
    this.loop = loop
    this.timings = timings
    this.chance = chance
  }

  append(queue: number, id: number, message: Message, expiresAt: number): number {
    message.keep()
    this.appends.push({ queue, id, message, expiresAt })
    if (!this.commitDue) {
      this.commitDue = true
      const delay = pick(this.timings.commit, this.chance)
      if (delay === 0) this.loop.atTurnEnd(this)
      else {
        const epoch = this.epoch
        this.loop.at(this.loop.now + delay, () => {
          if (epoch === this.epoch) this.run()
        })
      }
    }
    return ++this.sequence
  }

  delivered(queue: number, id: number): void {
    this.note({ queue, id, removed: false })
  }

  remove(queue: number, id: number): void {
    this.note({ queue, id, removed: true })
  }

  drop(queue: number): void {
    this.images.delete(queue)
    this.appends.filter((append) => append.queue !== queue)
    this.lazies.filter((lazy) => lazy.queue !== queue)
  }

  retain(queues: ReadonlySet<number>): void {
    for (const queue of this.images.keys()) if (!queues.has(queue)) this.images.delete(queue)
  }

  recover(queue: number): readonly StoredMessage[] {
    const image = this.images.get(queue)
    if (image === undefined) return []
    const { messages, expiries, delivered } = image
    return [...messages]
      .sort(([a], [b]) => a - b)
      .map(([id, message]) => ({
        id,
        message,
        expiresAt: expiries.get(id) ?? Infinity,
        delivered: delivered.has(id),
      }))
  }

  /** One group commit. Called by the loop only. */
  run(): void {
    this.commitDue = false
    this.write(this.appends.length)
    this.durable = this.sequence
    this.onDurable?.()
  }

  stop(): void {
    this.write(this.appends.length)
    this.writeLazies()
    this.durable = this.sequence
    this.forgetTimers()
  }

  crash(): void {
    this.appends.clear()
    this.lazies.clear()
    this.durable = this.sequence
    this.forgetTimers()
  }

  private note(lazy: Lazy): void {
    this.lazies.push(lazy)
    if (this.lazyDue) return
    this.lazyDue = true
    const epoch = this.epoch
    this.loop.at(this.loop.now + this.timings.ackFlushMs, () => {
      if (epoch !== this.epoch) return
      this.lazyDue = false
      this.write(this.appends.length)
      this.writeLazies()
    })
  }

  private write(count: number): void {
    for (let i = 0; i < count; i++) {
      const { queue, id, message, expiresAt } = this.appends.shift()!
      let image = this.images.get(queue)
      if (image === undefined) {
        image = { messages: new Map(), expiries: new Map(), delivered: new Set() }
        this.images.set(queue, image)
      }
      image.messages.set(id, message)
      if (expiresAt !== Infinity) image.expiries.set(id, expiresAt)
    }
  }

  private writeLazies(): void {
    for (let lazy = this.lazies.shift(); lazy !== undefined; lazy = this.lazies.shift()) {
      const image = this.images.get(lazy.queue)
      if (image === undefined) continue
      if (lazy.removed) {
        image.messages.delete(lazy.id)
        image.expiries.delete(lazy.id)
        image.delivered.delete(lazy.id)
      } else if (image.messages.has(lazy.id)) image.delivered.add(lazy.id)
    }
  }

  private forgetTimers(): void {
    this.epoch++
    this.commitDue = this.lazyDue = false
  }
}
