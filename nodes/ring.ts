// A double-ended queue in one array: O(1) at both ends, no shifting, memory given back when it has emptied. Used for
// every backlog of the core. It must never hold a reference to something already taken out.

const fewest = 16

export class Ring<T> {
  /** A power of two many places, or none yet: many rings are never used. */
  private items: (T | undefined)[] = []
  private head = 0
  length = 0

  push(item: T): void {
    if (this.length === this.items.length) this.grow()
    this.items[(this.head + this.length++) & (this.items.length - 1)] = item
  }

  unshift(item: T): void {
    if (this.length === this.items.length) this.grow()
    this.head = (this.head - 1) & (this.items.length - 1)
    this.items[this.head] = item
    this.length++
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const item = this.items[this.head]
    this.items[this.head] = undefined
    this.head = (this.head + 1) & (this.items.length - 1)
    if (--this.length === 0 && this.items.length > 1024) this.clear()
    return item
  }

  pop(): T | undefined {
    if (this.length === 0) return undefined
    const at = (this.head + --this.length) & (this.items.length - 1)
    const item = this.items[at]
    this.items[at] = undefined
    return item
  }

  /** The item `index` places behind the head, or undefined. */
  at(index: number): T | undefined {
    return index < this.length ? this.items[(this.head + index) & (this.items.length - 1)] : undefined
  }

  set(index: number, item: T): void {
    this.items[(this.head + index) & (this.items.length - 1)] = item
  }

  peek(): T | undefined {
    return this.length === 0 ? undefined : this.items[this.head]
  }

  last(): T | undefined {
    return this.at(this.length - 1)
  }

  clear(): void {
    this.items = []
    this.head = 0
    this.length = 0
  }

  /** Keeps only the items for which `keep` holds, in order. */
  filter(keep: (item: T) => boolean): void {
    const count = this.length
    for (let i = 0; i < count; i++) {
      const item = this.shift() as T
      if (keep(item)) this.push(item)
    }
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as T
  }

  private grow(): void {
    const next = new Array<T | undefined>(Math.max(fewest, this.items.length * 2))
    for (let i = 0; i < this.length; i++) next[i] = this.at(i)
    this.items = next
    this.head = 0
  }
}
