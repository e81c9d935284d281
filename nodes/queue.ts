// A queue's leader: the ready messages, the consumers, what is unacknowledged, and the rules of TTL, length limits,
// priorities and dead-lettering. `node` calls it for requests from near and far; what it wants done outside it asks of
// its host. It must never know whether a channel is local.

import type { QueueSettings } from '../policies/effective.ts'
import { Consumer, Consumers } from './consumer.ts'
import { accessRefused } from './errors.ts'
import type { Runnable } from './loop.ts'
import { Entry, type Message } from './message.ts'
import { modeOf } from './modes/index.ts'
import type { ChannelRef, ConsumeOptions, QueueAnswer, Settlement } from './protocol.ts'
import { Backlog } from './queue-backlog.ts'
import { Confirms } from './queue-confirms.ts'
import {
  type DropReason,
  noCounts,
  type QueueCounts,
  type QueueHost,
  type QueueIdentity,
} from './queue-host.ts'
import { Outlet } from './queue-outlet.ts'
import { HeadTimer, IdleTimer } from './queue-timers.ts'
import { Replication } from './replication.ts'
import type { Inheritance } from './replication-mirror.ts'

export class Queue implements Runnable {
  readonly identity: QueueIdentity
  settings: QueueSettings
  readonly counts: QueueCounts = noCounts()
  readonly consumers: Consumers
  readonly replication: Replication
  unackedBytes = 0
  unackedCount = 0
  /** Of the messages held, those on the disk. */
  storedCount = 0
  storedBytes = 0
  private readonly host: QueueHost
  private readonly backlog = new Backlog()
  private readonly outlets = new Map<number, Outlet>()
  private readonly confirms = new Confirms()
  private readonly headTimer: HeadTimer
  private readonly idleTimer: IdleTimer
  /** Publishes below these, per sender, came through an earlier leader already. */
  private ordered: ReadonlyMap<number, number> | null = null
  private nextId = 1
  private confirmsDue = false
  private sending = false
  private asking = false
  private closed = false

  constructor(identity: QueueIdentity, settings: QueueSettings, host: QueueHost) {
    this.identity = identity
    this.settings = settings
    this.host = host
    this.consumers = new Consumers(settings.singleActiveConsumer)
    this.headTimer = new HeadTimer(host.loop, () => this.drain())
    this.idleTimer = new IdleTimer(
      host.loop,
      () => this.consumers.all.length > 0,
      () => host.remove(this),
    )
    this.idleTimer.configure(settings.expiresMs)
    this.replication = new Replication(identity.id, identity.term, host.loop, host.road, {
      progressed: () => this.checkSafe(),
      synchronised: (node, synced) => host.synchronised(this, node, synced),
    })
  }

  get ready(): number {
    return this.backlog.length
  }

  get readyBytes(): number {
    return this.backlog.bytes
  }

  get nextMessageId(): number {
    return this.nextId
  }

  get priorityLengths(): number[] {
    return this.backlog.lengths()
  }

  // ---- what comes in

  /** A publish by `sender`, its `seq`-th; `viaMirror`: it was sent to this node as to a mirror. */
  publish(message: Message, sender: ChannelRef, seq: number, confirm: boolean, viaMirror = false): void {
    if (viaMirror && seq <= (this.ordered?.get(sender.channel) ?? 0)) return
    this.counts.published++
    if (this.overflows(message)) return this.refuse(message, sender, seq, confirm)
    const { now } = this.host.loop
    const entry = new Entry(this.nextId++, message, this.expiryOf(message, now), this.levelOf(message))
    const consumer = this.backlog.length === 0 && !this.sending ? this.nextConsumer() : null
    let stored = 0
    if (consumer?.options.noAck || (consumer === null && entry.expiresAt <= now)) {
      this.replication.discard(sender.channel, seq)
    } else {
      stored = this.keep(entry)
      this.replication.publish(entry, sender.channel, seq, confirm)
    }
    if (confirm) this.confirm(sender, seq, stored, false)
    if (consumer !== null) this.send(consumer, entry, !consumer.options.noAck)
    else if (entry.expiresAt <= now) this.deadLetter(message, 'expired')
    else this.enqueue(entry)
  }

  /** Settles deliveries of `channel` by message id; ids it does not hold are ignored (docs/observed.md §11). */
  settle(channel: number, ids: readonly number[], how: Settlement): void {
    const outlet = this.outlets.get(channel)
    if (outlet === undefined) return
    const back: Entry[] = []
    for (const id of ids) {
      const entry = outlet.take(id)
      if (entry === undefined) continue
      this.unaccount(entry)
      if (how === 'requeue') back.push(entry)
      else if (how === 'reject') this.drop(entry, 'rejected')
      else {
        this.counts.acked++
        this.forget(entry)
      }
    }
    if (back.length > 0) this.requeue(back)
    this.drain()
  }

