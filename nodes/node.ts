// One broker node: takes messages from its links, finds its leaders, mirrors and channels, and sends what they want sent.
// It carries out placements and promotions that modes and cluster decide. It must never reach into another node.

import type { Consumer } from './consumer.ts'
import { ackBytes, confirmBytes, deliverBytes, publishBytes, replyBytes, requestBytes } from './costs.ts'
import type { Definitions, QueueRecord } from './definitions.ts'
import { BrokerError, preconditionFailed } from './errors.ts'
import { limits } from './limits.ts'
import type { LinkEnd, LinkKind } from './link.ts'
import type { Loop } from './loop.ts'
import type { Entry, Message } from './message.ts'
import { modeOf, type QueueView } from './modes/index.ts'
import { deadLetter } from './node-deadletter.ts'
import type { NodeChannel, NodeConnection, Peers, QueueChange, Requester } from './node-peers.ts'
import { Requests } from './node-requests.ts'
import { type Plan, planFor, routeQueues, routingHeaders } from './node-routing.ts'
import type {
  ChannelRef,
  PeerMessage,
  PublishMessage,
  QueueOperation,
  RequestMessage,
  Settlement,
} from './protocol.ts'
import { Queue } from './queue.ts'
import type { DropReason, QueueHost } from './queue-host.ts'
import type { Road } from './replication.ts'
import { Mirror } from './replication-mirror.ts'
import type { Store } from './store/index.ts'

export class Node implements LinkEnd<PeerMessage>, QueueHost, Road {
  readonly name: string
  readonly peers: Peers
  readonly store: Store
  readonly leaders = new Map<number, Queue>()
  readonly mirrors = new Map<number, Mirror>()
  readonly channels = new Map<number, NodeChannel>()
  /** Open connections by id. */
  readonly connections = new Map<number, NodeConnection>()
  /** What this node's island knows; replaced when the island changes. */
  definitions: Definitions
  private readonly requests: Requests
  /** Leaders and mirrors with something that waits to be durable. */
  private readonly awaitingStore = new Set<Queue | Mirror>()
  private readonly deadLetterSeqs = new Map<number, number>()

  constructor(name: string, peers: Peers, store: Store, definitions: Definitions) {
    this.name = name
    this.peers = peers
    this.store = store
    this.definitions = definitions
    this.requests = new Requests(peers.loop, peers.timings.operationDeadlineMs, (record, request) =>
      this.dispatch(record, request),
    )
    store.onDurable = () => this.storeAdvanced()
  }

  // ---- what a node offers to its channels

  get loop(): Loop {
    return this.peers.loop
  }

  get road(): Road {
    return this
  }

  get clusterSize(): number {
    return this.peers.size
  }

  /** Sends a publish to every leader and mirror of `plan`. */
  publish(plan: Plan, message: Message, sender: ChannelRef, seq: number, confirm: boolean): void {
    for (const { node, role, queues } of plan.hops) {
      if (node === this.name)
        this.takePublish({ kind: 'publish', role, queues, message, sender, seq, confirm })
      else {
        this.send(node, { kind: 'publish', role, queues, message, sender, seq, confirm })
        const names = message.exchange.length + message.routingKey.length
        this.meter(this.name, node, 'publish', 1, 1, message.body.length + publishBytes(confirm, names))
      }
    }
  }

  /** Asks the queue's leader; `requester.answered` is called with the returned number, perhaps before this returns. */
  request(
    id: number,
    requester: Requester,
    channel: ChannelRef,
    record: QueueRecord,
    operation: QueueOperation,
  ): void {
    this.requests.send(id, requester, channel, record, operation)
  }

  forgetRequest(id: number): void {
    this.requests.forget(id)
  }

