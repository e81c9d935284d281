// The benchmark's own arithmetic and manners: medians, ratios, comparisons, what counts as a fault, and what the command line
// refuses. Nothing is measured here.
import { describe, expect, test } from 'vitest'
import { Complaint } from '../../bench/complaint.ts'
import { readOutcome } from '../../bench/load.ts'
import { nanoseconds } from '../../bench/micro.ts'
import { micros } from '../../bench/micros.ts'
import { further, help, readOptions } from '../../bench/options.ts'
import {
  compared,
  median,
  pairedRatio,
  parseReport,
  type Report,
  Results,
  type Series,
} from '../../bench/results.ts'
import { tableLines } from '../../bench/table.ts'
import { placement, workloads } from '../../bench/workloads.ts'
import { resultsPage } from '../../bench/write.ts'

const rate = (values: number[], rabbit: (number | null)[] = []): Series => ({
  workload: 'auto100',
  metric: 'rate',
  unit: 'msg/s',
  values,
  rabbit,
})
const p50 = (values: number[]): Series => ({
  workload: 'lat2k',
  metric: 'p50',
  unit: 'us',
  values,
  rabbit: [],
})
const length = { seconds: 2, warmupSeconds: 0.5, fillMessages: 1000, connections: 10 }
const report = (series: readonly Series[], changes: Partial<Report> = {}): Report => ({
  format: 2,
  when: '2026-11-20T12:00:00.000Z',
  commit: 'abc1234',
  target: 'Warren',
  rabbitmq: null,
  machine: { processor: 'P', cores: 2, memoryGiB: 8, system: 'Linux 6', node: 'v20', loadBefore: 0.1 },
  rounds: 2,
  seconds: 2,
  series,
  faults: [],
  ...changes,
})

describe('the results', () => {
  test('take the middle value, or the mean of the middle two, of the rounds that gave one', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([10, null, 9])]).toEqual([2, 2.5, 9.5])
    expect(median([null])).toBeNaN()
  })

  test('keep values in the place of their round, on either side', () => {
    const results = new Results()
    results.add('a', 'rate', 'msg/s', 5, 1)
    results.add('a', 'rate', 'msg/s', 7, 0, 'rabbit')
    expect(results.series).toEqual([
      { workload: 'a', metric: 'rate', unit: 'msg/s', values: [null, 5], rabbit: [7] },
    ])
  })

  test('pair what was measured in the same round', () => {
    expect(pairedRatio(rate([100, 300, 800], [10, 10, 100]))).toBe(10)
    expect(pairedRatio(rate([100, 300], [null, 100]))).toBe(3)
    expect(pairedRatio(rate([100], [null]))).toBeNull()
    expect(pairedRatio({ ...rate([1], [1]), unit: 'cores' })).toBeNull()
  })

  test('call a higher rate and a lower latency better', () => {
    expect(compared(rate([200]), rate([100]))).toEqual({ factor: 2, withinNoise: false })
    expect(compared(p50([200]), p50([100]))).toEqual({ factor: 0.5, withinNoise: false })
  })

  test('show no difference where the ranges overlap', () => {
    expect(compared(rate([100, 150]), rate([140, 180])).withinNoise).toBe(true)
    expect(compared(rate([140, 180]), rate([100, 150])).withinNoise).toBe(true)
    expect(compared(rate([160, 180]), rate([100, 150])).withinNoise).toBe(false)
  })

  test('print one row per metric, the workload once, and the earlier run beside it', () => {
    const results = new Results()
    results.add('lat2k', 'p50', 'us', 100, 0)
    results.add('lat2k', 'p99', 'us', 4000, 0)
    results.add('lat2k', 'p50', 'us', 300, 1)
    const before = report([p50([400])])
    expect(tableLines(results.series, before)).toEqual([
      'workload  metric  median      min..max  unit  before  factor',
      'lat2k     p50        200      100..300  us       400    2.00',
      '          p99      4,000  4,000..4,000  us         -       -',
    ])
    expect(parseReport(JSON.stringify(before), 'x.json')).toEqual(before)
  })

  test('print what a message takes, and RabbitMQ beside with a mark where it was better', () => {
    expect(tableLines([rate([200_000], [100_000]), { ...p50([50]), rabbit: [40] }])).toEqual([
      'workload  metric   median          min..max  unit      each  RabbitMQ   ratio',
      'auto100   rate    200,000  200,000..200,000  msg/s  5.00 us   100,000    2.00',
      'lat2k     p50          50            50..50  us                    40  1.25 !',
    ])
  })

  test.each(['', '{}', '[]', 'null', '{"format":1,"series":[]}'])('refuse %j as an earlier run', (text) => {
    expect(() => parseReport(text, 'x.json')).toThrow('x.json is not a file that --json wrote')
  })

  test('make a page that says what, where and how', () => {
    const micro: Series = { workload: 'codec', metric: 'read', unit: 'ns', values: [90, 110], rabbit: [] }
    const options = readOptions([])!
    const page = resultsPage(report([rate([200, 400], [10, 20]), micro], { rabbitmq: '3.10.8' }), options)
    expect(page).toContain('2026-11-20, commit abc1234, on 2 × P, 8 GiB, Linux 6, Node.js v20')
    expect(page).toContain('| auto100 | rate, msg/s | 300 [200..400] | 15 [10..20] | **20.0** |')
    expect(page).toContain('| codec | read | 100 | 90..110 |')
    expect(page).not.toContain('Failed')
    const lonely = resultsPage(report([rate([200])], { faults: ['auto1k: 3 messages lost'] }), options)
    expect(lonely).toContain('| auto100 | rate, msg/s | 200 [200..200] |\n')
    expect(lonely).toContain('- auto1k: 3 messages lost')
    expect(lonely).not.toContain('RabbitMQ')
  })
})

