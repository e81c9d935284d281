// Topic patterns against the answers of a real broker, against a naive matcher on seeded random input, and for cost:
// what does not match must not be paid for.
import { describe, expect, test } from 'vitest'
import { bind, routed, router, target } from './routes.ts'

const keys = ['', '.', 'a', 'a.', '.a', 'a.b', 'a..b', '..', '*', '#', 'a.*', '*.b', 'a.b.c']

describe('as observed on RabbitMQ 3.10.8, pattern', () => {
  test.each<[string, string[]]>([
    ['', ['']],
    ['*', ['a', '*', '#']],
    ['#', keys],
    ['#.#', keys],
    ['*.*', ['.', 'a.', '.a', 'a.b', 'a.*', '*.b']],
    ['.', ['.']],
    ['#.*', keys.slice(1)],
    ['*.#', keys.slice(1)],
    ['a.#', ['a', 'a.', 'a.b', 'a..b', 'a.*', 'a.b.c']],
    ['#.b', ['a.b', 'a..b', '*.b']],
    ['a.*', ['a.', 'a.b', 'a.*']],
    ['a.#.b', ['a.b', 'a..b']],
    ['.a', ['.a']],
    ['a.', ['a.']],
    ['*.#.*', ['.', 'a.', '.a', 'a.b', 'a..b', '..', 'a.*', '*.b', 'a.b.c']],
    ['..', ['..']],
    ['#.a.#', ['a', 'a.', '.a', 'a.b', 'a..b', 'a.*', 'a.b.c']],
    ['**', []],
    ['a#', []],
    ['a.*.#', ['a.', 'a.b', 'a..b', 'a.*', 'a.b.c']],
  ])('%j matches %j', (pattern, matching) => {
    const x = router('topic')
    bind(x, target('q'), pattern)
    expect(keys.filter((key) => routed(x, key).length > 0)).toEqual(matching)
  })
})

/** The definition of a match, one word at a time: slow and plain. */
function naive(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return key.length === 0
  if (first === '#') return naive(rest, key) || (key.length > 0 && naive(pattern, key.slice(1)))
  return key.length > 0 && (first === '*' || first === key[0]) && naive(rest, key.slice(1))
}

const words = (text: string) => (text === '' ? [] : text.split('.'))

/** A small seeded generator (xorshift), so that a failing seed can be named and repeated. */
function chance(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'equals a naive matcher through binds and unbinds, seed %i',
  (seed) => {
    const below = chance(seed + 1)
    const text = (alphabet: readonly string[]) =>
      Array.from({ length: below(6) }, () => alphabet[below(alphabet.length)]!).join('.')
    const x = router('topic')
    const targets = Array.from({ length: 12 }, (_, i) => target(`q${i}`))
    const bound = new Map<string, ReturnType<typeof bind>>()
    for (let step = 0; step < 120; step++) {
      const pattern = text(['a', 'b', '*', '#', '#', ''])
      const name = `${below(targets.length)} ${pattern}`
      const old = bound.get(name)
      if (old) {
        x.unbind(old)
        bound.delete(name)
      } else bound.set(name, bind(x, targets[Number.parseInt(name, 10)]!, pattern))
      for (let ask = 0; ask < 3; ask++) {
        const key = text(['a', 'b', 'c', ''])
        const expected = new Set(
          [...bound.values()]
            .filter((b) => naive(words(b.routingKey), words(key)))
            .map((b) => b.destination.name),
        )
        const found = routed(x, key)
        expect([key, [...found].sort()]).toEqual([key, [...expected].sort()])
        expect(routed(x, key)).toEqual(found)
      }
    }
    for (const binding of bound.values()) x.unbind(binding)
    expect([x.size, routed(x, 'a')]).toEqual([0, []])
  },
)

test('a cached result is dropped by a bind and by an unbind', () => {
  const x = router('topic')
  bind(x, target('a'), 'k.*')
  expect(routed(x, 'k.1')).toEqual(['a'])
  const b = bind(x, target('b'), 'k.#')
  expect(routed(x, 'k.1').sort()).toEqual(['a', 'b'])
  x.unbind(b)
  expect(routed(x, 'k.1')).toEqual(['a'])
})

/** Counts how many words the router looks up, by watching every Map: a measure that no busy machine disturbs. */
function lookups(work: () => void): number {
  const original = Map.prototype.get
  let count = 0
  Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown) {
    count++
    return original.call(this, key)
  }
  try {
    work()
  } finally {
    Map.prototype.get = original
  }
  return count
}

describe('the cost of an answer', () => {
  test('does not grow with bindings that do not match', () => {
    const x = router('topic')
    bind(x, target('q'), 'orders.*.created')
    const before = lookups(() => routed(x, 'orders.eu.created'))
    for (let i = 0; i < 20_000; i++) bind(x, target(`q${i}`), `other${i}.*.#`)
    expect(lookups(() => routed(x, 'orders.us.created'))).toBe(before)
  })

  test('forgets patterns that were unbound', () => {
    const x = router('topic')
    bind(x, target('q'), 'k')
    x.unbind(bind(x, target('gone'), 'a.*.#.b'))
    expect(lookups(() => routed(x, 'a.x.y.b'))).toBe(lookups(() => routed(x, 'never.was.bound.b')))
  })

  test('stays small when many `#` make many ways to the same match', () => {
    const x = router('topic')
    bind(x, target('q'), Array.from({ length: 20 }, () => '#.a').join('.'))
    const key = Array.from({ length: 60 }, () => 'a').join('.')
    expect(lookups(() => expect(routed(x, key)).toEqual(['q']))).toBeLessThan(60 * 41)
  })

  test('does not hold on to more results than its budget, whatever keys are published', () => {
    const x = router('topic')
    bind(x, target('q'), '#')
    for (let i = 0; i < 100_000; i++) x.route(`key.${i}`, null, [])
    const again = lookups(() => x.route('key.99999', null, []))
    const first = lookups(() => x.route('key.0', null, []))
    expect(again).toBe(1)
    expect(first).toBeGreaterThan(1)
  })
})
