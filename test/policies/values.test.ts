/**
 * Every key with values of every kind, good and bad, in policies and operator policies: status and text are those that a
 * real RabbitMQ 3.10.8 gave (test/data/policy-values.json; test/broker/policy-values asks any broker again).
 */
import { describe, expect, it } from 'vitest'
import { escapeTags } from '../../admin-ui/http-error.ts'
import { policyKeys } from '../../policies/keys.ts'
import { parseOperatorPolicy, parsePolicy } from '../../policies/policy.ts'
import { type Answered, recordedValues, unbroken } from '../support/policy-values.ts'
import { refusal } from './support.ts'

/** The texts of refused operator policies are not escaped (docs/observed.md §0.10). */
const kinds = [
  ['policies', parsePolicy, escapeTags],
  ['operator-policies', parseOperatorPolicy, (text: string) => text],
] as const

describe.each(kinds)('%s', (kind, parse, escaped) => {
  const byKey = grouped(recordedValues[kind])

  it('were asked for every key of the table, with good and bad values', () => {
    for (const { key, operator } of policyKeys) {
      const rows = recordedValues[kind].filter(([definition]) => Object.hasOwn(definition, key))
      const statuses = new Set(rows.map(([, status]) => (status === 201 ? 'taken' : 'refused')))
      expect([key, statuses.size]).toEqual([key, kind === 'policies' || operator ? 2 : 1])
    }
  })

  it.each([...byKey])('%s', (_, rows) => {
    const ours = rows.map(([definition]) => {
      const { status, reason } = refusal(() => parse('/', 'm', { pattern: '^never$', definition }))
      return [definition, status, escaped(reason)]
    })
    expect(ours).toEqual(rows.map(([definition, status, reason]) => [definition, status, unbroken(reason)]))
  })
})

function grouped(rows: readonly Answered[]): Map<string, Answered[]> {
  const groups = new Map<string, Answered[]>()
  for (const row of rows) {
    const name = Object.keys(row[0]).join(' with ')
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return groups
}
