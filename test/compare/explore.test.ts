// `explore` without its command: planted mistakes in policies are found, made simple, told, and written as scenarios that show them
// again; what holds is not accused; equal seeds find the same, however many search.
import { describe, expect, test } from 'vitest'
import { Findings, planOf, simplify } from '../../compare/explore/explore.ts'
import { drawMoves, faultsOf, type MoveKind, moveKinds } from '../../compare/explore/moves.ts'
import { type Plan, Shared, search } from '../../compare/explore/search.ts'
import { type Found, reproductionText, story } from '../../compare/explore/story.ts'
import { brokenBy, player } from '../../compare/explore/trial.ts'
import { least, settle } from '../../compare/least.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import { runScenario } from '../../compare/scenario/run.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'

/** Three seconds' work; the consumer comes when it is done, so that copies matter. */
const scenarioWith = (variants: string, assertion = 'confirmed-lost = 0') =>
  parseScenario(
    `name: planted
topology: { queues: [{ name: work }] }
variants: [${variants}]
workload:
  publishers: [{ name: orders, nodes: [node2, node1], queue: work, rate: 10, time: 3 s, flag: [persistent], confirm: 10, reconnect: { order: next } }]
  consumers: [{ name: shop, nodes: [node1, node2], queue: work, qos: 20, start: 12 s, reconnect: { order: next } }]
assertions: ["${assertion}"]
`,
    'planted.yaml',
  )

const play = player(() => '')
const most = 120

const planWith = (scenario: Plan['scenario'], kinds: readonly MoveKind[], mostMoves: number, from = 1) =>
  planOf(scenario, most, from, { kinds, mostMoves })

async function findIn(plan: Plan): Promise<Found | null> {
  const findings = new Findings()
  await search(plan, new Shared(plan.scenario.variants.length), play, (report) => findings.take(report))
  expect(findings.failed).toEqual([])
  const first = findings.first.get(0)
  return first === undefined ? null : simplify(plan, 0, first, play)
}

/** The file that was written breaks the same when it is read and run again. */
async function expectShownAgain(found: Found) {
  const again = parseScenario(reproductionText(found), 'found.yaml')
  const run = await runScenario(again, again.variants[0]!, openEmulated, found.trial.seed)
  expect(brokenBy(run, again.assertions)).toEqual(found.broken)
}

describe('a planted mistake is found, made simple and told', () => {
  test('mirrors filled by hand only, promoted all the same', async () => {
    const scenario = scenarioWith(
      '{ name: manual, mode: mirrored-all, sync: manual, promote-on-failure: always, nodes: 2 }',
    )
    const found = await findIn(planWith(scenario, ['kill'], 3))
    expect(found?.broken).toEqual(['confirmed-lost = 0'])
    // One node comes back empty, and then the other is lost.
    expect(faultsOf(found!.trial.moves).map(({ action }) => action.do)).toEqual(['kill', 'start', 'kill'])
    const text = story(found!).join('\n')
    expect(text).toContain('manual breaks "confirmed-lost = 0"')
    expect(text).toMatch(/only on node\d because node\d had not been synchronised/)
    expect(text).toMatch(/node\d was promoted/)
    await expectShownAgain(found!)
  })

  test('one copy only', async () => {
    const scenario = scenarioWith('mirrored-exactly-1', 'unavailable < 3 s')
    const found = await findIn(planWith(scenario, ['kill'], 1))
    expect(found?.broken).toEqual(['unavailable < 3 s'])
    expect(faultsOf(found!.trial.moves)[0]?.action).toEqual({ do: 'kill', node: 1 })
    expect(found!.trial.moves).toHaveLength(1)
    await expectShownAgain(found!)
  })

  test('two nodes that go on alone when they lose each other', async () => {
    const scenario = scenarioWith('{ name: two, mode: mirrored-all, nodes: 2 }')
    const found = await findIn(planWith(scenario, ['cut'], 1))
    expect(found?.broken).toEqual(['confirmed-lost = 0'])
    expect(faultsOf(found!.trial.moves).map(({ action }) => action.do)).toEqual(['cut'])
    expect(story(found!).join('\n')).toMatch(/node\d was cut off/)
    await expectShownAgain(found!)
  })
})

test('three synchronised copies hold what one crash cannot break', async () => {
  const plan = planWith(scenarioWith('mirrored-all'), ['kill'], 1)
  expect(await findIn({ ...plan, schedules: 12 })).toBeNull()
})

test('however many search, the first that is broken is the same', async () => {
  const scenario = scenarioWith('mirrored-exactly-1, mirrored-all', 'unavailable < 3 s')
  const plan = { ...planWith(scenario, ['kill'], 1), schedules: 12 }
  const firsts = []
  for (const threads of [1, 3]) {
    const [shared, findings] = [new Shared(2), new Findings()]
    const take = findings.take.bind(findings)
    await Promise.all(Array.from({ length: threads }, () => search(plan, shared, play, take)))
    firsts.push(findings.first.get(0)?.seed)
  }
  expect(firsts[0]).toBeGreaterThan(0)
  expect(firsts[1]).toBe(firsts[0])
})

test('who is told to stop plays no further schedule', async () => {
  const plan = planWith(scenarioWith('mirrored-all'), ['kill'], 1)
  const [shared, findings] = [new Shared(1), new Findings()]
  await search(plan, shared, play, (report) => {
    findings.take(report)
    shared.stop()
  })
  expect(findings.schedules).toBe(1)
})

describe('a schedule', () => {
  const scenario = scenarioWith('mirrored-all')
  const drawing = { kinds: moveKinds, mostMoves: 5 }

  test('is the same for the same seed and another for another', () => {
    const drawn = (seed: number) => JSON.stringify(drawMoves(scenario, seed, drawing))
    expect(drawn(7)).toBe(drawn(7))
    expect(new Set(Array.from({ length: 50 }, (_, seed) => drawn(seed))).size).toBe(50)
  })

  test('of any kind is what a scenario file can say', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 60; seed++) {
      const faults = faultsOf(drawMoves(scenario, seed, drawing))
      for (const { action } of faults) seen.add(action.do)
      const text = reproductionText({
        trial: { scenario, variant: scenario.variants[0]!, moves: drawMoves(scenario, seed, drawing), seed },
        broken: ['confirmed-lost = 0'],
        run: null as never,
        seed,
        faultsBefore: 0,
      })
      expect(parseScenario(text, 'drawn.yaml').faults).toEqual(faults)
    }
    expect([...seen].sort()).toEqual([...moveKinds, 'heal', 'start', 'thaw'].sort())
  })
})

test('the shortest list keeps what is needed and nothing else', () => {
  const list = Array.from({ length: 40 }, (_, i) => i)
  expect(settle(least(list), (some) => some.includes(3) && some.includes(29))).toEqual([3, 29])
})
