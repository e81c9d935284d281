// No message that a client was told is safe is lost while a copy that had to hold it lives on and leads; and every message
// that is gone is gone for a recorded cause. What had to be where is `custody`'s; here is what became of each message.

import { Custody, divisions, Stillness, upheavals } from '../custody.ts'
import type { HistoryEvent, Published } from '../history.ts'
import { type ClientEvent, type ClusterEvent, isClientEvent, isClusterEvent } from '../history.ts'
import type { QueueKind } from '../kinds.ts'
import type { Plan } from '../plan.ts'
import { Spills } from './spills.ts'

/** A message in one of the queues it was sent to. */
interface Fate {
  readonly queue: string
  readonly sent: Published
  confirmedAt: number
  /** It was delivered and settled, or refused. */
  end: string | null
  /** Why a copy that had to hold it is gone. */
  cause: string | null
  /** When it was sent nobody led the queue there, or the queue was not surely bound; how so. */
  readonly away: string | null
}

/** What was sent this long before or after an upheaval may have met it on its way, in ms. */
const wakeMs = 1000

export interface Losses {
  readonly faults: string[]
  /** How many messages are gone for each cause. */
  readonly causes: ReadonlyMap<string, number>
}

export function losses(plan: Plan, history: readonly HistoryEvent[]): Losses {
  const books = new Books(plan)
  for (const event of history) books.take(event)
  return books.judge()
}

class Books {
  private readonly kinds: ReadonlyMap<string, QueueKind>
  private readonly custody: Custody
  private readonly fates = new Map<number, Fate[]>()
  private readonly spills = new Spills()
  private readonly stillness = new Stillness()
  /** How many messages were sent to each queue. */
  private readonly sent = new Map<string, number>()
  /** Times of upheavals, and of losses of connections by user. */
  private readonly upheavals: number[] = []
  private readonly broken = new Map<string, number[]>()
  /** Sent without trouble in sight: with none within a second they have arrived, confirmed or not. */
  private arriving: Fate[] = []
  /** Deliveries that can be settled, by user and session: tag to fate. */
  private readonly held = new Map<string, Map<number, Fate>>()
  /** Queues that amq.fanout surely reaches, on whichever node. */
  private readonly bound = new Set<string>()
  private parted = false
  /** Messages sent while links were silent or a node was frozen. */
  private readonly still = new Set<number>()

  constructor(plan: Plan) {
    this.kinds = new Map(plan.queues.map(({ name, kind }) => [name, kind]))
    const fateOf = (message: number, queue: string) =>
      this.fates.get(message)?.find((fate) => fate.queue === queue)
    this.custody = new Custody({
      survives: (message, queue) =>
        this.kinds.get(queue)!.durable && (fateOf(message, queue)?.sent.persistent ?? false),
      gone: (queue, messages, cause) => {
        for (const message of messages) {
          const fate = fateOf(message, queue)
          if (fate !== undefined) fate.cause = cause
        }
      },
    })
  }

  take(event: HistoryEvent): void {
    this.arrive(event.at)
    if (isClusterEvent(event)) this.takeCluster(event)
    else if (isClientEvent(event)) this.takeClient(event)
  }

  private takeCluster(event: ClusterEvent): void {
    const { at, what, subject } = event
    this.custody.take(event)
    if (divisions.has(what)) this.parted = true
    this.stillness.take(event)
    if (what === 'queue-deleted') this.bound.delete(subject)
    if (!upheavals.has(what) && what !== 'queue-deleted') return
    this.upheavals.push(at)
    this.spills.upheaval(event)
  }

  private takeClient(event: ClientEvent): void {
    const session = `${event.user} ${event.session}`
    this.spills.take(event, session, this.stillness.now)
    switch (event.what) {
      case 'published':
        return this.published(event)
      case 'confirmed':
      case 'refused':
      case 'returned':
        return this.answeredFor(event.message, event.what, event.node, event.at)
      case 'delivered': {
        const fate = this.fates.get(event.message)?.find(({ queue }) => queue === event.queue)
        if (fate === undefined) return
        if (event.noAck) fate.end = 'delivered'
        else this.heldBy(session).set(event.tag, fate)
        return
      }
      case 'settled':
        for (const tag of event.tags) {
          const fate = this.heldBy(session).get(tag)
          if (fate !== undefined && event.how !== 'requeue') fate.end = event.how
        }
        return
      case 'answered':
        if (event.method === 'queueBindOk' && !this.parted) this.bound.add(event.queue)
        return
      case 'lost':
      case 'left':
      case 'closed': {
        const times = this.broken.get(event.user)
        if (times === undefined) this.broken.set(event.user, [event.at])
        else times.push(event.at)
      }
    }
  }

