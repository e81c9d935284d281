// The published schema of policy files: up to date, and never stricter than the reader of the files.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it, test } from 'vitest'
import { policyFileSchema, schemaText } from '../../policies/file-schema.ts'
import { PolicyFileError, parsePolicyFile } from '../../policies/files.ts'
import { policyKeys } from '../../policies/keys.ts'
import { lint, snapshotOfPolicies } from '../../policies/lint.ts'
import { violations } from '../support/json-schema.ts'

const folder = join(import.meta.dirname, '..', '..', 'policies')
const schema = policyFileSchema()

test('policy-file.schema.json is what the table of keys gives; `vitest run test/policies/file-schema.test.ts -u` writes it anew', async () => {
  await expect(schemaText()).toMatchFileSnapshot(join(folder, 'policy-file.schema.json'))
})

function refused(definition: object, more: object = {}): { bySchema: string[]; byReader: string } {
  const file = [{ name: 'a', pattern: 'a', definition, ...more }]
  let byReader = ''
  try {
    parsePolicyFile(JSON.stringify(file), 'p.json')
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error
    byReader = error.message
  }
  return { bySchema: violations(schema, file), byReader }
}

/** Values of every sort, of which each key takes some. */
const values = [
  ...[0, 1, 2, 5, -1, 1.5, 2 ** 40, '', 'x', '7D', true, null, [], ['rabbit@node1'], [1], {}],
  ...[
    'all',
    'exactly',
    'nodes',
    'manual',
    'automatic',
    'always',
    'when-synced',
    'drop-head',
    'reject-publish',
  ],
  ...[
    'reject-publish-dlx',
    'default',
    'lazy',
    'client-local',
    'min-masters',
    'random',
    'balanced',
    'least-leaders',
  ],
  ...['at-most-once', 'at-least-once'],
]

describe.each(policyKeys.map((row) => row.key))('%s', (key) => {
  const beside = key.startsWith('ha-') && key !== 'ha-mode' && key !== 'ha-params' ? { 'ha-mode': 'all' } : {}
  const among = (mode: string) => ({ 'ha-mode': mode })
  const others = key === 'ha-params' ? ['all', 'exactly', 'nodes'].map(among) : [beside]

  it('is refused by the schema only when the reader refuses it too, and the other way round', () => {
    let accepted = 0
    for (const other of others)
      for (const value of values) {
        const definition = { ...other, [key]: value }
        const { bySchema, byReader } = refused(definition)
        expect([definition, bySchema.length > 0]).toEqual([definition, byReader !== ''])
        if (byReader === '') accepted++
      }
    expect(accepted).toBeGreaterThan(0)
  })
})

describe('an entry', () => {
  const good = { expires: 1000 }
  const cases: [string, object, object][] = [
    ['with everything', good, { 'apply-to': 'queues', priority: 1.5, vhost: 'v', operator: true }],
    ['of another key', good, { applies: 'queues' }],
    ['that is for nothing known', good, { 'apply-to': 'queue' }],
    ['with a word as priority', good, { priority: 'high' }],
    ['with an empty name', good, { name: '' }],
    ['with an empty definition', {}, {}],
    ['with a mirror key without mode', { 'ha-sync-mode': 'manual' }, {}],
    ['with an unknown key', { 'max-priority': 5 }, {}],
    ['of an operator that mirrors', { 'ha-mode': 'all' }, { operator: true }],
    ['of nobody that mirrors', { 'ha-mode': 'all' }, { operator: false }],
  ]
  it.each(cases)('%s is judged alike', (_, definition, more) => {
    const { bySchema, byReader } = refused(definition, more)
    expect(bySchema.length > 0).toBe(byReader !== '')
  })
})

describe('the presets', () => {
  const names = readdirSync(join(folder, 'presets'))

  it('are several', () => {
    expect(names.length).toBeGreaterThan(5)
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]+\.yaml$/)
  })

  it.each(names)(
    '%s is read, follows the schema, explains itself and is free of errors and warnings',
    (name) => {
      const text = readFileSync(join(folder, 'presets', name), 'utf8')
      expect(text).toMatch(/^# /)
      const file = parsePolicyFile(text, name)
      expect(file.policies.length + file.operatorPolicies.length).toBeGreaterThan(0)
      expect(violations(schema, load(text))).toEqual([])
      const findings = lint(snapshotOfPolicies(file)).filter(({ severity }) => severity !== 'info')
      expect(findings.map(({ sentence }) => sentence)).toEqual([])
    },
  )
})
