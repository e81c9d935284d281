// Scenarios on the emulator: the shipped ones hold what they assert, equal seeds are equal runs, and verdicts tell the causes.
import { describe, expect, test } from 'vitest'
import { allHold, compareVariants } from '../../compare/scenario/comparison.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { VariantRun } from '../../compare/scenario/result.ts'
import type { OpenTarget, Target } from '../../compare/scenario/target.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import { runsOf, shipped } from './scenarios.ts'

const crash = shipped('leader-crash')

/** A second's work of a leader that is killed half way; `more` are further lines, `publisher` and `consumer` further keys. */
const small = (more: string, publisher = '', consumer = '') => `name: small
topology: { queues: [{ name: work }] }
workload:
  publishers: [{ name: orders, node: node2, queue: work, rate: 200, time: 2 s, flag: [persistent], confirm: 50${publisher} }]
  consumers: [{ name: shop, node: node3, queue: work, qos: 20${consumer} }]
${more}
`

const cause = (run: VariantRun | undefined, kind: string) =>
  run?.findings
    .find((finding) => finding.kind === kind)
    ?.cause.map((line) => line.replace(/\d+\.\d{3} s/g, 'T'))

describe('a run', () => {
  test('with an equal seed is equal in all it tells, and with another is not', async () => {
    const short = crash
      .replace('time: 32 s', 'time: 4 s')
      .replace('2000 confirmed', '250 confirmed')
      .replace('single, ordinary, mirrored-all', 'mirrored-all')
      .replace(/assertions:[\s\S]*/, '')
    const [one, same, other] = [await runsOf(short, 7), await runsOf(short, 7), await runsOf(short, 8)]
    expect(JSON.stringify(same)).toBe(JSON.stringify(one))
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(one))
  })

  test('judges each mode by what its clients saw', async () => {
    const { single, ordinary, 'mirrored-all': mirrored } = await runsOf(crash)
    for (const run of [single, ordinary, mirrored])
      expect(run?.metrics).toMatchObject({
        published: 4000,
        confirmed: 4000,
        unconfirmed: 0,
        unexpected: 0,
        left: 0,
      })
    expect(single?.metrics).toMatchObject({ 'confirmed-lost': 0, bodies: 0, 'copies-in-memory': 1 })
    expect(mirrored?.metrics).toMatchObject({ 'confirmed-lost': 0, unavailable: 0, 'copies-in-memory': 3 })
    expect(mirrored?.metrics['promote']).toBeGreaterThan(0.13)
    expect(mirrored?.metrics['promote']).toBeLessThan(0.3)
    const lost = ordinary!.metrics['confirmed-lost']!
    expect(lost).toBeGreaterThan(1000)
    expect(ordinary!.metrics['delivered']! + lost).toBe(4000)
    expect(cause(ordinary, 'confirmed-lost')).toEqual([
      'confirmed at T',
      'node1 was killed at T',
      'work was down, and what reaches no queue is confirmed',
    ])
  })

  test('tells that a message was only where it was lost, and why', async () => {
    const { manual } = await runsOf(
      small(
        `variants: [{ name: manual, mode: mirrored-all, sync: manual }]
cluster: { nodes: 2 }
faults:
  - { when: 100 confirmed, kill: node2 }
  - { after: 2 s, start: node2 }
  - { after: 6 s, kill: node1 }
  - { after: 2 s, start: node1 }`,
        ', nodes: [node1, node2], reconnect: { order: next }',
        ', start: 1 min',
      )
        .replaceAll('node: node2, ', '')
        .replaceAll('node: node3, ', ''),
    )
    expect(manual?.metrics['confirmed-lost']).toBeGreaterThan(0)
    expect(cause(manual, 'confirmed-lost')).toEqual([
      'confirmed by node1 at T',
      'only on node1 because node2 had not been synchronised',
      'node1 was killed at T',
      'node2 was promoted at T',
      'node2 had never received it',
    ])
  })

  test('knows a consumer that crashes before the acknowledgement, and one that recognises what it has done', async () => {
    const crashing = ', consumer-latency: 1 ms, crash: { every: 50, times: 3 }'
    const naive = (await runsOf(small('variants: [single]', '', crashing)))['single']
    const wise = (await runsOf(small('variants: [single]', '', `${crashing}, idempotent: true`)))['single']
    expect(naive?.metrics['effects-twice']).toBeGreaterThanOrEqual(3)
    expect(naive?.metrics['duplicates']).toBeGreaterThanOrEqual(3)
    expect(wise?.metrics['effects-twice']).toBe(0)
    expect(wise?.metrics['caught']).toBeGreaterThanOrEqual(3)
  })

  test('counts what a queue still holds as left, not as lost', async () => {
    const run = (await runsOf(small('variants: [single]', '', ', stop: 1 s')))['single']
    expect(run?.metrics).toMatchObject({ lost: 0, published: 400 })
    expect(run!.metrics['left']! + run!.metrics['delivered']!).toBe(400)
    expect(run!.metrics['left']).toBeGreaterThan(150)
  })

  test('tells what a length limit dropped', async () => {
    const limit =
      'policies: [{ name: short, pattern: work, definition: { max-length: 10 } }]\nvariants: [single]'
    const run = (await runsOf(small(limit, '', ', start: 10 s')))['single']
    expect(run?.metrics).toMatchObject({ 'confirmed-lost': 390, delivered: 10 })
    expect(cause(run, 'confirmed-lost')).toEqual([
      'confirmed by node1 at T',
      'dropped because the queue was at its length limit on node1 at T',
    ])
  })

  test('returns what finds no queue to a publisher that wants it back', async () => {
    const down = `variants: [ordinary]
faults:
  - { at: 500 ms, kill: node1 }
  - { after: 5 s, start: node1 }`
    const { ordinary } = await runsOf(
      small(down, ', retry: [nacked, lost, returned]').replace('[persistent]', '[persistent, mandatory]'),
    )
    expect(ordinary?.metrics).toMatchObject({ 'confirmed-lost': 0, lost: 0, published: 400, confirmed: 400 })
    expect(ordinary?.metrics['returned']).toBeGreaterThan(100)
  })
})