  consume(channel: ChannelRef, options: ConsumeOptions, credit: number): void {
    const { all } = this.consumers
    if (
      all.some((c) => c.options.exclusive) ||
      (options.exclusive && (all.length > 0 || this.settings.singleActiveConsumer))
    )
      throw accessRefused(`queue '${this.identity.name}' in vhost '${this.identity.vhost}' in exclusive use`)
    const sink = this.host.sinkOf(channel)
    this.idleTimer.used()
    if (options.limited) this.outlet(channel).limited = true
    this.consumers.add(new Consumer(channel, options, sink === null ? credit : Infinity, sink))
    this.drain()
  }

  cancel(channel: number, consumerTag: string): void {
    const consumer = this.consumers.find(channel, consumerTag)
    if (consumer === undefined) return
    this.consumers.remove(consumer)
    this.consumerLeft()
    this.drain()
  }

  get(channel: ChannelRef, noAck: boolean): QueueAnswer {
    this.idleTimer.used()
    this.expireHead()
    const entry = this.backlog.shift()
    if (entry === undefined) {
      this.counts.getEmpty++
      return this.answer()
    }
    this.counts.got++
    const { id, message, redelivered } = entry
    if (redelivered) this.counts.redelivered++
    if (noAck) this.counts.gotNoAck++
    if (noAck) this.forget(entry)
    else this.handOut(this.outlet(channel), entry, null)
    return { ...this.answer(), entry: { id, message, redelivered } }
  }

  /** A declaration of the queue that exists. */
  declared(): QueueAnswer {
    this.idleTimer.used()
    this.expireHead()
    return this.answer()
  }

  purge(): QueueAnswer {
    const entries = this.backlog.clear()
    for (const entry of entries) this.forget(entry)
    this.headTimer.cancel()
    return { messages: entries.length, consumers: this.consumers.all.length }
  }

  /** A channel on whatever node is gone: its consumers end and what it held returns to its place. */
  channelGone(channel: number): void {
    this.replication.senderGone(channel)
    const outlet = this.outlets.get(channel)
    const consumers = this.consumers.all.filter((c) => c.channel.channel === channel)
    if (outlet === undefined && consumers.length === 0) return
    for (const consumer of consumers) this.consumers.remove(consumer)
    if (outlet !== undefined) {
      this.outlets.delete(channel)
      const back = [...outlet.unacked.values()]
      for (const entry of back) this.unaccount(entry)
      if (back.length > 0) this.requeue(back)
    }
    if (consumers.length > 0) this.consumerLeft()
    this.drain()
  }

  /** All channels of a lost node are gone. */
  nodeGone(node: string): void {
    const channels = new Set<number>()
    for (const { channel } of this.outlets.values()) if (channel.node === node) channels.add(channel.channel)
    for (const { channel } of this.consumers.all) if (channel.node === node) channels.add(channel.channel)
    for (const channel of channels) this.channelGone(channel)
  }

  /** The consumer's node has passed on `count` deliveries. */
  credit(channel: number, consumerTag: string, count: number): void {
    const consumer = this.consumers.find(channel, consumerTag)
    if (consumer === undefined) return
    consumer.credit += count
    this.consumers.offer(consumer)
    this.drain()
  }

  /** A local channel can take deliveries again. */
  resume(channel: number): void {
    for (const consumer of this.consumers.all)
      if (consumer.channel.channel === channel) this.consumers.offer(consumer)
    this.drain()
  }

  /** The channel-wide limit of `channel` allows `count` more deliveries. */
  grant(channel: ChannelRef, count: number): void {
    const outlet = this.outlet(channel)
    outlet.tokens += count
    outlet.asked = Math.max(0, outlet.asked - count)
    if (this.asking) return
    for (const consumer of outlet.parked.splice(0)) this.consumers.offer(consumer)
    this.drain()
    if (outlet.tokens > 0) {
      this.host.askLimiter(this, channel, 'release', outlet.tokens)
      outlet.tokens = 0
    }
  }

  /** The channel has, or has no longer, a channel-wide limit. */
  limit(channel: ChannelRef, limited: boolean): void {
    const outlet = this.outlet(channel)
    outlet.limited = limited
    if (limited) return
    outlet.asked = outlet.tokens = 0
    for (const consumer of outlet.parked.splice(0)) this.consumers.offer(consumer)
    this.drain()
  }

  reconfigure(settings: QueueSettings): void {
    this.settings = settings
    this.idleTimer.configure(settings.expiresMs)
    this.enforceLength()
    this.checkSafe()
  }

  // ---- replicas and the store

  /** Everything held, ready and unacknowledged, by id: what a mirror must hold to be synchronised. */
  entries(): Entry[] {
    const all = [...this.backlog]
    for (const outlet of this.outlets.values()) all.push(...outlet.unacked.values())
    return all.sort((a, b) => a.id - b.id)
  }

