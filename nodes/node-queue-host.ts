// What queues ask of their node: the way to channels and mirrors, dead letters, and the end of the queue itself. One per
// node, shared by all of its leaders; it holds nothing but the numbering of dead letters.

import type { Consumer } from './consumer.ts'
import { confirmBytes, creditBytes, deliverBytes, deliveriesPerCredit, limiterBytes } from './costs.ts'
import type { Loop } from './loop.ts'
import type { Entry, Message } from './message.ts'
import type { Node } from './node.ts'
import { deadLetter } from './node-deadletter.ts'
import type { NodeChannel } from './node-peers.ts'
import type { Replicas } from './node-replicas.ts'
import { routingHeaders } from './node-routing.ts'
import type { ChannelRef, PeerMessage } from './protocol.ts'
import type { Queue } from './queue.ts'
import type { DropReason, QueueHost } from './queue-host.ts'
import type { Road } from './replication.ts'
import { Ring } from './ring.ts'
import type { Store } from './store/index.ts'

/** A queue's dead letters as publishes: by which sender, how many, and to which queues. */
interface DeadLetterer {
  readonly ref: ChannelRef
  sent: number
  readonly touched: Set<number>
}

export class NodeQueueHost implements QueueHost {
  private readonly node: Node
  private readonly replicas: Replicas
  /**
   * The sender of each queue's dead letters and how many it has sent: they are numbered like a channel's publishes, and
   * a queue's next leader is another sender, or mirrors would take its first ones for repeats.
   */
  private readonly deadLetterers = new Map<number, DeadLetterer>()

  private readonly letters = new Ring<{
    readonly queue: Queue
    readonly message: Message
    readonly reason: DropReason
  }>()

  constructor(node: Node, replicas: Replicas) {
    this.node = node
    this.replicas = replicas
  }

  get loop(): Loop {
    return this.node.peers.loop
  }

  get road(): Road {
    return this.node
  }

  get store(): Store {
    return this.node.store
  }

  get clusterSize(): number {
    return this.node.peers.size
  }

  sinkOf(channel: ChannelRef): NodeChannel | null {
    return channel.node === this.node.name ? (this.node.channels.get(channel.channel) ?? null) : null
  }

  deliver(queue: Queue, consumer: Consumer, entry: Entry): void {
    const { channel, options, sink } = consumer
    const { id, message, redelivered } = entry
    if (sink !== null)
      return (sink as NodeChannel).deliver(queue.identity.id, options.consumerTag, id, message, redelivered)
    const { consumerTag } = options
    const names = message.exchange.length + message.routingKey.length
    const { length } = queue.identity.name
    const costs = deliverBytes(!options.noAck, names, message.properties.length, length)
    const delivery: PeerMessage = {
      kind: 'deliver',
      channel: channel.channel,
      queue: queue.identity.id,
      consumerTag,
      id,
      message,
      redelivered,
    }
    this.node.carry(channel.node, delivery, redelivered ? 'redeliver' : 'deliver', 1, message.size + costs)
    // Which delivery it is that brings credit does not matter to a sum.
    if (id % deliveriesPerCredit === 0)
      this.node.meter(channel.node, this.node.name, 'ack', 1, 0, creditBytes)
  }

  /** Every replica of a real cluster confirms to the channel by itself (docs/costs.md §3). */
  confirm(queue: Queue, sender: ChannelRef, upTo: number, count: number, rejected: readonly number[]): void {
    const { id } = queue.identity
    for (const { node } of queue.replication.followers)
      this.node.meter(node, sender.node, 'confirm', 1, 0, confirmBytes(count))
    if (sender.node === this.node.name)
      return void this.node.channels.get(sender.channel)?.confirmed(id, upTo, rejected)
    const confirm: PeerMessage = { kind: 'confirm', channel: sender.channel, queue: id, upTo, rejected }
    this.node.carry(sender.node, confirm, 'confirm', 0, confirmBytes(count))
  }

  /** Dead letters of a publish come after it in every queue: they wait until all queues of the node have it. */
  deadLetter(queue: Queue, message: Message, reason: DropReason): void {
    this.node.counts.deadLettered[reason]++
    this.letters.push({ queue, message, reason })
    this.sendLetters()
  }

  sendLetters(): void {
    while (!this.node.isPublishing && this.letters.length > 0) {
      const { queue, message, reason } = this.letters.shift()!
      this.sendLetter(queue, message, reason)
    }
  }

  private sendLetter(queue: Queue, message: Message, reason: DropReason): void {
    const { vhost, name, id } = queue.identity
    const { deadLetterExchange, deadLetterRoutingKey } = queue.settings
    const exchange = this.node.definitions.exchange(vhost, deadLetterExchange ?? '')
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
    const extra = routingHeaders(dead.properties)
    const plan = this.node.exchanges.plan(exchange, dead, extra, (record) => !cycle(record.name))
    let sender = this.deadLetterers.get(id)
    if (sender === undefined) {
      const ref = { node: this.node.name, channel: -this.node.peers.nextId() }
      sender = { ref, sent: 0, touched: new Set() }
      this.deadLetterers.set(id, sender)
    }
    // As for a channel: a mirror may come while the letter is on its way.
    if (this.node.peers.size > 1) for (const target of plan.queues) sender.touched.add(target.id)
    this.node.publish(plan, dead, sender.ref, ++sender.sent, false)
  }

  flow(queue: Queue, sender: ChannelRef, stop: boolean): void {
    const { node, channel } = sender
    this.node.send(node, { kind: 'flow', channel, queue: queue.identity.id, stop })
  }

  askLimiter(queue: Queue, channel: ChannelRef, verb: 'ask' | 'release', count: number): void {
    this.node.send(channel.node, { kind: 'limiter', verb, queue: queue.identity.id, channel, count })
    if (verb !== 'ask') return
    this.node.meter(this.node.name, channel.node, 'request', 1, 0, limiterBytes.ask)
    this.node.meter(channel.node, this.node.name, 'request', 1, 0, limiterBytes.grant)
  }

  cancelled(_queue: Queue, consumer: Consumer): void {
    const { channel, options } = consumer
    this.node.send(channel.node, {
      kind: 'cancelled',
      channel: channel.channel,
      consumerTag: options.consumerTag,
    })
  }

  remove(queue: Queue): void {
    this.replicas.remove(queue)
  }

  synchronised(queue: Queue, mirror: string, synced: boolean): void {
    this.replicas.synchronised(queue, mirror, synced)
  }

  awaitStore(queue: Queue): void {
    this.replicas.awaitStore(queue)
  }

  /** The queue is no longer led here: those it sent dead letters to, and their mirrors, need not remember it as a sender. */
  forget(queue: number): void {
    const sender = this.deadLetterers.get(queue)
    if (sender === undefined) return
    this.deadLetterers.delete(queue)
    for (const target of sender.touched)
      this.node.tellLeader(target, { kind: 'channel-gone', queue: target, channel: sender.ref })
  }
}
