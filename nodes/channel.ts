// An AMQP channel: methods on decoded values, deliveries with tags, confirms, prefetch, transactions. It is `ready` or
// waits for one answer of a queue; meanwhile its connection holds its later frames. It must never touch bytes on the wire
// other than through the connection's writer.

import type { MethodArguments } from './amqp/methods.ts'
import { Unconfirmed } from './channel-confirms.ts'
import { ConsumerTags } from './channel-consumers.ts'
import { Limiter } from './channel-limiter.ts'
import type { ChannelOwner } from './channel-owner.ts'
import { acknowledgementTimedOut, Patience } from './channel-patience.ts'
import { Publisher } from './channel-publish.ts'
import { ReplyConsumer } from './channel-reply-to.ts'
import { Settling } from './channel-settle.ts'
import type { Transaction } from './channel-tx.ts'
import { type Delivered, Unacked } from './channel-unacked.ts'
import { newChannelCounts } from './counts.ts'
import type { Definitions, QueueRecord } from './definitions.ts'
import { BrokerError, preconditionFailed } from './errors.ts'
import { limits } from './limits.ts'
import type { Runnable } from './loop.ts'
import type { Message } from './message.ts'
import type { Node } from './node.ts'
import type { NodeChannel, QueueChange } from './node-peers.ts'
import type { ChannelRef, QueueAnswer, QueueOperation, Settlement } from './protocol.ts'

interface Waiting {
  readonly request: number
  readonly method: number
  readonly then: (answer: QueueAnswer) => void
}

const unknownTag = (tag: number) => preconditionFailed(`unknown delivery tag ${tag}`)

export class Channel implements NodeChannel, Runnable {
  readonly number: number
  readonly ref: ChannelRef
  readonly node: Node
  readonly owner: ChannelOwner
  readonly unacked = new Unacked()
  readonly consumers: ConsumerTags
  readonly publisher: Publisher
  readonly limiter: Limiter
  readonly patience: Patience
  readonly unconfirmed = new Unconfirmed()
  readonly replies: ReplyConsumer
  readonly counts = newChannelCounts()
  transaction: Transaction | null = null
  confirming = false
  /** Publishes before confirm.select: confirms number from 1. */
  confirmOffset = 0
  /** Prefetch of consumers to come (basic.qos without global). */
  prefetch = 0
  /** The name last declared or returned by the server: what an empty queue name stands for. */
  lastQueue = ''
  closed = false
  /** Class and method id of the method being handled. */
  currentMethod = 0
  /** Queues that must be told when the channel goes. */
  readonly touched = new Set<number>()
  private waiting: Waiting | null = null
  /** The client does not read what it has fetched: what it asks for next is held. */
  private clogged = false
  private handling = false
  private flushDue = false

  constructor(number: number, owner: ChannelOwner, node: Node) {
    this.number = number
    this.owner = owner
    this.node = node
    this.ref = { node: node.name, channel: node.peers.nextId() }
    this.consumers = new ConsumerTags(this)
    this.publisher = new Publisher(this)
    this.replies = new ReplyConsumer(this)
    this.limiter = new Limiter((queue, leader, count) =>
      node.send(leader, { kind: 'limiter', verb: 'grant', queue, channel: this.ref, count }),
    )
    const timeoutMs = node.peers.consumerTimeoutMs ?? limits.consumerTimeoutMs
    this.patience = new Patience(node.loop, this.unacked, timeoutMs, () =>
      owner.channelFailed(this, acknowledgementTimedOut(number, timeoutMs), 0),
    )
    node.channels.set(this.ref.channel, this)
  }

  get vhost(): string {
    return this.owner.vhost
  }

  get definitions(): Definitions {
    return this.node.definitions
  }

  /** Are its messages copied to the firehose? */
  get traced(): boolean {
    const { traced } = this.node
    return traced.size > 0 && traced.has(this.vhost)
  }

  get congested(): boolean {
    return this.owner.congested
  }

  /** True while an answer is awaited: the connection holds this channel's frames. */
  get busy(): boolean {
    return this.waiting !== null || this.clogged || (this.transaction?.committing ?? false)
  }

  // ---- answers to the client

  reply<N extends keyof MethodArguments>(name: N, args: MethodArguments[N]): void {
    this.owner.writer.method(this.number, name, args)
    this.owner.outputReady()
  }

  /** Asks the queue's leader and goes on with `then` when it answers; an error closes the channel. */
  ask(record: QueueRecord, operation: QueueOperation, then: (answer: QueueAnswer) => void): void {
    const request = this.node.peers.nextId()
    this.waiting = { request, method: this.currentMethod, then }
    this.handling = true
    this.node.request(request, this, this.ref, record, operation)
    this.handling = false
  }

  /**
   * True when the definitions cannot be changed, since a node does not answer: `then` is called when that has ended, and the
   * channel waits until then (docs/observed.md §19.5).
   */
  heldUp(then: () => void): boolean {
    const { peers, name } = this.node
    if (!peers.unanswering(name)) return false
    const request = peers.nextId()
    this.waiting = { request, method: this.currentMethod, then }
    peers.onAnswer(() => this.answered(request, { messages: 0, consumers: 0 }))
    return true
  }