  get depth(): number {
    return this.backlog.length + this.unackedCount
  }

  /** Takes over from a mirror: all of its messages are ready and marked redelivered (docs/observed.md §0.1). */
  inherit(from: Inheritance): void {
    this.ordered = from.ordered
    for (const entry of from.entries) {
      entry.redelivered = true
      if (entry.stored) this.countStored(entry, 1)
    }
    this.nextId = from.nextId
    this.backlog.requeue(from.entries)
    this.armHead()
  }

  /** After the mirrors have been told: what no leader ordered is enqueued, and confirms are given again. */
  settleInheritance(from: Inheritance): void {
    for (const { sender, seq } of from.confirms) this.confirm(sender, seq, 0, false)
    for (const { sender, seq, message, confirm } of from.unordered)
      this.publish(message, sender, seq, confirm)
    this.drain()
  }

  /** Messages found on the disk; `crashed`: all count as redelivered, otherwise those that were delivered (§0.6). */
  recover(crashed: boolean): void {
    const { loop, store } = this.host
    const entries = store.recover(this.identity.id).map(({ id, message, delivered }) => {
      const entry = new Entry(id, message, this.expiryOf(message, loop.now), this.levelOf(message))
      entry.redelivered = crashed || delivered
      entry.stored = true
      this.countStored(entry, 1)
      return entry
    })
    this.nextId = (entries[entries.length - 1]?.id ?? 0) + 1
    this.backlog.requeue(entries)
    this.expireHead()
    this.armHead()
  }

  storeAdvanced(durable: number): void {
    this.confirms.durable = durable
    this.advanceConfirms()
  }

  /** Sends the turn's confirms. Called by the loop at the turn's end. */
  run(): void {
    this.confirmsDue = false
    if (!this.closed)
      this.confirms.flush((sender, upTo, rejected) => this.host.confirm(this, sender, upTo, rejected))
  }

  /** The queue ends here; `tellConsumers`: with basic.cancel, because it was deleted. */
  close(tellConsumers: boolean): void {
    // What was confirmed in this very turn is still told: a deleted queue has taken its publishes.
    this.confirms.safe = this.confirms.durable = Infinity
    this.confirms.advance()
    if (tellConsumers) this.run()
    this.closed = true
    this.headTimer.cancel()
    this.idleTimer.cancel()
    if (tellConsumers) for (const consumer of this.consumers.all) this.host.cancelled(this, consumer)
  }

  // ---- inside

  private answer(): QueueAnswer {
    return { messages: this.backlog.length, consumers: this.consumers.all.length }
  }

  private levelOf(message: Message): number {
    const { maxPriority } = this.settings
    return maxPriority === null ? 0 : Math.min(message.priority, maxPriority)
  }

  private expiryOf(message: Message, now: number): number {
    const { messageTtlMs } = this.settings
    const own = message.expirationMs
    const ttl = own < 0 ? messageTtlMs : messageTtlMs === null ? own : Math.min(own, messageTtlMs)
    return ttl === null ? Infinity : now + ttl
  }

  private keep(entry: Entry): number {
    if (!this.identity.durable || !entry.message.persistent) return 0
    entry.stored = true
    this.countStored(entry, 1)
    return this.host.store.append(this.identity.id, entry.id, entry.message)
  }

  private forget(entry: Entry): void {
    if (entry.stored) {
      this.countStored(entry, -1)
      this.host.store.remove(this.identity.id, entry.id)
    }
    this.replication.remove(entry)
  }

  private countStored(entry: Entry, sign: 1 | -1): void {
    this.storedCount += sign
    this.storedBytes += sign * entry.message.body.length
  }

  private deadLetter(message: Message, reason: DropReason): void {
    if (this.settings.deadLetterExchange !== null) this.host.deadLetter(this, message, reason)
  }

  private drop(entry: Entry, reason: DropReason): void {
    this.deadLetter(entry.message, reason)
    this.forget(entry)
  }

  private confirm(sender: ChannelRef, seq: number, stored: number, rejected: boolean): void {
    if (stored > this.confirms.durable) this.host.awaitStore(this)
    this.confirms.safe = this.safePosition()
    this.confirms.add(sender, seq, this.replication.position, stored, rejected)
    this.scheduleConfirms()
  }

  private safePosition(): number {
    const { replication, settings, host } = this
    if (!replication.active) return replication.position
    return modeOf(settings, host.clusterSize).safe(replication.position, replication.positions())
  }

  private checkSafe(): void {
    this.confirms.safe = this.safePosition()
    this.advanceConfirms()
  }

  private advanceConfirms(): void {
    this.confirms.advance()
    this.scheduleConfirms()
  }

