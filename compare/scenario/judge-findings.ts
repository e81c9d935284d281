// Tells of single messages why they were lost, delivered twice, late or in the wrong order: a chain of causes from the first on,
// out of the queue's history and the message's own steps where the target knows them. Used by `judge`.

import { mark } from './journal.ts'
import type { Matter } from './judge.ts'
import type { Found } from './judge-counts.ts'
import { type QueueHistory, type Stay, short, type Term, termAt } from './judge-history.ts'
import type { Finding } from './result.ts'
import type { Journey } from './target.ts'

type Steps = Journey['steps']

export function findingsOf(
  matter: Matter,
  found: readonly Found[],
  history: readonly QueueHistory[],
): Finding[] {
  const steps = journeysOf(matter, found)
  const deliveries = deliveriesOf(matter, found)
  const teller = new Teller(matter)
  return found.map(({ kind, message, queue }) => {
    const name = matter.scenario.topology.queues[queue]?.name ?? ''
    const of = { kind, message, queue: name }
    const own = steps === null ? null : (steps.get(message) ?? [])
    const seen = deliveries.get(message) ?? []
    switch (kind) {
      case 'confirmed-lost':
      case 'unconfirmed-lost':
        return { ...of, cause: teller.lost(message, history[queue], own) }
      case 'recovered':
        return { ...of, cause: teller.recovered(message, history[queue]!, seen) }
      case 'left':
        return { ...of, cause: [teller.published(message), `was still in ${name} when all was over`] }
      default:
        return { ...of, cause: [teller.published(message), ...teller.deliveries(seen, history[queue])] }
    }
  })
}

function journeysOf({ evidence }: Matter, found: readonly Found[]): ReadonlyMap<number, Steps> | null {
  const wanted = found.filter(({ kind }) => kind.endsWith('lost')).map(({ message }) => message)
  if (evidence.journeys === null || wanted.length === 0) return null
  return new Map(evidence.journeys(new Set(wanted)).map(({ message, steps }) => [message, steps]))
}

/** Deliveries by their place in the journal, for the messages of which something is told. */
function deliveriesOf({ journal }: Matter, found: readonly Found[]): ReadonlyMap<number, readonly number[]> {
  const wanted = new Map<number, number[]>(found.map(({ message }) => [message, []]))
  for (let i = 0; i < journal.messageOf.length; i++) wanted.get(journal.messageOf.at(i))?.push(i)
  return wanted
}

class Teller {
  private readonly matter: Matter

  constructor(matter: Matter) {
    this.matter = matter
  }

  published(message: number): string {
    const { journal } = this.matter
    return `published by ${this.publisher(message)} at ${this.time(journal.publishedAt.at(message))}`
  }

  delivery(place: number): string {
    const { journal } = this.matter
    const marks = journal.marks.at(place)
    const who = journal.consumers[journal.consumerOf.at(place)]!.name
    const why = [
      ...((marks & mark.republished) !== 0 ? ['sent again by its publisher'] : []),
      ...((marks & mark.redelivered) !== 0 ? ['marked redelivered'] : []),
    ]
    const again = (marks & mark.again) !== 0 ? 'delivered again' : 'delivered'
    const more = why.length > 0 ? `, ${why.join(', ')}` : ''
    return `${again} to ${who} at ${this.time(journal.deliveredAt.at(place))}${more}`
  }

  /** One after the other, and what happened to the queue or the consumer between them. */
  deliveries(places: readonly number[], history: QueueHistory | undefined): string[] {
    const { journal } = this.matter
    return places.flatMap((place, i) => {
      const before = places[i - 1]
      if (before === undefined) return [this.delivery(place)]
      const [from, to] = [journal.deliveredAt.at(before), journal.deliveredAt.at(place)]
      const term = history?.terms.find(
        ({ lostAt, ledAt }) => lostAt !== null && lostAt >= from && ledAt <= to,
      )
      const who = journal.consumers[journal.consumerOf.at(before)]!.name
      const left = journal.moments.find(
        ({ where, atMs }) => where === who && atMs >= from - journal.beganAt && atMs <= to - journal.beganAt,
      )
      const between =
        term !== undefined ? this.change(term) : left !== undefined ? [`${who}: ${left.text}`] : []
      return [...between, this.delivery(place)]
    })
  }

  recovered(message: number, history: QueueHistory, deliveries: readonly number[]): string[] {
    const { journal } = this.matter
    const confirmedAt = journal.confirmedAt.at(message)
    const term = history.terms.find(({ lostAt }) => lostAt !== null && lostAt > confirmedAt)
    return [
      this.answer(message, history),
      ...(term === undefined ? [] : this.change(term)),
      ...deliveries.slice(0, 1).map((place) => this.delivery(place)),
    ]
  }

