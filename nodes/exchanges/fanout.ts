// The fanout exchange: every message goes to everything bound, whatever its key. It never looks at the key or the
// headers, but keeps counting bindings of one destination under several keys, because each may be unbound alone.
import { append, Destinations } from './destinations.ts'
import type { Binding, Router } from './router.ts'

export class FanoutRouter<D> implements Router<D> {
  readonly needsHeaders = false
  readonly #bound = new Destinations<D>()
  #size = 0
  #version = 0

  get size(): number {
    return this.#size
  }

  get version(): number {
    return this.#version
  }

  bind({ destination }: Binding<D>): void {
    this.#bound.add(destination)
    this.#size++
    this.#version++
  }

  unbind({ destination }: Binding<D>): void {
    if (!this.#bound.remove(destination)) return
    this.#size--
    this.#version++
  }

  route(_routingKey: string, _headers: unknown, into: D[]): void {
    append(this.#bound.list, into)
  }
}
