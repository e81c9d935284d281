// What happened, as columns of numbers and interned names: the bounded, always-on record of events (faults, membership,
// policy, promotion, loss) that timelines, verdicts and determinism checks read. It must never influence the core.

import type { MessageTrace } from './trace-messages.ts'

/** Kinds of events, in a closed list, so that a reader can count on them. */
export const traceKinds = [
  'node-started',
  'node-stopped',
  'node-killed',
  'node-waiting',
  'node-paused',
  'node-frozen',
  'node-thawed',
  'node-joined',
  'node-reset',
  'node-forgotten',
  'peer-down',
  'peer-up',
  'partition',
  'silence',
  'healed',
  'queue-declared',
  'queue-deleted',
  'queue-down',
  'queue-waiting',
  'queue-recovered',
  'promoted',
  'mirror-added',
  'mirror-dropped',
  'mirror-synced',
  'sync-started',
  'policy-set',
  'policy-cleared',
  'messages-lost',
  'memory-alarm',
  'memory-alarm-cleared',
  'link-shaped',
  'client-shaped',
  'client-reset',
  'clock-set',
  'clock-stepped',
  'partition-handling-set',
  'memory-limit-set',
] as const
export type TraceKind = (typeof traceKinds)[number]

export interface TraceEvent {
  readonly at: number
  readonly kind: TraceKind
  readonly node: string
  readonly subject: string
  /** A count or the like; meaning by kind. */
  readonly value: number
}

export class Trace {
  /** Events forgotten because the ring was full. */
  dropped = 0
  private readonly capacity: number
  private readonly times: Float64Array
  private readonly kinds: Uint8Array
  private readonly nodes: Uint32Array
  private readonly subjects: Uint32Array
  private readonly values: Float64Array
  /** Names that events still held speak of, how many speak of each, and places that are free again. */
  private readonly names: string[] = []
  private readonly uses: number[] = []
  private readonly free: number[] = []
  private readonly numbers = new Map<string, number>()
  private written = 0
  /** The records of every message, when they were asked for; queues declared before it is set are not in it. */
  messages: MessageTrace | null = null
  /** Called with each event as it happens: a simulation's checkers, a live page's feed. */
  onEvent: ((event: TraceEvent) => void) | null = null

  constructor(capacity = 4096) {
    this.capacity = capacity
    this.times = new Float64Array(capacity)
    this.kinds = new Uint8Array(capacity)
    this.nodes = new Uint32Array(capacity)
    this.subjects = new Uint32Array(capacity)
    this.values = new Float64Array(capacity)
  }

  event(at: number, kind: TraceKind, node: string, subject = '', value = 0): void {
    const i = this.written % this.capacity
    if (this.written++ >= this.capacity) {
      this.dropped++
      this.release(this.nodes[i]!)
      this.release(this.subjects[i]!)
    }
    this.times[i] = at
    this.kinds[i] = traceKinds.indexOf(kind)
    this.nodes[i] = this.intern(node)
    this.subjects[i] = this.intern(subject)
    this.values[i] = value
    this.onEvent?.({ at, kind, node, subject, value })
  }

  /** How many events were ever recorded: the `since` of the next read. */
  get count(): number {
    return this.written
  }

  /** The events still held from number `since` on, oldest first. */
  *events(since = 0): IterableIterator<TraceEvent> {
    for (let n = Math.max(since, this.written - this.capacity); n < this.written; n++) {
      const i = n % this.capacity
      yield {
        at: this.times[i]!,
        kind: traceKinds[this.kinds[i]!]!,
        node: this.names[this.nodes[i]!]!,
        subject: this.names[this.subjects[i]!]!,
        value: this.values[i]!,
      }
    }
  }

  /** A name's number. A flood of short-lived queues must not fill the memory: names go with the last event of them. */
  private intern(name: string): number {
    let number = this.numbers.get(name)
    if (number === undefined) {
      number = this.free.pop() ?? this.names.length
      this.names[number] = name
      this.uses[number] = 0
      this.numbers.set(name, number)
    }
    this.uses[number]!++
    return number
  }

  private release(number: number): void {
    if (--this.uses[number]! > 0) return
    this.numbers.delete(this.names[number]!)
    this.free.push(number)
  }
}
