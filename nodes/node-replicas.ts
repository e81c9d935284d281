// What one node leads and mirrors: starts and ends leaders and mirrors, promotes and recovers them, takes the steps of
// placement that modes ask for, and hands the stream between leaders and mirrors on. Kept by `node`; it must never decide
// who should lead.

import type { QueueRecord } from './definitions.ts'
import { modeOf, type QueueView } from './modes/index.ts'
import type { Node } from './node.ts'
import type { NodeQueueHost } from './node-queue-host.ts'
import { synchronise } from './node-synchronise.ts'
import type { PeerMessage } from './protocol.ts'
import { Queue } from './queue.ts'
import { inherit, recover, settleInheritance } from './queue-takeover.ts'
import { TracedQueue } from './queue-traced.ts'
import { Mirror } from './replication-mirror.ts'

export class Replicas {
  readonly leaders = new Map<number, Queue>()
  readonly mirrors = new Map<number, Mirror>()
  /** Queues that this node has given up leading, and to whom. */
  readonly resigned = new Map<number, string>()
  private readonly node: Node
  private readonly host: NodeQueueHost
  /** Leaders and mirrors with something that waits to be durable. */
  private readonly awaitingStore = new Set<Queue | Mirror>()

  constructor(node: Node) {
    this.node = node
    this.host = node.queueHost(this)
    node.store.onDurable = () => this.storeAdvanced()
  }

  /** A message between a leader and its mirrors. */
  receive(message: PeerMessage): void {
    switch (message.kind) {
      case 'passed-on':
        return void this.mirrors.get(message.queue)?.late(message)
      case 'replicate':
        return this.applyToMirror(message)
      case 'replicated':
        return this.leaderOfTerm(message)?.replication.acknowledged(message.node, message.position)
      case 'join':
        return this.startMirror(message.queue, message.term, message.fromId)
      case 'leave':
        // One that already follows another leader stays.
        return this.mirrorOfTerm(message) && this.stopMirror(message.queue)
      case 'adopt':
        return this.adopt(message)
      case 'adopted': {
        const queue = this.leaderOfTerm(message)
        const held = queue === undefined || message.lacking.length === 0 ? [] : queue.entries()
        queue?.replication.adopted(message.node, message.lacking, held)
        const record = this.node.definitions.queuesById.get(message.queue)
        if (message.lacking.length > 0 && record !== undefined) this.autoSync(record)
        return
      }
      case 'sync':
        return this.takeSync(message)
      case 'sync-cancelled':
        return this.mirrorOfTerm(message)?.notSynchronised(message.fromId)
      case 'synced':
        return this.leaderOfTerm(message)?.replication.synced(message.node)
    }
  }

  /**
   * The leader here. One that has just been declared is started by whatever reaches it first, which may overtake the
   * declaration; one that has been given up is not, for it is on its way to another node.
   */
  leaderFor(record: QueueRecord): Queue | undefined {
    const queue = this.leaders.get(record.id)
    if (queue !== undefined || record.leader !== this.node.name || record.state !== 'running') return queue
    return this.resigned.has(record.id) ? undefined : this.lead(record)
  }

  /** Starts leading a queue that has just been declared; its mirrors follow. */
  lead(record: QueueRecord): Queue {
    const queue = this.openQueue(record)
    this.place(record)
    return queue
  }

  /** Starts leading a queue from what the disk holds (docs/observed.md §0.6), and without mirrors. */
  recover(record: QueueRecord, crashed: boolean): Queue {
    record.state = 'running'
    record.mirrors = []
    record.syncing = false
    record.term++
    const queue = this.openQueue(record)
    recover(queue, crashed)
    return queue
  }

  /** The mirror here becomes the leader (docs/observed.md §4.1). False: there is none. */
  promote(record: QueueRecord, running: readonly string[]): boolean {
    const mirror = this.mirrors.get(record.id)
    if (mirror === undefined) return false
    this.mirrors.delete(record.id)
    this.awaitingStore.delete(mirror)
    record.leader = this.node.name
    record.mirrors = record.mirrors.filter((m) => m.node !== this.node.name && running.includes(m.node))
    record.state = 'running'
    record.syncing = false
    record.term++
    const queue = this.openQueue(record)
    const inheritance = mirror.promote()
    inherit(queue, inheritance)
    for (const { node } of record.mirrors) queue.replication.adopt(node, queue.nextMessageId, queue.entries())
    settleInheritance(queue, inheritance)
    return true
  }

  /**
   * This node stops leading, because a policy moves the leader: everything gathered leaves first. The disk keeps what it has
   * until the heir has taken over: both may go before that.
   */
  resign(record: QueueRecord, heir: string): void {
    const queue = this.leaders.get(record.id)
    if (queue === undefined) return
    this.resigned.set(record.id, heir)
    queue.flush()
    this.closeQueue(queue, false)
  }

  /** Somebody has taken over the queue; if it has resigned here, nothing of it stays. */
  succeeded(id: number): void {
    if (this.resigned.has(id) && !this.leaders.has(id) && !this.mirrors.has(id)) this.node.store.drop(id)
  }