  /** Settles deliveries to `channel` of the queue, wherever its leader is now. */
  settle(queue: number, channel: number, ids: readonly number[], how: Settlement): void {
    const record = this.definitions.queuesById.get(queue)
    if (record === undefined || record.state !== 'running') return
    if (record.leader === this.name) return void this.leaders.get(queue)?.settle(channel, ids, how)
    this.send(record.leader, { kind: 'settle', queue, channel, ids, how })
    this.meter(this.name, record.leader, 'ack', 1, 0, ackBytes(ids.length))
  }

  /** Tells the leader of `queue` something that needs no answer. */
  tellLeader(queue: number, message: PeerMessage): void {
    const record = this.definitions.queuesById.get(queue)
    if (record === undefined || record.state !== 'running') return
    if (record.leader === this.name) this.receive(this.name, message)
    else this.send(record.leader, message)
  }

  /** A connection is gone: its exclusive queues go with it. */
  dropExclusive(connection: number): void {
    for (const record of [...this.definitions.queues.values()]) {
      if (record.exclusiveOwner !== connection) continue
      const queue = this.leaders.get(record.id)
      if (queue !== undefined) this.remove(queue)
    }
  }

  // ---- links

  send(to: string, message: PeerMessage): void {
    if (to === this.name) this.receive(this.name, message)
    else this.peers.link(this.name, to)?.send(message)
  }

  meter(from: string, to: string, kind: LinkKind, packets: number, bodies: number, bytes: number): void {
    if (from !== to) this.peers.meter(from, to, kind, packets, bodies, bytes)
  }

  receive(from: string, message: PeerMessage): void {
    switch (message.kind) {
      case 'publish':
        return this.takePublish(message)
      case 'confirm':
        return this.channels.get(message.channel)?.confirmed(message.queue, message.upTo, message.rejected)
      case 'deliver':
        return this.takeDelivery(message.channel, message.queue, message)
      case 'direct-reply':
        return this.channels.get(message.channel)?.replied(message.message)
      case 'settle':
        return this.leaders.get(message.queue)?.settle(message.channel, message.ids, message.how)
      case 'credit':
        return this.leaders.get(message.queue)?.credit(message.channel, message.consumerTag, message.count)
      case 'limiter':
        return this.takeLimiter(from, message)
      case 'request':
        return this.takeRequest(message)
      case 'reply':
        return this.requests.answer(message.id, message.answer)
      case 'cancelled':
        return this.channels.get(message.channel)?.consumerCancelled(message.consumerTag)
      case 'channel-gone':
        return this.leaders.get(message.queue)?.channelGone(message.channel.channel)
      case 'reconfigure':
        return this.reconfigure(message.queue)
      default:
        return this.takeReplica(message)
    }
  }

  private takePublish(publish: PublishMessage): void {
    const { role, queues, message, sender, seq, confirm } = publish
    for (const id of queues) {
      const leader = this.leaders.get(id)
      if (leader !== undefined) leader.publish(message, sender, seq, confirm, role === 'mirror')
      else if (role === 'mirror') this.mirrors.get(id)?.direct(publish)
    }
  }

  private takeDelivery(
    channel: number,
    queue: number,
    delivery: { consumerTag: string; id: number; message: Message; redelivered: boolean },
  ): void {
    const { consumerTag, id, message, redelivered } = delivery
    this.channels.get(channel)?.deliver(queue, consumerTag, id, message, redelivered)
  }

  private takeLimiter(
    from: string,
    { verb, queue, channel, count }: Extract<PeerMessage, { kind: 'limiter' }>,
  ): void {
    if (verb === 'grant') this.leaders.get(queue)?.grant(channel, count)
    else if (verb === 'ask') this.channels.get(channel.channel)?.limiterAsked(queue, from, count)
    else if (verb === 'release') this.channels.get(channel.channel)?.limiterReleased(count)
    else this.leaders.get(queue)?.limit(channel, verb === 'on')
  }

