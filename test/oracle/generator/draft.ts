// A scenario in the making: its steps so far, and what is known of its queues, consumers and nodes that decides which further
// steps a real cluster would answer in one way only. Used by the generator; it foretells no outcome.

import type { Fault, NodeNumber, PartitionHandling, Step, Table } from '../../../compare/steps.ts'
import type { Chance } from '../../../fuzz/chance.ts'

export interface DraftQueue {
  readonly name: string
  readonly home: NodeNumber
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly exclusive: boolean
  readonly arguments: Table
  /** The nodes that hold it, as far as the policies set and the faults met tell. Empty: not mirrored. */
  replicas: Set<NodeNumber>
  /** Nodes that its policy asks for. */
  wanted: readonly NodeNumber[]
  promotion: Table
  /** True while every mirror surely holds all, so that a leader's loss leaves nobody waiting. */
  synchronised: boolean
  /** The one consumer it may have at a time: several would share its messages by chance. */
  consumer: string | null
  /** A request may be waiting for its leader: another one would race with it. */
  waiting: boolean
}

export class Draft {
  readonly chance: Chance
  readonly handling: PartitionHandling
  readonly steps: Step[] = []
  readonly queues: DraftQueue[] = []
  readonly running = new Set<NodeNumber>([1, 2, 3])
  /** Which nodes are cut off, while they are; `healed` until the restart that ends it. */
  apart: NodeNumber[] = []
  healed = false
  /** Whether anything has fanned out yet. */
  exchange = false
  faults = 0
  private named = 0
  private bodies = 0

  constructor(chance: Chance, handling: PartitionHandling) {
    this.chance = chance
    this.handling = handling
  }

  /** One rest is as good as two. */
  add(...steps: readonly Step[]): void {
    for (const step of steps)
      if (step.do !== 'rest' || this.steps.at(-1)?.do !== 'rest') this.steps.push(step)
  }

  /** A node that clients reach. */
  someNode(): NodeNumber {
    const cut = this.apart.length > 0 && !this.healed
    const from = this.chance.hit(4) ? [1, 2, 3] : [...this.running]
    const node = this.chance.pick(from.length > 0 ? from : [1, 2, 3])
    return cut && this.chance.hit(50) ? this.apart[0]! : node
  }

  /** Through which node a queue is asked for something: its owner's if it is exclusive. */
  through(queue: DraftQueue): { on: NodeNumber; as?: string } {
    return queue.exclusive ? { on: queue.home, as: 'owner' } : { on: this.someNode() }
  }

  nextName(prefix: string): string {
    return `${prefix}${++this.named}`
  }

  /** What the next message bodies begin with: told apart in every delivery. */
  nextBody(): string {
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    const at = this.bodies++
    return at < 26 ? letters[at]! : `${letters[Math.floor(at / 26) - 1]}${letters[at % 26]}`
  }

  /** True when a request for `queue` may find no leader. */
  mayWait(queue: DraftQueue): boolean {
    return queue.wanted.length > 0 && !queue.synchronised && (this.running.size < 3 || this.apart.length > 0)
  }

  /** What the fault changes of what is known. */
  meet(fault: Fault): void {
    this.add({ do: 'rest' }, fault)
    this.faults++
    for (const queue of this.queues) queue.waiting = false
    switch (fault.do) {
      case 'kill':
      case 'stop':
      case 'stop-app':
        this.running.delete(fault.node)
        if (this.apart.includes(fault.node)) {
          this.apart = []
          this.healed = false
        }
        for (const queue of this.queues) queue.replicas.delete(fault.node)
        break
      case 'start':
      case 'start-app':
        this.running.add(fault.node)
        for (const queue of this.queues)
          if (queue.wanted.includes(fault.node)) {
            queue.replicas.add(fault.node)
            queue.synchronised &&= queue.promotion['ha-sync-mode'] === 'automatic'
          }
        break
      case 'cut':
        this.apart = [...fault.groups[0]!]
        for (const queue of this.queues) queue.synchronised = false
        break
      case 'heal':
        if (this.handling === 'ignore') this.healed = true
        else this.apart = []
    }
    this.add({ do: 'rest' })
  }
}