  /**
   * Takes the next steps towards what the policy wants; called again after each change that may matter. `added`: mirrors
   * have been added by the steps before, and are filled if the policy says so.
   */
  place(record: QueueRecord, added = false): void {
    const queue = this.leaders.get(record.id)
    if (queue === undefined || record.state !== 'running') return
    const { loop, timings, trace } = this.node.peers
    const chance = loop.chance('placement')
    const mode = modeOf(record.settings, this.node.peers.size)
    for (;;) {
      const running = this.node.peers.runningWith(this.node.name)
      const step = mode.place(viewOf(record), running, chance)
      if (step === null) return added ? this.autoSync(record) : undefined
      if (step.do === 'handover' && queue.hold.active)
        return queue.hold.add(() => this.placeAgain(record.id, added))
      this.node.definitions.changed('mirror', this.node.name)
      if (step.do === 'handover') return this.node.peers.handOver(record, step.to)
      if (step.do === 'drop') {
        record.mirrors = record.mirrors.filter((mirror) => mirror.node !== step.node)
        // One that is lost is not dropped: on the other side of a cut it lives on, and may lead.
        const dropped = running.includes(step.node)
        queue.replication.leave(step.node, dropped)
        noteSyncing(record, queue)
        if (dropped) trace.event(loop.now, 'mirror-dropped', step.node, record.name)
        continue
      }
      trace.event(loop.now, 'mirror-added', step.node, record.name)
      record.mirrors.push({ node: step.node, synced: false })
      queue.replication.join(step.node, queue.nextMessageId, queue.depth)
      if (timings.mirrorStart.maxMs > 0) {
        const { term } = record
        const due =
          loop.now +
          timings.mirrorStart.minMs +
          (timings.mirrorStart.maxMs - timings.mirrorStart.minMs) * chance()
        loop.at(due, () => {
          const current = this.node.definitions.queuesById.get(record.id)
          if (current !== undefined) this.place(current, current.term === term)
        })
        return
      }
      added = true
    }
  }

  /** As `place`, later: after a cut this node may know another record of the queue. */
  private placeAgain(id: number, added: boolean): void {
    const record = this.node.definitions.queuesById.get(id)
    if (record !== undefined) this.place(record, added)
  }

  /** A node of the island is lost: its channels' holdings return, its mirrors leave. */
  peerLost(node: string): void {
    for (const mirror of this.mirrors.values()) mirror.forgetNode(node)
    this.leadOrphans()
    for (const [id, queue] of [...this.leaders]) {
      queue.nodeGone(node)
      const record = this.node.definitions.queuesById.get(id)
      if (record === undefined || !record.mirrors.some((mirror) => mirror.node === node)) continue
      record.mirrors = record.mirrors.filter((mirror) => mirror.node !== node)
      queue.replication.leave(node, false)
      noteSyncing(record, queue)
      this.node.definitions.version++
      this.place(record)
    }
  }

  /** Queues declared to be led here, whose declaration was lost with the node it came from: they begin now. */
  private leadOrphans(): void {
    for (const record of [...this.node.definitions.queues.values()]) {
      const { leader, state, mirrors } = record
      // With mirrors it is being handed over instead.
      if (
        leader === this.node.name &&
        state === 'running' &&
        mirrors.length === 0 &&
        !this.leaders.has(record.id)
      )
        this.lead(record)
    }
  }

  reconfigure(queueId: number): void {
    const record = this.node.definitions.queuesById.get(queueId)
    const queue = this.leaders.get(queueId)
    if (record === undefined || queue === undefined) return
    if (queue.hold.active) return queue.hold.add(() => this.reconfigure(queueId))
    queue.reconfigure(record.settings)
    this.autoSync(record)
    this.place(record)
  }

  private openQueue(record: QueueRecord): Queue {
    const { id, vhost, name, durable, autoDelete, term, exclusiveOwner } = record
    const identity = { id, vhost, name, durable, autoDelete, term, exclusive: exclusiveOwner !== null }
    const { messages } = this.node.peers.trace
    const queue =
      messages === null
        ? new Queue(identity, record.settings, this.host)
        : new TracedQueue(identity, record.settings, this.host, messages, this.node.name)
    this.leaders.set(id, queue)
    this.resigned.delete(id)
    return queue
  }

  /** Dead letters that waited for a publish to reach all of its queues. */
  sendLetters(): void {
    this.host.sendLetters()
  }

  private closeQueue(queue: Queue, tellConsumers: boolean): void {
    queue.close(tellConsumers)
    this.leaders.delete(queue.identity.id)
    this.awaitingStore.delete(queue)
    this.host.forget(queue.identity.id)
  }

  private leaderOfTerm({ queue, term }: { queue: number; term: number }): Queue | undefined {
    const leader = this.leaders.get(queue)
    return leader?.identity.term === term ? leader : undefined
  }

  private mirrorOfTerm({ queue, term }: { queue: number; term: number }): Mirror | undefined {
    const mirror = this.mirrors.get(queue)
    return mirror?.term === term ? mirror : undefined
  }

