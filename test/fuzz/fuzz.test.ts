// The fuzzer itself: a short run from a fixed seed finds nothing and reaches what it should; and when something is broken
// on purpose, it is found, made small, and found again from its file.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { planWorld, replay, runWorld, type WorldPlan } from '../../fuzz/campaign.ts'
import { Chance } from '../../fuzz/chance.ts'
import { Coverage } from '../../fuzz/coverage.ts'
import { World } from '../../fuzz/drive.ts'
import { fuzzFiles } from '../../fuzz/files.ts'
import { withinTime } from '../../fuzz/guard.ts'
import { fuzzHttp, fuzzRequests } from '../../fuzz/http.ts'
import { findingFromJson, findingToJson } from '../../fuzz/input.ts'
import { readOptions } from '../../fuzz/options.ts'
import { shrink } from '../../fuzz/shrink.ts'
import { LiveTarget } from '../../fuzz/sockets.ts'
import { Definitions } from '../../nodes/definitions.ts'
import { Outlets } from '../../nodes/queue-outlets.ts'

/** Seconds of work on a machine of one's own; a busy one takes its time. */
vi.setConfig({ testTimeout: 180_000 })

const seed = 310

describe('a short run', () => {
  const coverage = new Coverage()

  test('finds nothing in 1,024 inputs', () => {
    let entered = 0
    for (let number = 0; number < 16; number++) {
      const outcome = runWorld(planWorld(seed, number), coverage)
      expect(outcome.finding?.what).toBeUndefined()
      entered += outcome.entered
    }
    expect(entered).toBeGreaterThan(950)
  })

  test('reaches most methods, every state that takes methods, and most error codes', () => {
    const states = new Set([...coverage.taken.keys()].map((key) => key.split(' ')[0]))
    expect([...states].sort()).toEqual(['closing', 'opening', 'running', 'starting', 'tuning'])
    const methods = new Set([...coverage.taken.keys()].map((key) => key.split(' ')[1]))
    expect(methods.size).toBeGreaterThan(55)
    const codes = new Set([...coverage.closes.keys()].map((key) => key.split(' ')[1]))
    for (const code of ['403', '404', '405', '406', '501', '503', '504', '505', '530', '540'])
      expect(codes).toContain(code)
    for (const step of ['kill', 'stop', 'start', 'policy', 'stall', 'drop'])
      expect(coverage.steps.has(step)).toBe(true)
  })

  test('is the same run each time', () => {
    const traces = [1, 2].map(() => {
      const { setup, inputs } = planWorld(seed, 7)
      const world = new World(setup)
      for (const input of inputs) world.run(input)
      return [...world.cluster.trace.events()].map((event) => JSON.stringify(event)).join('\n')
    })
    expect(traces[0]).toBe(traces[1])
    expect(traces[0]!.length).toBeGreaterThan(100)
  })

  test('random and hostile requests get no 5xx, and change nothing when they are refused', async () => {
    expect(await fuzzRequests(seed, 500, () => {})).toBe(null)
  })

  test('over sockets, with requests and files, finds nothing either', async () => {
    const target = await LiveTarget.open(seed)
    try {
      const chance = new Chance(seed, 'outside')
      expect(await target.converse(chance, 60)).toBeGreaterThan(40)
      await fuzzHttp(target, chance, 60)
      await target.check()
    } finally {
      await target.close()
    }
    expect(fuzzFiles(new Chance(seed, 'files'), 300)).toBe(300)
  })
})

describe('what is broken on purpose', () => {
  const restore: (() => void)[] = []
  afterEach(() => {
    for (const back of restore.splice(0)) back()
  })

  /** Replaces a method of a class of the core until the test is over. */
  function plant<T extends object, K extends keyof T>(prototype: T, name: K, method: T[K]): void {
    const before = prototype[name]
    prototype[name] = method
    restore.push(() => {
      prototype[name] = before
    })
  }

  function firstFinding() {
    for (let number = 0; number < 20; number++) {
      const { finding } = runWorld(planWorld(seed, number))
      if (finding !== null) return finding
    }
    throw new Error('nothing was found')
  }

  test('is found: deliveries that a lost channel never gives back; and made small enough to read', () => {
    plant(Outlets.prototype, 'drop', () => [])
    const finding = firstFinding()
    expect(finding.what).toContain('left behind')
    const small = shrink(finding, 5000)
    expect(small.inputs.flatMap(({ steps }) => steps).length).toBeLessThan(20)
    const kept = findingFromJson(findingToJson(small))
    expect(replay(kept)).toContain('left behind')
    restore.splice(0).forEach((back) => void back())
    expect(replay(kept)).toBeNull()
  })

  test('is found: an exception of our own', () => {
    plant(Definitions.prototype, 'findBinding', () => {
      throw new TypeError('planted')
    })
    expect(firstFinding().what).toBe('TypeError: planted')
  })

  test('is found: a loop without end', () => {
    const began = performance.now()
    expect(() =>
      withinTime(100, () => {
        for (;;);
      }),
    ).toThrow('no end within 100 ms')
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('a world', () => {
  test('is made of its seed and number alone', () => {
    const text = ({ setup, inputs }: WorldPlan) => findingToJson({ what: '', stack: '', setup, inputs })
    expect(text(planWorld(5, 9))).toBe(text(planWorld(5, 9)))
    expect(text(planWorld(5, 9))).not.toBe(text(planWorld(5, 10)))
    expect(text(planWorld(5, 9))).not.toBe(text(planWorld(6, 9)))
  })
})

describe('the options', () => {
  test('are numbers and texts, by = or by the next word', () => {
    expect(readOptions(['--seconds', '5', '--seed=9'], 2)).toMatchObject({ seconds: 5, seed: 9, workers: 2 })
    expect(readOptions(['--inputs', '100'], 2)).toMatchObject({ seconds: Infinity, inputs: 100 })
    expect(readOptions(['--help'], 2)).toBeNull()
  })

  test.each([
    [['--sedes', '1'], 'there is no option --sedes'],
    [['--seed'], '--seed needs a value'],
    [['--seed', 'x'], '--seed must be a whole number'],
  ])('refuse %j', (argv, reason) => {
    expect(() => readOptions(argv, 2)).toThrow(reason)
  })
})
