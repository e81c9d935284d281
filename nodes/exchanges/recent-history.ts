// The recent history exchange: a fanout that keeps the last messages it routed and sends them to whatever is bound to it
// next. Messages that say `x-recent-history-no-store: true` in their headers are not kept (docs/observed.md §14).
import type { Table } from '../amqp/fields.ts'
import { preconditionFailed } from '../errors.ts'
import { Ring } from '../ring.ts'
import { FanoutRouter } from './fanout.ts'
import type { Binding, Occasion, Routed, Router } from './router.ts'
import { term } from './terms.ts'

/** How many messages are kept when the declaration does not say. */
const usualLength = 20

/** Throws 406 unless the length asked for is a positive integer. */
export function checkHistoryArguments(args: Table): void {
  const length = args.get('x-recent-history-length')
  if (length === undefined) return
  const { type, value } = length
  const isInteger =
    (typeof value === 'number' || typeof value === 'bigint') && !['float', 'double'].includes(type)
  if (!isInteger || value < 1)
    throw preconditionFailed(
      `Invalid argument ${term(length)}, 'x-recent-history-length' must be a positive integer`,
    )
}

export class RecentHistoryRouter<D> implements Router<D> {
  readonly needsHeaders = true
  readonly everyMessage = true
  readonly #bound = new FanoutRouter<D>()
  readonly #kept = new Ring<Routed>()
  readonly #length: number

  constructor(args: Table) {
    this.#length = Number(args.get('x-recent-history-length')?.value ?? usualLength)
  }

  get size(): number {
    return this.#bound.size
  }

  get version(): number {
    return this.#bound.version
  }

  get history(): Iterable<Routed> {
    return this.#kept
  }

  inherit(from: Router<D>): void {
    for (const routed of from.history ?? []) this.#kept.push(routed)
  }

  bind(binding: Binding<D>): void {
    this.#bound.bind(binding)
  }

  unbind(binding: Binding<D>): void {
    this.#bound.unbind(binding)
  }

  route(routingKey: string, headers: Table | null, into: D[], occasion?: Occasion): void {
    if (occasion !== undefined && headers?.get('x-recent-history-no-store')?.value !== true) {
      const { message, furtherKeys } = occasion
      this.#kept.push({ message, furtherKeys })
      if (this.#kept.length > this.#length) this.#kept.shift()
    }
    this.#bound.route(routingKey, headers, into)
  }
}
