// The benchmark's own arithmetic and manners: medians, comparisons, what counts as a fault, and what the command line
// refuses. Nothing is measured here.
import { describe, expect, test } from 'vitest'
import { Complaint } from '../../bench/complaint.ts'
import { readOutcome } from '../../bench/load.ts'
import { help, readOptions } from '../../bench/options.ts'
import { compared, median, parseReport, type Report, Results, tableLines } from '../../bench/results.ts'
import { placement, workloads } from '../../bench/workloads.ts'

const rate = (values: number[]) => ({ workload: 'auto100', metric: 'rate', unit: 'msg/s' as const, values })
const p50 = (values: number[]) => ({ workload: 'lat2k', metric: 'p50', unit: 'us' as const, values })
const length = { seconds: 2, warmupSeconds: 0.5, fillMessages: 1000 }

describe('the results', () => {
  test('take the middle value, or the mean of the middle two', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([10, 9])]).toEqual([2, 2.5, 9.5])
    expect(median([])).toBeNaN()
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
    results.add('lat2k', 'p50', 'us', 100)
    results.add('lat2k', 'p99', 'us', 4000)
    results.add('lat2k', 'p50', 'us', 300)
    const before: Report = {
      format: 1,
      when: '',
      target: '',
      machine: '',
      rounds: 1,
      seconds: 2,
      series: [p50([400])],
      faults: [],
    }
    expect(tableLines(results.series, before)).toEqual([
      'workload  metric  median      min..max  unit  before  factor',
      'lat2k     p50        200      100..300  us       400    2.00',
      '          p99      4,000  4,000..4,000  us         -       -',
    ])
    expect(parseReport(JSON.stringify(before), 'x.json')).toEqual(before)
  })

  test.each(['', '{}', '[]', 'null', '{"format":2,"series":[]}'])('refuse %j as an earlier run', (text) => {
    expect(() => parseReport(text, 'x.json')).toThrow('x.json is not a file that --json wrote')
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
  test('runs everything three times by default', () => {
    expect(readOptions([])).toMatchObject({ rounds: 3, only: null, amqp: null, json: null, startOptions: [] })
    expect(readOptions(['--help'])).toBeNull()
  })

  test('hands what follows a lone -- on to warren start', () => {
    expect(readOptions(['--rounds', '1', '--', '--seed', '7'])?.startOptions).toEqual(['--seed', '7'])
  })

  test.each<[string[], string]>([
    [['--rounds', '0'], '--rounds takes a whole number'],
    [['--rounds', 'many'], '--rounds takes a whole number'],
    [['--only', 'auto100,zz'], "there is no workload 'zz'"],
    [['--amqp', 'localhost'], '--amqp takes HOST:PORT'],
    [['--amqp', ':1,:2'], '--amqp takes one HOST:PORT, or three'],
    [['--amqp', ':1', 'x'], 'make no sense with --amqp'],
    [['--bogus'], '--help lists the options'],
  ])('refuses %j', (argv, words) => {
    expect(() => readOptions(argv)).toThrow(Complaint)
    expect(() => readOptions(argv)).toThrow(words)
  })

  test('explains every workload', () => {
    for (const { name } of workloads(length)) expect(help()).toMatch(new RegExp(`  ${name} +\\S`))
    expect(new Set(workloads(length).map(({ name }) => name)).size).toBe(workloads(length).length)
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
