// Why a queue or an exchange follows the policy that it does: each verdict, each source of a key, each note.
import { describe, expect, test } from 'vitest'
import { explain } from '../../policies/explain.ts'
import { matchPolicy } from '../../policies/match.ts'
import type { Policy } from '../../policies/policy.ts'
import { exchange, queue, snapshot } from './snapshots.ts'
import { operatorPolicy, policy } from './support.ts'

const ha = { 'ha-mode': 'all' }

/** Verdicts on the queue `orders` under these policies, as `name: verdict`. */
function verdicts(policies: readonly Policy[]): string[] {
  const explanation = explain(snapshot({ queues: [queue('orders')], policies }), 'queue', '/', 'orders')!
  return explanation.policies.map(
    ({ name, verdict, to }) => `${name}: ${verdict}${to === null ? '' : ` ${to}`}`,
  )
}

describe('the verdict on each policy', () => {
  test('is won by the highest priority, however low, and the others lost to it', () => {
    const policies = [
      policy('low', ha, { priority: -2.5 }),
      policy('high', ha, { priority: 1.5 }),
      policy('middle', ha, { priority: 1 }),
    ]
    expect(verdicts(policies)).toEqual(['high: won', 'middle: lost high', 'low: lost high'])
  })

  test('is tied among equal priorities, and says which one Warren takes and that RabbitMQ leaves it open', () => {
    const policies = [policy('b', ha), policy('a', ha)]
    expect(verdicts(policies)).toEqual(['a: won', 'b: tied a'])
    const { policies: considered, notes } = explain(
      snapshot({ queues: [queue('orders')], policies }),
      'queue',
      '/',
      'orders',
    )!
    expect(considered[1]!.text).toMatch(/RabbitMQ leaves it undefined.*Warren takes "a"/)
    expect(notes).toEqual([expect.stringContaining('Give one a higher priority')])
  })

  test('is the pattern or the kind of object where these do not match', () => {
    const policies = [
      policy('other', ha, { pattern: '^x' }),
      policy('exchanges', ha, { 'apply-to': 'exchanges' }),
    ]
    expect(verdicts(policies)).toEqual(['exchanges: apply-to', 'other: pattern'])
  })

  test('names the keys that keep a whole policy away from classic queues', () => {
    const policies = [
      policy('limits', { 'delivery-limit': 3, 'max-length': 5 }, { priority: 9 }),
      policy('ha', ha),
    ]
    expect(verdicts(policies)).toEqual(['limits: keys', 'ha: won'])
    const explanation = explain(snapshot({ queues: [queue('orders')], policies }), 'queue', '/', 'orders')!
    expect(explanation.policies[0]).toMatchObject({ keys: ['delivery-limit'], priority: 9 })
    expect(explanation.policies[0]!.text).toContain('"delivery-limit", which classic queues do not know')
  })

  test('leaves policies of other vhosts out', () => {
    expect(verdicts([{ ...policy('elsewhere', ha), vhost: 'test' }])).toEqual([])
  })

  test('finds the winner that matching finds', () => {
    const patterns = ['', '^o', 'x', 's$']
    const policies = Array.from({ length: 40 }, (_, i) =>
      policy(`p${(i * 7) % 40}`, i % 5 === 0 ? { 'max-age': '7D' } : ha, {
        pattern: patterns[i % 4],
        priority: (i * 3) % 7,
        'apply-to': i % 6 === 0 ? 'exchanges' : 'queues',
      }),
    )
    for (let left = 0; left < policies.length; left++) {
      const some = policies.slice(left)
      const won = verdicts(some).find((verdict) => verdict.endsWith(': won'))
      const target = { kind: 'queue', vhost: '/', name: 'orders', queueType: 'classic' } as const
      const expected = matchPolicy(some, target)
      expect(won).toBe(expected === null ? undefined : `${expected.name}: won`)
    }
  })

  test('is given for operator policies of queues too, and exchanges have none', () => {
    const seen = snapshot({
      queues: [queue('orders')],
      exchanges: [exchange('orders')],
      operatorPolicies: [operatorPolicy('cap', { 'max-length': 5 })],
    })
    expect(explain(seen, 'queue', '/', 'orders')).toMatchObject({
      operatorPolicy: 'cap',
      operatorPolicies: [{ name: 'cap', verdict: 'won' }],
    })
    expect(explain(seen, 'exchange', '/', 'orders')).toMatchObject({
      operatorPolicy: null,
      operatorPolicies: [],
    })
  })
})

