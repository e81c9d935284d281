// Time and order of everything in a cluster. Time is an input: it moves only inside `runUntil`, called by the live
// driver or by a simulation. One event is one turn: the event, then everything made ready by it, then what waits for the
// turn's end (confirms, replication batches), then the output of connections. It must never look at a clock.

import { Ring } from './ring.ts'

export interface Runnable {
  run(): void
}

/** A future event; `cancel` before it fires costs next to nothing, and cancelled ones do not pile up. */
export interface Timer {
  cancel(): void
}

type Task = () => void

class Due implements Timer {
  readonly at: number
  readonly order: number
  task: Task | null
  private readonly agenda: Agenda

  constructor(agenda: Agenda, at: number, order: number, task: Task) {
    this.agenda = agenda
    this.at = at
    this.order = order
    this.task = task
  }

  cancel(): void {
    if (this.task === null) return
    this.task = null
    this.agenda.cancelled()
  }
}

/** Cancelled events are swept out once there are so many, and more than there are others. */
const manyCancelled = 1024

/** A binary heap of events by time, then by the order in which they were asked for. */
class Agenda {
  private heap: Due[] = []
  private dead = 0

  /** An event has been cancelled; it lies in the heap until it comes up, or until there are too many of its kind. */
  cancelled(): void {
    if (++this.dead < manyCancelled || this.dead * 2 < this.heap.length) return
    // Events in order are a heap already, and their order is total: nothing about the run changes.
    this.heap = this.heap.filter((due) => due.task !== null).sort((a, b) => (earlier(a, b) ? -1 : 1))
    this.dead = 0
  }

  push(due: Due): void {
    const { heap } = this
    let i = heap.push(due) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!earlier(due, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = due
  }

  peek(): Due | undefined {
    while (this.heap.length > 0 && this.heap[0]!.task === null) {
      this.pop()
      this.dead--
    }
    return this.heap[0]
  }

  pop(): Due | undefined {
    const { heap } = this
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child++
      if (!earlier(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return first
  }
}

const earlier = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.order < b.order)

export class Loop {
  /** Milliseconds of the cluster's own time: TTL, expiry, delays, fault schedules. May be advanced apart from real time. */
  now: number
  /** Milliseconds of the real peers' time: heartbeats, handshake and close time-outs. Equals `now` in a simulation. */
  peerNow: number
  private readonly seed: number
  private readonly agenda = new Agenda()
  private readonly peerAgenda = new Agenda()
  private readonly readyNow = new Ring<Runnable>()
  private readonly turnEnd = new Ring<Runnable>()
  private readonly outputs = new Ring<Runnable>()
  private readonly streams = new Map<string, () => number>()
  private order = 0

  /** `now`: where time starts, in ms since the Unix epoch. `seed`: of every random stream. */
  constructor(seed = 1, now = 0) {
    this.seed = seed
    this.now = now
    this.peerNow = now
  }

  /** Runs `task` when `now` reaches `at` (ms), in a turn of its own. */
  at(at: number, task: Task): Timer {
    const due = new Due(this.agenda, at, this.order++, task)
    this.agenda.push(due)
    return due
  }

  /** As `at`, on the peers' clock. */
  atPeer(at: number, task: Task): Timer {
    const due = new Due(this.peerAgenda, at, this.order++, task)
    this.peerAgenda.push(due)
    return due
  }

  /** Runs `r` within this turn, after what is already ready. */
  ready(r: Runnable): void {
    this.readyNow.push(r)
  }

  /** Runs `r` once nothing is ready any more: the place to send what was gathered during the turn. */
  atTurnEnd(r: Runnable): void {
    this.turnEnd.push(r)
  }

  /** Runs `r` last of all, when the turn's work is done: the place to write to sockets. */
  atOutput(r: Runnable): void {
    this.outputs.push(r)
  }

  /** When the next event is due on each clock; Infinity for none. */
  nextDue(): { now: number; peer: number } {
    return { now: this.agenda.peek()?.at ?? Infinity, peer: this.peerAgenda.peek()?.at ?? Infinity }
  }

  /** Ends the current turn: everything ready, everything gathered, all output. */
  drain(): void {
    for (;;) {
      const next = this.readyNow.shift() ?? this.turnEnd.shift() ?? this.outputs.shift()
      if (next === undefined) return
      next.run()
    }
  }

  /** Moves time to `now` (and the peers' to `peerNow`), firing each due event in order, one turn each. */
  runUntil(now: number, peerNow = now): void {
    const ahead = peerNow - now
    this.drain()
    for (;;) {
      const own = this.agenda.peek()
      const peer = this.peerAgenda.peek()
      if (
        own !== undefined &&
        own.at <= now &&
        (peer === undefined || peer.at > peerNow || !earlier(peer, own))
      ) {
        this.agenda.pop()
        if (own.at > this.now) this.now = own.at
        // The other clock comes along, but not past what is due on it: whoever arms a timer in this turn reads it.
        this.peerNow = Math.max(this.peerNow, Math.min(own.at + ahead, peerNow, peer?.at ?? Infinity))
        this.fire(own)
      } else if (peer !== undefined && peer.at <= peerNow) {
        this.peerAgenda.pop()
        if (peer.at > this.peerNow) this.peerNow = peer.at
        this.now = Math.max(this.now, Math.min(peer.at - ahead, now, own?.at ?? Infinity))
        this.fire(peer)
      } else break
    }
    if (now > this.now) this.now = now
    if (peerNow > this.peerNow) this.peerNow = peerNow
  }

  /** The random stream `name`: uniform in [0, 1), derived from the seed and independent of every other stream. */
  chance(name: string): () => number {
    let stream = this.streams.get(name)
    if (stream === undefined) this.streams.set(name, (stream = randomStream(this.seed, name)))
    return stream
  }

  private fire(due: Due): void {
    const task = due.task
    due.task = null
    if (task !== null) task()
    this.drain()
  }
}

/** A small, fast generator (splitmix32 on 32-bit state, two draws a number) whose start depends on seed and name. */
export function randomStream(seed: number, name: string): () => number {
  let state = (seed ^ 0x9e3779b9) | 0
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193)
  const draw = () => {
    state = (state + 0x9e3779b9) | 0
    let z = state ^ (state >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  return () => (draw() * 0x200000 + (draw() >>> 11)) / 0x20000000000000
}
