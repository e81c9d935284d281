// The verdict on planted observations: each counter is seen to count, and to leave alone what is not its own.
import { describe, expect, test } from 'vitest'
import { pointsOf } from '../../compare/calibrate/load.ts'
import { Faults } from '../../compare/scenario/faults.ts'
import { Journal } from '../../compare/scenario/journal.ts'
import { judge } from '../../compare/scenario/judge.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import type { Target } from '../../compare/scenario/target.ts'

const scenario = parseScenario(
  `name: planted
topology: { queues: [{ name: work }] }
variants: [single]
workload:
  publishers: [{ queue: work, pmessages: 1, confirm: 10 }]
  consumers: [{ queue: work }]
`,
  'planted.yaml',
)

/** A journal of one publisher and one consumer, whose numbers are 0. */
function journalOf(publishedAt: readonly number[], deliveries: readonly [number, number][] = []): Journal {
  const journal = new Journal()
  journal.addPublisher('publisher', 'publisher')
  journal.addConsumer('consumer', 'consumer', 0)
  for (const at of publishedAt) journal.sent(journal.published(0, at), at, false)
  for (const [message, at] of deliveries) deliver(journal, message, at)
  journal.lastAt = Math.max(0, ...publishedAt, ...deliveries.map(([, at]) => at))
  return journal
}

const deliver = (journal: Journal, message: number, at: number, redelivered = false, attempt = 1) =>
  journal.delivered(0, message, at, redelivered, attempt)

/** `count` messages, one every 10 ms, each confirmed and delivered 1 ms after it was handed over. */
function healthy(count: number, lost: readonly number[] = []): Journal {
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  const journal = journalOf(numbers.map((message) => message * 10))
  for (const message of numbers) {
    journal.confirmed(message, message * 10 + 1)
    if (!lost.includes(message)) deliver(journal, message, message * 10 + 1)
  }
  return journal
}

function metricsOf(journal: Journal) {
  const faults = new Faults([], {} as Target, journal, 1)
  const evidence = { events: [], links: null, holdings: null, journeys: null }
  const variant = scenario.variants[0]!
  return judge({ journal, faults, scenario, variant, evidence, workedUntil: journal.lastAt }).metrics
}

describe('a run without flaw', () => {
  test('has nothing to report but its counts and its latency', () => {
    expect(metricsOf(healthy(100))).toMatchObject({
      ...{ published: 100, confirmed: 100, unconfirmed: 0, delivered: 100 },
      ...{ lost: 0, 'confirmed-lost': 0, duplicates: 0, redelivered: 0, 'out-of-order': 0, unexpected: 0 },
      ...{ unavailable: 0, 'latency-p50': 0.001, 'latency-p99': 0.001, 'latency-max': 0.001 },
    })
  })

  test('may have no message at all', () => {
    expect(metricsOf(journalOf([]))).toMatchObject({ published: 0, lost: 0, unavailable: 0 })
  })
})

describe('losses', () => {
  test('count every message that was confirmed and never delivered', () => {
    expect(metricsOf(healthy(10, [3, 7]))).toMatchObject({
      ...{ published: 10, confirmed: 10, delivered: 8 },
      ...{ lost: 2, 'confirmed-lost': 2, 'unconfirmed-lost': 0 },
    })
  })

  test('tell those that were never confirmed from the others', () => {
    const journal = healthy(10)
    journal.published(0, 110)
    expect(metricsOf(journal)).toMatchObject({
      ...{ published: 11, confirmed: 10, unconfirmed: 1, delivered: 10 },
      ...{ 'confirmed-lost': 0, 'unconfirmed-lost': 1 },
    })
  })

  test('do not count what was delivered although its confirm never came', () => {
    const journal = healthy(10)
    deliver(journal, journal.published(0, 110), 111)
    expect(metricsOf(journal)).toMatchObject({ confirmed: 10, delivered: 11, lost: 0 })
  })

  test('do not count what a queue still holds, nor what the publisher got back', () => {
    const journal = healthy(10, [3, 7])
    journal.left(0, 3)
    journal.return(7)
    expect(metricsOf(journal)).toMatchObject({ lost: 0, left: 1, returned: 1 })
  })

  test('count a message once however often it was confirmed', () => {
    const journal = healthy(3, [3])
    journal.confirmed(3, 500)
    expect(metricsOf(journal)).toMatchObject({ confirmed: 3, 'confirmed-lost': 1 })
  })
})

