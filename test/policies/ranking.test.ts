// Many names looked up at once follow the same policies as one at a time: the two ways by which a cluster finds them must never
// come apart.
import { describe, expect, test } from 'vitest'
import { Loop } from '../../nodes/loop.ts'
import { matchPolicy } from '../../policies/match.ts'
import type { Policy } from '../../policies/policy.ts'
import { Finder, inOrder } from '../../policies/ranking.ts'
import { policy } from './snapshots.ts'

const patterns = ['', '.*', '^a', 'b$', '[0-9]+', '^(a|ü)b?', '(?!ab)^a', '\\bx', '^$', 'ü']
const names = ['', 'a', 'ab', 'abc', 'b', 'a1b', 'üb', '日本', 'x', 'a x', 'a\n', 'ab\nc', '12']
const definitions = [{ 'ha-mode': 'all' }, { 'max-length': 5 }, { 'delivery-limit': 3 }]

function random(seed: number): Policy[] {
  const chance = new Loop(seed, 0).chance('policies')
  const any = <T>(list: readonly T[]) => list[Math.floor(chance() * list.length)]!
  return Array.from({ length: 12 }, (_, i) =>
    policy(`p${(i * 5) % 12}`, any(patterns), any(definitions), {
      priority: any([0, 0, 1, -1, 0.5]),
      applyTo: any(['all', 'queues', 'exchanges'] as const),
      vhost: any(['/', '/', 'test']),
    }),
  )
}

describe('looking up many names at once', () => {
  test.each(['queue', 'exchange'] as const)('finds for each %s what matching one at a time finds', (kind) => {
    let found = 0
    for (let seed = 0; seed < 200; seed++) {
      const policies = random(seed)
      const finder = new Finder(policies, kind)
      for (const vhost of ['/', 'test', 'none']) {
        const expected = names.map((name) => matchPolicy(policies, { kind, vhost, name })?.name ?? null)
        expect(finder.findAll(vhost, names).map((one) => one?.name ?? null)).toEqual(expected)
        found += expected.filter((name) => name !== null).length
      }
    }
    expect(found).toBeGreaterThan(1000)
  })

  test('gives an answer for each name, also without any policy', () => {
    expect(new Finder([], 'queue').findAll('/', names)).toEqual(names.map(() => null))
    expect(new Finder([policy('p', '', {})], 'queue').findAll('/', [])).toEqual([])
  })
})

test('policies are considered by falling priority, then by name', () => {
  const policies = [
    ['b', 0],
    ['c', 1.5],
    ['a', 0],
    ['d', -1],
    ['e', 2],
  ].map(([name, priority]) => policy(String(name), '', {}, { priority: Number(priority) }))
  expect(inOrder(policies).map(({ name }) => name)).toEqual(['e', 'c', 'a', 'b', 'd'])
})
