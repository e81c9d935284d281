import { describe, expect, it } from 'vitest'
import { compilePattern, PatternError } from '../../policies/pattern.ts'

const matching: [string, string[], string[]][] = [
  ['', ['', 'anything'], []],
  ['^ha\\.', ['ha.1'], ['hax', 'x-ha.']],
  ['a', ['a', 'bar'], ['b']],
  ['^(?!amq\\.).*', ['orders'], ['amq.gen-1']],
  ['(?i)^ha$', ['HA', 'ha'], ['hab']],
  ['\\Aha\\z', ['ha'], ['aha', 'hab']],
  ['^[[:alpha:]_]+$', ['abc_'], ['ab1']],
  ['^[[:digit:][:upper:]]+$', ['A1'], ['a1']],
  ['^[^[:space:]]+$', ['ab'], ['a b']],
  ['^[]a]+$', ['a]'], ['b']],
  ['^\\Qa.b\\E$', ['a.b'], ['axb']],
  ['^(?P<word>x)y$', ['xy'], ['x']],
  ['^x(?#a remark)y$', ['xy'], ['x']],
  ['^a\\-b\\_c$', ['a-b_c'], ['abc']],
  ['^\\x{41}\\x42$', ['AB'], ['x']],
  ['^a{2}$', ['aa'], ['a']],
  ['^a{$', ['a{'], ['a']],
]

describe('a pattern', () => {
  it.each(matching)('%s tells names apart', (pattern, yes, no) => {
    const expression = compilePattern(pattern)
    for (const name of yes) expect(expression.test(name), name).toBe(true)
    for (const name of no) expect(expression.test(name), name).toBe(false)
  })

  it('is compiled once and can be asked again and again', () => {
    expect(compilePattern('^q1')).toBe(compilePattern('^q1'))
    expect([1, 2, 3].map(() => compilePattern('^q1').test('q1'))).toEqual([true, true, true])
  })
})

describe('a pattern that does not compile', () => {
  const refused: [string, string][] = [
    ['(', '{"missing )",1}'],
    ['(a|b', '{"missing )",4}'],
    ['a)', '{"unmatched parentheses",1}'],
    ['a(b)c)', '{"unmatched parentheses",5}'],
    ['*a', '{"nothing to repeat",0}'],
    ['a(+)', '{"nothing to repeat",2}'],
    ['[a', '{"missing terminating ] for character class",2}'],
    ['a\\', '{"\\\\ at end of pattern",2}'],
    ['a{3,2}', '{"numbers out of order in {} quantifier",6}'],
  ]
  it.each(refused)('%s is refused with %s', (pattern, term) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError)
    try {
      compilePattern(pattern)
    } catch (error) {
      expect((error as PatternError).term).toBe(term)
    }
  })

  // PCRE accepts these. JavaScript would refuse them or, worse, read them as other patterns.
  it.each([
    '(?>a)b',
    'a++',
    'a\\Kb',
    'a\\Gb',
    '\\p{L}',
    '[\\p{L}]',
    '[[:foo:]]',
    'a(?i)b',
    '\\x{1F600}',
    '[\\x{41}]',
    "(?<n>a)\\k'n'",
    '(?x) a',
  ])('%s is refused rather than misread', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError)
  })
})