describe('the outcome of a step', () => {
  const line = (changes: Record<string, string | number> = {}) =>
    Object.entries({ del_s: 5, del: 10, lost: 0, ooo: 0, nacks: 0, err: 0, lasterr: '-', ...changes })
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')
  const ended = (stdout: string, status = 0, stderr = '') => ({ stdout, status, stderr })

  test('is the numbers that were printed', () => {
    const { numbers, fault } = readOutcome(ended(`label=run ${line()}\n`), 10)
    expect([numbers.get('del_s'), numbers.get('del'), fault]).toEqual([5, 10, null])
  })

  test.each<[string, ReturnType<typeof ended>, string]>([
    ['lost messages', ended(line({ lost: 3 }), 1), '3 messages lost'],
    ['reordering', ended(line({ ooo: 1 }), 1), '1 out of order'],
    ['nacks', ended(line({ nacks: 2 })), '2 nacked'],
    ['errors', ended(line({ err: 1, lasterr: 'channel_close_404' }), 1), '1 errors (channel close 404)'],
    ['too few deliveries', ended(line({ del: 9 })), '9 delivered instead of 10'],
    ['no result', ended('', 2, 'amqpload: connect refused\n'), 'amqpload: connect refused'],
    ['a silent end', ended('', 2), 'the load generator ended with status 2 and no result'],
  ])('is a fault after %s', (_name, outcome, fault) => {
    expect(readOutcome(outcome, 10).fault).toBe(fault)
  })
})

describe('the command line', () => {
  test('runs everything three times by default, five times in full, with RabbitMQ', () => {
    expect(readOptions([])).toMatchObject({ rounds: 3, only: null, amqp: null, json: null, startOptions: [] })
    expect(readOptions([])).toMatchObject({ rabbitmq: true, write: null })
    expect(readOptions(['--full', '--no-rabbitmq'])).toMatchObject({ rounds: 5, rabbitmq: false })
    expect(readOptions(['--full', '--rounds', '2'])).toMatchObject({ rounds: 2, length: { seconds: 5 } })
    expect(readOptions(['--help'])).toBeNull()
  })

  test('hands what follows a lone -- on to warren start', () => {
    expect(readOptions(['--rounds', '1', '--', '--seed', '7'])?.startOptions).toEqual(['--seed', '7'])
  })

  test('knows the micro benches together', () => {
    expect([...readOptions(['--only', 'micro,start'])!.only!]).toEqual([...Object.keys(micros), 'start'])
  })

  test.each<[string[], string]>([
    [['--rounds', '0'], '--rounds takes a whole number'],
    [['--rounds', 'many'], '--rounds takes a whole number'],
    [['--only', 'auto100,zz'], "there is no workload 'zz'"],
    [['--amqp', 'localhost'], '--amqp takes HOST:PORT'],
    [['--amqp', ':1,:2'], '--amqp takes one HOST:PORT, or three'],
    [['--amqp', ':1', 'x'], 'make no sense with --amqp'],
    [['--bogus'], '--help lists the options'],
    [['--only', 'auto100', 'ack100'], "'ack100' belongs to no option"],
    [['x', '--', '--seed', '7'], "'x' belongs to no option"],
  ])('refuses %j', (argv, words) => {
    expect(() => readOptions(argv)).toThrow(Complaint)
    expect(() => readOptions(argv)).toThrow(words)
  })

  test('explains every workload', () => {
    const names = [...workloads(length).map(({ name }) => name), ...Object.keys(further)]
    for (const name of names) expect(help()).toMatch(new RegExp(`  ${name} +\\S`))
    expect(new Set(names).size).toBe(names.length)
  })
})

test('cluster workloads publish, consume and declare on a node each, with queues the policy matches', () => {
  const byName = (name: string) => workloads(length).find((workload) => workload.name === name)!
  const nodes = ['h:1', 'h:2', 'h:3']
  expect(placement(byName('auto100'), nodes)).toEqual(['-A', 'h:1', '-Q', 'bench'])
  const remote = ['-A', 'h:1', '-B', 'h:2', '-D', 'h:3', '-Q']
  expect(placement(byName('remote-auto100'), nodes)).toEqual([...remote, 'remote'])
  expect(placement(byName('mirrored-conf1k'), nodes)).toEqual([...remote, 'mirrored'])
})

describe('the micro benches', () => {
  const all = Object.entries(micros).flatMap(([room, list]) => list.map((micro) => ({ room, micro })))
  test.each(all.map(({ room, micro }) => [room, micro.name, micro] as const))(
    '%s: %s does its work, and again',
    (_room, _name, micro) => {
      const { run, each } = micro.prepare()
      run()
      run()
      expect(each).toBeGreaterThan(0)
    },
  )

  test('are timed in stretches, per thing done', () => {
    let done = 0
    const values = nanoseconds({ name: 'x', prepare: () => ({ run: () => done++, each: 1000 }) }, 3, 0.1)
    expect(values).toHaveLength(3)
    expect(Math.min(...values)).toBeGreaterThan(0)
    // A call does nothing but count, and claims to do a thousand things.
    expect(median(values)).toBeLessThan(1000)
    expect(done).toBeGreaterThan(4)
  })
})
