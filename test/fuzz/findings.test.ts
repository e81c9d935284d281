// Every conversation that ever broke something, held again: each file was written by the fuzzer when it found it, shrunk,
// and must pass now. A new finding is added by moving its file here.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replay } from '../../fuzz/campaign.ts'
import { findingFromJson } from '../../fuzz/input.ts'

const folder = join(import.meta.dirname, 'findings')
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

test('there are findings', () => {
  expect(files.length).toBeGreaterThan(3)
})

test.each(files)('%s passes', (name) => {
  const finding = findingFromJson(readFileSync(join(folder, name), 'utf8'))
  expect(finding.inputs.length).toBeGreaterThan(0)
  expect(replay(finding)).toBeNull()
})
