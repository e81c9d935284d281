// What a run took: unavailability of each client, latencies, and the times to notice, to promote and to resume after each fault.
// Used by `judge`. Latencies go into HDR histograms (Node's own), exact to three digits.

import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { type Journal, toleratedWaitMs } from './journal.ts'
import type { Matter, Routes } from './judge.ts'
import type { Distribution, Metrics, Series } from './result.ts'

/** By the target's clock. */
export interface Wait {
  readonly client: string
  readonly operation: 'publish' | 'consume'
  readonly from: number
  readonly to: number
}

/** All waits of more than a second, by client and time; they end at the latest with the work. */
export function gapsOf(matter: Matter, routes: Routes): Wait[] {
  const { journal, workedUntil, scenario } = matter
  const waits: Wait[] = journal.publishGaps.map(({ publisher, from, to }) => ({
    ...{ client: journal.publishers[publisher]!.name, operation: 'publish' as const, from },
    to: Math.min(to, Math.max(from, workedUntil)),
  }))
  for (const group of scenario.workload.consumers) waits.push(...consumeWaits(matter, routes, group.name))
  return waits.filter(({ from, to }) => to - from > toleratedWaitMs)
}

/**
 * A group of consumers waits for a message that was published for its queue and that later ones have not overtaken; a wait
 * begins with the last delivery, with its last acknowledgement or with the publish, whichever is the last.
 */
function consumeWaits({ journal, scenario, workedUntil }: Matter, routes: Routes, group: string): Wait[] {
  const options = scenario.workload.consumers.find(({ name }) => name === group)!
  const queue = scenario.topology.queues.findIndex(({ name }) => name === options.queue)
  const own = (message: number) => {
    const expected = routes.expected[journal.publisher.at(message)] ?? null
    return expected === null || (expected & (1 << queue)) !== 0
  }
  const startedAt = journal.beganAt + options.startMs
  const stopsAt =
    options.stopMs === null ? workedUntil : Math.min(workedUntil, journal.beganAt + options.stopMs)
  const waits: Wait[] = []
  let [last, highest] = [startedAt, 0]
  const nextOwn = () => {
    for (let next = highest + 1; next <= journal.count.published; next++)
      if (own(next)) return journal.publishedAt.at(next)
    return Infinity
  }
  const until = (at: number, ackedAt: number) => {
    // Most deliveries follow at once: then nothing need be looked up.
    if (at - last > toleratedWaitMs) {
      const from = Math.max(last, ackedAt, nextOwn())
      if (at - from > toleratedWaitMs) waits.push({ client: group, operation: 'consume', from, to: at })
    }
    last = Math.max(last, at)
  }
  for (let i = 0; i < journal.messageOf.length; i++) {
    const consumer = journal.consumers[journal.consumerOf.at(i)]!
    if (consumer.group !== group) continue
    const at = journal.deliveredAt.at(i)
    if (at > stopsAt) break
    until(at, journal.ackedBefore.at(i))
    highest = Math.max(highest, journal.messageOf.at(i))
  }
  until(stopsAt, Number.NEGATIVE_INFINITY)
  return waits
}

// ---- latencies

const shares = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1] as const

const histogram = () => createHistogram({ lowest: 1, highest: 1e12, figures: 3 })

/** From handing over to first delivery, and from sending to the confirm. */
export function distributionOf(journal: Journal): [Distribution, Distribution] {
  const [delivery, confirm] = [histogram(), histogram()]
  for (let message = 1; message <= journal.count.published; message++) {
    const firstAt = journal.firstAt.at(message)
    const confirmedAt = journal.confirmedAt.at(message)
    if (!Number.isNaN(firstAt)) record(delivery, firstAt - journal.publishedAt.at(message))
    if (!Number.isNaN(confirmedAt)) record(confirm, confirmedAt - journal.sentAt.at(message))
  }
  return [points(delivery), points(confirm)]
}

/** In µs, so that three digits are enough for anything. */
const record = (into: RecordableHistogram, ms: number) => into.record(Math.max(1, Math.round(ms * 1000)))

function points(from: RecordableHistogram): Distribution {
  const { count } = from
  if (count === 0) return { count: 0, meanMs: 0, points: [] }
  return {
    count,
    meanMs: rounded(from.mean / 1000),
    points: shares.map((share) => ({
      share,
      ms: rounded((share === 1 ? from.max : from.percentile(share * 100)) / 1000),
    })),
  }
}

