import { describe, expect, it } from 'vitest'
import { effectiveDefinition, exchangeSettings, queueSettings } from '../../policies/effective.ts'
import { operatorPolicy, policy, settings } from './support.ts'

describe('a queue without arguments and policies', () => {
  it('has no limits and is not mirrored', () => {
    expect(queueSettings({}, null, null)).toEqual({
      messageTtlMs: null,
      expiresMs: null,
      maxLength: null,
      maxLengthBytes: null,
      overflow: 'drop-head',
      deadLetterExchange: null,
      deadLetterRoutingKey: null,
      maxPriority: null,
      singleActiveConsumer: false,
      queueMode: 'default',
      queueVersion: 1,
      masterLocator: 'client-local',
      haMode: null,
      haCount: 0,
      haNodes: [],
      haSyncMode: 'manual',
      haSyncBatchSize: 4096,
      haPromoteOnShutdown: 'when-synced',
      haPromoteOnFailure: 'always',
    })
  })
})

describe('argument against policy against operator policy (docs/observed.md §1.4)', () => {
  const rows: [string, object, object | null, object | null, object][] = [
    ['the lower length is the argument', { 'x-max-length': 3 }, { 'max-length': 5 }, null, { maxLength: 3 }],
    ['the lower length is the policy', { 'x-max-length': 50 }, { 'max-length': 5 }, null, { maxLength: 5 }],
    [
      'the lower TTL is the argument',
      { 'x-message-ttl': 700 },
      { 'message-ttl': 5000 },
      null,
      { messageTtlMs: 700 },
    ],
    [
      'the lower TTL is the operator',
      { 'x-message-ttl': 60000 },
      null,
      { 'message-ttl': 1000 },
      { messageTtlMs: 1000 },
    ],
    ['the lowest of three is taken', { 'x-expires': 9 }, { expires: 8 }, { expires: 7 }, { expiresMs: 7 }],
    [
      'a limit of 0 is a limit',
      { 'x-max-length-bytes': 9 },
      { 'max-length-bytes': 0 },
      null,
      { maxLengthBytes: 0 },
    ],
    ['a 64-bit argument counts', { 'x-max-length': 4n }, { 'max-length': 5 }, null, { maxLength: 4 }],
    [
      'overflow is that of the argument',
      { 'x-overflow': 'drop-head' },
      { overflow: 'reject-publish' },
      null,
      { overflow: 'drop-head' },
    ],
    [
      'overflow may come from the policy',
      {},
      { overflow: 'reject-publish-dlx' },
      null,
      { overflow: 'reject-publish-dlx' },
    ],
    [
      'the dead-letter exchange is that of the argument, even an empty name',
      { 'x-dead-letter-exchange': '' },
      { 'dead-letter-exchange': 'd', 'dead-letter-routing-key': 'k' },
      null,
      { deadLetterExchange: '', deadLetterRoutingKey: 'k' },
    ],
    [
      'the locator is that of the argument',
      { 'x-queue-master-locator': 'client-local' },
      { 'queue-master-locator': 'min-masters' },
      null,
      { masterLocator: 'client-local' },
    ],
    [
      'queue mode and version merge alike',
      { 'x-queue-version': 1 },
      { 'queue-version': 2, 'queue-mode': 'lazy' },
      null,
      { queueVersion: 1, queueMode: 'lazy' },
    ],
    ['a 64-bit version counts', { 'x-queue-version': 2n }, null, null, { queueVersion: 2 }],
    ['priorities come from the argument', { 'x-max-priority': 5 }, null, null, { maxPriority: 5 }],
    [
      'so does the single active consumer',
      { 'x-single-active-consumer': true },
      null,
      null,
      { singleActiveConsumer: true },
    ],
    [
      'a value of a wrong type is passed over',
      { 'x-max-length': 'many' },
      { 'max-length': 5 },
      null,
      { maxLength: 5 },
    ],
  ]
  it.each(rows)('%s', (_, args, own, operator, expected) => {
    const made = queueSettings(
      args as Record<string, unknown>,
      own && policy('p', own),
      operator && operatorPolicy('o', operator),
    )
    expect(made).toMatchObject(expected)
  })
})

describe('mirroring', () => {
  it('reads the count of exactly', () => {
    const made = settings({ 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic' })
    expect(made).toMatchObject({ haMode: 'exactly', haCount: 2, haNodes: [], haSyncMode: 'automatic' })
  })

  it('reads the list of nodes', () => {
    const made = settings({ 'ha-mode': 'nodes', 'ha-params': ['b', 'a'], 'ha-sync-batch-size': 50 })
    expect(made).toMatchObject({ haMode: 'nodes', haCount: 0, haNodes: ['b', 'a'], haSyncBatchSize: 50 })
    expect(settings({ 'ha-mode': 'all', 'ha-sync-batch-size': 1 }).haSyncBatchSize).toBe(4096)
  })

  it('reads who may be promoted', () => {
    const made = settings({
      'ha-mode': 'all',
      'ha-promote-on-shutdown': 'always',
      'ha-promote-on-failure': 'when-synced',
    })
    expect(made).toMatchObject({ haPromoteOnShutdown: 'always', haPromoteOnFailure: 'when-synced' })
  })
})

describe('the effective definition', () => {
  it('is empty without policies', () => {
    expect(effectiveDefinition(null, null)).toEqual({})
  })

  it('takes the lower number and the union of the rest, as observed', () => {
    const own = policy('u', {
      'message-ttl': 5000,
      'max-length': 5,
      expires: 100000,
      overflow: 'reject-publish',
      'dead-letter-exchange': 'd',
    })
    const operator = operatorPolicy('o', { 'message-ttl': 1000, 'max-length': 100, 'max-length-bytes': 5000 })
    expect(JSON.stringify(effectiveDefinition(own, operator))).toBe(
      '{"dead-letter-exchange":"d","expires":100000,"max-length":5,"max-length-bytes":5000,"message-ttl":1000,"overflow":"reject-publish"}',
    )
  })

  it('is the operator policy where that stands alone', () => {
    expect(effectiveDefinition(null, operatorPolicy('o', { 'max-length': 100 }))).toEqual({
      'max-length': 100,
    })
  })
})

describe('the alternate exchange', () => {
  const ae = policy('ae', { 'alternate-exchange': 'of policy' })
  it('comes from the policy, unless the argument names one', () => {
    expect(exchangeSettings({}, null).alternateExchange).toBeNull()
    expect(exchangeSettings({}, ae).alternateExchange).toBe('of policy')
    expect(exchangeSettings({ 'alternate-exchange': 'own' }, ae).alternateExchange).toBe('own')
  })
})
