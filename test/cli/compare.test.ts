// `warren compare` as a process: the comparison that needs no file, and an end half way. What it prints is tested in test/compare,
// what goes wrong with a file in compare-file.test.ts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { readScenario } from '../../cli/scenario-file.ts'
import { toJson } from '../../compare/reports/json.ts'
import { compareVariants } from '../../compare/scenario/comparison.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import { endAll, warren, watched } from './warren.ts'

vi.setConfig({ testTimeout: 130_000 })

const folder = mkdtempSync(join(tmpdir(), 'warren-compare-'))
afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true })
})

test('without a file the three modes meet the crash of the owner, and the rows are explained', async () => {
  const [first, again, other] = await Promise.all([
    warren('compare', '--seed', '3'),
    warren('compare', '--seed', '3'),
    warren('compare', '--seed', '4'),
  ])
  expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' })
  expect(first.out).toMatch(/^leader-crash: /)
  expect(first.out).toMatch(/\n +single +ordinary +mirrored-all\n/)
  expect(first.out).toContain('\nwhat is counted\n')
  expect(again).toEqual(first)
  expect(other.out).not.toBe(first.out)
})

test('--json is the whole result, byte for byte what any other process makes of the seed', async () => {
  const { code, out } = await warren('compare', '--seed', '11', '--json')
  const { scenario, readFile } = readScenario('library:leader-crash')
  const here = await compareVariants(scenario, { seed: 11, readFile, targets: [['emulated', openEmulated]] })
  expect(code).toBe(0)
  expect(out).toBe(toJson(here))
})

test('Ctrl-C half way: what is whole is printed, the rest is said not to have run, and nothing goes on', async () => {
  const file = join(folder, 'long.yaml')
  writeFileSync(
    file,
    `name: long
topology: { queues: [{ name: work }] }
variants: [single, ordinary, mirrored-all]
workload:
  publishers: [{ node: node2, queue: work, rate: 2000, time: 40 s, confirm: 100 }]
  consumers: [{ node: node3, queue: work, qos: 100 }]
assertions: [lost = 0]
`,
  )
  const run = watched('compare', file, '--json', join(folder, 'long.json'))
  await vi.waitFor(() => expect(run.err).toContain('ordinary (emulated) ['), {
    timeout: 60_000,
    interval: 20,
  })
  run.signal('SIGINT')
  const { code, out } = await run.ended
  expect(code).toBe(130)
  expect(out).toMatch(/\n +single\n/)
  expect(out).toContain('ok   single: lost = 0 (0)')
  expect(out).toContain('\nordinary was not run to its end: interrupted\n')
  expect(out).toContain('\nmirrored-all was not run to its end: interrupted before it began\n')
  const { runs, failures } = JSON.parse(readFileSync(join(folder, 'long.json'), 'utf8'))
  expect([runs.length, failures.length]).toEqual([1, 2])
})

test.each([
  [['--messages', '200'], 'change a copy of examples/scenarios/leader-crash.yaml'],
  [['--scenario', 'no-fault'], 'library:textbook-costs'],
  [['--seed', 'many'], 'whole number from 0 to'],
])('%j is one sentence and exit code 64', async (words, sentence) => {
  const { code, out, err } = await warren('compare', ...words)
  expect({ code, out }).toEqual({ code: 64, out: '' })
  expect(err).toContain(sentence)
})
