// The direct exchange (and the default one): a message goes where its routing key was bound, to the letter.
// Looking up an unknown key must never leave an entry behind: publishers choose keys, and would fill the map.
import { append, Destinations } from './destinations.ts'
import type { Binding, Router } from './router.ts'

export class DirectRouter<D> implements Router<D> {
  readonly needsHeaders = false
  readonly #keys = new Map<string, Destinations<D>>()
  #size = 0
  #version = 0

  get size(): number {
    return this.#size
  }

  get version(): number {
    return this.#version
  }

  bind({ routingKey, destination }: Binding<D>): void {
    let bound = this.#keys.get(routingKey)
    if (!bound) this.#keys.set(routingKey, (bound = new Destinations()))
    bound.add(destination)
    this.#size++
    this.#version++
  }

  unbind({ routingKey, destination }: Binding<D>): void {
    const bound = this.#keys.get(routingKey)
    if (!bound?.remove(destination)) return
    if (bound.empty) this.#keys.delete(routingKey)
    this.#size--
    this.#version++
  }

  route(routingKey: string, _headers: unknown, into: D[]): void {
    const bound = this.#keys.get(routingKey)
    if (bound) append(bound.list, into)
  }
}
