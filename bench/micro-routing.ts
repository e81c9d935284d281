// Routing: one key through exchanges of each type with few and many bindings. Measured by micro.ts.
import type { Field, Table } from '../nodes/amqp/fields.ts'
import { createRouter } from '../nodes/exchanges/index.ts'
import { keep, type Micro } from './micro.ts'

const none: Table = new Map()

/** Routes keys in turn through an exchange with these bindings. */
function routed(
  name: string,
  type: string,
  bindings: readonly string[],
  keys: readonly string[],
  tables: { readonly binding: (i: number) => Table; readonly headers: Table } | null = null,
): Micro {
  return {
    name,
    prepare: () => {
      const router = createRouter<number>(type)!
      for (const [i, routingKey] of bindings.entries())
        router.bind({ destination: i, routingKey, arguments: tables?.binding(i) ?? none })
      const into: number[] = []
      const headers = tables?.headers ?? null
      const run = () => {
        for (const key of keys) {
          into.length = 0
          router.route(key, headers, into)
          keep(into.length)
        }
      }
      return { run, each: keys.length }
    },
  }
}

const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))
const text = (value: string): Field => ({ type: 'longstr', value })

export const routing: readonly Micro[] = [
  routed('direct, 1 binding', 'direct', ['a'], ['a']),
  routed(
    'direct, 10,000 bindings',
    'direct',
    many(10_000, (i) => `k.${i}`),
    many(1000, (i) => `k.${i * 7}`),
  ),
  routed(
    'fanout to 5',
    'fanout',
    many(5, () => ''),
    ['a'],
  ),
  routed(
    'topic, 10,000 bindings, same keys',
    'topic',
    many(10_000, (i) => `k.${i}.*`),
    ['k.5000.x', 'k.17.y'],
  ),
  // More keys than the cache remembers.
  routed(
    'topic, 10,000 bindings, new keys',
    'topic',
    many(10_000, (i) => `k.${i}.*`),
    many(200_000, (i) => `k.${i % 10_000}.${i}`),
  ),
  routed(
    'headers, 100 bindings',
    'headers',
    many(100, () => ''),
    ['a'],
    {
      binding: (i) =>
        new Map([
          ['x-match', text('all')],
          ['tenant', text(`t${i}`)],
          ['kind', text('order')],
        ]),
      headers: new Map([
        ['tenant', text('t50')],
        ['kind', text('order')],
      ]),
    },
  ),
]
