// The verdict on planted observations: each counter is seen to count, and to leave alone what is not its own.
import { describe, expect, test } from 'vitest'
import { type Delivery, Recorder } from '../../compare/recorder.ts'
import { judge, percentile, unavailableMs } from '../../compare/verdict.ts'

/** `count` messages, one every 10 ms, each confirmed and delivered 1 ms after it was handed over. */
function healthy(count: number): Recorder {
  const recorder = new Recorder()
  for (let message = 1; message <= count; message++) {
    recorder.published(message, message * 10)
    recorder.confirmed(message, message * 10 + 1)
    recorder.delivered(delivery(message, message * 10 + 1))
  }
  return recorder
}

const delivery = (message: number, at: number, redelivered = false, republished = false): Delivery => ({
  message,
  at,
  redelivered,
  republished,
})

/** Messages with a time each at which they are handed over, and deliveries as [message, at]. */
function observed(publishedAt: number[], deliveries: [number, number][]): Recorder {
  const recorder = new Recorder()
  for (const [i, at] of publishedAt.entries()) recorder.published(i + 1, at)
  for (const [message, at] of deliveries) recorder.delivered(delivery(message, at))
  return recorder
}

describe('a run without flaw', () => {
  test('has nothing to report but its counts and its latency', () => {
    expect(judge(healthy(100))).toEqual({
      published: 100,
      confirmed: 100,
      delivered: 100,
      lostConfirmed: 0,
      duplicates: 0,
      announcedDuplicates: 0,
      outOfOrder: 0,
      unavailableSeconds: 0,
      latencyMs: { p50: 1, p99: 1, max: 1 },
    })
  })

  test('may have no message at all', () => {
    expect(judge(new Recorder())).toMatchObject({
      published: 0,
      unavailableSeconds: 0,
      latencyMs: { p50: 0 },
    })
  })
})

describe('losses', () => {
  test('count every message that was confirmed and never delivered', () => {
    const recorder = healthy(10)
    for (const lost of [3, 7])
      recorder.deliveries.splice(
        recorder.deliveries.findIndex(({ message }) => message === lost),
        1,
      )
    expect(judge(recorder)).toMatchObject({ published: 10, confirmed: 10, delivered: 8, lostConfirmed: 2 })
  })

  test('do not count what was never confirmed', () => {
    const recorder = healthy(10)
    recorder.published(11, 110)
    expect(judge(recorder)).toMatchObject({ published: 11, confirmed: 10, delivered: 10, lostConfirmed: 0 })
  })

  test('do not count what was delivered although its confirm never came', () => {
    const recorder = healthy(10)
    recorder.published(11, 110)
    recorder.delivered(delivery(11, 111))
    expect(judge(recorder)).toMatchObject({ confirmed: 10, delivered: 11, lostConfirmed: 0 })
  })

  test('count a message once however often it was confirmed', () => {
    const recorder = healthy(3)
    recorder.confirmed(3, 500)
    recorder.deliveries.pop()
    expect(judge(recorder)).toMatchObject({ confirmed: 3, lostConfirmed: 1 })
  })
})

describe('duplicates', () => {
  test('count each delivery beyond the first, and change no other count', () => {
    const recorder = healthy(10)
    for (const at of [200, 201]) recorder.delivered(delivery(4, at))
    expect(judge(recorder)).toMatchObject({
      delivered: 10,
      duplicates: 2,
      announcedDuplicates: 0,
      outOfOrder: 0,
    })
  })

  test('are announced by the broker’s mark or the publisher’s', () => {
    const recorder = healthy(10)
    recorder.delivered(delivery(4, 200, true))
    recorder.delivered(delivery(5, 201, false, true))
    recorder.delivered(delivery(6, 202))
    expect(judge(recorder)).toMatchObject({ duplicates: 3, announcedDuplicates: 2 })
  })

  test('do not count a first delivery that the broker calls a redelivery', () => {
    const recorder = healthy(2)
    recorder.published(3, 30)
    recorder.delivered(delivery(3, 31, true))
    expect(judge(recorder)).toMatchObject({ delivered: 3, duplicates: 0 })
  })
})

describe('order', () => {
  test('is broken by each first delivery behind a higher number', () => {
    const recorder = observed(
      [1, 2, 3, 4, 5],
      [
        [1, 10],
        [4, 11],
        [2, 12],
        [3, 13],
        [5, 14],
      ],
    )
    expect(judge(recorder).outOfOrder).toBe(2)
  })

  test('is not broken by a gap or by a repeat', () => {
    const recorder = observed(
      [1, 2, 3, 4],
      [
        [1, 10],
        [4, 11],
        [1, 12],
      ],
    )
    expect(judge(recorder).outOfOrder).toBe(0)
  })
})

describe('unavailability', () => {
  test('is a wait of more than a second for a message, from the last delivery on', () => {
    const recorder = observed(
      [0, 10, 20, 30],
      [
        [1, 100],
        [2, 200],
        [3, 1700],
        [4, 1701],
      ],
    )
    expect(unavailableMs(recorder)).toBe(1500)
  })

  test('tolerates a second', () => {
    const recorder = observed(
      [0, 10],
      [
        [1, 100],
        [2, 1100],
      ],
    )
    expect(unavailableMs(recorder)).toBe(0)
  })

  test('begins only when there is something to deliver', () => {
    const recorder = observed(
      [0, 60_000, 120_000],
      [
        [1, 1],
        [2, 60_001],
        [3, 122_500],
      ],
    )
    expect(unavailableMs(recorder)).toBe(2500)
  })

  test('counts several waits together', () => {
    const recorder = observed(
      [0, 1, 2],
      [
        [1, 0],
        [2, 2000],
        [3, 5000],
      ],
    )
    expect(judge(recorder).unavailableSeconds).toBe(4.999)
  })

  test('is not ended by repeats of old messages', () => {
    const recorder = observed(
      [0, 1],
      [
        [1, 0],
        [1, 1000],
        [2, 2000],
      ],
    )
    expect(unavailableMs(recorder)).toBe(1999)
  })

  test('does not go on for messages that later ones have overtaken', () => {
    const recorder = observed(
      [0, 10, 20, 5000, 10_000],
      [
        [1, 1],
        [4, 5001],
        [5, 10_001],
      ],
    )
    expect(unavailableMs(recorder)).toBe(4991)
  })

  test('lasts to the end of the work when nothing comes back', () => {
    expect(unavailableMs(observed([0, 10, 20, 8010], [[1, 1]]))).toBe(8000)
    expect(unavailableMs(observed([0, 5000], []))).toBe(5000)
  })
})

describe('latency', () => {
  test('is from handing over to the first delivery, and a repeat does not change it', () => {
    const recorder = observed(
      [0, 100],
      [
        [1, 7],
        [2, 120],
        [1, 9000],
      ],
    )
    expect(judge(recorder).latencyMs).toEqual({ p50: 7, p99: 20, max: 20 })
  })

  test('has percentiles that are values of the list', () => {
    const sorted = Array.from({ length: 200 }, (_, i) => i + 1)
    expect([0, 0.5, 0.99, 1].map((share) => percentile(sorted, share))).toEqual([1, 100, 198, 200])
    expect(percentile([], 0.5)).toBe(0)
  })
})
