import { describe, expect, it } from 'vitest'
import { definitionsOf } from '../../policies/definitions-file.ts'
import { erlangString, erlangTerm } from '../../policies/erlang.ts'
import { parsePolicyFile } from '../../policies/files.ts'
import { policyKey, policyKeys } from '../../policies/keys.ts'
import { applyToElsewhere, keyKnownElsewhere, keysElsewhere } from '../../policies/keys-elsewhere.ts'
import { parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'
import { refusal } from './support.ts'

const NEEDS_MODE = 'ha-mode must be specified to specify ha-params, ha-sync-mode or ha-promote-on-shutdown'

const refused: [object, string][] = [
  [{}, 'no policy provided'],
  [{ 'no-such': 1 }, '[{<<"no-such">>,1}] are not recognised policy settings'],
  [{ 'max-priority': 5 }, '[{<<"max-priority">>,5}] are not recognised policy settings'],
  [
    { b: [], a: { x: null } },
    '[{<<"a">>,#{<<"x">> => null}},{<<"b">>,[]}] are not recognised policy settings',
  ],
  [{ 'ha-mode': 'some' }, '<<"some">> is not a valid ha-mode value'],
  [{ 'ha-mode': 'exactly' }, 'ha-mode="exactly" takes an integer, none given'],
  [{ 'ha-mode': 'exactly', 'ha-params': '2' }, 'ha-mode="exactly" takes an integer, <<"2">> given'],
  [{ 'ha-mode': 'exactly', 'ha-params': 0 }, 'ha-mode="exactly" takes an integer, 0 given'],
  [{ 'ha-mode': 'exactly', 'ha-params': -1 }, 'ha-mode="exactly" takes an integer, -1 given'],
  [{ 'ha-mode': 'exactly', 'ha-params': 1.5 }, 'ha-mode="exactly" takes an integer, 1.5 given'],
  [{ 'ha-mode': 'all', 'ha-params': 2 }, 'ha-mode="all" does not take parameters'],
  [{ 'ha-mode': 'nodes', 'ha-params': [] }, 'ha-mode="nodes" list must be non-empty'],
  [{ 'ha-mode': 'nodes', 'ha-params': 'r1' }, 'ha-mode="nodes" takes a list, <<"r1">> given'],
  [{ 'ha-mode': 'nodes' }, 'ha-mode="nodes" takes a list, none given'],
  [
    { 'ha-mode': 'nodes', 'ha-params': [1, 'r1', 2] },
    'ha-mode="nodes" takes a list of strings, [1,2] was not a string',
  ],
  [{ 'ha-params': 2 }, NEEDS_MODE],
  [{ 'ha-sync-mode': 'manual' }, NEEDS_MODE],
  [{ 'ha-sync-batch-size': 5 }, NEEDS_MODE],
  [{ 'ha-promote-on-shutdown': 'always' }, NEEDS_MODE],
  [{ 'ha-promote-on-failure': 'always' }, NEEDS_MODE],
  [{ 'ha-mode': 'all', 'ha-sync-mode': 'x' }, 'ha-sync-mode must be "manual" or "automatic", got <<"x">>'],
  [
    { 'ha-mode': 'all', 'ha-sync-batch-size': 0 },
    'ha-sync-batch-size takes an integer greater than 0, 0 given',
  ],
  [
    { 'ha-mode': 'all', 'ha-promote-on-shutdown': 'x' },
    'ha-promote-on-shutdown must be "always" or "when-synced", got <<"x">>',
  ],
  [
    { 'ha-mode': 'all', 'ha-promote-on-failure': 1 },
    'ha-promote-on-failure must be "always" or "when-synced", got 1',
  ],
  [{ 'queue-master-locator': 'nope' }, '<<"nope">> invalid queue-master-locator value'],
  [{ 'message-ttl': -1 }, '-1 is not a valid message TTL'],
  [{ 'message-ttl': 1.5 }, '1.5 is not a valid message TTL'],
  [{ expires: 0 }, '0 is not a valid queue expiry'],
  [{ 'max-length': -1 }, '-1 is not a valid maximum length'],
  [{ 'max-length-bytes': -1 }, '-1 is not a valid maximum length in bytes'],
  [{ 'max-in-memory-length': -1 }, '-1 is not a valid maximum memory in bytes'],
  [{ 'max-in-memory-bytes': null }, 'null is not a valid maximum memory in bytes'],
  [{ 'dead-letter-exchange': 1 }, '1 is not a valid dead letter exchange name'],
  [{ 'dead-letter-routing-key': true }, 'true is not a valid dead letter routing key'],
  [{ overflow: 'x' }, '<<"x">> is not a valid overflow value'],
  [{ 'queue-mode': 'x' }, '<<"x">> is not a valid queue-mode value'],
  [{ 'queue-version': 3 }, '3 is not a valid queue-version value'],
  [{ 'alternate-exchange': 1 }, '1 is not a valid alternate exchange name'],
  [{ 'delivery-limit': -1 }, '-1 is not a valid delivery limit'],
  [{ 'queue-leader-locator': 'x' }, '<<"x">> is not a valid queue leader locator value'],
  [{ 'dead-letter-strategy': 'x' }, '<<"x">> is not a valid dead letter strategy'],
]

describe('a definition is refused in the words of RabbitMQ (docs/observed.md §1.2)', () => {
  it.each(refused)('%j: %s', (definition, text) => {
    const put = () => parsePolicy('/', 'p', { pattern: '', definition })
    expect(refusal(put)).toEqual({ status: 400, reason: `Validation failed\n\n${text}\n` })
  })

  it.each([['x'], [5], ['']])('max-age %j makes it fail with 500 and no reason', (age) => {
    const put = () => parsePolicy('/', 'p', { pattern: '', definition: { 'max-age': age } })
    expect(refusal(put)).toEqual({ status: 500, reason: '' })
  })

  it.each([[[]], ['x'], [3], [null]])('a definition that is %j makes it fail with 500', (definition) => {
    expect(refusal(() => parsePolicy('/', 'p', { pattern: '', definition })).status).toBe(500)
  })
})

describe('what other versions know is refused here (docs/observed.md §1.1)', () => {
  it.each(keysElsewhere)('$word, known to RabbitMQ $known', ({ word, help }) => {
    expect(policyKey(word)).toBeUndefined()
    expect(keyKnownElsewhere(word)).toMatch(/^, known to RabbitMQ ./)
    expect(help).toMatch(/^[A-Z].*\.$/)
    const put = () => parsePolicy('/', 'p', { pattern: '', definition: { [word]: 1 } })
    expect(refusal(put).reason).toBe(
      `Validation failed\n\n[{<<"${word}">>,1}] are not recognised policy settings\n`,
    )
  })

  it.each(applyToElsewhere)('apply-to $word, known to RabbitMQ $known', ({ word }) => {
    const put = () => parsePolicy('/', 'p', { pattern: '', definition: { expires: 1 }, 'apply-to': word })
    expect(refusal(put).reason).toContain(`apply-to '${word}' unrecognised`)
    expect(() =>
      parsePolicyFile(`- { name: a, pattern: a, apply-to: ${word}, definition: { expires: 1 } }`, 'p.yaml'),
    ).toThrow(/, known to RabbitMQ from 3\.12 on/)
  })

  it('is said in a sentence by policy files and definitions', () => {
    expect(() =>
      parsePolicyFile('- { name: a, pattern: a, definition: { consumer-timeout: 5 } }', 'p.yaml'),
    ).toThrow('definition.consumer-timeout: not a recognised policy setting, known to RabbitMQ from 3.12 on')
    const definition = { 'consumer-timeout': 5 }
    expect(() => definitionsOf({ policies: [{ vhost: '/', name: 'a', pattern: 'a', definition }] })).toThrow(
      /^policy 'a' in vhost '\/': definition\.consumer-timeout: .*, known to RabbitMQ from 3\.12 on$/,
    )
    expect(keyKnownElsewhere('max-length')).toBe('')
  })
})

describe('of several faults one is reported', () => {
  const first: [object, string][] = [
    [{ 'alternate-exchange': 1, 'ha-mode': 'some' }, 'ha-mode'],
    [{ 'ha-promote-on-failure': 1, 'ha-sync-mode': 1, 'ha-mode': 'all' }, 'ha-sync-mode'],
    [{ 'message-ttl': -1, expires: 0 }, 'queue expiry'],
    [{ 'queue-master-locator': 1, 'queue-version': 9 }, 'queue-version'],
    [{ aaa: 1, overflow: 'x' }, 'overflow'],
  ]
  it.each(first)('of %j that of %s', (definition, word) => {
    const { reason } = refusal(() => parsePolicy('/', 'p', { pattern: '', definition }))
    expect(reason).toContain(word)
    expect(reason.trim().split('\n')).toHaveLength(3)
  })
})

describe('good values pass', () => {
  const good: [string, unknown][] = [
    ['message-ttl', 0],
    ['message-ttl', 2 ** 32],
    ['expires', 1],
    ['max-length', 0],
    ['max-length-bytes', 0],
    ['overflow', 'reject-publish-dlx'],
    ['queue-version', 2],
    ['queue-mode', 'lazy'],
    ['max-age', '7D'],
    ['initial-cluster-size', 3],
    ['stream-max-segment-size-bytes', 100],
    ['queue-leader-locator', 'client-local'],
    ['dead-letter-strategy', 'at-least-once'],
    ['dead-letter-exchange', ''],
    ['queue-master-locator', 'min-masters'],
  ]
  it.each(good)('%s %j', (key, value) => {
    expect(policyKey(key)?.validate(value)).toBeNull()
    expect(parsePolicy('/', 'p', { pattern: '', definition: { [key]: value } }).definition).toEqual({
      [key]: value,
    })
  })

  it('a nodes list may name nodes that nobody knows', () => {
    const definition = { 'ha-mode': 'nodes', 'ha-params': ['zz@localhost'] }
    expect(parsePolicy('/', 'p', { pattern: '', definition }).definition).toEqual(definition)
  })
})

describe('the table of keys (docs/observed.md §1.1)', () => {
  it('has each key once and a sentence for each', () => {
    expect(new Set(policyKeys.map((row) => row.key)).size).toBe(policyKeys.length)
    for (const row of policyKeys) expect(row.help).toMatch(/^[A-Z].*\.$/)
  })

  it('allows an operator exactly the seven limits, and merges those by minimum', () => {
    const limits = [
      'delivery-limit',
      'expires',
      'max-in-memory-bytes',
      'max-in-memory-length',
      'max-length',
      'max-length-bytes',
      'message-ttl',
    ]
    expect(policyKeys.filter((row) => row.operator).map((row) => row.key)).toEqual(limits)
    expect(policyKeys.filter((row) => row.merge === 'min').map((row) => row.key)).toEqual(limits)
  })

  it.each(['ha-mode', 'overflow', 'dead-letter-exchange', 'target-group-size'])(
    'an operator policy does not know %s',
    (key) => {
      const put = () => parseOperatorPolicy('/', 'o', { pattern: '', definition: { [key]: 'all' } })
      expect(refusal(put).reason).toContain(`[{<<"${key}">>,<<"all">>}] are not recognised policy settings`)
    },
  )

  it('ha-params on its own is not judged without the definition it stands in', () => {
    expect(policyKey('ha-params')?.validate(2)).toBeNull()
    expect(policyKey('ha-params')?.validate(2, {})).toBe(NEEDS_MODE)
  })
})

describe('values are printed as Erlang terms', () => {
  const terms: [unknown, string][] = [
    ['x', '<<"x">>'],
    ['', '<<>>'],
    ['a"b\\c\n', '<<"a\\"b\\\\c\\n">>'],
    ['\u0001', '<<1>>'],
    ['日', '<<230,151,165>>'],
    [1, '1'],
    [-2.5, '-2.5'],
    [1e-7, '1.0e-7'],
    [1.5e300, '1.5e300'],
    [true, 'true'],
    [null, 'null'],
    [[], '[]'],
    [[1, 'x', [2]], '[1,<<"x">>,[2]]'],
    [[104, 105], '"hi"'],
    [{ b: 1, a: [] }, '#{<<"a">> => [],<<"b">> => 1}'],
  ]
  it.each(terms)('%j is %s', (value, term) => {
    expect(erlangTerm(value)).toBe(term)
  })

  it('and strings with their quotes escaped', () => {
    expect(erlangString('\\ at "end"')).toBe('"\\\\ at \\"end\\""')
  })
})
