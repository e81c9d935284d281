// The comparison as a whole: what the three variants must show when the queue's owner is killed, and that the same seed
// prints the same bytes in this process and in any other.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { runCompare } from '../../compare/command.ts'
import { runAll, runVariant, type VariantResult, variants } from '../../compare/run.ts'

const messages = 800

describe.each([1, 2, 3, 4, 5])('with the owner killed, seed %i', (seed) => {
  let single: VariantResult
  let ordinary: VariantResult
  let mirrored: VariantResult

  beforeAll(() => {
    const results = runAll({ seed, scenario: 'owner-killed', workload: { messages } })
    ;[single, ordinary, mirrored] = results as [VariantResult, VariantResult, VariantResult]
  })

  test('single and ordinary are unavailable while the owner is away', () => {
    // Ten seconds until it is started, 3.5 to 4.3 s for the start, up to a second until the client tries again.
    for (const { unavailableSeconds } of [single, ordinary]) {
      expect(unavailableSeconds).toBeGreaterThan(13.4)
      expect(unavailableSeconds).toBeLessThan(16)
    }
  })

  test('mirrored is not: a promotion is a short wait', () => {
    expect(mirrored.unavailableSeconds).toBe(0)
    expect(mirrored.latencyMs.max).toBeGreaterThan(50)
    expect(mirrored.latencyMs.max).toBeLessThan(400)
  })

  test('mirrored loses no confirmed message and delivers all in order', () => {
    expect(mirrored).toMatchObject({
      published: messages,
      confirmed: messages,
      delivered: messages,
      lostConfirmed: 0,
      outOfOrder: 0,
    })
  })

  test('single loses no confirmed message either, because they are on its disk', () => {
    expect(single).toMatchObject({
      confirmed: messages,
      delivered: messages,
      lostConfirmed: 0,
      outOfOrder: 0,
    })
  })

  test('ordinary confirms and loses what is published while the owner is away', () => {
    expect(ordinary.confirmed).toBe(messages)
    expect(ordinary.lostConfirmed).toBeGreaterThan(messages * 0.4)
    expect(ordinary.delivered + ordinary.lostConfirmed).toBe(messages)
  })

  test('mirrored crosses links more often, and single never', () => {
    expect(single.linkBodies.total).toBe(0)
    expect(mirrored.linkBodies.total).toBeGreaterThan(2 * ordinary.linkBodies.total)
    expect(mirrored.linkBytes.total).toBeGreaterThan(2 * ordinary.linkBytes.total)
  })

  test('redeliveries and synchronisation are counted apart from first deliveries', () => {
    expect(mirrored.linkBodies.deliver + mirrored.linkBodies.redeliver).toBe(
      mirrored.delivered + mirrored.duplicates,
    )
    expect(mirrored.linkBodies.redeliver).toBeGreaterThan(0)
  })

  test('only mirrored has copies, and all of them again at the end', () => {
    expect([single.copies, ordinary.copies, mirrored.copies]).toEqual([1, 1, 3])
    expect(mirrored.replicas[0]).not.toBe('rabbit@node1')
  })
})

test('a mirror that joins a queue with messages is synchronised over the links', () => {
  const { linkBodies } = runVariant(variants.mirrored, {
    seed: 1,
    scenario: 'owner-killed',
    workload: { messages, workMs: 400 },
  })
  expect(linkBodies.sync).toBeGreaterThan(0)
  expect(linkBodies.sync).toBeLessThanOrEqual(400 / (32_000 / messages) + 1)
})

