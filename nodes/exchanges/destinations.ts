// An ordered set of destinations that counts how many bindings lead to each, and the one way results are appended.
// Every router is built from these; the order is that of the first binding still standing.

/** Destinations reached through one key, pattern or exchange. A destination bound twice appears once. */
export class Destinations<D> {
  readonly #bindings = new Map<D, number>()
  #list: readonly D[] | null = null

  add(destination: D): void {
    const count = this.#bindings.get(destination) ?? 0
    this.#bindings.set(destination, count + 1)
    if (count === 0) this.#list = null
  }

  /** Forgets one binding to the destination; false when there is none. */
  remove(destination: D): boolean {
    const count = this.#bindings.get(destination)
    if (count === undefined) return false
    if (count > 1) {
      this.#bindings.set(destination, count - 1)
      return true
    }
    this.#bindings.delete(destination)
    this.#list = null
    return true
  }

  get empty(): boolean {
    return this.#bindings.size === 0
  }

  /** Rebuilt after a change, on first use: binding ten thousand queues costs one copy, not ten thousand. */
  get list(): readonly D[] {
    this.#list ??= [...this.#bindings.keys()]
    return this.#list
  }
}

/** Up to this many comparisons a scan of the results is cheaper than building a set. */
const scanLimit = 256

/** Appends what `into` does not hold yet. `found` itself holds nothing twice. */
export function append<D>(found: readonly D[], into: D[]): void {
  if (into.length === 0) {
    for (let i = 0; i < found.length; i++) into.push(found[i]!)
    return
  }
  const before = into.length
  if (before * found.length <= scanLimit) {
    for (const destination of found) if (into.lastIndexOf(destination, before - 1) < 0) into.push(destination)
    return
  }
  const held = new Set(into)
  for (const destination of found) if (!held.has(destination)) into.push(destination)
}