  private takeReplica(message: PeerMessage): void {
    switch (message.kind) {
      case 'replicate':
        return this.applyToMirror(message)
      case 'replicated':
        return this.leaderOfTerm(message)?.replication.acknowledged(message.node, message.position)
      case 'join':
        return this.startMirror(message.queue, message.term, message.fromId)
      case 'leave':
        return this.stopMirror(message.queue)
      case 'adopt':
        return this.adopt(message)
      case 'adopted': {
        const queue = this.leaderOfTerm(message)
        return queue?.replication.adopted(message.node, message.depth, queue.depth)
      }
      case 'sync':
        return this.takeSync(message)
      case 'synced':
        return this.leaderOfTerm(message)?.replication.synced(message.node)
    }
  }

  // ---- requests to leaders here

  private dispatch(record: QueueRecord, request: RequestMessage): void {
    if (record.leader === this.name) return this.takeRequest(request)
    this.send(record.leader, request)
    this.meter(this.name, record.leader, 'request', 1, 0, requestBytes)
  }

  private takeRequest(request: RequestMessage): void {
    const record = this.definitions.queuesById.get(request.queue)
    const queue = this.leaders.get(request.queue)
    // Neither here nor known: it is being promoted elsewhere, and will be asked again there.
    if (record !== undefined && queue === undefined && request.operation.op !== 'create') return
    let answer: ReturnType<Node['perform']> | BrokerError
    try {
      // Deleted meanwhile: whoever waits for more than that has been told by the deletion.
      if (record === undefined) answer = { messages: 0, consumers: 0 }
      else answer = this.perform(record, queue, request)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      answer = error
    }
    const { node } = request.channel
    if (node === this.name) return this.requests.answer(request.id, answer)
    this.send(node, { kind: 'reply', id: request.id, answer })
    const entry = answer instanceof BrokerError ? undefined : answer.entry
    const body = entry?.message.body.length ?? 0
    this.meter(this.name, node, 'request', 1, entry === undefined ? 0 : 1, replyBytes + body)
  }

  private perform(record: QueueRecord, queue: Queue | undefined, { channel, operation }: RequestMessage) {
    if (operation.op === 'create' || queue === undefined) return this.lead(record).declared()
    switch (operation.op) {
      case 'declare':
        return queue.declared()
      case 'get':
        return queue.get(channel, operation.noAck)
      case 'consume':
        queue.consume(channel, operation.consumer, limits.consumerCredit)
        return queue.declared()
      case 'cancel':
        queue.cancel(channel.channel, operation.consumerTag)
        return { messages: 0, consumers: 0 }
      case 'purge':
        return queue.purge()
      case 'sync':
        this.synchroniseQueue(queue)
        return { messages: 0, consumers: 0 }
      case 'delete':
        return this.deleteQueue(record, queue, operation.ifUnused, operation.ifEmpty)
    }
  }

  private deleteQueue(record: QueueRecord, queue: Queue, ifUnused: boolean, ifEmpty: boolean) {
    const what = `queue '${record.name}' in vhost '${record.vhost}'`
    if (ifUnused && queue.consumers.all.length > 0) throw preconditionFailed(`${what} in use`)
    if (ifEmpty && queue.ready > 0) throw preconditionFailed(`${what} not empty`)
    const answer = { messages: queue.ready, consumers: queue.consumers.all.length }
    this.remove(queue)
    return answer
  }

  // ---- leaders and mirrors of this node

  /** Starts leading a queue that has just been declared; its mirrors follow. */
  lead(record: QueueRecord): Queue {
    const queue = this.openQueue(record)
    this.place(record)
    return queue
  }

  /** Starts leading a queue from what the disk holds (docs/observed.md §0.6). */
  recover(record: QueueRecord, crashed: boolean): Queue {
    record.state = 'running'
    record.mirrors = []
    record.term++
    const queue = this.openQueue(record)
    queue.recover(crashed)
    return queue
  }