describe('a comparison', () => {
  const scenario = parseScenario(small('variants: [single, ordinary, mirrored-all]'), 's.yaml')
  const opened: Target[] = []
  const closed: Target[] = []

  /** As the emulator, but what runs on three nodes without policies breaks in the middle of its work. */
  const breaking: OpenTarget = async (opening) => {
    const target = await openEmulated(opening)
    opened.push(target)
    const { close, run } = target
    target.close = async () => {
      closed.push(target)
      await close.call(target)
    }
    if (opening.nodes === 3 && opening.policies.length === 0)
      target.run = async (until, limitMs, stepMs) => {
        if (target.clock.now > 2500) throw new Error('the broker went away\nin the middle')
        await run.call(target, until, Math.min(limitMs, target.clock.now + 1000), stepMs)
      }
    return target
  }

  test('that breaks half way keeps what is whole, says why in one sentence and leaves nothing open', async () => {
    const comparison = await compareVariants(scenario, { seed: 1, targets: [['emulated', breaking]] })
    expect(comparison.runs.map(({ variant }) => variant)).toEqual(['single', 'mirrored-all'])
    expect(comparison.failures).toEqual([
      { variant: 'ordinary', target: 'emulated', reason: 'the broker went away' },
    ])
    expect(allHold(comparison)).toBe(false)
    expect(closed).toEqual(opened)
  })

  test('that is stopped begins no other run', async () => {
    let looked = 0
    const stopped = () => ++looked > 20
    const comparison = await compareVariants(scenario, {
      seed: 1,
      targets: [['emulated', openEmulated]],
      stopped,
    })
    expect(comparison.failures.at(0)).toMatchObject({ reason: 'interrupted' })
    expect(comparison.failures.at(-1)).toMatchObject({ reason: 'interrupted before it began' })
  })
})
