// What the exchanges share that pick one of their bindings for each message, whatever the binding's key: x-random and
// x-modulus-hash. A destination bound several times is as many choices (docs/observed.md §14).
import type { Binding, Occasion, Router } from './router.ts'

export abstract class ChoosingRouter<D> implements Router<D> {
  readonly needsHeaders = false
  readonly everyMessage = true
  readonly #bindings = new Set<Binding<D>>()
  #choices: readonly D[] | null = null
  #version = 0

  get size(): number {
    return this.#bindings.size
  }

  get version(): number {
    return this.#version
  }

  bind(binding: Binding<D>): void {
    this.#bindings.add(binding)
    this.#choices = null
    this.#version++
  }

  unbind(binding: Binding<D>): void {
    if (!this.#bindings.delete(binding)) return
    this.#choices = null
    this.#version++
  }

  route(routingKey: string, _headers: unknown, into: D[], occasion?: Occasion): void {
    this.#choices ??= [...this.#bindings].map(({ destination }) => destination)
    const count = this.#choices.length
    if (count === 0) return
    const chosen = this.#choices[count === 1 ? 0 : this.pick(routingKey, count, occasion)]!
    if (!into.includes(chosen)) into.push(chosen)
  }

  /** An index below `count`, which is 2 or more. */
  protected abstract pick(routingKey: string, count: number, occasion: Occasion | undefined): number
}