describe('the text', () => {
  test('is the same for the same seed, twice in one process', () => {
    for (const json of [true, false])
      expect(runCompare({ seed: 11, json, messages: 200 })).toBe(
        runCompare({ seed: 11, json, messages: 200 }),
      )
  })

  test('is the same in another process', () => {
    const root = fileURLToPath(new URL('../../', import.meta.url))
    const program = `
      import { createServer } from 'vite'
      const server = await createServer({ configFile: false, server: { middlewareMode: true, watch: null, ws: false }, appType: 'custom', logLevel: 'silent' })
      const { runCompare } = await server.ssrLoadModule('/compare/command.ts')
      process.stdout.write(runCompare({ seed: 11, json: true, messages: 200 }))
      await server.close()`
    const elsewhere = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(elsewhere).toBe(runCompare({ seed: 11, json: true, messages: 200 }))
  })

  test('differs in its timings for another seed', () => {
    const waits = [1, 2].map((seed) =>
      runAll({ seed, scenario: 'owner-killed', workload: { messages: 200 } }).map(
        (v) => v.unavailableSeconds,
      ),
    )
    expect(waits[0]![0]).not.toBe(waits[1]![0])
    expect(waits[0]![1]).not.toBe(waits[1]![1])
  })

  test('as JSON has exactly the fields it promises', () => {
    const parsed = JSON.parse(runCompare({ seed: 3, json: true, messages: 200 }))
    expect(Object.keys(parsed)).toEqual(['seed', 'scenario', 'variants'])
    expect(parsed).toMatchObject({ seed: 3, scenario: 'owner-killed' })
    expect(parsed.variants.map((v: { name: string }) => v.name)).toEqual(['single', 'ordinary', 'mirrored'])
    for (const variant of parsed.variants) {
      expect(Object.keys(variant)).toEqual([
        'name',
        'published',
        'confirmed',
        'delivered',
        'lostConfirmed',
        'duplicates',
        'outOfOrder',
        'unavailableSeconds',
        'latencyMs',
        'linkBodies',
        'linkBytes',
        'copies',
      ])
      expect(Object.keys(variant.latencyMs)).toEqual(['p50', 'p99'])
      for (const sums of [variant.linkBodies, variant.linkBytes]) {
        const { total, ...kinds } = sums as Record<string, number>
        expect(Object.keys(kinds)).toEqual(
          expect.arrayContaining(['publish', 'replicate', 'deliver', 'redeliver', 'sync']),
        )
        expect(Object.values(kinds).reduce((a, b) => a + b, 0)).toBe(total)
      }
    }
  })

  test('as a table has aligned columns, units and the reasons', () => {
    const text = runCompare({ seed: 3, json: false, messages: 200 })
    const lines = text.split('\n')
    const header = lines.findIndex((line) => /^ +single +ordinary +mirrored$/.test(line))
    expect(header).toBeGreaterThan(0)
    const body = lines.slice(header + 1, lines.indexOf('', header))
    const full = body.filter((line) => /\d$/.test(line))
    expect(full.length).toBeGreaterThan(15)
    for (const line of full) expect(line.length).toBe(lines[header]!.length)
    expect(text).toMatch(/unavailable \[1\], s/)
    expect(text).toMatch(/latency \[2\] p99, ms/)
    for (const name of ['single', 'ordinary', 'mirrored']) expect(text).toContain(`\n  ${name}: `)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(132)
  })

  test('does not take a count or a seed that makes no sense', () => {
    for (const bad of [0, -1, 1.5, Number.NaN, 1_000_001])
      expect(() => runCompare({ seed: 1, json: true, messages: bad })).toThrow(RangeError)
    expect(() => runCompare({ seed: 0.5, json: true })).toThrow(/seed must be an integer/)
  })
})

describe('few messages', () => {
  test.each([1, 2, 20])('%i: no wait is counted that nobody waited', (count) => {
    for (const result of runAll({ seed: 1, scenario: 'no-fault', workload: { messages: count } }))
      expect(result).toMatchObject({ delivered: count, unavailableSeconds: 0 })
  })

  test('still show the outage', () => {
    const [single, ordinary, mirrored] = runAll({
      seed: 1,
      scenario: 'owner-killed',
      workload: { messages: 20 },
    })
    expect(single!.unavailableSeconds).toBeGreaterThan(10)
    expect(ordinary!.unavailableSeconds).toBeGreaterThan(10)
    expect(mirrored!.unavailableSeconds).toBe(0)
  })
})
