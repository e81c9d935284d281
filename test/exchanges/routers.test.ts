// What holds for every exchange type, then direct and fanout: who gets a message, once, and what counts as a change.
import { describe, expect, test } from 'vitest'
import { createRouter, exchangeTypes } from '../../nodes/exchanges/index.ts'
import { bind, routed, router, type Target, target } from './routes.ts'

const types = ['direct', 'fanout', 'headers', 'topic']

test('the registry names the types in the order and with the descriptions of the overview', () => {
  expect(exchangeTypes).toEqual([
    ...types.map((name) => ({ name, description: `AMQP ${name} exchange, as per the AMQP specification` })),
    { name: 'x-consistent-hash', description: 'Consistent Hashing Exchange' },
    { name: 'x-delayed-message', description: 'Delayed Message Exchange.' },
    { name: 'x-modulus-hash', description: 'Modulus Hashing Exchange' },
    { name: 'x-random', description: 'Randomly picks a binding (queue) to route via (to).' },
    { name: 'x-recent-history', description: 'Recent History Exchange.' },
  ])
})

test.each(['x-none', '', 'constructor', 'Direct'])('there is no exchange type %j', (type) => {
  expect(createRouter(type)).toBeNull()
})

describe.each(types)('a %s exchange', (type) => {
  test('routes nowhere when nothing is bound', () => {
    expect(routed(router(type), 'k')).toEqual([])
  })

  test('counts bindings and raises its version at each bind and unbind', () => {
    const x = router(type)
    const [a, b] = [bind(x, target('a'), 'k'), bind(x, target('b'), 'k')]
    expect([x.size, x.version]).toEqual([2, 2])
    x.unbind(a)
    x.unbind(b)
    expect([x.size, x.version]).toEqual([0, 4])
    x.unbind(b)
    expect([x.size, x.version]).toEqual([0, 4])
    expect(routed(x, 'k')).toEqual([])
  })

  test('appends a destination bound twice once, and again after one of the two is unbound', () => {
    const x = router(type)
    const q = target('q')
    const first = bind(x, q, 'k')
    bind(x, q, 'k', new Map([['n', { type: 'long', value: 1 } as const]]))
    const headers = new Map([['n', { type: 'long', value: 1 } as const]])
    expect(routed(x, 'k', headers)).toEqual(['q'])
    x.unbind(first)
    expect(routed(x, 'k', headers)).toEqual(['q'])
    expect(x.size).toBe(1)
  })

  test('keeps the order of binding and leaves what the caller had alone', () => {
    const x = router(type)
    const targets = Array.from({ length: 600 }, (_, i) => target(`q${i}`))
    for (const t of targets) bind(x, t, 'k')
    const names = targets.map(({ name }) => name)
    expect(routed(x, 'k')).toEqual(names)
    for (const before of [[targets[7]!], targets.slice(0, 300)]) {
      const into: Target[] = [target('other'), ...before]
      x.route('k', null, into)
      expect(into.map(({ name }) => name)).toEqual([
        'other',
        ...before.map(({ name }) => name),
        ...names.filter((name) => !before.some((t) => t.name === name)),
      ])
    }
  })

  test('knows destinations by identity, not by looks', () => {
    const x = router(type)
    bind(x, target('twin'), 'k')
    bind(x, target('twin'), 'k')
    expect(routed(x, 'k')).toEqual(['twin', 'twin'])
  })

  test('asks for headers only when it is a headers exchange', () => {
    expect(router(type).needsHeaders).toBe(type === 'headers')
  })
})

test('a direct exchange matches the key to the letter', () => {
  const x = router('direct')
  bind(x, target('a'), 'a.*')
  bind(x, target('empty'), '')
  expect(routed(x, 'a.*')).toEqual(['a'])
  expect(routed(x, '')).toEqual(['empty'])
  expect(routed(x, 'a.b')).toEqual([])
  expect(routed(x, 'A.*')).toEqual([])
})

test('a fanout exchange ignores the key', () => {
  const x = router('fanout')
  bind(x, target('a'), 'one')
  bind(x, target('b'), 'two')
  expect(routed(x, 'three')).toEqual(['a', 'b'])
})