const rounded = (value: number) => Math.round(value * 1000) / 1000

// ---- metrics in seconds and per second

export function timesOf(
  matter: Matter,
  gaps: readonly Wait[],
  latency: Distribution,
  confirmLatency: Distribution,
): Metrics {
  return {
    ...unavailability(matter, gaps),
    ...reactions(matter),
    ...rates(matter),
    ...quantiles('latency', latency, { p50: 0.5, p99: 0.99, p999: 0.999, max: 1 }),
    ...quantiles('confirm', confirmLatency, { p50: 0.5, p99: 0.99, max: 1 }),
  }
}

function quantiles(
  name: string,
  { points }: Distribution,
  wanted: Readonly<Record<string, number>>,
): Metrics {
  const seconds = (share: number) => points.find((point) => point.share === share)?.ms
  const found = Object.entries(wanted).map(([key, share]) => [`${name}-${key}`, seconds(share)] as const)
  return Object.fromEntries(found.flatMap(([key, ms]) => (ms === undefined ? [] : [[key, ms / 1000]])))
}

/** The sum of a client's waits; of all clients the longest. */
function unavailability({ scenario, journal }: Matter, gaps: readonly Wait[]): Metrics {
  const { publishers, consumers } = scenario.workload
  const groupOf = new Map(journal.publishers.map(({ name, group }) => [name, group]))
  const sums = new Map<string, number>()
  for (const { client, from, to } of gaps) sums.set(client, (sums.get(client) ?? 0) + (to - from) / 1000)
  const most = (names: readonly string[]) => seconds(Math.max(0, ...names.map((name) => sums.get(name) ?? 0)))
  const clientsOf = (group: string) => [...groupOf].filter(([, of]) => of === group).map(([name]) => name)
  const found: Record<string, number> = {
    unavailable: most([...sums.keys()]),
    'publish-unavailable': most([...groupOf.keys()]),
    'consume-unavailable': most(consumers.map(({ name }) => name)),
  }
  for (const { name } of publishers)
    for (const metric of ['unavailable', 'publish-unavailable'])
      found[`${metric} of ${name}`] = most(clientsOf(name))
  for (const { name } of consumers)
    for (const metric of ['unavailable', 'consume-unavailable']) found[`${metric} of ${name}`] = most([name])
  return found
}

const seconds = (value: number) => Math.round(value * 1e6) / 1e6

const harmful = ['kill', 'stop', 'cut', 'cut-link', 'silence', 'deafen', 'freeze']

/** A client's service that stops within this time after a fault stopped because of it. */
const afterFaultMs = 1000

/** Of several faults the slowest counts. */
function reactions({ faults, evidence, journal }: Matter): Metrics {
  const found: Record<string, number> = {}
  const slowest = (metric: string, ms: number) => {
    found[metric] = Math.max(found[metric] ?? 0, seconds(ms / 1000))
  }
  const struck = faults.struck.filter(({ action }) => harmful.includes(action.do))
  for (const [i, { at }] of struck.entries()) {
    const before = struck[i + 1]?.at ?? Infinity
    const first = (kind: string) =>
      evidence.events.find((event) => event.kind === kind && event.at >= at && event.at < before)
    const noticed = first('peer-down')
    if (noticed !== undefined) slowest('notice', noticed.at - at)
    for (const event of evidence.events)
      if (event.kind === 'promoted' && event === first('promoted')) {
        slowest('promote', event.at - at)
        slowest(`promote of ${event.subject}`, event.at - at)
      }
    for (const [client, until] of longestPauses(journal, at, before)) {
      slowest('resume', until - at)
      slowest(`resume of ${client}`, until - at)
    }
  }
  return found
}

/** By group of clients: when the longest pause of its service ended that began within a second after `at`. */
function longestPauses(journal: Journal, at: number, before: number): Map<string, number> {
  const services = new Map<string, { last: number; longest: number; until: number }>()
  const serve = (group: string, when: number) => {
    let one = services.get(group)
    if (one === undefined) services.set(group, (one = { last: Number.NaN, longest: 0, until: Number.NaN }))
    const begins = Math.max(one.last, at)
    if (one.last <= at + afterFaultMs && when >= at && begins < before && when - begins > one.longest) {
      one.longest = when - begins
      one.until = when
    }
    one.last = when
  }
  for (let i = 0; i < journal.messageOf.length; i++)
    serve(journal.consumers[journal.consumerOf.at(i)]!.group, journal.deliveredAt.at(i))
  const confirmed: [number, string][] = []
  for (let message = 1; message <= journal.count.published; message++)
    if (journal.confirmedAt.has(message))
      confirmed.push([
        journal.confirmedAt.at(message),
        journal.publishers[journal.publisher.at(message)]!.group,
      ])
  for (const [when, group] of confirmed.sort(([a], [b]) => a - b)) serve(group, when)
  return new Map([...services].flatMap(([group, { until }]) => (Number.isNaN(until) ? [] : [[group, until]])))
}

