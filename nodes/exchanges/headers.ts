// The headers exchange: a message goes where its headers agree with a binding's arguments, all or any of them, as the
// binding's `x-match` says. Bindings are taken apart when they are bound, never per message. The routing key plays no
// part. The rules were asked of a real broker, case by case (docs/observed.md §10).
import type { Field, Table } from '../amqp/fields.ts'
import { append } from './destinations.ts'
import { headerMatches } from './header-values.ts'
import type { Binding, Router } from './router.ts'
import { xMatchError } from './x-match.ts'

/** A binding ready to be asked. */
interface Condition<D> {
  readonly destination: D
  /** One agreeing header is enough; otherwise every one must agree. */
  readonly any: boolean
  readonly wanted: readonly (readonly [key: string, value: Field])[]
}

export class HeadersRouter<D> implements Router<D> {
  readonly needsHeaders = true
  readonly #conditions = new Map<Binding<D>, Condition<D>>()
  #version = 0

  get size(): number {
    return this.#conditions.size
  }

  get version(): number {
    return this.#version
  }

  validate(_routingKey: string, args: Table): string | null {
    return xMatchError(args.get('x-match'))
  }

  bind(binding: Binding<D>): void {
    this.#conditions.set(binding, conditionOf(binding))
    this.#version++
  }

  unbind(binding: Binding<D>): void {
    if (this.#conditions.delete(binding)) this.#version++
  }

  route(_routingKey: string, headers: Table | null, into: D[]): void {
    const found = new Set<D>()
    for (const condition of this.#conditions.values())
      if (!found.has(condition.destination) && agrees(condition, headers)) found.add(condition.destination)
    if (found.size > 0) append([...found], into)
  }
}

/**
 * Without `x-match` all must agree. Arguments whose name begins with `x-` count only under the `-with-x` kinds, and
 * `x-match` itself never does.
 */
function conditionOf<D>({ destination, arguments: args }: Binding<D>): Condition<D> {
  const kind = args.get('x-match')?.value
  const withX = kind === 'all-with-x' || kind === 'any-with-x'
  const wanted = [...args].filter(([key]) => key !== 'x-match' && (withX || !key.startsWith('x-')))
  return { destination, any: kind === 'any' || kind === 'any-with-x', wanted }
}

/** With nothing wanted `all` is content and `any` is not. */
function agrees<D>({ any, wanted }: Condition<D>, headers: Table | null): boolean {
  for (const [key, value] of wanted) {
    const header = headers?.get(key)
    if ((header !== undefined && headerMatches(value, header)) === any) return any
  }
  return !any
}
