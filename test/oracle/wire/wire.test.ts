// Warren's link meters against the bytes that a real cluster of three nodes was recorded to send for the same work (`npm run
// oracle:wire`; docs/costs.md, docs/observed.md §22): every placement of publisher, leader and consumer, and each operation.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { operations, placements, type WireCase } from './cases.ts'
import { type Links, linkNames } from './stage.ts'
import { VirtualStage } from './virtual.ts'
import { measure, total } from './work.ts'

const recorded = JSON.parse(readFileSync('test/data/wire.json', 'utf8')) as {
  readonly version: string
  readonly cases: Readonly<Record<string, Links>>
}

/** Bytes a message or operation: a heartbeat more or less in a second of measuring, and on one link a confirm that waited. */
const slack = { total: 12, link: 50 } as const

const measured = (wireCase: WireCase) => measure(new VirtualStage(), wireCase, 1)

/** Off by `share` of the real figure at most. */
function expectNear(mine: number, real: number, share: number, what: string, least: number): void {
  const allowed = Math.max(least, real * share)
  const off = Math.abs(mine - real)
  expect(off, `${what}: Warren ${mine.toFixed(0)}, RabbitMQ ${real.toFixed(0)}`).toBeLessThanOrEqual(allowed)
}

test('the recording is of the version that Warren follows', () => {
  expect(recorded.version).toBe('3.10.8')
})

describe('bytes between nodes, all links together', () => {
  test.each(placements.map((wireCase) => [wireCase.name, wireCase] as const))(
    '%s',
    async (name, wireCase) => {
      const real = recorded.cases[name]!
      const mine = await measured(wireCase)
      expectNear(total(mine), total(real), wireCase.bodyBytes > 10_000 ? 0.05 : 0.15, 'total', slack.total)
      // The order of a ring of three is decided by chance in a real cluster; elsewhere each link can be held to its own.
      if (wireCase.copies < 3)
        for (const link of linkNames) expectNear(mine[link]!, real[link]!, 0.3, link, slack.link)
    },
  )
})

describe('bytes between nodes for each operation', () => {
  test.each(operations.map((wireCase) => [wireCase.name, wireCase] as const))(
    '%s',
    async (name, wireCase) => {
      const real = recorded.cases[name]!
      const mine = await measured(wireCase)
      expectNear(total(mine), total(real), 0.3, 'total', slack.total)
    },
  )
})