  /** The mirror here becomes the leader (docs/observed.md §4.1). False: there is none. */
  promote(record: QueueRecord, running: readonly string[]): boolean {
    const mirror = this.mirrors.get(record.id)
    if (mirror === undefined) return false
    this.mirrors.delete(record.id)
    this.awaitingStore.delete(mirror)
    record.leader = this.name
    record.mirrors = record.mirrors.filter((m) => m.node !== this.name && running.includes(m.node))
    record.state = 'running'
    record.term++
    const queue = this.openQueue(record)
    const inheritance = mirror.promote()
    queue.inherit(inheritance)
    for (const { node } of record.mirrors) queue.replication.adopt(node, queue.nextMessageId, queue.entries())
    queue.settleInheritance(inheritance)
    return true
  }

  /** This node stops leading, because a policy moves the leader: everything gathered leaves first. */
  resign(record: QueueRecord): void {
    const queue = this.leaders.get(record.id)
    if (queue === undefined) return
    queue.replication.run()
    queue.run()
    this.closeQueue(queue, false)
  }

  /** Takes the next steps towards what the policy wants; called again after each change that may matter. */
  place(record: QueueRecord): void {
    const queue = this.leaders.get(record.id)
    if (queue === undefined || record.state !== 'running') return
    const { loop, timings, trace } = this.peers
    const chance = loop.chance('placement')
    const mode = modeOf(record.settings, this.clusterSize)
    for (;;) {
      const step = mode.place(viewOf(record), this.peers.runningWith(this.name), chance)
      if (step === null) return
      this.definitions.changed('mirror')
      if (step.do === 'handover') return this.peers.handOver(record, step.to)
      if (step.do === 'drop') {
        record.mirrors = record.mirrors.filter((mirror) => mirror.node !== step.node)
        queue.replication.leave(step.node, true)
        trace.event(loop.now, 'mirror-dropped', step.node, record.name)
        continue
      }
      record.mirrors.push({ node: step.node, synced: false })
      trace.event(loop.now, 'mirror-added', step.node, record.name)
      queue.replication.join(step.node, queue.nextMessageId, queue.depth)
      if (timings.mirrorStart.maxMs > 0) {
        const { term } = record
        const due =
          loop.now +
          timings.mirrorStart.minMs +
          (timings.mirrorStart.maxMs - timings.mirrorStart.minMs) * chance()
        loop.at(due, () => {
          const current = this.definitions.queuesById.get(record.id)
          if (current !== undefined && current.term === term) this.autoSync(current)
          if (current !== undefined) this.place(current)
        })
        return
      }
      this.autoSync(record)
    }
  }

  /** Brings the mirrors of a queue level with its leader: rabbitmqctl sync_queue. */
  synchroniseQueue(queue: Queue): void {
    const record = this.definitions.queuesById.get(queue.identity.id)
    if (record === undefined) return
    if (queue.replication.synchronise(queue.entries(), Math.max(1, queue.settings.haSyncBatchSize)))
      record.syncing = true
  }

  /** A node of the island is lost: its channels' holdings return, its mirrors leave. */
  peerLost(node: string): void {
    for (const [address, ref] of this.definitions.replyAddresses)
      if (ref.node === node) this.definitions.replyAddresses.delete(address)
    for (const [id, queue] of [...this.leaders]) {
      queue.nodeGone(node)
      const record = this.definitions.queuesById.get(id)
      if (record === undefined || !record.mirrors.some((mirror) => mirror.node === node)) continue
      record.mirrors = record.mirrors.filter((mirror) => mirror.node !== node)
      queue.replication.leave(node, false)
      this.definitions.version++
      this.place(record)
    }
  }

  /** What became of a queue: waiting requests and channels react. */
  queueChanged(record: QueueRecord, change: QueueChange): void {
    this.requests.queueChanged(record, change, this.peers.runningWith(this.name).includes(record.leader))
    for (const channel of [...this.channels.values()]) channel.queueChanged(record, change)
    if (change === 'deleted') this.stopMirror(record.id)
  }

