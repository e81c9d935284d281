// One running node: where channels, leaders, mirrors and links meet. Takes what links bring to whom it concerns, sends
// publishes to every replica's node and requests to leaders. Made at each start and forgotten at each end; it must never
// decide who leads or mirrors a queue.

import { consumerCredit } from './consumer.ts'
import { ackBytes, publishBytes, replyBytes, requestBytes } from './costs.ts'
import { NodeCounts, type Traffic } from './counts.ts'
import type { Definitions, QueueRecord } from './definitions.ts'
import { BrokerError, preconditionFailed } from './errors.ts'
import type { LinkEnd, LinkKind } from './link.ts'
import type { Loop } from './loop.ts'
import { entryBytes } from './memory.ts'
import type { Message } from './message.ts'
import { NodeExchanges } from './node-exchanges.ts'
import type { NodeChannel, NodeConnection, Peers, QueueChange, Requester } from './node-peers.ts'
import { NodeQueueHost } from './node-queue-host.ts'
import { Replicas } from './node-replicas.ts'
import { Requests } from './node-requests.ts'
import type { Plan } from './node-routing.ts'
import { cancelSynchronisation, synchronise } from './node-synchronise.ts'
import type {
  ChannelRef,
  PassedOnMessage,
  PeerMessage,
  PublishMessage,
  QueueOperation,
  RequestMessage,
  Settlement,
} from './protocol.ts'
import type { Queue } from './queue.ts'
import type { Road } from './replication.ts'
import type { Store } from './store/index.ts'

export class Node implements LinkEnd<PeerMessage>, Road {
  readonly name: string
  readonly peers: Peers
  readonly store: Store
  readonly replicas: Replicas
  readonly exchanges: NodeExchanges
  readonly counts = new NodeCounts()
  /** The vhosts whose messages are copied to amq.rabbitmq.trace, as far as this node's clients send and get them. */
  readonly traced = new Set<string>()
  readonly channels = new Map<number, NodeChannel>()
  /** Open connections by id. */
  readonly connections = new Map<number, NodeConnection>()
  /** What this node's island knows; replaced when the island changes. */
  definitions: Definitions
  private readonly requests: Requests
  /** Null while the node runs; while it stands still, what its clients have sent and nobody has looked at. */
  still: (() => void)[] | null = null
  private ended = false
  private publishing = 0

  constructor(name: string, peers: Peers, store: Store, definitions: Definitions) {
    this.name = name
    this.peers = peers
    this.store = store
    this.definitions = definitions
    this.requests = new Requests(
      peers.loop,
      peers.timings.operationDeadlineMs,
      (record, request) => this.dispatch(record, request),
      (record) => this.replicas.removeRecord(record),
    )
    this.replicas = new Replicas(this)
    this.exchanges = new NodeExchanges(this)
  }

  /** What its queues ask of it. */
  queueHost(replicas: Replicas): NodeQueueHost {
    return new NodeQueueHost(this, replicas)
  }

  /** Begins or ends copying what clients of `vhost` publish through this node and get from it. */
  trace(vhost: string, on: boolean): void {
    if (on) this.traced.add(vhost)
    else this.traced.delete(vhost)
  }

  /** A publish is on its way to its queues. */
  get isPublishing(): boolean {
    return this.publishing > 0
  }

  /** The process has ended: nothing it had planned happens any more. */
  get isEnded(): boolean {
    return this.ended
  }

  /** Keeps input that came while the node stands still; `chunk` is copied. */
  hold(chunk: Buffer, receive: (kept: Buffer) => void): void {
    const kept = Buffer.from(chunk)
    this.still?.push(() => receive(kept))
  }

  // ---- what a node offers to its channels

  get loop(): Loop {
    return this.peers.loop
  }

  /** The queues led here, by id. */
  get leaders(): ReadonlyMap<number, Queue> {
    return this.replicas.leaders
  }

