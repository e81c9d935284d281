// Counts messages by their fates: confirmed, lost, delivered twice, out of order and so on, for the whole run and for each
// publisher, consumer and queue. Used by `judge`. Two passes over columns of numbers, no object per message.

import { fate, mark } from './journal.ts'
import type { Matter, Routes } from './judge.ts'
import type { QueueHistory } from './judge-history.ts'
import type { FindingKind, Metrics } from './result.ts'

/** A message to which something happened; its causes are looked for later. */
export interface Found {
  readonly kind: FindingKind
  readonly message: number
  /** By place in the topology. */
  readonly queue: number
}

/** Most messages that are told one by one, of each kind; all are counted. */
const mostFound = 500

export interface Counted {
  readonly metrics: Metrics
  readonly found: readonly Found[]
}

class Tally {
  readonly sums = new Map<string, number>()

  add(metric: string, count: number, ...of: readonly string[]): void {
    this.sums.set(metric, (this.sums.get(metric) ?? 0) + count)
    for (const name of of) {
      const key = `${metric} of ${name}`
      this.sums.set(key, (this.sums.get(key) ?? 0) + count)
    }
  }
}

export function countsOf(matter: Matter, routes: Routes, history: readonly QueueHistory[]): Counted {
  const tally = new Tally()
  const found = new Map<FindingKind, Found[]>()
  const note = (kind: FindingKind, message: number, queue: number) => {
    const list = found.get(kind)
    if (list === undefined) found.set(kind, [{ kind, message, queue }])
    else if (list.length < mostFound) list.push({ kind, message, queue })
  }
  declareAll(matter, tally)
  countMessages(matter, routes, history, tally, note)
  countDeliveries(matter, routes, tally, note)
  countClients(matter, tally)
  return { metrics: Object.fromEntries(tally.sums), found: [...found.values()].flat() }
}

const byPublisher = ['published', 'confirmed', 'unconfirmed', 'nacked', 'returned', 'republished'] as const
const byConsumer = [
  'delivered',
  'acked',
  'duplicates',
  'redelivered',
  'caught',
  'out-of-order',
  'unexpected',
] as const
const byQueue = ['left', 'effects-twice', 'unprocessed'] as const
const lost = ['lost', 'confirmed-lost', 'unconfirmed-lost', 'recovered'] as const

/** A number that is nothing is 0, not absent. */
function declareAll({ scenario: { workload, topology } }: Matter, tally: Tally): void {
  const publishers = workload.publishers.map(({ name }) => name)
  const consumers = workload.consumers.map(({ name }) => name)
  const queues = topology.queues.map(({ name }) => name)
  for (const metric of byPublisher) tally.add(metric, 0, ...publishers)
  for (const metric of byConsumer) tally.add(metric, 0, ...consumers, ...queues)
  for (const metric of lost) tally.add(metric, 0, ...publishers, ...queues)
  for (const metric of byQueue) tally.add(metric, 0, ...queues)
}

type Note = (kind: FindingKind, message: number, queue: number) => void

function countMessages(
  matter: Matter,
  routes: Routes,
  history: readonly QueueHistory[],
  tally: Tally,
  note: Note,
): void {
  const { journal, scenario } = matter
  const { topology, workload } = scenario
  const queues = topology.queues.map(({ name }) => name)
  const confirms = new Map(workload.publishers.map(({ name, confirm }) => [name, confirm !== null]))
  const groups = journal.publishers.map(({ group }) => group)
  const sums = groups.map(() => ({ published: 0, confirmed: 0, unconfirmed: 0 }))
  const each = (bits: number, metric: string) => {
    for (let queue = 0; bits >>> queue !== 0; queue++)
      if ((bits >>> queue) & 1) tally.add(metric, 1, queues[queue]!)
  }
  for (let message = 1; message <= journal.count.published; message++) {
    const publisher = journal.publisher.at(message)
    const sum = sums[publisher]!
    const confirmed = journal.confirmedAt.has(message)
    sum.published++
    if (confirmed) sum.confirmed++
    else if (confirms.get(groups[publisher]!)) sum.unconfirmed++
    const left = journal.leftIn.at(message)
    const seenFrom = journal.seenFrom.at(message)
    const seen = seenFrom | left
    if (left !== 0) {
      each(left, 'left')
      note('left', message, firstBit(left))
    }
    if (journal.doneTwice.at(message) !== 0) {
      each(journal.doneTwice.at(message), 'effects-twice')
      note('effect-twice', message, firstBit(journal.doneTwice.at(message)))
    }
    const unworked = seenFrom & ~journal.done.at(message) & ~left
    if (unworked !== 0) each(unworked, 'unprocessed')
    const missing = missingFrom(routes.expected[publisher]!, seen, routes.moves)
    if (missing !== null && (journal.fates.at(message) & fate.returned) === 0) {
      const queue = missing === 0 ? -1 : firstBit(missing)
      const of = [groups[publisher]!, ...(queue < 0 ? [] : [queues[queue]!])]
      tally.add('lost', 1, ...of)
      tally.add(confirmed ? 'confirmed-lost' : 'unconfirmed-lost', 1, ...of)
      note(confirmed ? 'confirmed-lost' : 'unconfirmed-lost', message, queue)
    }
    const recovered = recoveredIn(matter, history, message, seenFrom)
    if (recovered >= 0) {
      tally.add('recovered', 1, groups[publisher]!, queues[recovered]!)
      note('recovered', message, recovered)
    }
  }
  for (const [i, { published, confirmed, unconfirmed }] of sums.entries()) {
    tally.add('published', published, groups[i]!)
    tally.add('confirmed', confirmed, groups[i]!)
    tally.add('unconfirmed', unconfirmed, groups[i]!)
  }
}