  /** The process ends: nothing in memory stays. */
  forgetAll(): void {
    for (const queue of this.leaders.values()) queue.close(false)
    this.leaders.clear()
    this.mirrors.clear()
    this.channels.clear()
    this.connections.clear()
    this.awaitingStore.clear()
    this.requests.clear()
  }

  reconfigure(queueId: number): void {
    const record = this.definitions.queuesById.get(queueId)
    const queue = this.leaders.get(queueId)
    if (record === undefined || queue === undefined) return
    queue.reconfigure(record.settings)
    this.autoSync(record)
    this.place(record)
  }

  private openQueue(record: QueueRecord): Queue {
    const { id, vhost, name, durable, autoDelete, term, exclusiveOwner } = record
    const identity = { id, vhost, name, durable, autoDelete, term, exclusive: exclusiveOwner !== null }
    const queue = new Queue(identity, record.settings, this)
    this.leaders.set(id, queue)
    return queue
  }

  private closeQueue(queue: Queue, tellConsumers: boolean): void {
    queue.close(tellConsumers)
    this.leaders.delete(queue.identity.id)
    this.awaitingStore.delete(queue)
    this.store.drop(queue.identity.id)
  }

  private leaderOfTerm({ queue, term }: { queue: number; term: number }): Queue | undefined {
    const leader = this.leaders.get(queue)
    return leader?.identity.term === term ? leader : undefined
  }

  private autoSync(record: QueueRecord): void {
    const queue = this.leaders.get(record.id)
    if (queue !== undefined && record.settings.haMode !== null && record.settings.haSyncMode === 'automatic')
      this.synchroniseQueue(queue)
  }

  private startMirror(queue: number, term: number, fromId: number): void {
    const record = this.definitions.queuesById.get(queue)
    this.store.drop(queue)
    this.mirrors.set(queue, new Mirror(queue, term, fromId, record?.durable ?? false, this.store))
  }

  private stopMirror(queue: number): void {
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
    if (mirror.stored > this.store.durable) return void this.awaitingStore.add(mirror)
    const record = this.definitions.queuesById.get(mirror.queue)
    if (record === undefined) return
    const { queue, term, position } = mirror
    this.send(record.leader, { kind: 'replicated', queue, term, node: this.name, position })
  }

  private adopt({ queue, term, entries }: Extract<PeerMessage, { kind: 'adopt' }>): void {
    const mirror = this.mirrors.get(queue)
    const record = this.definitions.queuesById.get(queue)
    if (mirror === undefined || record === undefined) return
    const depth = mirror.adopt(term, entries)
    this.send(record.leader, { kind: 'adopted', queue, term, node: this.name, depth })
  }

  private takeSync({ queue, term, entries, last }: Extract<PeerMessage, { kind: 'sync' }>): void {
    const mirror = this.mirrors.get(queue)
    const record = this.definitions.queuesById.get(queue)
    if (mirror === undefined || record === undefined || mirror.term !== term) return
    mirror.synchronise(entries)
    if (last) this.send(record.leader, { kind: 'synced', queue, term, node: this.name })
  }

  private storeAdvanced(): void {
    const waiting = [...this.awaitingStore]
    this.awaitingStore.clear()
    for (const one of waiting) {
      if (one instanceof Queue) one.storeAdvanced(this.store.durable)
      else this.acknowledgeStream(one)
    }
  }

  // ---- what a queue asks of its node

  sinkOf(channel: ChannelRef): NodeChannel | null {
    return channel.node === this.name ? (this.channels.get(channel.channel) ?? null) : null
  }