  /** Sends a publish to every leader and mirror of `plan`. */
  publish(plan: Plan, message: Message, sender: ChannelRef, seq: number, confirm: boolean): void {
    this.publishing++
    for (const { node, role, queues } of plan.hops) {
      if (node === this.name && role === 'leader') this.lead(queues, message, sender, seq, confirm)
      else if (node === this.name)
        this.takePublish({ kind: 'publish', role, queues, message, sender, seq, confirm })
      else {
        const names = message.exchange.length + message.routingKey.length
        const costs = publishBytes(confirm, names, message.properties.length, queues.length)
        const publish: PublishMessage = { kind: 'publish', role, queues, message, sender, seq, confirm }
        this.carry(node, publish, 'publish', 1, message.size + costs)
      }
    }
    this.published()
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

  /** Everything `requester` has asked. */
  forgetRequests(requester: Requester): void {
    this.requests.forgetAll(requester)
  }

  forgetRequest(id: number): void {
    this.requests.forget(id)
  }

  /** Settles deliveries to `channel` of the queue, wherever its leader is now. */
  settle(queue: number, channel: number, ids: readonly number[], how: Settlement): void {
    const record = this.definitions.queuesById.get(queue)
    if (record === undefined || record.state !== 'running') return
    if (record.leader === this.name) return void this.leaders.get(queue)?.settle(channel, ids, how)
    this.carry(record.leader, { kind: 'settle', queue, channel, ids, how }, 'ack', 0, ackBytes(ids.length))
  }

  /** Tells the leader of `queue` something that needs no answer. */
  tellLeader(queue: number, message: PeerMessage): void {
    const record = this.definitions.queuesById.get(queue)
    if (record === undefined || record.state !== 'running') return
    if (record.leader === this.name) this.receive(this.name, message)
    else this.send(record.leader, message)
  }

  /** An open connection has ended. */
  connectionEnded({ id, vhost }: NodeConnection, traffic: Traffic): void {
    if (!this.connections.delete(id)) return
    this.counts.connectionEnded(vhost, traffic)
    this.dropExclusive(id)
  }

  /** A connection is gone: its exclusive queues go with it. */
  dropExclusive(connection: number): void {
    for (const record of [...this.definitions.queues.values()]) {
      if (record.exclusiveOwner !== connection) continue
      const queue = this.leaders.get(record.id)
      if (queue !== undefined) this.replicas.remove(queue)
    }
  }

  // ---- links

  /** `bytes`: what it would take on a real link, where it is counted elsewhere. */
  send(to: string, message: PeerMessage, bytes = 0): void {
    // The last words of channels that end with their node are heard by nobody.
    if (this.ended) return
    if (to === this.name) this.receive(this.name, message)
    else this.peers.link(this.name, to)?.send(message, bytes)
  }

  /** Sends to another node, and counts it as one packet of `kind`. */
  carry(to: string, message: PeerMessage, kind: LinkKind, bodies: number, bytes: number): void {
    const link = this.ended ? undefined : this.peers.link(this.name, to)
    if (link === undefined) return
    link.send(message, bytes)
    link.meter(kind, 1, bodies, bytes)
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
      case 'flow':
        return this.channels.get(message.channel)?.flow(message.queue, message.stop)
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
        return this.replicas.reconfigure(message.queue)
      default:
        return this.replicas.receive(message)
    }
  }

  private takePublish(publish: PublishMessage): void {
    const { role, queues, message, sender, seq, confirm } = publish
    this.publishing++
    if (role === 'leader') this.lead(queues, message, sender, seq, confirm)
    else {
      this.peers.memory.grew(queues.length * entryBytes)
      for (const id of queues) {
        const leader = this.leaders.get(id)
        if (leader !== undefined) leader.publish(message, sender, seq, confirm, true)
        else this.replicas.mirrors.get(id)?.direct(publish)
      }
    }
    this.published()
  }

  /** A publish for queues that are led here. */
  protected lead(
    queues: readonly number[],
    message: Message,
    sender: ChannelRef,
    seq: number,
    confirm: boolean,
  ): void {
    this.peers.memory.grew(queues.length * entryBytes)
    for (const id of queues) {
      const leader = this.leaders.get(id) ?? this.newLeader(id)
      if (leader !== undefined) leader.publish(message, sender, seq, confirm)
      else this.passOn({ kind: 'passed-on', queue: id, message, sender, seq, confirm })
    }
  }

  /** A publish that was on its way while its queue's leader here gave up: its heir has not begun yet. */
  private passOn(publish: PassedOnMessage): void {
    const heir = this.replicas.resigned.get(publish.queue)
    if (heir !== undefined) this.send(heir, publish)
  }

