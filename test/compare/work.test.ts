// Work that takes time: the machine's arithmetic by hand, order at the door, and what one queue can take whatever the cluster.
import { describe, expect, test } from 'vitest'
import { calibrationText } from '../../compare/calibrate/file.ts'
import { fitSums, fitTimes, nonNegative, type Observation, workOf } from '../../compare/calibrate/fit.ts'
import { calibrationShapes, operationsOf, shapeOf } from '../../compare/calibrate/shape.ts'
import { simulate } from '../../compare/calibrate/simulate.ts'
import type { VariantRun } from '../../compare/scenario/result.ts'
import { Loop } from '../../nodes/loop.ts'
import { observed } from '../../nodes/timings.ts'
import { operations, Pipe, Processor, type ServiceTimes } from '../../nodes/work.ts'
import { runsOf, shipped } from './scenarios.ts'

const time = (us: number, ns: number) => ({ fixedMs: us / 1e3, byteMs: ns / 1e6 })
const planted: ServiceTimes = {
  publish: time(25, 2),
  queue: time(20, 1),
  persist: time(15, 5),
  relayPublish: time(25, 4),
  replicate: time(50, 9),
  deliver: time(22, 3),
  relayDeliver: time(30, 6),
}
const flush = { minMs: 2, maxMs: 2 }