  deliver(queue: Queue, consumer: Consumer, entry: Entry): void {
    const { channel, options, sink } = consumer
    const { id, message, redelivered } = entry
    if (sink !== null)
      return (sink as NodeChannel).deliver(queue.identity.id, options.consumerTag, id, message, redelivered)
    const { consumerTag } = options
    this.send(channel.node, {
      kind: 'deliver',
      channel: channel.channel,
      queue: queue.identity.id,
      consumerTag,
      id,
      message,
      redelivered,
    })
    const names = message.exchange.length + message.routingKey.length
    const bytes = message.body.length + deliverBytes(!options.noAck, names, queue.identity.name.length)
    this.meter(this.name, channel.node, redelivered ? 'redeliver' : 'deliver', 1, 1, bytes)
  }

  confirm(queue: Queue, sender: ChannelRef, upTo: number, rejected: readonly number[]): void {
    const { id } = queue.identity
    if (sender.node === this.name)
      return void this.channels.get(sender.channel)?.confirmed(id, upTo, rejected)
    this.send(sender.node, { kind: 'confirm', channel: sender.channel, queue: id, upTo, rejected })
    this.meter(this.name, sender.node, 'confirm', 1, 0, confirmBytes(1))
  }

  deadLetter(queue: Queue, message: Message, reason: DropReason): void {
    const { vhost, name, id } = queue.identity
    const { deadLetterExchange, deadLetterRoutingKey } = queue.settings
    const exchange = this.definitions.exchange(vhost, deadLetterExchange ?? '')
    if (exchange === undefined) return
    const timeSeconds = Math.floor(this.loop.now / 1000)
    const death = {
      queue: name,
      reason,
      exchange: exchange.name,
      routingKey: deadLetterRoutingKey,
      timeSeconds,
    }
    const { message: dead, cycle } = deadLetter(message, death)
    const queues = routeQueues(this.definitions, exchange, dead.routingKey, routingHeaders(dead.properties))
    const plan = planFor(queues.filter((record) => !cycle(record.name)))
    const seq = (this.deadLetterSeqs.get(id) ?? 0) + 1
    this.deadLetterSeqs.set(id, seq)
    this.publish(plan, dead, { node: this.name, channel: -id }, seq, false)
  }

  askLimiter(queue: Queue, channel: ChannelRef, verb: 'ask' | 'release', count: number): void {
    this.send(channel.node, { kind: 'limiter', verb, queue: queue.identity.id, channel, count })
  }

  cancelled(_queue: Queue, consumer: Consumer): void {
    const { channel, options } = consumer
    this.send(channel.node, { kind: 'cancelled', channel: channel.channel, consumerTag: options.consumerTag })
  }

  remove(queue: Queue): void {
    const record = this.definitions.queuesById.get(queue.identity.id)
    for (const { node } of [...queue.replication.followers]) queue.replication.leave(node, true)
    this.closeQueue(queue, true)
    this.deadLetterSeqs.delete(queue.identity.id)
    if (record === undefined) return
    this.definitions.removeQueue(record)
    this.definitions.changed('queueDelete')
    this.peers.trace.event(this.loop.now, 'queue-deleted', this.name, record.name)
    this.peers.announce(this.name, record, 'deleted')
  }

  synchronised(queue: Queue, mirror: string, synced: boolean): void {
    const record = this.definitions.queuesById.get(queue.identity.id)
    const entry = record?.mirrors.find((m) => m.node === mirror)
    if (record === undefined || entry === undefined) return
    const news = synced && !entry.synced
    entry.synced = synced
    record.syncing = queue.replication.followers.some((follower) => follower.syncing)
    if (!news) return
    this.peers.trace.event(this.loop.now, 'mirror-synced', mirror, record.name)
    // A synchronised mirror may free the leader to move (docs/observed.md §3.3), but never in the midst of its own work.
    this.loop.at(this.loop.now, () => {
      const current = this.definitions.queuesById.get(record.id)
      if (current !== undefined) this.place(current)
    })
  }

  awaitStore(queue: Queue): void {
    this.awaitingStore.add(queue)
  }
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
