// What an operator sees of a real cluster while a scenario runs: its queues and nodes, asked for again and again, with what
// changed between two looks as events. Times are those of the look, so that they come late by up to one interval.

import type { TraceEvent, TraceKind } from '../../nodes/trace.ts'
import type { Clock } from '../line.ts'
import type { ClusterCondition, Holding, PlainAction } from '../scenario/target.ts'
import type { NodeNumber } from '../steps.ts'
import type { Api, SeenQueue } from './api.ts'

/** Between two looks. */
const intervalMs = 250

interface Watch {
  readonly condition: ClusterCondition
  readonly then: () => void
  /** Who led the queue when the watch began. */
  leader: NodeNumber | null | undefined
}

export class Sightings {
  readonly events: TraceEvent[] = []
  private readonly api: Api
  private readonly clock: Clock
  private readonly nodes: number
  private watches: Watch[] = []
  private queues = new Map<string, SeenQueue>()
  /** Who led a queue last, while it has a leader and after. */
  private readonly leaders = new Map<string, NodeNumber>()
  private readonly running = new Set<NodeNumber>()
  private stopped = false

  constructor(api: Api, clock: Clock, nodes: number) {
    this.api = api
    this.clock = clock
    this.nodes = nodes
    for (let node = 1; node <= nodes; node++) this.running.add(node)
  }

  begin(): void {
    void this.lookOn()
  }

  stop(): void {
    this.stopped = true
  }

  watch(condition: ClusterCondition, then: () => void): void {
    const leader = 'queue' in condition ? this.leaders.get(condition.queue) : undefined
    this.watches.push({ condition, then, leader })
  }

  /** What nobody needs to look for. */
  inflicted(action: PlainAction): void {
    const kinds: Partial<Record<PlainAction['do'], TraceKind>> = {
      ...{ kill: 'node-killed', stop: 'node-stopped', freeze: 'node-frozen', thaw: 'node-thawed' },
      ...{ cut: 'partition', 'cut-link': 'partition', silence: 'silence', heal: 'healed' },
    }
    const kind = kinds[action.do]
    if (kind === undefined) return
    const node = 'node' in action ? action.node : null
    this.event(kind, node)
    if (node !== null && (action.do === 'kill' || action.do === 'stop')) this.running.delete(node)
  }

  /** The copies when all is over; null when nobody answers. */
  async holdings(): Promise<Holding[] | null> {
    const queues = await this.api.queues()
    if (queues === null) return null
    return queues.flatMap(({ name, leader, mirrors, messages }) =>
      [leader, ...mirrors]
        .filter((node) => node !== null)
        .map((node) => ({ queue: name, node, leads: node === leader, inMemory: messages, onDisk: 0 })),
    )
  }

  private async lookOn(): Promise<void> {
    while (!this.stopped) {
      const [queues, views] = await Promise.all([this.api.queues(), this.api.views()])
      if (this.stopped) return
      const up = views.flatMap((view, i) => (view === null ? [] : [i + 1]))
      this.seeNodes(up)
      if (queues !== null) for (const queue of queues) this.see(queue)
      this.tell(up)
      await new Promise((resolve) => setTimeout(resolve, intervalMs))
    }
  }

  private seeNodes(up: readonly NodeNumber[]): void {
    for (let node = 1; node <= this.nodes; node++) {
      if (up.includes(node) === this.running.has(node)) continue
      if (up.includes(node)) {
        this.running.add(node)
        this.event('node-started', node)
      } else {
        this.running.delete(node)
        this.event('node-stopped', node)
      }
    }
  }

  private see(queue: SeenQueue): void {
    const before = this.queues.get(queue.name)
    this.queues.set(queue.name, queue)
    const { leader, name } = queue
    const last = this.leaders.get(name)
    if (leader !== null) this.leaders.set(name, leader)
    if (leader === null && before?.leader != null) this.event('queue-down', before.leader, name)
    if (leader === null) return
    if (last === undefined) this.event('queue-declared', leader, name)
    else if (leader !== last) this.event('promoted', leader, name)
    else if (before?.leader === null) this.event('queue-recovered', leader, name)
    for (const node of queue.mirrors)
      if (before?.mirrors.includes(node) !== true) this.event('mirror-added', node, name)
    for (const node of queue.synchronised)
      if (before?.synchronised.includes(node) !== true) this.event('mirror-synced', node, name)
  }

  private tell(up: readonly NodeNumber[]): void {
    const over = this.watches.filter((watch) => this.holds(watch, up))
    this.watches = this.watches.filter((watch) => !over.includes(watch))
    // As a task of the clock, where errors are looked for.
    for (const { then } of over) this.clock.after(0, then)
  }

  private holds(watch: Watch, up: readonly NodeNumber[]): boolean {
    const { condition } = watch
    if ('node' in condition) return up.includes(condition.node) === (condition.is === 'running')
    const queue = this.queues.get(condition.queue)
    if (queue === undefined) return false
    switch (condition.is) {
      case 'holds':
        return queue.messages >= condition.atLeast
      case 'synchronising':
        return queue.state === 'syncing'
      case 'synchronised':
        return queue.mirrors.length > 0 && queue.synchronised.length === queue.mirrors.length
      case 'promoted':
        watch.leader ??= queue.leader
        return queue.leader !== null && queue.leader !== watch.leader
    }
  }

  private event(kind: TraceKind, node: NodeNumber | null, subject = ''): void {
    const name = node === null ? '' : `rabbit@node${node}`
    this.events.push({ at: this.clock.now, kind, node: name, subject, value: 0 })
  }
}
