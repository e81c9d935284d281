// Seeds that hold every invariant, and that a seed is the same run every time. What seeds have found is in
// test/cluster/found-by-simulation.test.ts, where it stays found whatever becomes of the seeds.
import { describe, expect, test } from 'vitest'
import { hashOf } from '../../simulate/history.ts'
import { runSeed } from '../../simulate/seed.ts'

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('every invariant holds', () => {
  test.each([
    [1, 30],
    [31, 60],
    [61, 90],
    [91, 120],
  ])('for the seeds %i to %i', { timeout: 120_000 }, (first, last) => {
    const failed = range(first, last).flatMap((seed) =>
      runSeed(seed).violations.map((what) => `${seed}: ${what}`),
    )
    expect(failed).toEqual([])
  })
})

test('every invariant holds for the seeds that were the last to break one', { timeout: 60_000 }, () => {
  const failed = [11364, 13348, 16212, 17291, 17572, 18956].flatMap((seed) => runSeed(seed).violations)
  expect(failed).toEqual([])
})

describe('a seed', () => {
  test('is the same run every time, whatever ran before it', { timeout: 60_000 }, () => {
    const seeds = [3, 8, 13, 21]
    const first = seeds.map((seed) => runSeed(seed).hash)
    const again = seeds.toReversed().map((seed) => runSeed(seed).hash)
    expect(again.toReversed()).toEqual(first)
    expect(new Set(first).size).toBe(seeds.length)
  })

  test('has a hash of all that happened', () => {
    const { history, hash } = runSeed(5)
    expect(hashOf(history)).toBe(hash)
    expect(hashOf(history.slice(1))).not.toBe(hash)
    expect(hashOf([...history.slice(0, -1), { ...history.at(-1)!, at: 0 }])).not.toBe(hash)
  })
})

test('a seed has 200 client operations and 3 disturbances, on average and more', { timeout: 60_000 }, () => {
  const outcomes = range(200, 240).map((seed) => runSeed(seed))
  const mean = (of: (outcome: (typeof outcomes)[number]) => number) =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length
  expect(mean(({ operations }) => operations)).toBeGreaterThan(200)
  expect(mean(({ disturbances }) => disturbances)).toBeGreaterThan(3)
})
