// The fuzzer's one source of chance: a seeded generator with the draws that generators and mutators need. Equal seeds give
// equal inputs on every machine. It must never be fed from a clock.

import { randomStream } from '../nodes/loop.ts'

export class Chance {
  private readonly draw: () => number

  constructor(seed: number, name: string) {
    this.draw = randomStream(seed, name)
  }

  /** A whole number from 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.draw() * below)
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.int(most - least + 1)
  }

  /** True in `percent` of a hundred draws. */
  hit(percent: number): boolean {
    return this.draw() * 100 < percent
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!
  }

  /** One of a weighted list: weights are relative. */
  weighted<T>(list: readonly (readonly [weight: number, value: T])[]): T {
    let at = this.draw() * list.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of list) if ((at -= weight) < 0) return value
    return list.at(-1)![1]
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    for (let i = 0; i < length; i++) bytes[i] = this.int(256)
    return bytes
  }
}
