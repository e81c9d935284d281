import { describe, expect, it } from 'vitest'
import { matchPolicy } from '../../policies/match.ts'
import { parsePolicy } from '../../policies/policy.ts'
import { policy } from './support.ts'

const queue = (name: string, vhost = '/') => ({ kind: 'queue', name, vhost, queueType: 'classic' }) as const
const exchange = (name: string) => ({ kind: 'exchange', name, vhost: '/' }) as const
const named = (name: string, priority: number, more: object = {}) =>
  policy(name, { 'max-length': 5 }, { priority, ...more })

describe('the policy of a queue (docs/observed.md §1.4)', () => {
  const winners: [string, [string, number][], string | null][] = [
    ['is none where there is none', [], null],
    [
      'is the one with the highest priority',
      [
        ['a', 1],
        ['b', 2],
        ['c', 0],
      ],
      'b',
    ],
    [
      'counts 1.5 above 1',
      [
        ['aa', 1],
        ['bb', 1.5],
      ],
      'bb',
    ],
    ['may have a negative priority', [['neg', -3]], 'neg'],
    [
      'is the same among equals, whatever the order',
      [
        ['b', 0],
        ['a', 0],
      ],
      'a',
    ],
    [
      'is the same among equals, the other way round',
      [
        ['a', 0],
        ['b', 0],
      ],
      'a',
    ],
  ]
  it.each(winners)('%s', (_, list, winner) => {
    const policies = list.map(([name, priority]) => named(name, priority))
    expect(matchPolicy(policies, queue('q'))?.name ?? null).toBe(winner)
  })

  it('has a pattern that occurs in its name', () => {
    const policies = [named('a', 1, { pattern: '^x' }), named('b', 0, { pattern: 'q' })]
    expect(matchPolicy(policies, queue('a-q'))?.name).toBe('b')
    expect(matchPolicy(policies, queue('x-q'))?.name).toBe('a')
    expect(matchPolicy(policies, queue('z'))).toBeNull()
  })

  it('is of its own vhost', () => {
    const other = parsePolicy('other', 'p', { pattern: '', definition: { expires: 1 } })
    expect(matchPolicy([other], queue('q'))).toBeNull()
    expect(matchPolicy([other], queue('q', 'other'))).toBe(other)
  })

  it('applies to queues, and that of an exchange to exchanges', () => {
    const policies = [named('q', 2, { 'apply-to': 'queues' }), named('x', 1, { 'apply-to': 'exchanges' })]
    expect(matchPolicy(policies, queue('a'))?.name).toBe('q')
    expect(matchPolicy(policies, exchange('a'))?.name).toBe('x')
    expect(matchPolicy([named('all', 0)], exchange('a'))?.name).toBe('all')
  })
})

describe('a classic queue, as observed,', () => {
  const otherTypes = [
    ['delivery-limit', 3],
    ['dead-letter-strategy', 'at-most-once'],
    ['queue-leader-locator', 'client-local'],
    ['max-age', '1h'],
    ['initial-cluster-size', 3],
    ['stream-max-segment-size-bytes', 100],
  ] as const
  it.each(otherTypes)('takes no policy that holds %s', (key, value) => {
    const whole = policy('whole', { 'max-length': 5, [key]: value }, { priority: 9 })
    expect(matchPolicy([whole], queue('q'))).toBeNull()
    expect(matchPolicy([whole, named('low', 0)], queue('q'))?.name).toBe('low')
    expect(matchPolicy([whole], exchange('x'))).toBe(whole)
  })

  const harmless = [
    ['max-in-memory-length', 5],
    ['max-in-memory-bytes', 5],
    ['alternate-exchange', 'x'],
    ['queue-master-locator', 'random'],
    ['ha-mode', 'all'],
    ['queue-version', 2],
    ['overflow', 'drop-head'],
    ['expires', 60000],
  ] as const
  it.each(harmless)('takes a policy that holds %s', (key, value) => {
    const whole = policy('whole', { 'max-length': 5, [key]: value })
    expect(matchPolicy([whole], queue('q'))).toBe(whole)
  })
})