function rates({ journal, scenario }: Matter): Metrics {
  const began = journal.publishedAt.at(1)
  if (Number.isNaN(began)) return {}
  let [lastSent, lastConfirmed, lastDelivered] = [began, began, began]
  const confirmed = new Map<string, number>()
  const sent = new Map<string, number>()
  for (let message = 1; message <= journal.count.published; message++) {
    const { group } = journal.publishers[journal.publisher.at(message)]!
    sent.set(group, (sent.get(group) ?? 0) + 1)
    lastSent = Math.max(lastSent, journal.sentAt.at(message) || 0)
    if (!journal.confirmedAt.has(message)) continue
    lastConfirmed = Math.max(lastConfirmed, journal.confirmedAt.at(message))
    confirmed.set(group, (confirmed.get(group) ?? 0) + 1)
  }
  const delivered = new Map<string, number>()
  for (let i = 0; i < journal.messageOf.length; i++) {
    const { group, queue } = journal.consumers[journal.consumerOf.at(i)]!
    for (const name of [group, scenario.topology.queues[queue]!.name])
      delivered.set(name, (delivered.get(name) ?? 0) + 1)
    lastDelivered = Math.max(lastDelivered, journal.deliveredAt.at(i))
  }
  const per = (count: number, until: number) =>
    until > began ? seconds((1000 * count) / (until - began)) : 0
  const found: Record<string, number> = {
    duration: seconds((Math.max(lastSent, lastConfirmed, lastDelivered) - began) / 1000),
    throughput: per(journal.count.delivered, lastDelivered),
    'publish-rate': per(journal.count.published, lastSent),
    'confirm-rate': per(journal.count.confirmed, lastConfirmed),
  }
  for (const [group, count] of sent) found[`publish-rate of ${group}`] = per(count, lastSent)
  for (const [group, count] of confirmed) found[`confirm-rate of ${group}`] = per(count, lastConfirmed)
  for (const [name, count] of delivered) found[`throughput of ${name}`] = per(count, lastDelivered)
  return found
}

/** Counts by second of the work, and how long what was first delivered in that second had taken. */
export function seriesOf({ journal }: Matter): Series {
  const published: number[] = []
  const confirmed: number[] = []
  const delivered: number[] = []
  const secondOf = (at: number) => Math.max(0, Math.floor((at - journal.beganAt) / 1000))
  const add = (to: number[], at: number) => {
    const second = secondOf(at)
    while (to.length <= second) to.push(0)
    to[second]!++
  }
  for (let message = 1; message <= journal.count.published; message++) {
    add(published, journal.publishedAt.at(message))
    if (journal.confirmedAt.has(message)) add(confirmed, journal.confirmedAt.at(message))
  }
  const latencies = { count: [] as number[], sum: [] as number[], longest: [] as number[] }
  for (let i = 0; i < journal.messageOf.length; i++) {
    const at = journal.deliveredAt.at(i)
    add(delivered, at)
    const message = journal.messageOf.at(i)
    if (journal.firstAt.at(message) !== at) continue
    const second = secondOf(at)
    const ms = at - journal.publishedAt.at(message)
    latencies.count[second] = (latencies.count[second] ?? 0) + 1
    latencies.sum[second] = (latencies.sum[second] ?? 0) + ms
    latencies.longest[second] = Math.max(latencies.longest[second] ?? 0, ms)
  }
  const length = Math.max(published.length, confirmed.length, delivered.length)
  for (const one of [published, confirmed, delivered]) while (one.length < length) one.push(0)
  const rounded = (ms: number) => Math.round(1000 * ms) / 1000
  const meanMs = published.map((_, i) => rounded((latencies.sum[i] ?? 0) / (latencies.count[i] ?? 1)))
  const longestMs = published.map((_, i) => rounded(latencies.longest[i] ?? 0))
  return { published, confirmed, delivered, meanMs, longestMs }
}
