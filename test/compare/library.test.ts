// The library of scenarios in examples/scenarios: every file opens with its question, says what it needs, and holds on the
// emulator what it asserts. `npm run compare:library` runs the same files on a real RabbitMQ beside it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseScenario } from '../../compare/scenario/parse.ts'
import { runScenario } from '../../compare/scenario/run.ts'
import { weigh } from '../../compare/scenario/weigh.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'

const folder = join(import.meta.dirname, '..', '..', 'examples', 'scenarios')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  const scenario = parseScenario(text, file)

  test('opens with words for people and asks one question', () => {
    expect(text).toMatch(/^# .{20,}\n/)
    expect(scenario.question).toMatch(/\?$/)
    expect(`${scenario.name}.yaml`).toBe(file)
    expect(scenario.assertions.length).toBeGreaterThan(0)
  })

  test('holds what it asserts', async () => {
    const runs = []
    for (const variant of scenario.variants) runs.push(await runScenario(scenario, variant, openEmulated, 1))
    const failed = weigh(scenario.assertions, runs).filter(({ holds }) => !holds)
    expect(failed.map((one) => `${one.variant}: ${one.assertion.text} (is ${one.actual})`)).toEqual([])
    expect(runs.filter(({ finished }) => !finished).map(({ variant }) => variant)).toEqual([])
  })
})

test('a real cluster on this machine can be given what at least three quarters of the library need', () => {
  const needing = files.filter(
    (file) => parseScenario(readFileSync(join(folder, file), 'utf8'), file).needs.length > 0,
  )
  expect(needing).toEqual(['more-nodes.yaml', 'slow-link.yaml'])
  expect(needing.length * 4).toBeLessThanOrEqual(files.length)
})