describe('the source of each key', () => {
  const sources = (args: Record<string, unknown>, definition: object, operator: object | null = null) =>
    Object.fromEntries(
      explain(
        snapshot({
          queues: [{ ...queue('orders'), arguments: args }],
          policies: [policy('p', definition)],
          operatorPolicies: operator === null ? [] : [operatorPolicy('o', operator)],
        }),
        'queue',
        '/',
        'orders',
      )!.effective.map(({ key, ...source }) => [key, source]),
    )

  test.each([
    [10, 20, 30, 'argument', 'x-max-length'],
    [20, 10, 30, 'policy', 'p'],
    [30, 20, 10, 'operator policy', 'o'],
  ])('is where a limit is lowest: argument %i, policy %i, operator policy %i', (a, p, o, source, name) => {
    const found = sources({ 'x-max-length': a }, { 'max-length': p }, { 'max-length': o })['max-length']!
    expect(found).toMatchObject({ value: 10, source, name, why: 'The lowest value holds.' })
    expect(found.over.map(({ value }) => value).sort()).toEqual([20, 30])
  })

  test('is the argument before the policy where there is no lowest', () => {
    const { overflow } = sources({ 'x-overflow': 'reject-publish' }, { overflow: 'drop-head' })
    expect(overflow).toMatchObject({
      value: 'reject-publish',
      source: 'argument',
      why: 'The argument comes first.',
      over: [{ source: 'policy', name: 'p', value: 'drop-head' }],
    })
  })

  test('says nothing of a contest where there is none', () => {
    expect(sources({}, { 'ha-mode': 'all' })['ha-mode']).toEqual({
      source: 'policy',
      name: 'p',
      value: 'all',
      over: [],
      why: null,
      withoutEffect: null,
    })
  })

  test.each([
    [{ 'max-in-memory-length': 5 }, 'no effect on classic queues'],
    [{ 'alternate-exchange': 'amq.fanout' }, 'a key of exchanges'],
    [{ 'queue-master-locator': 'random' }, 'when the queue was declared'],
  ])('tells that %j does nothing', (definition, reason) => {
    expect(Object.values(sources({}, definition))[0]!.withoutEffect).toContain(reason)
  })

  test('tells that the keys of queues do nothing on an exchange', () => {
    const seen = snapshot({
      exchanges: [exchange('orders')],
      policies: [policy('p', { ...ha, 'alternate-exchange': 'amq.fanout' })],
    })
    const idle = explain(seen, 'exchange', '/', 'orders')!.effective.map(({ key, withoutEffect }) => [
      key,
      withoutEffect !== null,
    ])
    expect(idle).toEqual([
      ['alternate-exchange', false],
      ['ha-mode', true],
    ])
  })
})

describe('an explanation', () => {
  test('is null of what is not there', () => {
    expect(explain(snapshot({}), 'queue', '/', 'orders')).toBeNull()
  })

  test('says that a queue which was down follows what it followed then', () => {
    const [old, now] = [policy('old', ha), policy('now', ha)]
    const asleep = {
      ...queue('orders'),
      state: 'down' as const,
      inForce: { policy: old, operatorPolicy: null },
    }
    const explanation = explain(snapshot({ queues: [asleep], policies: [now] }), 'queue', '/', 'orders')!
    expect(explanation).toMatchObject({ policy: 'old', policies: [{ name: 'now', verdict: 'won' }] })
    expect(explanation.notes[0]).toContain('It is down')
  })

  test('says that an exclusive queue is not mirrored', () => {
    const own = { ...queue('orders'), exclusive: true }
    const { notes } = explain(
      snapshot({ queues: [own], policies: [policy('p', ha)] }),
      'queue',
      '/',
      'orders',
    )!
    expect(notes).toEqual([expect.stringContaining('never mirrored')])
  })
})
