// Who must hold which message: follows a history and keeps, for every queue, the copies that nodes have of it and what each of
// them must hold because a client was told so. It knows RabbitMQ's rules of custody and nothing of the core. Used by the
// invariant about losses; it must never look at a cluster.

import type { ClusterEvent } from './history.ts'

/** A node's copy of a queue: it leads, mirrors, is on the disk of a node that is away, or was just found there. */
export interface Copy {
  readonly node: string
  role: 'leader' | 'mirror' | 'disk' | 'found'
  /** Whatever the leader has ordered since then is in it. */
  since: number
  readonly must: Set<number>
  /** Which of the queues that had this name one after the other, or on both sides of a cut. */
  readonly incarnation: number
}

/** What custody asks of whoever knows the messages. */
export interface Ledger {
  /** Would the message survive its node's restart in this queue? */
  survives(message: number, queue: string): boolean
  /** A copy that had to hold these is no more. */
  gone(queue: string, messages: Iterable<number>, cause: string): void
}

/** Events after which a leader, its messages or its settlements may be others than before. */
export const upheavals = new Set<string>([
  'node-killed',
  'node-stopped',
  'node-paused',
  'node-started',
  'peer-down',
  'partition',
  'silence',
  'node-frozen',
  'node-thawed',
  'node-reset',
  'node-forgotten',
  'healed',
  'promoted',
  'queue-waiting',
  'queue-down',
  'queue-recovered',
])

/** A mirror that joins as its leader begins has less than that one. In ms. */
const instant = 1e-6

/** What was sent shortly before something stood still, or shortly after, may have met it. In ms. */
const stillMs = 1000

/** What may leave two sides that each go on with what there was. */
export const divisions = new Set<string>(['partition', 'silence', 'node-frozen'])

/** Whether messages and answers may stand still unnoticed: silent links, frozen nodes. */
export class Stillness {
  private silent = false
  private readonly frozen = new Set<string>()

  get now(): boolean {
    return this.silent || this.frozen.size > 0
  }

  take({ what, node }: ClusterEvent): void {
    if (what === 'silence') this.silent = true
    else if (what === 'healed') this.silent = false
    else if (what === 'node-frozen') this.frozen.add(node)
    else if (what === 'node-thawed' || what === 'node-killed') this.frozen.delete(node)
  }
}

export class Custody {
  /** What had no business to happen. */
  readonly faults: string[] = []
  private readonly ledger: Ledger
  /** Whom each running node believes to run with it. */
  private readonly views = new Map<string, Set<string>>()
  private readonly queues = new Map<string, Map<string, Copy>>()
  /** Nodes that have been told to stop and may not have ended. */
  private readonly stopping = new Set<string>()
  private readonly endedAt = new Map<string, number>()
  /** When each node was last lost from somebody's view. */
  private readonly lostAt = new Map<string, number>()
  private foundAt = -1
  /** Which queue each node knows under a name. */
  private readonly known = new Map<string, Map<string, number>>()
  private declared = 0
  /** Queues that nobody led once: a node that comes to mirror such a one takes over with nothing (docs/observed.md §21). */
  private readonly waited = new Set<string>()
  /** Something has stood still: whose word an event is can no longer be told from its name. */
  private stoodStill = false
  private readonly stillness = new Stillness()
  /** When something last began to stand still, and when it last ended. */
  private stillFrom = Infinity
  private stillTo = -Infinity

  constructor(ledger: Ledger) {
    this.ledger = ledger
  }

  view(node: string): ReadonlySet<string> {
    return this.views.get(node) ?? new Set()
  }

  /** The copies of `queue` that run together with `node`. */
  copiesWith(node: string, queue: string): Copy[] {
    const view = this.view(node)
    return [...(this.queues.get(queue)?.values() ?? [])].filter(
      // Whoever stood still may not know yet that others have given it up.
      (copy) =>
        view.has(copy.node) &&
        this.view(copy.node).has(node) &&
        (copy.role === 'leader' || copy.role === 'mirror'),
    )
  }

  leaderWith(node: string, queue: string): Copy | undefined {
    return this.copiesWith(node, queue).find(({ role }) => role === 'leader')
  }