  answered(request: number, answer: QueueAnswer | BrokerError): void {
    const waiting = this.waiting
    if (waiting === null || waiting.request !== request) return
    this.waiting = null
    try {
      if (answer instanceof BrokerError) throw answer
      waiting.then(answer)
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      this.consumers.refused()
      if (this.handling) {
        this.handling = false
        throw error
      }
      return this.owner.channelFailed(this, error, waiting.method)
    }
    if (!this.handling && !this.busy) this.owner.channelReady(this)
  }

  // ---- from leaders

  deliver(queue: number, consumerTag: string, id: number, message: Message, redelivered: boolean): void {
    this.consumers.deliver(queue, consumerTag, id, message, redelivered)
  }

  replied(message: Message): void {
    this.replies.deliver(message)
  }

  confirmed(queue: number, upTo: number, rejected: readonly number[]): void {
    this.unconfirmed.settled(queue, upTo, rejected)
    this.scheduleConfirms()
  }

  flow(queue: number, stop: boolean): void {
    this.owner.pause.queue(queue, stop)
  }

  consumerCancelled(consumerTag: string): void {
    this.consumers.cancelledByServer(consumerTag)
  }

  limiterAsked(queue: number, leader: string, count: number): void {
    this.limiter.ask(queue, leader, count)
  }

  limiterReleased(count: number): void {
    this.limiter.released(count)
  }

  queueChanged(record: QueueRecord, change: QueueChange): void {
    if (change === 'down') this.unconfirmed.queueLost(record.id, true)
    else if (change === 'deleted')
      this.unconfirmed.queueLost(record.id, !record.durable && record.leader !== this.node.name)
    // Left open after a crash; refused after a shutdown and when the old leader returns (docs/observed.md §11).
    else if ((change === 'waiting' && record.waitNacks) || change === 'recovered')
      this.unconfirmed.queueLost(record.id, true)
    this.scheduleConfirms()
    this.consumers.queueChanged(record, change)
  }

  // ---- settling

  /** basic.ack, basic.nack, basic.reject. Throws 406 when the tag is not outstanding. */
  settle(tag: number, multiple: boolean, how: Settlement): void {
    if (this.transaction === null) {
      const settling = new Settling()
      if (!this.unacked.settle(tag, multiple, settling)) throw unknownTag(tag)
      return this.sendSettling(settling, how)
    }
    const deliveries = this.unacked.hold(tag, multiple)
    if (deliveries === null) throw unknownTag(tag)
    this.transaction.settlements.push({ deliveries, how })
  }

  /** The tag of a delivery; with `track` it is to be acknowledged, and in time. */
  nextTag(queue: number, id: number, limited: boolean, track: boolean): number {
    if (track) this.patience.watch()
    return this.unacked.next(queue, id, limited, track, this.node.loop.now)
  }

  settleDeliveries(deliveries: readonly Delivered[], how: Settlement): void {
    const settling = new Settling()
    for (const { queue, id, limited } of deliveries) settling.add(queue, id, limited)
    this.sendSettling(settling, how)
  }

  private sendSettling(settling: Settling, how: Settlement): void {
    settling.send((queue, ids) => {
      if (how === 'ack') this.counts.acked += ids.length
      this.node.settle(queue, this.ref.channel, ids, how)
    })
    if (settling.limited > 0) this.limiter.free(settling.limited)
  }

  /** basic.recover with requeue: everything unacknowledged returns to its queues. */
  recover(): void {
    const settling = new Settling()
    this.unacked.settle(0, true, settling)
    this.sendSettling(settling, 'requeue')
  }

  // ---- confirms

  /** Publishes that the client has had an answer to. */
  get confirmedCount(): number {
    return this.confirming ? this.publisher.seq - this.confirmOffset - this.unconfirmed.outstanding : 0
  }

  scheduleConfirms(): void {
    if (this.flushDue || !this.unconfirmed.isDirty) return
    this.flushDue = true
    this.node.loop.atTurnEnd(this)
  }

  /** Sends the turn's confirms. Called by the loop at the turn's end. */
  run(): void {
    this.flushDue = false
    if (this.closed) return
    const { writer } = this.owner
    if (this.transaction !== null) this.unconfirmed.flush(this.transaction)
    else
      this.unconfirmed.flush({
        ack: (upTo, multiple) => writer.ack(this.number, upTo - this.confirmOffset, multiple),
        nack: (seq) => writer.nack(this.number, seq - this.confirmOffset, false),
      })
    this.owner.outputReady()
    this.transaction?.checkCommitted()
  }

  /** The client can be sent more again. */
  resume(): void {
    this.consumers.resume()
    if (!this.clogged) return
    this.clogged = false
    if (!this.busy) this.owner.channelReady(this)
  }

  /** A message was fetched: no further method until the client reads, if it does not. */
  fetched(): void {
    this.clogged = this.owner.congested
  }

  /** Ends the channel: its consumers end and what it held returns to the queues. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.node.forgetRequests(this)
    this.waiting = null
    this.replies.close()
    this.patience.stop()
    this.node.channels.delete(this.ref.channel)
    this.node.counts.channelEnded(this.vhost, this.counts, this.confirmedCount)
    for (const queue of this.touched)
      this.node.tellLeader(queue, { kind: 'channel-gone', queue, channel: this.ref })
  }
}