  private autoSync(record: QueueRecord): void {
    const queue = this.leaders.get(record.id)
    if (queue !== undefined && record.settings.haMode !== null && record.settings.haSyncMode === 'automatic')
      synchronise(this.node, queue)
  }

  private startMirror(queue: number, term: number, fromId: number): void {
    const record = this.node.definitions.queuesById.get(queue)
    this.node.store.drop(queue)
    this.mirrors.set(queue, new Mirror(queue, term, fromId, record?.durable ?? false, this.node.store))
  }

  stopMirror(queue: number): void {
    this.resigned.delete(queue)
    const mirror = this.mirrors.get(queue)
    if (mirror === undefined) return
    this.mirrors.delete(queue)
    this.awaitingStore.delete(mirror)
    mirror.wipe()
  }

  private applyToMirror({
    queue,
    term,
    position,
    operations,
  }: Extract<PeerMessage, { kind: 'replicate' }>): void {
    const mirror = this.mirrors.get(queue)
    if (mirror === undefined || mirror.term !== term) return
    mirror.apply(operations, position)
    this.acknowledgeStream(mirror)
  }

  private acknowledgeStream(mirror: Mirror): void {
    if (mirror.stored > this.node.store.durable) return void this.awaitingStore.add(mirror)
    const record = this.node.definitions.queuesById.get(mirror.queue)
    if (record === undefined) return
    const { queue, term, position } = mirror
    this.node.send(record.leader, { kind: 'replicated', queue, term, node: this.node.name, position })
  }

  private adopt({ queue, term, fromId, entries }: Extract<PeerMessage, { kind: 'adopt' }>): void {
    if (!this.mirrors.has(queue)) this.startMirror(queue, term, fromId)
    const mirror = this.mirrors.get(queue)
    const record = this.node.definitions.queuesById.get(queue)
    if (mirror === undefined || record === undefined) return
    const lacking = mirror.adopt(term, fromId, entries)
    this.node.send(record.leader, { kind: 'adopted', queue, term, node: this.node.name, lacking })
  }

  private takeSync(message: Extract<PeerMessage, { kind: 'sync' }>): void {
    const { queue, term, entries, first, last } = message
    const mirror = this.mirrorOfTerm(message)
    const record = this.node.definitions.queuesById.get(queue)
    if (mirror === undefined || record === undefined) return
    mirror.synchronise(entries, first, last)
    if (last) this.node.send(record.leader, { kind: 'synced', queue, term, node: this.node.name })
  }

  private storeAdvanced(): void {
    const waiting = [...this.awaitingStore]
    this.awaitingStore.clear()
    for (const one of waiting) {
      if (one instanceof Queue) one.storeAdvanced(this.node.store.durable)
      else this.acknowledgeStream(one)
    }
  }

  /** Deletes a queue led here, and tells everybody. */
  remove(queue: Queue): void {
    const record = this.node.definitions.queuesById.get(queue.identity.id)
    for (const { node } of [...queue.replication.followers]) queue.replication.leave(node, true)
    this.closeQueue(queue, true)
    this.node.store.drop(queue.identity.id)
    if (record !== undefined) this.removeRecord(record)
  }

  /** Forgets a queue that has no leader, or none any more, and tells everybody. */
  removeRecord(record: QueueRecord): void {
    const { definitions, loop, name, peers } = this.node
    definitions.removeQueue(record)
    this.node.counts.queuesDeleted++
    definitions.changed(record.mirrors.length > 0 ? 'mirroredQueueDelete' : 'queueDelete', name)
    peers.trace.event(loop.now, 'queue-deleted', name, record.name)
    peers.announce(name, record, 'deleted')
  }

  /** A mirror has caught up, or after a promotion turns out not to have. */
  synchronised(queue: Queue, mirror: string, synced: boolean): void {
    const record = this.node.definitions.queuesById.get(queue.identity.id)
    const entry = record?.mirrors.find((m) => m.node === mirror)
    if (record === undefined || entry === undefined) return
    const news = synced && !entry.synced
    entry.synced = synced
    noteSyncing(record, queue)
    if (!news) return
    this.node.peers.trace.event(this.node.loop.now, 'mirror-synced', mirror, record.name)
    // A synchronised mirror may free the leader to move (docs/observed.md §3.3), but never in the midst of its own work.
    this.node.loop.at(this.node.loop.now, () => this.placeAgain(record.id, false))
  }

  awaitStore(queue: Queue): void {
    this.awaitingStore.add(queue)
  }

  forgetAll(): void {
    for (const queue of this.leaders.values()) queue.close(false)
    this.leaders.clear()
    this.mirrors.clear()
    this.awaitingStore.clear()
  }
}

function noteSyncing(record: QueueRecord, queue: Queue): void {
  record.syncing = queue.replication.followers.some((follower) => follower.syncing)
}

/** What the modes may know of a queue. */
export function viewOf(record: QueueRecord): QueueView {
  return {
    durable: record.durable,
    exclusive: record.exclusiveOwner !== null,
    settings: record.settings,
    replicas: { leader: record.leader, mirrors: record.mirrors },
  }
}