  /** Why a message is gone. */
  lost(message: number, history: QueueHistory | undefined, steps: Steps | null): string[] {
    const { journal } = this.matter
    if (history === undefined)
      return [this.answer(message, history), 'its exchange leads to no queue with this key']
    if (steps !== null && steps.length === 0) return this.neverArrived(message, history)
    const dropped = steps?.findLast(({ step }) => step in endings)
    if (dropped !== undefined)
      return [
        this.answer(message, history),
        `${endings[dropped.step]} on node${dropped.node} at ${this.time(dropped.atMs)}`,
      ]
    const cameAt = steps?.[0]?.atMs ?? journal.sentAt.at(message)
    const next = history.terms.find(({ lostAt, ledAt }) => lostAt !== null && ledAt >= cameAt)
    const open = history.leaderless.find(({ from, to }) => from >= cameAt && to === Infinity)
    const acked = steps?.findLast(({ step }) => step === 'acked')
    if (acked !== undefined && (next === undefined || acked.atMs < next.ledAt))
      return [
        this.answer(message, history),
        `acknowledged on node${acked.node} at ${this.time(acked.atMs)} as it was sent to the consumer, which it did not reach`,
      ]
    const sent = steps?.findLast(({ step }) => step === 'delivered')
    const term = termAt(history, cameAt)
    if (term === undefined || (next === undefined && open === undefined))
      return [
        this.answer(message, history),
        ...(sent === undefined ? [] : [`was on its way to a consumer at ${this.time(sent.atMs)}`]),
      ]
    const copies = this.copies(history, term, cameAt, next?.lostAt ?? open!.from)
    const after =
      next === undefined
        ? [`${open!.loss} at ${this.time(open!.from)}`, 'nobody leads the queue since']
        : this.change(next)
    return [this.answer(message, history), copies, ...after, ...this.gone(next, history, cameAt)]
  }

  // ---- inside

  private neverArrived(message: number, history: QueueHistory): string[] {
    const { journal } = this.matter
    const sentAt = journal.sentAt.at(message)
    if (Number.isNaN(sentAt))
      return [this.published(message), 'was never sent: its publisher had no connection']
    const hole = history.leaderless.find(({ from, to }) => from <= sentAt && sentAt < to)
    const first = this.answer(message, undefined)
    if (journal.confirmedAt.has(message))
      return hole === undefined
        ? [first, `reached no queue`]
        : [
            first,
            `${hole.loss} at ${this.time(hole.from)}`,
            `${history.name} was down, and what reaches no queue is confirmed`,
          ]
    return [first, `was on its way from ${this.publisher(message)} and reached no queue`]
  }

  /** Who confirmed it, and when; or that nobody did. */
  private answer(message: number, history: QueueHistory | undefined): string {
    const { journal } = this.matter
    const confirmedAt = journal.confirmedAt.at(message)
    if (Number.isNaN(confirmedAt)) {
      const sentAt = journal.sentAt.at(message)
      return Number.isNaN(sentAt)
        ? this.published(message)
        : `sent at ${this.time(sentAt)} and never confirmed`
    }
    const leader = history === undefined ? undefined : termAt(history, confirmedAt)?.leader
    const by = leader === undefined ? '' : ` by ${short(leader)}`
    return `confirmed${by} at ${this.time(confirmedAt)}`
  }

  private change({ leader, ledAt, by, lostAt, loss }: Term): string[] {
    const how = {
      promoted: 'was promoted',
      recovered: 'came back with what its disk held',
      declared: 'leads',
    }
    return [
      ...(lostAt === null ? [] : [`${loss} at ${this.time(lostAt)}`]),
      `${short(leader)} ${how[by]} at ${this.time(ledAt)}`,
    ]
  }

  /** On which nodes it was when the leader was lost, and why not on others. */
  private copies({ stays }: QueueHistory, { leader }: Term, cameAt: number, lostAt: number): string {
    const present = stays.filter(({ from, to }) => from <= lostAt && to >= lostAt)
    const holds = ({ from, syncedAt }: Stay) => from <= cameAt || syncedAt <= lostAt
    const others = present.filter(holds).map(({ node }) => short(node))
    const without = present.filter((stay) => !holds(stay)).map(({ node }) => short(node))
    const only =
      others.length === 0 ? `only on ${short(leader)}` : `on ${[short(leader), ...others].join(', ')}`
    if (present.length === 0) return `${only}: the queue had no mirror`
    return without.length === 0 ? only : `${only} because ${without.join(' and ')} had not been synchronised`
  }

  /** Why the next leader has it not. */
  private gone(next: Term | undefined, history: QueueHistory, cameAt: number): string[] {
    const { scenario, journal } = this.matter
    if (next === undefined) return []
    if (next.by === 'promoted') {
      const stay = history.stays.findLast(({ node, from }) => node === next.leader && from <= next.ledAt)
      return stay !== undefined && stay.from > cameAt && stay.syncedAt > next.ledAt
        ? [`${short(next.leader)} had never received it`]
        : []
    }
    const { durable } = scenario.topology.queues.find(({ name }) => name === history.name)!
    if (!durable) return ['a queue that is not durable comes back empty']
    const transient = scenario.workload.publishers.some(({ persistent }) => !persistent)
    return transient && journal.count.published > 0 ? ['it was not persistent, so no disk held it'] : []
  }

  private publisher(message: number): string {
    const { journal } = this.matter
    return journal.publishers[journal.publisher.at(message)]!.name
  }

  private time(at: number): string {
    return `${((at - this.matter.journal.beganAt) / 1000).toFixed(3)} s`
  }
}

/** Steps after which a queue has it no more, other than by delivery. */
const endings: Readonly<Record<string, string>> = {
  expired: 'expired',
  maxlen: 'dropped because the queue was at its length limit',
  purged: 'purged',
  rejected: 'rejected by a consumer',
}
