// Patterns of policies and permissions: what a real RabbitMQ 3.10.8 made of them (test/data/patterns.json: Erlang's re on
// the same names), what is refused instead of being misread, and that no pattern takes long.

import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { compilePattern, PatternError } from '../../policies/pattern.ts'

interface Recorded {
  readonly names: readonly string[]
  /** The names that match, or what was complained of. */
  readonly patterns: readonly (readonly [
    string,
    readonly string[] | { readonly complaint: string; readonly at: number },
  ])[]
}

const recorded = JSON.parse(
  readFileSync(new URL('../data/patterns.json', import.meta.url), 'utf8'),
) as Recorded

/** The names a pattern matches, or its error as the recording has it. */
function judged(pattern: string, names: readonly string[]) {
  try {
    const compiled = compilePattern(pattern)
    return names.filter((name) => compiled.test(name))
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return { complaint: error.complaint, at: error.at }
  }
}

describe('a recorded pattern', () => {
  test('is one of many', () => expect(recorded.patterns.length).toBeGreaterThan(300))

  it.each(recorded.patterns.map(([pattern, outcome]) => ({ pattern, outcome })))(
    '$pattern means what it means to RabbitMQ',
    ({ pattern, outcome }) => expect(judged(pattern, recorded.names)).toEqual(outcome),
  )
})

const matching: [string, string[], string[]][] = [
  ['', ['', 'anything'], []],
  ['^(?!amq\\.).*', ['orders'], ['amq.gen-1']],
  ['(?i)^ha$', ['HA', 'ha'], ['hab']],
  ['\\Aha\\z', ['ha'], ['aha', 'hab', 'ha\n']],
  ['\\Aha\\Z', ['ha', 'ha\n'], ['ha\n\n']],
  ['^[[:digit:][:upper:]]+$', ['A1'], ['a1']],
  ['^\\Qa.b\\E$', ['a.b'], ['axb']],
  ['^x(?#a remark)y$', ['xy'], ['x']],
  ['(?x) ^ a # the first letter', ['a', 'ab'], ['b']],
  ['^(?>a+)a', [], ['aaa']],
  ['^a++b', ['aab'], ['aa']],
]

describe('a pattern', () => {
  it.each(matching)('%s tells names apart', (pattern, yes, no) => {
    expect(judged(pattern, [...yes, ...no])).toEqual(yes)
  })

  it('is compiled once and can be asked again and again', () => {
    expect(compilePattern('^q1')).toBe(compilePattern('^q1'))
    expect([1, 2, 3].map(() => compilePattern('^q1').test('q1'))).toEqual([true, true, true])
  })

  it('prints its error as Erlang does', () => {
    expect(() => compilePattern('(')).toThrow(expect.objectContaining({ term: '{"missing )",1}' }))
  })

  // A real RabbitMQ takes these. To read them as something else would be worse than to refuse them.
  it.each([
    ['(a)\\1', 'back references such as \\1 are not emulated'],
    ["(?<n>a)\\k'n'", 'back references such as \\k are not emulated'],
    ['(?<n>a)(?P=n)', 'back references such as (?P=name) are not emulated'],
    ['(a|(?R)b)', 'recursion and calls of groups such as (?R) are not emulated'],
    ['(a)(?1)', 'recursion and calls of groups such as (?R) are not emulated'],
    ['(a)?(?(1)b|c)', 'conditions such as (?(1)a|b) are not emulated'],
    ['a(*FAIL)', 'verbs such as (*FAIL) are not emulated'],
    ['a(?C1)', 'callouts such as (?C) are not emulated'],
    ['\\p{L}', 'Unicode properties such as \\p are not emulated'],
    ['[\\P{L}]', 'Unicode properties such as \\P are not emulated'],
    ['((((a{100}){100}){100}){100})', 'regular expression is too large'],
    ['(){65535}', 'regular expression is too large'],
    ['('.repeat(300), 'parentheses are too deeply nested'],
  ])('%s is refused: %s', (pattern, complaint) => {
    expect(judged(pattern, [])).toMatchObject({ complaint })
  })
})

describe('no pattern takes long', () => {
  const name = `${'a'.repeat(254)}b`
  it.each([
    '(a+)+$',
    '^(a|a)*$',
    '^(a*)*(a*)*(a*)*$',
    '(.*)(.*)(.*)(.*)(.*)(.*)c$',
    '^(?=(a+)+$)',
    '(?<!a)(a*)*c',
    '(?:(?=(?:(?=(a*)*c)a)*c)a)*c',
    '^(?>(a|aa)+)+$',
    '(a?){250}a{250}c',
    '(a?){1000}c',
  ])('%s on a name of 255 letters', (pattern) => {
    const begun = performance.now()
    expect(judged(pattern, [name])).toEqual(
      pattern === 'a{1,255}{0}(a?){250}a{250}c' ? expect.anything() : [],
    )
    expect(performance.now() - begun).toBeLessThan(1_000)
  })
})