/** The queues that should have had it and had not, 0 when it cannot be said which; null when it is not lost. */
function missingFrom(expected: number | null, seen: number, moves: boolean): number | null {
  if (expected === null || expected === 0) return seen === 0 ? 0 : null
  const missing = expected & ~seen
  if (missing === 0) return null
  return moves && (seen & ~expected) !== 0 ? null : missing
}

/** The queue that lost its leader after the message was confirmed and delivered it after it had one again; -1: none. */
function recoveredIn(
  { journal }: Matter,
  history: readonly QueueHistory[],
  message: number,
  seenFrom: number,
): number {
  const confirmedAt = journal.confirmedAt.at(message)
  const firstAt = journal.firstAt.at(message)
  if (Number.isNaN(confirmedAt) || Number.isNaN(firstAt)) return -1
  return history.findIndex(
    ({ terms }, queue) =>
      (seenFrom & (1 << queue)) !== 0 &&
      terms.some(
        ({ lostAt, ledAt }) =>
          lostAt !== null && confirmedAt < lostAt && firstAt >= ledAt && firstAt > lostAt,
      ),
  )
}

function countDeliveries({ journal, scenario }: Matter, routes: Routes, tally: Tally, note: Note): void {
  const queues = scenario.topology.queues.map(({ name }) => name)
  const { consumers } = journal
  const sums = consumers.map(() => ({
    delivered: 0,
    duplicates: 0,
    redelivered: 0,
    'out-of-order': 0,
    unexpected: 0,
  }))
  /** The highest message first delivered so far, by queue and publisher. */
  const highest = queues.map(() => new Float64Array(Math.max(1, journal.publishers.length)))
  for (let i = 0; i < journal.messageOf.length; i++) {
    const message = journal.messageOf.at(i)
    const consumer = journal.consumerOf.at(i)
    const marks = journal.marks.at(i)
    const sum = sums[consumer]!
    const { queue } = consumers[consumer]!
    if ((marks & mark.redelivered) !== 0) sum.redelivered++
    if ((marks & mark.again) !== 0) {
      sum.duplicates++
      note('duplicate', message, queue)
      continue
    }
    sum.delivered++
    const publisher = journal.publisher.at(message)
    const expected = routes.expected[publisher]!
    if (expected !== null && (expected & (1 << queue)) === 0 && !routes.moves) {
      sum.unexpected++
      note('unexpected', message, queue)
    }
    if (message < highest[queue]![publisher]!) {
      sum['out-of-order']++
      note('out-of-order', message, queue)
    } else highest[queue]![publisher] = message
  }
  for (const [i, sum] of sums.entries())
    for (const [metric, count] of Object.entries(sum))
      tally.add(metric, count, consumers[i]!.group, queues[consumers[i]!.queue]!)
  tally.add('unexpected', journal.strangers)
}

function countClients({ journal, scenario }: Matter, tally: Tally): void {
  const queues = scenario.topology.queues.map(({ name }) => name)
  for (const [i, { group }] of journal.publishers.entries()) {
    tally.add('nacked', journal.nacked[i]!, group)
    tally.add('returned', journal.returned[i]!, group)
    tally.add('republished', journal.republished[i]!, group)
  }
  for (const [i, { group, queue }] of journal.consumers.entries()) {
    tally.add('acked', journal.acked[i]!, group, queues[queue]!)
    tally.add('caught', journal.caught[i]!, group, queues[queue]!)
  }
}

const firstBit = (bits: number) => 31 - Math.clz32(bits & -bits)