  private scheduleConfirms(): void {
    if (this.confirmsDue || !this.confirms.hasOutgoing) return
    this.confirmsDue = true
    this.host.loop.atTurnEnd(this)
  }

  private overflows(message: Message): boolean {
    const { overflow, maxLength, maxLengthBytes } = this.settings
    if (overflow === 'drop-head') return false
    return (
      (maxLength !== null && this.backlog.length >= maxLength) ||
      (maxLengthBytes !== null && this.backlog.bytes + message.body.length > maxLengthBytes)
    )
  }

  private refuse(message: Message, sender: ChannelRef, seq: number, confirm: boolean): void {
    if (this.settings.overflow === 'reject-publish-dlx') this.deadLetter(message, 'maxlen')
    this.replication.discard(sender.channel, seq)
    if (confirm) this.confirm(sender, seq, 0, true)
  }

  private enqueue(entry: Entry): void {
    this.backlog.push(entry)
    if (entry.expiresAt !== Infinity) this.armHead()
    this.enforceLength()
  }

  private requeue(entries: Entry[]): void {
    for (const entry of entries) entry.redelivered = true
    this.backlog.requeue(entries)
    this.armHead()
    this.enforceLength()
  }

  private enforceLength(): void {
    const { maxLength, maxLengthBytes, overflow } = this.settings
    if (overflow !== 'drop-head') return
    while (
      (maxLength !== null && this.backlog.length > maxLength) ||
      (maxLengthBytes !== null && this.backlog.bytes > maxLengthBytes)
    ) {
      const entry = this.backlog.shift()
      if (entry === undefined) break
      this.drop(entry, 'maxlen')
    }
  }

  private armHead(): void {
    const head = this.backlog.peek()
    if (head !== undefined) this.headTimer.arm(head.expiresAt)
  }

  /** A message expires only at the head: one that lives longer hides those behind it (docs/observed.md §5.4). */
  private expireHead(): void {
    const { now } = this.host.loop
    for (
      let head = this.backlog.peek();
      head !== undefined && head.expiresAt <= now;
      head = this.backlog.peek()
    ) {
      this.backlog.shift()
      this.drop(head, 'expired')
    }
  }

  /** Sends ready messages as long as there is a consumer for them. */
  private drain(): void {
    if (this.sending || this.closed) return
    this.sending = true
    this.expireHead()
    while (this.backlog.length > 0) {
      const consumer = this.nextConsumer()
      if (consumer === null) break
      this.send(consumer, this.backlog.shift()!, true)
      this.expireHead()
    }
    this.sending = false
    this.armHead()
  }

  private nextConsumer(): Consumer | null {
    for (;;) {
      const consumer = this.consumers.next()
      if (consumer === null || consumer.options.noAck) return consumer
      const outlet = this.outlet(consumer.channel)
      if (!outlet.limited) return consumer
      if (outlet.tokens === 0 && outlet.asked === 0) {
        outlet.asked = 1
        this.asking = true
        this.host.askLimiter(this, consumer.channel, 'ask', 1)
        this.asking = false
      }
      if (outlet.tokens > 0) {
        outlet.tokens--
        return consumer
      }
      outlet.parked.push(consumer)
    }
  }

  /** `kept`: store and mirrors know of the entry. */
  private send(consumer: Consumer, entry: Entry, kept: boolean): void {
    this.counts.delivered++
    if (entry.redelivered) this.counts.redelivered++
    consumer.credit--
    if (consumer.options.noAck) {
      this.counts.deliveredNoAck++
      if (kept) this.forget(entry)
    } else {
      consumer.unacked++
      this.handOut(this.outlet(consumer.channel), entry, consumer)
    }
    this.host.deliver(this, consumer, entry)
    this.consumers.offer(consumer)
  }

  private handOut(outlet: Outlet, entry: Entry, consumer: Consumer | null): void {
    entry.consumer = consumer
    outlet.unacked.set(entry.id, entry)
    this.unackedCount++
    this.unackedBytes += entry.message.body.length
    if (entry.stored) this.host.store.delivered(this.identity.id, entry.id)
  }

  private unaccount(entry: Entry): void {
    this.unackedCount--
    this.unackedBytes -= entry.message.body.length
    const consumer = entry.consumer
    entry.consumer = null
    if (!(consumer instanceof Consumer)) return
    consumer.unacked--
    this.consumers.offer(consumer)
  }

  private consumerLeft(): void {
    this.idleTimer.used()
    if (this.identity.autoDelete && this.consumers.all.length === 0) this.host.remove(this)
  }

  private outlet(channel: ChannelRef): Outlet {
    let outlet = this.outlets.get(channel.channel)
    if (outlet === undefined) this.outlets.set(channel.channel, (outlet = new Outlet(channel)))
    return outlet
  }
}