  private published(sent: Published): void {
    const fates = sent.targets.map((queue): Fate => {
      const bound = sent.targets.length === 1 || this.bound.has(queue)
      const led = this.custody.leaderWith(sent.node, queue) !== undefined
      const away = bound && led ? null : bound ? 'its queue was out of reach' : 'its queue was not bound'
      this.sent.set(queue, (this.sent.get(queue) ?? 0) + 1)
      return { queue, sent, confirmedAt: -1, end: null, cause: null, away }
    })
    this.fates.set(sent.message, fates)
    if (this.stillness.now) this.still.add(sent.message)
    if (sent.held || this.stillness.now || this.upheavedSince(sent.at - wakeMs)) return
    for (const fate of fates) if (fate.away === null) this.arriving.push(fate)
  }

  private answeredFor(message: number, what: 'confirmed' | 'refused' | 'returned', node: string, at: number) {
    for (const fate of this.fates.get(message) ?? []) {
      fate.confirmedAt = at
      if (what !== 'confirmed') fate.end = what
      else if (fate.away === null) this.custody.confirmed(message, fate.queue, node, fate.sent.at)
    }
  }

  /** A second without trouble after it was sent: it has come to its queue, and whoever has the queue has it. */
  private arrive(now: number): void {
    while (this.arriving.length > 0 && this.arriving[0]!.sent.at + wakeMs < now) {
      const { queue, sent, end } = this.arriving.shift()!
      const calm = !this.upheavedSince(sent.at) && !this.brokeSince(sent.user, sent.at)
      if (calm && end === null) this.custody.confirmed(sent.message, queue, sent.node, sent.at)
    }
  }

  judge(): Losses {
    this.custody.end()
    const faults = [...this.custody.faults]
    const causes = new Map<string, number>()
    for (const fate of [...this.fates.values()].flat()) {
      if (fate.end !== null) continue
      const { queue, sent } = fate
      const own = this.ownCause(fate)
      const holder = this.custody.leaders(queue).find(({ must }) => must.has(sent.message))
      const what = `message ${sent.message} is gone from ${queue}`
      const cause = own ?? fate.cause ?? this.mishap(fate)
      if (own === null && holder !== undefined)
        faults.push(`${what}, led by ${holder.node}, which must have it`)
      else if (cause === null) faults.push(`${what} for no recorded cause`)
      else {
        const kind = cause.replace(/ rabbit@\w+/g, '')
        causes.set(kind, (causes.get(kind) ?? 0) + 1)
      }
    }
    return { faults, causes }
  }

  /** What the queue or its users may do with a message without a word. */
  private ownCause({ queue, sent }: Fate): string | null {
    const { ttlMs, maxLength, refuses } = this.kinds.get(queue)!
    if (ttlMs !== null) return 'expired'
    if (maxLength !== null && !refuses && this.sent.get(queue)! > maxLength) return 'too many'
    if (maxLength !== null && refuses && !sent.confirms && this.sent.get(queue)! > maxLength) return 'refused'
    return this.spills.causeSince(queue, sent.at)
  }

  /** Nobody ever had to hold it: something came between, or its queue was not there. */
  private mishap({ sent, away, confirmedAt }: Fate): string | null {
    if (away !== null) return away
    if (this.still.has(sent.message)) return 'sent while something stood still'
    const until = confirmedAt < 0 ? sent.at + wakeMs : confirmedAt
    if (confirmedAt < 0 && this.brokeSince(sent.user, sent.at)) return 'its connection broke'
    const upheaved = this.upheavals.some((at) => at > sent.at - wakeMs && at <= until)
    return upheaved ? 'sent in an upheaval' : null
  }

  private upheavedSince(at: number): boolean {
    return (this.upheavals.at(-1) ?? -Infinity) >= at
  }

  private brokeSince(user: string, from: number): boolean {
    return (this.broken.get(user)?.at(-1) ?? -Infinity) >= from
  }

  private heldBy(session: string): Map<number, Fate> {
    let held = this.held.get(session)
    if (held === undefined) this.held.set(session, (held = new Map()))
    return held
  }
}
