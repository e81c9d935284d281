// What one channel was handed out of a queue and has not settled. Channels mostly settle in the order of delivery, for
// which a ring is enough; the first that does not turns it into a map until all is settled. Owned by an outlet.

import type { Entry } from './message.ts'
import { Ring } from './ring.ts'

export class HandedOut {
  private readonly inOrder = new Ring<Entry>()
  private byId: Map<number, Entry> | null = null

  get size(): number {
    return this.byId === null ? this.inOrder.length : this.byId.size
  }

  add(entry: Entry): void {
    if (this.byId === null) this.inOrder.push(entry)
    else this.byId.set(entry.id, entry)
  }

  /** Takes the message of this id; undefined when it is not here. */
  take(id: number): Entry | undefined {
    if (this.byId === null) {
      if (this.inOrder.peek()?.id === id) return this.inOrder.shift()
      if (this.inOrder.length === 0) return undefined
      this.byId = new Map()
      for (const entry of this.inOrder) this.byId.set(entry.id, entry)
      this.inOrder.clear()
    }
    const entry = this.byId.get(id)
    if (entry !== undefined) this.byId.delete(id)
    if (this.byId.size === 0) this.byId = null
    return entry
  }

  /** All of it, in the order of delivery. */
  values(): Iterable<Entry> {
    return this.byId === null ? this.inOrder : this.byId.values()
  }
}
