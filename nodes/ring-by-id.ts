// Things with an id that mostly leave in the order in which they came: a ring while they do, a map from the first that does
// not until all have left. Used for what channels are handed out and for what mirrors hold.

import { Ring } from './ring.ts'

export class RingById<T extends { readonly id: number }> {
  private readonly inOrder = new Ring<T>()
  private byId: Map<number, T> | null = null

  get size(): number {
    return this.byId === null ? this.inOrder.length : this.byId.size
  }

  /** Adds an item; its id is not here yet. */
  add(item: T): void {
    if (this.byId === null) this.inOrder.push(item)
    else this.byId.set(item.id, item)
  }

  /** Takes the item out; undefined when it is not here. */
  take(id: number): T | undefined {
    if (this.byId === null) {
      if (this.inOrder.peek()?.id === id) return this.inOrder.shift()
      if (this.inOrder.length === 0) return undefined
    }
    const byId = this.index()
    const item = byId.get(id)
    if (item !== undefined) byId.delete(id)
    if (byId.size === 0) this.byId = null
    return item
  }

  get(id: number): T | undefined {
    return this.index().get(id)
  }

  clear(): void {
    this.inOrder.clear()
    this.byId = null
  }

  /** All of it, in the order of arrival. */
  values(): Iterable<T> {
    return this.byId === null ? this.inOrder : this.byId.values()
  }

  private index(): Map<number, T> {
    if (this.byId !== null) return this.byId
    this.byId = new Map()
    for (const item of this.inOrder) this.byId.set(item.id, item)
    this.inOrder.clear()
    return this.byId
  }
}