  /** Every copy of `queue` that leads, wherever. */
  leaders(queue: string): Copy[] {
    return [...(this.queues.get(queue)?.values() ?? [])].filter(({ role }) => role === 'leader')
  }

  /** A client at `node` was told at this moment that what it sent at `sentAt` is safe in `queue`: whoever has it. */
  confirmed(message: number, queue: string, node: string, sentAt: number): boolean {
    // A mirror that stood still may have been given up, and nobody says so in the leader's last moments.
    const still = sentAt > this.stillFrom - stillMs && (this.stillness.now || sentAt < this.stillTo + stillMs)
    const holders = this.copiesWith(node, queue).filter(
      ({ since, role }) => since <= sentAt && (role === 'leader' || !still),
    )
    for (const { must } of holders) must.add(message)
    return holders.length > 0
  }

  take(event: ClusterEvent): void {
    const { at, what, node, subject } = event
    if (this.foundAt >= 0 && at > this.foundAt) this.sweep()
    this.stoodStill ||= what === 'silence' || what === 'node-frozen'
    const wasStill = this.stillness.now
    this.stillness.take(event)
    if (this.stillness.now && !wasStill) this.stillFrom = at
    if (wasStill) this.stillTo = at
    switch (what) {
      case 'node-started':
        return this.started(node, at)
      case 'peer-up':
        this.views.get(node)?.add(subject)
        this.views.get(subject)?.add(node)
        return void this.known.set(subject, new Map(this.known.get(node)))
      case 'peer-down':
        this.views.get(node)?.delete(subject)
        // Who pauses decides nothing any more.
        if (!this.stopping.has(node)) this.lostAt.set(subject, at)
        return
      case 'node-killed':
      case 'node-stopped':
      case 'node-paused':
      case 'node-reset':
        return this.ended(node, what, at)
      case 'queue-declared':
        for (const copy of this.copiesWith(node, subject)) this.remove(subject, copy, 'declared anew')
        this.declared++
        for (const one of this.view(node)) this.knownTo(one).set(subject, this.declared)
        return void this.put(subject, node, 'leader', at - instant)
      case 'mirror-added':
        return void this.put(subject, node, 'mirror', at)
      case 'mirror-dropped': {
        const copy = this.copiesOf(subject).get(node)
        return copy && this.remove(subject, copy, 'mirror-dropped')
      }
      case 'mirror-synced':
        return this.synced(subject, node)
      case 'promoted':
        return this.promoted(subject, node, at)
      case 'queue-recovered':
        return this.recovered(subject, node, at)
      case 'queue-deleted':
        return this.deleted(subject, node)
      case 'queue-waiting':
        return this.waiting(subject, node, at)
      default:
    }
  }

  /** The history is over. */
  end(): void {
    this.sweep()
    for (const [queue, copies] of this.queues)
      for (const copy of [...copies.values()])
        if (copy.role === 'disk') this.remove(queue, copy, `its copy is on ${copy.node}, which is away`)
  }

  // ---- inside

  private copiesOf(queue: string): Map<string, Copy> {
    let copies = this.queues.get(queue)
    if (copies === undefined) this.queues.set(queue, (copies = new Map()))
    return copies
  }

  private knownTo(node: string): Map<string, number> {
    let known = this.known.get(node)
    if (known === undefined) this.known.set(node, (known = new Map()))
    return known
  }

  private put(queue: string, node: string, role: Copy['role'], since: number): Copy {
    const former = this.copiesOf(queue).get(node)
    if (former !== undefined) this.remove(queue, former, `a new copy on ${node}`)
    const incarnation = this.knownTo(node).get(queue) ?? 0
    const copy: Copy = { node, role, since, must: new Set(), incarnation }
    this.copiesOf(queue).set(node, copy)
    return copy
  }

  private remove(queue: string, copy: Copy, cause: string): void {
    this.copiesOf(queue).delete(copy.node)
    this.ledger.gone(queue, copy.must, cause)
  }

  private keepOnly(queue: string, copy: Copy, keep: (message: number) => boolean, cause: string): void {
    const lost = [...copy.must].filter((message) => !keep(message))
    for (const message of lost) copy.must.delete(message)
    if (lost.length > 0) this.ledger.gone(queue, lost, cause)
  }