describe('a processor', () => {
  test('takes one thing after the other, and nothing before what it is busy with is done', () => {
    const loop = new Loop()
    const processor = new Processor(loop, 1)
    const pipe = new Pipe()
    const began: [string, number][] = []
    for (const [name, ms] of [
      ['a', 5],
      ['b', 3],
      ['c', 1],
    ] as const)
      processor.enter(pipe, () => {
        began.push([name, loop.now])
        processor.spend(ms)
      })
    loop.runUntil(100)
    expect(began).toEqual([
      ['a', 0],
      ['b', 5],
      ['c', 8],
    ])
    expect(processor.freeAt).toBe(100)
  })

  test('twice as fast, needs half the time', () => {
    const loop = new Loop()
    const processor = new Processor(loop, 2)
    processor.spend(5)
    expect(processor.freeAt).toBe(2.5)
  })

  test('serves its pipes in turns, each in its own order', () => {
    const loop = new Loop()
    const processor = new Processor(loop, 1)
    const [one, two] = [new Pipe(), new Pipe()]
    const order: string[] = []
    const job = (name: string) => () => {
      order.push(name)
      processor.spend(1)
    }
    for (const name of ['a1', 'a2', 'a3']) processor.enter(one, job(name))
    for (const name of ['b1', 'b2']) processor.enter(two, job(name))
    loop.runUntil(10)
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  test('holds the pipe that feeds a queue which is behind, and no other', () => {
    const loop = new Loop()
    const processor = new Processor(loop, 10)
    const lane = { until: 0 }
    const [feeding, other] = [new Pipe(), new Pipe()]
    const began: [string, number][] = []
    for (const name of ['q1', 'q2'])
      processor.enter(feeding, () => {
        began.push([name, loop.now])
        processor.spendInLane(lane, 5)
      })
    processor.enter(other, () => void began.push(['o', loop.now]))
    loop.runUntil(20)
    // The queue is busy until 5 with q1, the machine until 0.5; one ms of being behind is borne.
    expect(began).toEqual([
      ['q1', 0],
      ['o', 0.5],
      ['q2', 4],
    ])
  })
})

describe('what a load takes', () => {
  test('each operation as often as it happens', () => {
    expect(operationsOf(shapeOf('213', [], 100))).toEqual({
      ...{ publish: 1, queue: 1, persist: 1, relayPublish: 1, replicate: 0, deliver: 1, relayDeliver: 1 },
    })
    expect(operationsOf(shapeOf('313', [2], 100))).toEqual({
      ...{ publish: 1, queue: 1, persist: 2, relayPublish: 2, replicate: 2, deliver: 1, relayDeliver: 1 },
    })
    // By hand: 25.2 + 20.1 + 2 * 15.5 + 2 * 25.4 + 2 * 50.9 + 22.3 + 30.6 us.
    expect(workOf(shapeOf('313', [2], 100), planted)).toBeCloseTo(0.2818, 10)
  })

  test.each([shapeOf('111', [], 100), shapeOf('213', [2, 3], 1000)])(
    'the emulated cluster comes to it: $name',
    (shape) => {
      const { rate } = simulate(shape, { times: planted, flush })
      expect(1000 / rate / workOf(shape, planted)).toBeGreaterThan(0.95)
      expect(1000 / rate / workOf(shape, planted)).toBeLessThan(1.05)
    },
  )

  test('one message at a time waits for the disk', () => {
    const { confirm } = simulate({ ...shapeOf('111', [], 100), window: 1 }, { times: planted, flush })
    expect(confirm.p50).toBeGreaterThan(2)
    expect(confirm.p50).toBeLessThan(2.6)
  })

  test('equal questions get equal answers', () => {
    const ask = () => simulate(shapeOf('213', [2], 1000), { times: planted, flush: { minMs: 1, maxMs: 3 } })
    expect(ask()).toEqual(ask())
  })

  test('nodes, also with a machine each, add no capacity to one queue; mirrors take some', () => {
    const costs = { times: planted, flush }
    const rate = (place: string, mirrors: number[]) =>
      simulate(shapeOf(place, mirrors, 100), costs, 'own').rate
    const ordinary = rate('213', [])
    expect(rate('415', [])).toBeLessThan(ordinary * 1.05)
    expect(rate('213', [2, 3])).toBeLessThan(ordinary)
  })
})

describe('the fit', () => {
  test('finds the least squares, and zero where they would be less', () => {
    expect(
      nonNegative(
        [
          [1, 0],
          [0, 1],
          [1, 1],
        ],
        [1, 2, 3],
      ).map((v) => Number(v.toFixed(6))),
    ).toEqual([1, 2])
    expect(
      nonNegative(
        [
          [1, 1],
          [1, 0],
        ],
        [1, 2],
      ),
    ).toEqual([1.5, 0])
  })

  test('recovers planted times from what they sum up to', () => {
    const observed: Observation[] = calibrationShapes.map((shape) => ({
      shape,
      msPerMessage: workOf(shape, planted),
    }))
    const times = fitSums(observed)
    for (const shape of [
      shapeOf('213', [2, 3], 1000),
      shapeOf('212', [], 16_384),
      shapeOf('313', [2], 16_384),
    ])
      expect(workOf(shape, times) / workOf(shape, planted)).toBeCloseTo(1, 2)
    for (const name of operations) expect(times[name].fixedMs).toBeGreaterThanOrEqual(0)
  })

  test('takes into account that a machine may wait', () => {
    // What is observed takes a fifth longer than its work.
    const observed = calibrationShapes.map((shape) => ({ shape, msPerMessage: 1.2 * workOf(shape, planted) }))
    const times = fitTimes(observed, (shape, guessed) => 1.2 * workOf(shape, guessed))
    const shape = shapeOf('213', [2, 3], 1000)
    expect(workOf(shape, times) / workOf(shape, planted)).toBeCloseTo(1, 2)
  })
})

test('work that costs nothing changes nothing but the turns it takes', async () => {
  const text = (costs: string) =>
    `cluster: { costs: ${costs} }\n${shipped('leader-crash')
      .replace(/cluster:[\s\S]*?(?=topology)/, '')
      .replace('time: 32 s', 'time: 8 s')
      .replace('2000 confirmed', '500 confirmed')
      .replace(/assertions:[\s\S]*/, '')}`
  const zero = Object.fromEntries(operations.map((name) => [name, time(0, 0)])) as ServiceTimes
  const file = calibrationText({
    ...{ broker: 'none', machine: 'none', cores: 1, date: '', rounds: 1, fits: [] },
    ...{ machines: 'own', times: zero, flush: observed.commit },
  })
  const [plain, worked] = [await runsOf(text('none')), await runsOf(text('zero.yaml'), 1, () => file)]
  // How many packets a stretch of replication takes depends on the turns.
  const seen = ({ metrics }: VariantRun) =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.startsWith('bytes')))
  for (const mode of ['single', 'ordinary', 'mirrored-all'])
    expect(seen(worked[mode]!)).toEqual(seen(plain[mode]!))
})