  private published(): void {
    if (--this.publishing === 0) this.replicas.sendLetters()
  }

  /** A publish may overtake the declaration of its queue. */
  private newLeader(id: number): Queue | undefined {
    const record = this.definitions.queuesById.get(id)
    return record && this.replicas.leaderFor(record)
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
    if (verb === 'grant') {
      const leader = this.leaders.get(queue)
      if (leader !== undefined) leader.grant(channel, count)
      // The queue went while its leader's question was on its way: the place is free again.
      else this.send(channel.node, { kind: 'limiter', verb: 'release', queue, channel, count })
    } else if (verb === 'ask') this.channels.get(channel.channel)?.limiterAsked(queue, from, count)
    else if (verb === 'release') this.channels.get(channel.channel)?.limiterReleased(count)
    else this.leaders.get(queue)?.limit(channel, verb === 'on')
  }

  // ---- requests to leaders here

  private dispatch(record: QueueRecord, request: RequestMessage): void {
    if (record.leader === this.name) return this.takeRequest(request)
    this.carry(record.leader, request, 'request', 0, requestBytes[request.operation.op].there)
  }

  private takeRequest(request: RequestMessage): void {
    const record = this.definitions.queuesById.get(request.queue)
    const queue = record === undefined ? undefined : this.replicas.leaderFor(record)
    // It was given up here, or is being promoted elsewhere, and will be asked again there.
    if (record !== undefined && queue === undefined) return
    if (queue?.hold.active && request.operation.op !== 'cancel-sync')
      return queue.hold.add(() => this.takeRequest(request))
    let answer: ReturnType<Node['perform']> | BrokerError
    try {
      // Deleted meanwhile: whoever waits for more than that has been told by the deletion.
      if (record === undefined || queue === undefined) answer = { messages: 0, consumers: 0 }
      else answer = this.perform(record, queue, request)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      answer = error
    }
    const { node } = request.channel
    if (node === this.name) return this.requests.answer(request.id, answer)
    const entry = answer instanceof BrokerError ? undefined : answer.entry
    const bytes = replyBytes(request.operation, entry?.message)
    const reply: PeerMessage = { kind: 'reply', id: request.id, answer }
    this.carry(node, reply, 'request', entry === undefined ? 0 : 1, bytes)
  }

  private perform(record: QueueRecord, queue: Queue, { channel, operation }: RequestMessage) {
    switch (operation.op) {
      // It has been started by now, or by a leader that was lost before it could answer.
      case 'create':
      case 'declare':
        return queue.declared()
      case 'get':
        return queue.get(channel, operation.noAck)
      case 'consume':
        // A new leader may be asked twice: by the request that waited for it and by the channel that found it.
        if (queue.consumers.find(channel.channel, operation.consumer.consumerTag) === undefined)
          queue.consume(channel, operation.consumer, consumerCredit)
        return queue.declared()
      case 'cancel':
        queue.cancel(channel.channel, operation.consumerTag)
        return { messages: 0, consumers: 0 }
      case 'purge':
        return queue.purge()
      case 'sync':
        synchronise(this, queue)
        return { messages: 0, consumers: 0 }
      case 'cancel-sync':
        cancelSynchronisation(this, queue)
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
    this.replicas.remove(queue)
    return answer
  }

  /** What became of a queue: waiting requests and channels react. */
  queueChanged(record: QueueRecord, change: QueueChange): void {
    this.requests.queueChanged(record, change, this.peers.runningWith(this.name).includes(record.leader))
    for (const channel of [...this.channels.values()]) channel.queueChanged(record, change)
    // A leader that comes back begins anew: a mirror that waited for it is one only if it is asked again.
    if (change === 'deleted' || change === 'recovered') this.replicas.stopMirror(record.id)
    else if (change === 'promoted') this.replicas.succeeded(record.id)
  }

  /** A node of the island is lost. */
  peerLost(node: string): void {
    for (const [address, ref] of this.definitions.replyAddresses)
      if (ref.node === node) this.definitions.replyAddresses.delete(address)
    this.replicas.peerLost(node)
  }

  /** The process ends: nothing in memory stays. */
  forgetAll(): void {
    this.ended = true
    this.replicas.forgetAll()
    this.channels.clear()
    this.connections.clear()
    this.requests.clear()
  }
}
