// The automaton of a pattern says what its program says, for patterns and names drawn at random from few letters, so that
// they meet often; and it says nothing where it cannot know.
import { describe, expect, test } from 'vitest'
import { Loop } from '../../nodes/loop.ts'
import { Automaton } from '../../policies/pattern-automaton.ts'
import { parsePattern } from '../../policies/pattern-parse.ts'
import { assemble, matches } from '../../policies/pattern-program.ts'

const machineOf = (pattern: string) => assemble(parsePattern(Buffer.from(pattern)), pattern.length)

function drawn(chance: () => number) {
  const any = <T>(list: readonly T[]) => list[Math.floor(chance() * list.length)]!
  const atoms = [
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    '\\.',
    '^',
    '$',
    '\\A',
    '\\z',
    '\\Z',
    '(a|b)',
    '(?:ab|b)',
    'c',
  ]
  const pattern = () =>
    Array.from(
      { length: Math.floor(chance() * 6) },
      () => any(atoms) + any(['', '', '', '*', '+', '?', '{0,2}']),
    )
      .join(any(['', '', '|']))
      // A repeated place is no pattern in PCRE.
      .replace(/(\^|\$|\\A|\\z|\\Z)(\*|\+|\?|\{0,2\})/g, '$1')
  const name = () =>
    Array.from({ length: Math.floor(chance() * 7) }, () => any(['a', 'b', 'c', '.', 'ä'])).join('')
  return { pattern, name }
}

describe('the automaton of a pattern', () => {
  test('answers as the program does, for 3,000 patterns and 20 names each', () => {
    const { pattern, name } = drawn(new Loop(11, 0).chance('patterns'))
    let matched = 0
    for (let i = 0; i < 3000; i++) {
      const text = pattern()
      const machine = machineOf(text)
      const automaton = Automaton.of(machine)
      for (let k = 0; k < 20; k++) {
        const bytes = Buffer.from(name())
        const expected = matches(machine, bytes)
        if (expected) matched++
        expect([text, String(bytes), automaton?.test(bytes, 0, bytes.length)]).toEqual([
          text,
          String(bytes),
          expected,
        ])
      }
    }
    expect(matched).toBeGreaterThan(10_000)
    expect(matched).toBeLessThan(50_000)
  })

  test('reads a name in the midst of others', () => {
    const automaton = Automaton.of(machineOf('^b+$'))
    const bytes = Buffer.from('abbc')
    expect([
      automaton?.test(bytes, 1, 3),
      automaton?.test(bytes, 0, 3),
      automaton?.test(bytes, 1, 4),
    ]).toEqual([true, false, false])
  })

  test.each(['(?=a)b', '(?!a)', '(?<=a)b', '(?>a*)b', 'a++b', '\\bword', '(?m)^a'])(
    'is none for %s',
    (text) => {
      expect(Automaton.of(machineOf(text))).toBeNull()
    },
  )

  test('says nothing of a name with a newline', () => {
    const bytes = Buffer.from('a\n')
    expect(Automaton.of(machineOf('^a$'))?.test(bytes, 0, 2)).toBeNull()
    expect(matches(machineOf('^a$'), bytes)).toBe(true)
  })

  test('gives up on a pattern with too many states, and so never grows', () => {
    const automaton = Automaton.of(machineOf('(a|b)*a(a|b){12}$'))
    const chance = new Loop(1, 0).chance('names')
    const bytes = Buffer.from(Array.from({ length: 2000 }, () => (chance() < 0.5 ? 'a' : 'b')).join(''))
    expect(automaton?.test(bytes, 0, bytes.length)).toBeNull()
  })
})
