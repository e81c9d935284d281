// `warren compare` from the command line: what it prints comes from compare/, which has tests of its own.
import { expect, test } from 'vitest'
import { warren } from './warren.ts'

const few = ['compare', '--messages', '200']

test('prints the three modes side by side, and equal seeds print equal bytes', async () => {
  const [first, again, other] = await Promise.all([
    warren(...few, '--seed', '3'),
    warren(...few, '--seed', '3'),
    warren(...few, '--seed', '4'),
  ])
  expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' })
  for (const mode of ['single', 'ordinary', 'mirrored']) expect(first.out).toContain(mode)
  expect(again).toEqual(first)
  expect(other.out).not.toBe(first.out)
})

test('--json is one JSON object with the seed, the scenario and a row per variant', async () => {
  const { code, out } = await warren(...few, '--json', '--scenario', 'no-fault')
  expect(code).toBe(0)
  const { seed, scenario, variants } = JSON.parse(out)
  expect({ seed, scenario }).toEqual({ seed: 1, scenario: 'no-fault' })
  for (const variant of variants) expect(variant).toMatchObject({ published: 200, lostConfirmed: 0 })
})

test.each([
  [['--messages', '0'], 'whole number from 1 to 1000000'],
  [['--scenario', 'flood'], 'It must be owner-killed or no-fault.'],
])('%j is one sentence and exit code 64', async (words, sentence) => {
  const { code, out, err } = await warren('compare', ...words)
  expect({ code, out }).toEqual({ code: 64, out: '' })
  expect(err).toContain(sentence)
})
