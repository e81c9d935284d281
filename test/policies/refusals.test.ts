// Every refusal of a policy file is one sentence that names the place, the policy, the key and the value, and the file is
// refused whole: for each key and every sort of wrong value, beside an entry that is good.
import { describe, expect, it } from 'vitest'
import { PolicyFileError, parsePolicyFile } from '../../policies/files.ts'
import { policyKeys } from '../../policies/keys.ts'

const values = [
  ...[0, -1, 1.5, 'x', '', 'ex"otic', true, null, [], [1, 'a'], [65, 66], {}, { a: 1 }, 2 ** 60],
  'line\nbreak',
]

function refusal(entry: object): string | null {
  const text = JSON.stringify([{ name: 'good', pattern: 'a', definition: { expires: 5 } }, entry], null, 1)
  try {
    parsePolicyFile(text, 'p.json')
    return null
  } catch (error) {
    if (error instanceof PolicyFileError) return error.message
    throw error
  }
}

describe.each(policyKeys.map(({ key }) => key))('a wrong value of %s', (key) => {
  it('is refused with file, line, column, policy, key and value on one line', () => {
    let refused = 0
    for (const value of values) {
      const beside = key.startsWith('ha-') && key !== 'ha-mode' ? { 'ha-mode': 'exactly' } : {}
      const definition = {
        ...beside,
        ...(key !== 'ha-params' && beside['ha-mode'] && { 'ha-params': 2 }),
        [key]: value,
      }
      const message = refusal({ name: 'bad', pattern: 'b', definition })
      if (message === null) continue
      refused++
      expect(message).toMatch(/^p\.json:\d+:\d+: policy "bad", definition\.[a-z-]+: [^\n]+$/)
      expect(message).toContain(`definition.${key}: `)
      expect(message).toContain(JSON.stringify(value))
    }
    expect(refused).toBeGreaterThan(values.length / 3)
  })
})

describe('a wrong entry', () => {
  const good = { name: 'bad', pattern: 'b', definition: { expires: 5 } }
  it.each([
    ['pattern', '('],
    ['pattern', 7],
    ['apply-to', 'queue'],
    ['priority', 'high'],
    ['vhost', ''],
    ['operator', 'yes'],
    ['comment', 'no such key'],
  ])('is refused by its %s %j likewise', (key, value) => {
    const message = refusal({ ...good, [key]: value })
    expect(message).toMatch(/^p\.json:\d+:\d+: policy "bad", /)
    expect(message).toContain(`${key}: `)
    expect(message).toContain(JSON.stringify(value))
    expect(message).not.toContain('\n')
  })
})
