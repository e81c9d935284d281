// The comparison that `warren compare` makes by itself, library:leader-crash, on many seeds: what the three modes must show when the
// queue's owner is killed half way. A fifth of its messages in the same time, for the sake of speed.
import { beforeAll, describe, expect, test } from 'vitest'
import { legend, tableOf, toText } from '../../compare/reports/text.ts'
import { compareVariants } from '../../compare/scenario/comparison.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { Comparison, Metrics } from '../../compare/scenario/result.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import { runsOf, shipped } from './scenarios.ts'

const messages = 800
const crash = shipped('leader-crash').replace('rate: 125', 'rate: 25').replace('when: 2000', 'when: 400')

describe.each([1, 2, 3, 4, 5])('with the owner killed, seed %i', (seed) => {
  let single: Metrics
  let ordinary: Metrics
  let mirrored: Metrics

  beforeAll(async () => {
    const runs = await runsOf(crash, seed)
    ;[single, ordinary, mirrored] = ['single', 'ordinary', 'mirrored-all'].map(
      (name) => runs[name]!.metrics,
    ) as [Metrics, Metrics, Metrics]
  })

  test('single and ordinary are unavailable while the owner is away', () => {
    // Ten seconds until it is started, 3.5 to 4.3 s for the start, up to a second until the client tries again.
    for (const { unavailable } of [single, ordinary]) {
      expect(unavailable).toBeGreaterThan(13.4)
      expect(unavailable).toBeLessThan(16)
    }
  })

  test('mirrored is not: a promotion is a short wait', () => {
    expect(mirrored['unavailable']).toBe(0)
    expect(mirrored['latency-max']).toBeGreaterThan(0.05)
    expect(mirrored['latency-max']).toBeLessThan(0.4)
  })

  test('mirrored loses no confirmed message, nor does single, because they are on its disk; both deliver in order', () => {
    const whole = { published: messages, confirmed: messages, delivered: messages }
    for (const metrics of [single, mirrored])
      expect(metrics).toMatchObject({ ...whole, 'confirmed-lost': 0, 'out-of-order': 0 })
  })

  test('ordinary confirms and loses what is published while the owner is away', () => {
    expect(ordinary['confirmed']).toBe(messages)
    expect(ordinary['confirmed-lost']).toBeGreaterThan(messages * 0.4)
    expect(ordinary['delivered']! + ordinary['confirmed-lost']!).toBe(messages)
  })

  test('mirrored crosses links more often, and single never', () => {
    expect(single['bodies']).toBe(0)
    expect(mirrored['bodies']).toBeGreaterThan(2 * ordinary['bodies']!)
    expect(mirrored['bytes']).toBeGreaterThan(2 * ordinary['bytes']!)
  })

  test('redeliveries are counted apart from first deliveries', () => {
    const { delivered, duplicates } = mirrored
    expect(mirrored['bodies of deliver']! + mirrored['bodies of redeliver']!).toBe(delivered! + duplicates!)
    expect(mirrored['bodies of redeliver']).toBeGreaterThan(0)
  })

  test('only mirrored has copies, and all of them again at the end', () => {
    expect([single, ordinary, mirrored].map(({ copies }) => copies)).toEqual([1, 1, 3])
  })
})

test('a mirror that joins a queue with messages is synchronised over the links', async () => {
  // The consumer is too slow: a third of what came in 30 s waits.
  const slow = crash
    .replace('consumer-latency: 2 ms', 'consumer-latency: 60 ms')
    .replace('single, ordinary, ', '')
    .replace(/assertions:[\s\S]*/, '')
  const { 'mirrored-all': run } = await runsOf(slow)
  expect(run!.metrics['bodies of sync']).toBeGreaterThan(0)
  expect(run!.metrics['bodies of sync']).toBeLessThan(messages / 2)
})

describe('few messages', () => {
  const few = (rate: number, text = crash) => runsOf(text.replace('rate: 25', `rate: ${rate}`))

  test('without a fault: no wait is counted that nobody waited', async () => {
    const quiet = crash.replace(/faults:[\s\S]*/, '')
    for (const { metrics } of Object.values(await few(0.5, quiet)))
      expect(metrics).toMatchObject({ published: 16, delivered: 16, unavailable: 0 })
  })

  test('still show the outage', async () => {
    const runs = await few(0.7, crash.replace('when: 400', 'when: 10'))
    expect(runs['single']!.metrics['unavailable']).toBeGreaterThan(10)
    expect(runs['ordinary']!.metrics['unavailable']).toBeGreaterThan(10)
    expect(runs['mirrored-all']!.metrics['unavailable']).toBe(0)
  })
})

describe('the text', () => {
  let comparison: Comparison
  beforeAll(async () => {
    const scenario = parseScenario(crash, 'leader-crash.yaml')
    comparison = await compareVariants(scenario, { seed: 3, targets: [['emulated', openEmulated]] })
  })

  test('has aligned columns, the assertions and the reasons', () => {
    const lines = toText(comparison).split('\n')
    const header = lines.findIndex((line) => /^ +single +ordinary +mirrored-all$/.test(line))
    expect(header).toBeGreaterThan(0)
    const body = lines.slice(header + 2, lines.indexOf('', header)).filter((line) => line.startsWith('  '))
    expect(body.length).toBeGreaterThan(25)
    for (const line of body) expect(line.length).toBe(lines[header]!.length)
    for (const kind of ['publish', 'replicate', 'deliver', 'redeliver'])
      expect(body.some((line) => line.startsWith(`  bodies of ${kind} `))).toBe(true)
    expect(lines).toContain('all 7 assertions hold')
    expect(lines.some((line) => line.startsWith('  ordinary, confirmed-lost m'))).toBe(true)
  })

  test('says first what it is about, in lines that fit', () => {
    const lines = toText(comparison).split('\n')
    expect(lines[2]).toMatch(/^The leader's node is killed while messages flow/)
    const about = lines.slice(2, lines.indexOf('', 2))
    expect(about.join(' ')).toBe(comparison.scenario.about.trim())
    for (const line of about) expect(line.length).toBeLessThanOrEqual(120)
  })

  test('explains every row of its table when asked', () => {
    const text = legend(comparison)
    expect(text).toMatch(/ {2}confirmed-lost +confirmed, and neither delivered nor left in a queue\n/)
    const rows = tableOf(comparison).flatMap(({ rows }) => rows.map(([metric]) => metric!))
    for (const metric of rows.filter((one) => !one.includes(' of '))) expect(text).toContain(`\n  ${metric} `)
  })
})