  private started(node: string, at: number): void {
    this.views.set(node, new Set([node]))
    this.stopping.delete(node)
    for (const copies of this.queues.values()) {
      const copy = copies.get(node)
      if (copy?.role !== 'disk') continue
      copy.role = 'found'
      this.foundAt = at
    }
  }

  /** What a node found on its disk and nobody asked it to lead is wiped. */
  private sweep(): void {
    this.foundAt = -1
    for (const [queue, copies] of this.queues)
      for (const copy of [...copies.values()])
        if (copy.role === 'found') this.remove(queue, copy, `${copy.node} came back and others led`)
  }

  private ended(node: string, cause: string, at: number): void {
    if (cause === 'node-killed') this.views.delete(node)
    this.stopping.add(node)
    this.endedAt.set(node, at)
    for (const [queue, copies] of this.queues) {
      const copy = copies.get(node)
      if (copy === undefined || (copy.role === 'disk' && cause !== 'node-reset')) continue
      if (copy.role !== 'leader') this.remove(queue, copy, `${cause} ${node}`)
      else {
        copy.role = 'disk'
        this.keepOnly(queue, copy, (message) => this.ledger.survives(message, queue), `${cause} ${node}`)
      }
    }
  }

  private synced(queue: string, node: string): void {
    const copy = this.copiesOf(queue).get(node)
    const leader = this.leaderWith(node, queue)
    if (copy?.role !== 'mirror' || leader === undefined) return
    for (const message of leader.must) copy.must.add(message)
    copy.since = leader.since
  }

  private promoted(queue: string, node: string, at: number): void {
    const heir = this.copiesOf(queue).get(node)
    const excused = this.stopping.has(node) || this.stoodStill || this.waited.has(queue)
    if (heir?.role !== 'mirror' && !excused)
      this.faults.push(`${queue}: ${node} was promoted and was no mirror`)
    const others = this.copiesWith(node, queue).filter((copy) => copy.node !== node)
    const leader = heir?.role === 'mirror' ? heir : this.put(queue, node, 'leader', at)
    leader.role = this.stopping.has(node) ? 'disk' : 'leader'
    for (const copy of others)
      if (copy.role === 'leader') this.remove(queue, copy, `promoted ${node}`)
      else {
        this.keepOnly(queue, copy, (message) => leader.must.has(message), `promoted ${node}`)
        copy.since = Math.max(copy.since, leader.since)
      }
  }

  private recovered(queue: string, node: string, at: number): void {
    const copy = this.copiesOf(queue).get(node)
    for (const other of this.copiesWith(node, queue))
      if (other.node !== node && other.role === 'mirror') this.remove(queue, other, `queue-recovered ${node}`)
    // Under the same name the others may know another queue, which has replaced this one.
    if (copy?.role === 'found' && copy.incarnation === this.knownTo(node).get(queue)) {
      copy.role = 'leader'
      copy.since = at - instant
    } else this.put(queue, node, 'leader', at - instant)
  }

  private deleted(queue: string, node: string): void {
    // One that is about to stop no longer speaks for those it ran with.
    const view = this.stopping.has(node) ? new Set([node]) : this.view(node)
    for (const one of view) this.knownTo(one).delete(queue)
    for (const copy of [...this.copiesOf(queue).values()])
      if (copy.node === node || view.has(copy.node)) this.remove(queue, copy, 'queue-deleted')
  }

  /** Nobody may lead: with a mirror that holds all that the leader held, somebody could. */
  private waiting(queue: string, node: string, at: number): void {
    const leader = this.copiesOf(queue).get(node)
    this.waited.add(queue)
    if (leader === undefined || this.lostAt.get(node) !== at || this.stoodStill) return
    // It was promoted when it was about to stop.
    if (this.stopping.has(node) && leader.since > (this.endedAt.get(node) ?? at)) return
    // After a cut one side may wait while another has the mirror.
    const sides = [...this.views.values()].filter((view) => !view.has(node))
    for (const copy of this.copiesOf(queue).values())
      if (
        copy.role === 'mirror' &&
        copy.incarnation === leader.incarnation &&
        copy.since <= leader.since &&
        sides.every((view) => view.has(copy.node))
      )
        this.faults.push(`${queue} waits for ${node} though ${copy.node} has all of it`)
  }
}
