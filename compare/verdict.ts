// The judgement of a run, from what its clients saw and nothing else: losses, repeats, order, unavailability and latency.
// `run` asks once, after everything has healed and drained. Pure.

import type { Recorder } from './recorder.ts'

export interface Verdict {
  /** Distinct messages that the application handed to its client. */
  readonly published: number
  /** Distinct messages that the broker confirmed. */
  readonly confirmed: number
  /** Distinct messages that the consumer got. */
  readonly delivered: number
  /** Confirmed and never delivered. */
  readonly lostConfirmed: number
  /** Deliveries of a message beyond its first. */
  readonly duplicates: number
  /** Of the duplicates, those of which the consumer could know: marked redelivered, or sent twice by the publisher. */
  readonly announcedDuplicates: number
  /** First deliveries of a message behind one with a higher number; repeats do not count. */
  readonly outOfOrder: number
  readonly unavailableSeconds: number
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** A wait for a delivery up to this long is latency; a longer one is unavailability. */
export const toleratedWaitMs = 1000

/** Judges a finished run. Latency runs from handing over to first delivery, waiting in the client included. */
export function judge(recorder: Recorder): Verdict {
  const seen = new Set<number>()
  const latencies: number[] = []
  let duplicates = 0
  let announcedDuplicates = 0
  let outOfOrder = 0
  let highest = 0
  for (const { message, at, redelivered, republished } of recorder.deliveries) {
    if (seen.has(message)) {
      duplicates++
      if (redelivered || republished) announcedDuplicates++
      continue
    }
    seen.add(message)
    latencies.push(at - (recorder.publishedAt.get(message) ?? at))
    if (message < highest) outOfOrder++
    else highest = message
  }
  let lostConfirmed = 0
  for (const message of recorder.confirmedAt.keys()) if (!seen.has(message)) lostConfirmed++
  latencies.sort((a, b) => a - b)
  return {
    published: recorder.publishedAt.size,
    confirmed: recorder.confirmedAt.size,
    delivered: seen.size,
    lostConfirmed,
    duplicates,
    announcedDuplicates,
    outOfOrder,
    unavailableSeconds: unavailableMs(recorder) / 1000,
    latencyMs: {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      max: percentile(latencies, 1),
    },
  }
}

/**
 * The time, in ms, for which the queue did not serve: the sum of all waits of more than a second for the next first
 * delivery. A wait begins with the last first delivery or, if nothing was left to deliver then, with the next message
 * handed over; messages that later ones have overtaken are lost, not waited for. A queue that never returns counts until
 * the last message is handed over. Confirms do not count as service: an ordinary cluster confirms what it cannot route
 * (docs/observed.md §0.3).
 */
export function unavailableMs({ publishedAt, deliveries, endedAt }: Recorder): number {
  const seen = new Set<number>()
  let last = 0
  let highest = 0
  let sum = 0
  const waitedUntil = (at: number) => {
    const wait = at - Math.max(last, publishedAt.get(highest + 1) ?? Infinity)
    if (wait > toleratedWaitMs) sum += wait
    last = at
  }
  for (const { message, at } of deliveries) {
    if (seen.has(message)) continue
    seen.add(message)
    waitedUntil(at)
    highest = Math.max(highest, message)
  }
  waitedUntil(endedAt)
  return sum
}

/** The smallest value that `share` (0..1) of the sorted values do not exceed; 0 when there are none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
