// The wall clock as clients of a real broker know it: milliseconds since it was made, tasks on one timer, and random streams from
// the scenario's seed, so that the same work is done as in virtual time. Used by targets with real sockets.

import { randomStream } from '../../nodes/loop.ts'
import type { Clock } from '../line.ts'

interface Task {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Tasks run no longer than this at a time: sockets want to be read. */
const turnMs = 5

export class WallClock implements Clock {
  private readonly began = performance.now()
  private readonly seed: number
  private readonly failed: (error: unknown) => void
  private readonly streams = new Map<string, () => number>()
  /** A heap: the earliest first. */
  private readonly tasks: Task[] = []
  private timer: NodeJS.Timeout | NodeJS.Immediate | null = null
  private wakesAt = Infinity
  private count = 0
  private running = false

  /** `failed` is told what a task throws. */
  constructor(seed: number, failed: (error: unknown) => void) {
    this.seed = seed
    this.failed = failed
  }

  get now(): number {
    return performance.now() - this.began
  }

  chance(name: string): () => number {
    const stream = this.streams.get(name) ?? randomStream(this.seed, name)
    this.streams.set(name, stream)
    return stream
  }

  /** Tasks that are due at the same time run in the order in which they were put here. */
  after(delayMs: number, run: () => void): void {
    push(this.tasks, { at: this.now + delayMs, order: this.count++, run })
    if (!this.running) this.arm()
  }

  /** Forgets all tasks; those that were due do not run. */
  stop(): void {
    this.tasks.length = 0
    this.disarm()
  }

  private arm(): void {
    const next = this.tasks[0]
    if (next === undefined || next.at >= this.wakesAt) return
    this.disarm()
    this.wakesAt = next.at
    const delay = next.at - this.now
    // Timers count whole milliseconds, and none is shorter than one.
    if (delay < 0.5) this.timer = setImmediate(() => this.turn())
    else this.timer = setTimeout(() => this.turn(), Math.max(1, Math.round(delay)))
  }

  private disarm(): void {
    // Either kind is cleared by its own function, which ignores the other's.
    if (this.timer !== null) {
      clearTimeout(this.timer as NodeJS.Timeout)
      clearImmediate(this.timer as NodeJS.Immediate)
    }
    this.timer = null
    this.wakesAt = Infinity
  }

  private turn(): void {
    this.disarm()
    this.running = true
    const until = this.now + turnMs
    try {
      for (
        let now = this.now;
        now < until && this.tasks.length > 0 && this.tasks[0]!.at <= now;
        now = this.now
      )
        pop(this.tasks)!.run()
    } catch (error) {
      this.failed(error)
    } finally {
      this.running = false
      this.arm()
    }
  }
}

const before = (a: Task, b: Task) => a.at < b.at || (a.at === b.at && a.order < b.order)

function push(heap: Task[], task: Task): void {
  let at = heap.length
  heap.push(task)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(task, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = task
}

function pop(heap: Task[]): Task | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (heap.length === 0 || last === undefined) return first
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
    if (!before(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
  return first
}
