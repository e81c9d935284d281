// The consistent hash exchange: each message goes to one destination, chosen by a hash of its routing key, of a header or of
// a property. A binding key is a weight: so many buckets of the ring. As in RabbitMQ's plugin a destination is on the ring
// once: further bindings to it add nothing, and unbinding any of them takes it off (docs/observed.md §14).
import { decodeProperties } from '../amqp/content.ts'
import type { Field, Table } from '../amqp/fields.ts'
import { internalError, preconditionFailed } from '../errors.ts'
import { hashText, jumpBucket } from './hash.ts'
import type { Binding, Occasion, Router } from './router.ts'
import { binary } from './terms.ts'

/** A destination's stretch of the ring: `weight` buckets from `first` on. */
interface Stretch<D> {
  readonly destination: D
  readonly weight: number
  first: number
}

const hashedProperties = new Map<string, 'correlationId' | 'messageId' | 'timestamp'>([
  ['correlation_id', 'correlationId'],
  ['message_id', 'messageId'],
  ['timestamp', 'timestamp'],
])

/** Throws 406 when the arguments of a declaration will not do, and 541 where the plugin crashes. */
export function checkHashArguments(args: Table): void {
  const header = args.get('hash-header')
  const property = args.get('hash-property')
  if (header !== undefined && property !== undefined)
    throw preconditionFailed('hash-header and hash-property are mutually exclusive')
  const named = header ?? property
  if (named === undefined) return
  if (named.type !== 'longstr') throw internalError()
  if (property !== undefined && !hashedProperties.has(String(property.value)))
    throw preconditionFailed(`Unsupported property: ${property.value}`)
}

export class ConsistentHashRouter<D> implements Router<D> {
  readonly needsHeaders: boolean
  readonly everyMessage = true
  readonly #header: string | null
  readonly #property: 'correlationId' | 'messageId' | 'timestamp' | null
  readonly #bindings = new Set<Binding<D>>()
  #ring: Stretch<D>[] = []
  #buckets = 0
  #version = 0

  constructor(args: Table) {
    const header = args.get('hash-header')
    this.#header = header === undefined ? null : String(header.value)
    this.#property = hashedProperties.get(String(args.get('hash-property')?.value)) ?? null
    this.needsHeaders = header !== undefined
  }

  get size(): number {
    return this.#bindings.size
  }

  get version(): number {
    return this.#version
  }

  validate(routingKey: string): string | null {
    if (!/^[+-]?\d+$/.test(routingKey))
      return `The binding key must be an integer: ${binary(Buffer.from(routingKey))}`
    return Number(routingKey) < 1 ? 'The binding key must be greater than 0' : null
  }

  bind(binding: Binding<D>): void {
    this.#bindings.add(binding)
    this.#version++
    const { destination, routingKey } = binding
    if (this.#ring.some((stretch) => stretch.destination === destination)) return
    const weight = Math.min(Number(routingKey), Number.MAX_SAFE_INTEGER)
    this.#ring.push({ destination, weight, first: this.#buckets })
    this.#buckets += weight
  }

  unbind(binding: Binding<D>): void {
    if (!this.#bindings.delete(binding)) return
    this.#version++
    this.#ring = this.#ring.filter((stretch) => stretch.destination !== binding.destination)
    this.#buckets = 0
    for (const stretch of this.#ring) {
      stretch.first = this.#buckets
      this.#buckets += stretch.weight
    }
  }

  route(routingKey: string, headers: Table | null, into: D[], occasion?: Occasion): void {
    if (this.#ring.length === 0) return
    const bucket = jumpBucket(hashText(this.#hashed(routingKey, headers, occasion)), this.#buckets)
    let low = 0
    for (let high = this.#ring.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1
      if (this.#ring[middle]!.first <= bucket) low = middle
      else high = middle - 1
    }
    const { destination } = this.#ring[low]!
    if (!into.includes(destination)) into.push(destination)
  }

  /** Messages without the header or the property fall all into one bucket. */
  #hashed(routingKey: string, headers: Table | null, occasion: Occasion | undefined): string {
    if (this.#header !== null) return typed(headers?.get(this.#header))
    if (this.#property === null) return routingKey
    const value = occasion && decodeProperties(occasion.message.properties)[this.#property]
    return value === undefined ? '' : `=${value}`
  }
}

/** Values of different kinds are different terms to a real broker, whatever they look like. */
function typed(field: Field | undefined): string {
  if (field === undefined) return ''
  const { value } = field
  const text =
    typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? JSON.stringify(value) : value
  return `${field.type}=${text}`
}
