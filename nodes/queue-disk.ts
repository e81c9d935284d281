// A queue's part of its node's store: persistent messages of a durable queue, and how many of them are held. It must
// never keep a message that would not survive a restart of a real node.

import { Entry, type Message } from './message.ts'
import type { Store } from './store/index.ts'

export class QueueDisk {
  /** Of the messages held, those on the disk. */
  count = 0
  bytes = 0
  private readonly store: Store
  private readonly queue: number
  private readonly durable: boolean

  constructor(store: Store, queue: number, durable: boolean) {
    this.store = store
    this.queue = queue
    this.durable = durable
  }

  /** Keeps the message if it is to survive; returns the store's sequence to wait for, 0 for none. */
  keep(entry: Entry): number {
    if (!this.durable || !entry.message.persistent) return 0
    this.held(entry)
    return this.store.append(this.queue, entry.id, entry.message, entry.expiresAt)
  }

  /** The message is on the disk already: it was a mirror's, or survived a restart. */
  held(entry: Entry): void {
    entry.stored = true
    this.count++
    this.bytes += entry.message.size
  }

  /** A mirror's that was promoted: on the disk already, and marked as delivered from then on (docs/observed.md §13). */
  inherited(entry: Entry): void {
    if (!entry.stored) return
    this.held(entry)
    this.delivered(entry)
  }

  delivered(entry: Entry): void {
    if (entry.stored) this.store.delivered(this.queue, entry.id)
  }

  remove(entry: Entry): void {
    if (!entry.stored) return
    this.count--
    this.bytes -= entry.message.size
    this.store.remove(this.queue, entry.id)
  }

  /** What a restart finds; `crashed`: all of it counts as redelivered, otherwise what had been delivered (§0.6). */
  recover(crashed: boolean, levelOf: (message: Message) => number): Entry[] {
    return this.store.recover(this.queue).map(({ id, message, expiresAt, delivered }) => {
      const entry = new Entry(id, message, expiresAt, levelOf(message))
      entry.redelivered = crashed || delivered
      this.held(entry)
      // The mark is on the disk as well: a clean stop after the next start does not take it away.
      if (crashed && !delivered) this.delivered(entry)
      return entry
    })
  }
}