describe('duplicates', () => {
  test('count each delivery beyond the first, and change no other count', () => {
    const journal = healthy(10)
    for (const at of [200, 201]) deliver(journal, 4, at)
    expect(metricsOf(journal)).toMatchObject({
      delivered: 10,
      duplicates: 2,
      redelivered: 0,
      'out-of-order': 0,
    })
  })

  test('are told from deliveries that the broker marks, which may be first ones', () => {
    const journal = healthy(2)
    deliver(journal, journal.published(0, 30), 31, true)
    deliver(journal, 1, 40, true)
    expect(metricsOf(journal)).toMatchObject({ delivered: 3, duplicates: 1, redelivered: 2 })
  })

  test('of numbers that nobody sent are unexpected', () => {
    const journal = healthy(2)
    deliver(journal, 9, 40)
    expect(metricsOf(journal)).toMatchObject({ delivered: 2, duplicates: 0, unexpected: 1 })
  })
})

describe('order', () => {
  const outOfOrder = (...messages: number[]) =>
    metricsOf(
      journalOf(
        [1, 2, 3, 4, 5],
        messages.map((message, i) => [message, 10 + i]),
      ),
    )['out-of-order']

  test('is broken by each first delivery behind a higher number', () => {
    expect(outOfOrder(1, 4, 2, 3, 5)).toBe(2)
  })

  test('is not broken by a gap or by a repeat', () => {
    expect(outOfOrder(1, 4, 1)).toBe(0)
  })
})

describe('unavailability', () => {
  const unavailable = (publishedAt: number[], deliveries: [number, number][]) =>
    metricsOf(journalOf(publishedAt, deliveries))['consume-unavailable']

  test.each<[string, number[], [number, number][], number]>([
    [
      'is a wait of more than a second, from the last delivery on',
      [0, 1, 2],
      [
        [1, 100],
        [2, 200],
        [3, 1700],
      ],
      1.5,
    ],
    [
      'tolerates a second',
      [0, 10],
      [
        [1, 100],
        [2, 1100],
      ],
      0,
    ],
    [
      'begins only when there is something to deliver',
      [0, 60_000, 120_000],
      [
        [1, 1],
        [2, 60_001],
        [3, 122_500],
      ],
      2.5,
    ],
    [
      'counts several waits together',
      [0, 1, 2],
      [
        [1, 0],
        [2, 2000],
        [3, 5000],
      ],
      4.999,
    ],
    [
      'does not go on for messages that later ones have overtaken',
      [0, 10, 20, 5000, 10_000],
      [
        [1, 1],
        [4, 5001],
        [5, 10_001],
      ],
      4.991,
    ],
    ['lasts to the end of the work when nothing comes back', [0, 10, 20, 8010], [[1, 1]], 8],
    ['lasts from the first message when nothing ever comes', [0, 5000], [], 5],
  ])('%s', (_, publishedAt, deliveries, seconds) => {
    expect(unavailable(publishedAt, deliveries)).toBeCloseTo(seconds, 6)
  })

  test('does not count a consumer that works: its wait begins with its last acknowledgement', () => {
    const journal = journalOf([0, 10], [[1, 100]])
    journal.ack(0, 1, 4000)
    deliver(journal, 2, 4500)
    expect(metricsOf(journal)).toMatchObject({ 'consume-unavailable': 0 })
  })
})

describe('latency', () => {
  test('is from handing over to the first delivery, and a repeat does not change it', () => {
    const journal = journalOf(
      [0, 100],
      [
        [1, 7],
        [2, 120],
        [1, 9000],
      ],
    )
    // Histograms are exact to three digits.
    const { 'latency-p50': median, 'latency-max': longest } = metricsOf(journal)
    expect([median, longest]).toEqual([expect.closeTo(0.007, 4), expect.closeTo(0.02, 4)])
  })

  test('of a calibration has percentiles that are values of the list', () => {
    expect(pointsOf(Array.from({ length: 200 }, (_, i) => 200 - i))).toEqual({ p50: 100, p99: 198 })
    expect(pointsOf([])).toEqual({ p50: 0, p99: 0 })
  })
})
