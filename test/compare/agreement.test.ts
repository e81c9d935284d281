// Emulated and real beside each other: classes that differ are found, chance is only excused where it is declared, and a side
// that fails leaves what the other gave.
import { expect, test } from 'vitest'
import { agrees, differencesOf } from '../../compare/agreement.ts'
import { agreementText, bothText } from '../../compare/agreement-text.ts'
import { compareVariants } from '../../compare/scenario/comparison.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { Metrics, VariantRun } from '../../compare/scenario/result.ts'
import type { OpenTarget } from '../../compare/scenario/target.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import { Unusable } from '../../compare/targets/unusable.ts'

const run = (target: VariantRun['target'], metrics: Metrics): VariantRun => ({
  ...{ variant: 'single', target, seed: 1, metrics, findings: [], timeline: [], gaps: [] },
  series: { published: [], confirmed: [], delivered: [], meanMs: [], longestMs: [] },
  ...{ latency: { count: 0, meanMs: 0, points: [] }, confirmLatency: { count: 0, meanMs: 0, points: [] } },
  ...{ links: null, holdings: null, finished: true },
})

const differing = (emulated: Metrics, real: Metrics, reason?: string) =>
  differencesOf(
    'small',
    run('emulated', emulated),
    run('rabbitmq', real),
    reason === undefined ? [] : [{ scenario: 'small', metrics: ['duplicates'], reason }],
  ).map(({ metric, emulated: a, real: b, reason: why }) => `${metric}: ${a} / ${b} (${why})`)

test('counts agree when both are nothing or both are something', () => {
  expect(differing({ 'confirmed-lost': 3, duplicates: 0 }, { 'confirmed-lost': 90, duplicates: 0 })).toEqual(
    [],
  )
  expect(differing({ 'confirmed-lost': 0 }, { 'confirmed-lost': 1 })).toEqual([
    'confirmed-lost: none / some (1) (null)',
  ])
})

test('waits agree when both are short, both are long, or nearly the same', () => {
  const waits = (a: number, b: number) =>
    differing({ 'consume-unavailable': a }, { 'consume-unavailable': b })
  expect(waits(0, 3.9)).toEqual([])
  expect(waits(14, 55)).toEqual([])
  expect(waits(3, 6)).toEqual([])
  expect(waits(1, 9)).toEqual(['consume-unavailable: served (1 s) / interrupted (9 s) (null)'])
})

test('a declared chance excuses its metric, also of single clients, and no other', () => {
  expect(differing({ 'duplicates of a': 0, left: 0 }, { 'duplicates of a': 1, left: 1 }, 'sockets')).toEqual([
    'left: none / some (1) (null)',
    'duplicates of a: none / some (1) (sockets)',
  ])
})

const small = parseScenario(
  `name: small
question: Does it run?
topology: { queues: [{ name: work }] }
variants: [single, ordinary]
workload:
  publishers: [{ queue: work, rate: 100, pmessages: 20, confirm: 10 }]
  consumers: [{ queue: work }]
assertions: [lost = 0]
`,
  'small.yaml',
)

/** Both targets; `real` stands for the real one. */
const compared = (real: OpenTarget) =>
  compareVariants(small, {
    seed: 1,
    targets: [
      ['emulated', openEmulated],
      ['rabbitmq', real],
    ],
  })

/** The emulator, by another name. */
const alike: OpenTarget = async (opening) =>
  Object.assign(await openEmulated(opening), { kind: 'rabbitmq' as const })

test('two runs that come to the same are said to agree', async () => {
  const comparison = await compared(alike)
  expect(agrees(comparison, [])).toBe(true)
  expect(bothText(comparison, [])).toMatch(/Emulated and real agree\.$/)
  expect(agreementText(comparison, [])).toBe('\nEmulated and real agree.\n')
})

test('a side that cannot be reached is told in a sentence, and the other is kept', async () => {
  const comparison = await compared(async () => {
    throw new Unusable('No RabbitMQ is installed here.')
  })
  expect(comparison.runs.map(({ variant, target }) => [variant, target])).toEqual([
    ['single', 'emulated'],
    ['ordinary', 'emulated'],
  ])
  expect(agrees(comparison, [])).toBe(false)
  expect(bothText(comparison, [])).toMatch(
    /single, rabbitmq: not run to the end: No RabbitMQ is installed here\.[\s\S]*not known: not all was run to the end\.$/,
  )
})
