// The bindings of an island, found by destination and by what they say, so that neither one binding more nor deleting a queue
// costs more because there are many. Owned by `definitions`; it must never route.

import { plain, type Table } from './amqp/fields.ts'
import type { BindingRecord, Destination, ExchangeRecord } from './definitions.ts'

export class Bindings {
  /** By destination, in the order of its first binding, and below it by source, key and arguments as `place` has them. */
  private readonly byDestination = new Map<Destination, Map<string, BindingRecord[]>>()

  /** How many destinations have any. */
  get size(): number {
    return this.byDestination.size
  }

  find(
    source: ExchangeRecord,
    destination: Destination,
    routingKey: string,
    args: Table,
  ): BindingRecord | undefined {
    return this.byDestination
      .get(destination)
      ?.get(place(source, routingKey, args))
      ?.find((binding) => binding.source === source && sameTable(binding.arguments, args))
  }

  add(binding: BindingRecord): void {
    let places = this.byDestination.get(binding.destination)
    if (places === undefined) this.byDestination.set(binding.destination, (places = new Map()))
    const at = place(binding.source, binding.routingKey, binding.arguments)
    const list = places.get(at)
    if (list === undefined) places.set(at, [binding])
    else list.push(binding)
  }

  /** False when it is not there. */
  remove(binding: BindingRecord): boolean {
    const places = this.byDestination.get(binding.destination)
    const at = place(binding.source, binding.routingKey, binding.arguments)
    const list = places?.get(at)
    const index = list?.indexOf(binding) ?? -1
    if (places === undefined || list === undefined || index < 0) return false
    list.splice(index, 1)
    if (list.length === 0) places.delete(at)
    if (places.size === 0) this.byDestination.delete(binding.destination)
    return true
  }

  /** Those to one destination. */
  to(destination: Destination): BindingRecord[] {
    return [...(this.byDestination.get(destination)?.values() ?? [])].flat()
  }

  /** Those from one exchange: looks at all there are. */
  from(source: ExchangeRecord): BindingRecord[] {
    return [...this].filter((binding) => binding.source === source)
  }

  /** Destination by destination. */
  *[Symbol.iterator](): IterableIterator<BindingRecord> {
    for (const places of this.byDestination.values()) for (const list of places.values()) yield* list
  }
}

/** Equal for equal bindings of one destination; unequal ones seldom share it. */
function place(source: ExchangeRecord, routingKey: string, args: Table): string {
  const text = args.size === 0 ? '' : [...args].map(([name, field]) => `${name}=${field.value}`).sort()
  return `${source.name}\0${routingKey}\0${text}`
}

/** Equal names, types and values; order does not matter. */
function sameTable(a: Table, b: Table): boolean {
  if (a.size !== b.size) return false
  return a.size === 0 || JSON.stringify(sortedPlain(a)) === JSON.stringify(sortedPlain(b))
}

const sortedPlain = (table: Table) => Object.entries(plain(table)).sort(([a], [b]) => (a < b ? -1 : 1))
