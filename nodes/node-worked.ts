// A node whose work takes time. `cluster` makes these instead of plain nodes when it was given a cost model, so that one without
// pays nothing for it. It tells its machine what each message costs and changes nothing of what a node does.

import type { Consumer } from './consumer.ts'
import type { Definitions } from './definitions.ts'
import type { LinkKind } from './link.ts'
import type { Entry, Message } from './message.ts'
import { Node } from './node.ts'
import type { Peers } from './node-peers.ts'
import { NodeQueueHost } from './node-queue-host.ts'
import type { Replicas } from './node-replicas.ts'
import type { Plan } from './node-routing.ts'
import type { ChannelRef, PeerMessage } from './protocol.ts'
import type { Queue } from './queue.ts'
import type { Store } from './store/index.ts'
import type { Machines, Operation, Processor } from './work.ts'

export class WorkedNode extends Node {
  readonly processor: Processor
  private readonly machines: Machines
  /** Until when each queue here, leader or mirror, is busy. */
  private readonly lanes = new Map<number, { until: number }>()

  constructor(name: string, peers: Peers, store: Store, definitions: Definitions, machines: Machines) {
    super(name, peers, store, definitions)
    this.machines = machines
    this.processor = machines.of(name)
  }

  override queueHost(replicas: Replicas): NodeQueueHost {
    return new WorkedHost(this, replicas)
  }

  /** What `operation` costs for a body of `bytes`, or a share of it. */
  private cost(operation: Operation, bytes: number, share = 1): number {
    const { fixedMs, byteMs } = this.machines.times[operation]
    return share * (fixedMs + bytes * byteMs)
  }

  override publish(plan: Plan, message: Message, sender: ChannelRef, seq: number, confirm: boolean): void {
    this.processor.spend(this.cost('publish', message.size))
    super.publish(plan, message, sender, seq, confirm)
  }

  /** Half of what it costs to cross a link is the sender's. */
  override carry(to: string, message: PeerMessage, kind: LinkKind, bodies: number, bytes: number): void {
    this.crossing(message)
    super.carry(to, message, kind, bodies, bytes)
  }

  override receive(from: string, message: PeerMessage): void {
    if (from !== this.name) {
      this.crossing(message)
      if (message.kind === 'deliver') this.processor.spend(this.cost('deliver', message.message.size))
      else if (message.kind === 'replicate') this.replicated(message)
    }
    super.receive(from, message)
  }

  protected override lead(
    queues: readonly number[],
    message: Message,
    sender: ChannelRef,
    seq: number,
    confirm: boolean,
  ): void {
    for (const id of queues) {
      const active = this.leaders.get(id)?.replication.active === true
      this.queued(id, message, this.cost('queue', message.size) + (active ? this.ringHop(message) : 0))
    }
    super.lead(queues, message, sender, seq, confirm)
  }

  /** A queue here sends a message to a client: of this node, or of another that does the rest. */
  sent(queue: number, message: Message, local: boolean): void {
    if (local) this.processor.spendInLane(this.lane(queue), this.cost('deliver', message.size))
  }

  private crossing({ kind, message }: PeerMessage & { readonly message?: Message }): void {
    if (message === undefined) return
    if (kind === 'publish') this.processor.spend(this.cost('relayPublish', message.size, 0.5))
    else if (kind === 'deliver') this.processor.spend(this.cost('relayDeliver', message.size, 0.5))
  }

  private replicated({ queue, operations }: Extract<PeerMessage, { kind: 'replicate' }>): void {
    for (const operation of operations)
      if (operation.op === 'publish')
        this.queued(queue, operation.entry.message, this.ringHop(operation.entry.message))
  }

  private ringHop(message: Message): number {
    return this.cost('replicate', message.size)
  }

  private queued(queue: number, message: Message, ms: number): void {
    const durable = message.persistent && this.definitions.queuesById.get(queue)?.durable === true
    this.processor.spendInLane(this.lane(queue), ms + (durable ? this.cost('persist', message.size) : 0))
  }

  private lane(queue: number): { until: number } {
    let lane = this.lanes.get(queue)
    if (lane === undefined) this.lanes.set(queue, (lane = { until: 0 }))
    return lane
  }
}

class WorkedHost extends NodeQueueHost {
  private readonly worked: WorkedNode

  constructor(node: WorkedNode, replicas: Replicas) {
    super(node, replicas)
    this.worked = node
  }

  override deliver(queue: Queue, consumer: Consumer, entry: Entry): void {
    this.worked.sent(queue.identity.id, entry.message, consumer.sink !== null)
    super.deliver(queue, consumer, entry)
  }
}
