// Columns of numbers that grow: a million messages are a few arrays of numbers and no objects. Used by `journal` alone.

/** A column of doubles; what was never set is NaN. */
export class Numbers {
  private items = new Float64Array(1024).fill(Number.NaN)
  length = 0

  push(value: number): void {
    this.set(this.length, value)
  }

  set(index: number, value: number): void {
    if (index >= this.items.length) {
      const more = new Float64Array(Math.max(index + 1, 2 * this.items.length)).fill(Number.NaN)
      more.set(this.items)
      this.items = more
    }
    this.items[index] = value
    if (index >= this.length) this.length = index + 1
  }

  at(index: number): number {
    return index < this.length ? this.items[index]! : Number.NaN
  }

  has(index: number): boolean {
    return !Number.isNaN(this.at(index))
  }
}

/** A column of 32 bits; what was never set is 0. */
export class Bits {
  private items = new Uint32Array(1024)
  length = 0

  push(value: number): void {
    this.set(this.length, value)
  }

  set(index: number, value: number): void {
    if (index >= this.items.length) {
      const more = new Uint32Array(Math.max(index + 1, 2 * this.items.length))
      more.set(this.items)
      this.items = more
    }
    this.items[index] = value
    if (index >= this.length) this.length = index + 1
  }

  at(index: number): number {
    return index < this.length ? this.items[index]! : 0
  }

  /** Sets the bits of `mask`, and says whether all of them had been set. */
  mark(index: number, mask: number): boolean {
    const before = this.at(index)
    if ((before & mask) === mask) return true
    this.set(index, before | mask)
    return false
  }
}
