// The delayed message exchange: routes as the type named by `x-delayed-type` does, but a message with an `x-delay` header
// only after so many milliseconds. The waiting itself is the node's affair. After the plugin's public documentation
// (README of rabbitmq-delayed-message-exchange); it is not among Debian's plugins, so it was not asked.
import type { Table } from '../amqp/fields.ts'
import { append } from './destinations.ts'
import type { Binding, Occasion, Router } from './router.ts'

/** The longest delay: a timer of Erlang holds 32 bits. Longer ones count as none. */
const maxDelayMs = 0xffff_ffff

export class DelayedRouter<D> implements Router<D> {
  readonly needsHeaders = true
  readonly everyMessage = true
  readonly #inner: Router<D>

  /** `inner` decides where a message goes once it may. */
  constructor(inner: Router<D>) {
    this.#inner = inner
  }

  get size(): number {
    return this.#inner.size
  }

  get version(): number {
    return this.#inner.version
  }

  get history() {
    return this.#inner.history
  }

  inherit(from: Router<D>): void {
    this.#inner.inherit?.(from)
  }

  validate(routingKey: string, args: Table): string | null {
    return this.#inner.validate?.(routingKey, args) ?? null
  }

  bind(binding: Binding<D>): void {
    this.#inner.bind(binding)
  }

  unbind(binding: Binding<D>): void {
    this.#inner.unbind(binding)
  }

  delayMs(headers: Table | null): number {
    const value = headers?.get('x-delay')?.value
    const delay = typeof value === 'number' || typeof value === 'bigint' ? Math.trunc(Number(value)) : 0
    return delay > 0 && delay <= maxDelayMs ? delay : 0
  }

  route(routingKey: string, headers: Table | null, into: D[], occasion?: Occasion): void {
    this.#inner.route(routingKey, headers, into, occasion)
    if (this.#inner.everyMessage) return
    for (const key of occasion?.furtherKeys ?? []) {
      const found: D[] = []
      this.#inner.route(key, headers, found)
      append(found, into)
    }
  }
}
