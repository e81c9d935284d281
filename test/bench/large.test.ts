// The curves of bench/large: each can be measured, on sizes that take no time, and the table says what was measured.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { lines } from '../../bench/large.ts'
import { curves } from '../../bench/large-curves.ts'

test('the table has a line for each cost, its sizes and its growth', () => {
  const growth = {
    curve: 'depth',
    what: 'fill',
    unit: 'us',
    sizes: [125, 1000],
    each: [2, 3000],
    growth: 1500,
  }
  const text = lines(curves.find(({ name }) => name === 'depth')!, [{ ...growth, unit: 'us' }])
  expect(text.map((line) => line.split(/ {2,}/).filter((cell) => cell !== ''))).toEqual([
    ['messages in a queue', '125', '1,000', 'growth'],
    ['fill, us each', '2.00', '3,000', '1500.00'],
    [],
  ])
})

test('the curves go as far as was promised', () => {
  const largest = Object.fromEntries(curves.map((curve) => [curve.name, curve.largest]))
  expect(largest).toMatchObject({
    queues: 10_000,
    listed: 10_000,
    bindings: 10_000,
    connections: 5000,
    depth: 1_000_000,
    body: 100,
    consumers: 1000,
  })
})

test('a curve is measured at four sizes, each on a broker of its own', { timeout: 120_000 }, async () => {
  const program = join(import.meta.dirname, '..', '..', 'dist', 'bench', 'large.js')
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--part', '100', 'consumers'])
  expect(stdout).toMatch(/^consumers of a queue +1 +3 +5 +10 +growth$/m)
  expect(stdout).toMatch(/^ {2}deliver and ack, us each( +[\d.,]+){5}$/m)
})
