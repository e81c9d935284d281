// A queue's leader: the ready messages, the consumers, what is unacknowledged, and the rules of TTL, length limits,
// priorities and dead-lettering. `node` calls it for requests from near and far; what it wants done outside it asks of
// its host. It must never know whether a channel is local.

import type { QueueSettings } from '../policies/effective.ts'
import { Consumer, Consumers, creditFor } from './consumer.ts'
import { accessRefused } from './errors.ts'
import { Entry, type Message } from './message.ts'
import { modeOf } from './modes/index.ts'
import type { ChannelRef, ConsumeOptions, QueueAnswer, Settlement } from './protocol.ts'
import { Confirms } from './queue-confirms.ts'
import { QueueDisk } from './queue-disk.ts'
import { Flow } from './queue-flow.ts'
import { Hold } from './queue-hold.ts'
import {
  type DropReason,
  noCounts,
  type QueueCounts,
  type QueueHost,
  type QueueIdentity,
} from './queue-host.ts'
import { Outlets } from './queue-outlets.ts'
import { Ready, type ReadyOwner } from './queue-ready.ts'
import { expiryOf, levelOf, perishes, refuses } from './queue-rules.ts'
import { IdleTimer } from './queue-timers.ts'
import { type Removal, Replication } from './replication.ts'

export class Queue implements ReadyOwner {
  readonly identity: QueueIdentity
  settings: QueueSettings
  readonly counts: QueueCounts = noCounts()
  readonly consumers: Consumers
  readonly replication: Replication
  readonly disk: QueueDisk
  readonly outlets: Outlets
  readonly hold = new Hold()
  private readonly host: QueueHost
  readonly backlog: Ready
  private readonly confirms: Confirms
  private readonly flow: Flow
  private readonly idleTimer: IdleTimer
  /** Publishes below these, per sender, came through an earlier leader already. */
  ordered: ReadonlyMap<number, number> | null = null
  nextMessageId = 1
  private sending = false
  private closed = false

  constructor(identity: QueueIdentity, settings: QueueSettings, host: QueueHost) {
    this.identity = identity
    this.settings = settings
    this.host = host
    this.consumers = new Consumers(settings.singleActiveConsumer)
    this.disk = new QueueDisk(host.store, identity.id, identity.durable)
    this.outlets = new Outlets((channel, verb, count) => host.askLimiter(this, channel, verb, count))
    this.confirms = new Confirms(host.loop, (...settled) => host.confirm(this, ...settled))
    this.backlog = new Ready(host.loop, this)
    this.flow = new Flow(host.loop, this.backlog, this.consumers.all, (s, stop) => host.flow(this, s, stop))
    this.idleTimer = new IdleTimer(
      host.loop,
      () => this.consumers.all.length > 0,
      () => this.hold.whenFree(() => host.remove(this)),
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

  get priorityLengths(): number[] {
    return this.backlog.lengths
  }

  // ---- what comes in

  /** A publish by `sender`, its `seq`-th; `viaMirror`: it was sent to this node as to a mirror. */
  publish(message: Message, sender: ChannelRef, seq: number, confirm: boolean, viaMirror = false): void {
    if (this.hold.active) return this.hold.publish(this, message, sender, seq, confirm, viaMirror)
    if (viaMirror && seq <= (this.ordered?.get(sender.channel) ?? 0)) return
    this.counts.published++
    const { settings } = this
    if (refuses(settings, this.backlog.length, this.backlog.bytes, message))
      return this.refuse(message, sender, seq, confirm)
    const { now } = this.host.loop
    const entry = new Entry(
      this.nextMessageId++,
      message,
      expiryOf(settings, message, now),
      levelOf(settings, message),
    )
    const consumer = this.backlog.length === 0 && !this.sending ? this.nextConsumer() : null
    const gone = consumer === null ? perishes(settings, this.backlog.length, entry, now) : null
    let stored = 0
    if (consumer?.options.noAck || gone !== null) this.replication.discard(sender, seq, confirm)
    else {
      stored = this.disk.keep(entry)
      this.replication.publish(entry, sender, seq, confirm)
    }
    if (confirm) this.confirm(sender, seq, stored, false)
    if (consumer !== null) this.send(consumer, entry, !consumer.options.noAck)
    else if (gone !== null) this.deadLetter(message, gone)
    else this.backlog.push(entry)
    this.flow.grown(sender)
  }

  /** Settles deliveries of `channel` by message id; ids it does not hold are ignored (docs/observed.md §11). */
  settle(channel: number, ids: readonly number[], how: Settlement): void {
    if (this.hold.active) return this.hold.settle(this, channel, ids, how)
    const back: Entry[] = []
    for (const id of ids) {
      const entry = this.outlets.take(channel, id)
      if (entry === undefined) continue
      const consumer = this.outlets.release(entry)
      if (consumer !== null) this.consumers.offer(consumer)
      if (how === 'requeue') back.push(entry)
      else if (how === 'reject') this.drop(entry, 'rejected')
      else {
        this.counts.acked++
        this.forget(entry, 'settle')
      }
    }
    if (back.length > 0) this.requeue(back)
    this.drain()
  }

  consume(channel: ChannelRef, options: ConsumeOptions, credit: number): void {
    const { all } = this.consumers
    if (
      // An exclusive one is alone.
      all[0]?.options.exclusive ||
      (options.exclusive && (all.length > 0 || this.settings.singleActiveConsumer))
    )
      throw accessRefused(`queue '${this.identity.name}' in vhost '${this.identity.vhost}' in exclusive use`)
    const sink = this.host.sinkOf(channel)
    this.idleTimer.used()
    if (options.limited) this.outlets.limit(channel, true)
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
    const entry = this.backlog.shift()
    if (entry === undefined) {
      this.counts.getEmpty++
      return this.answer()
    }
    this.counts.got++
    const { id, message, redelivered } = entry
    if (redelivered) this.counts.redelivered++
    if (noAck) {
      this.counts.gotNoAck++
      this.forget(entry, 'fetch')
    } else {
      this.handOut(channel, entry, null)
      this.replication.mention('fetch', 1)
    }
    return { ...this.answer(), entry: { id, message, redelivered } }
  }

  /** A declaration of the queue that exists. */
  declared(): QueueAnswer {
    this.idleTimer.used()
    return this.answer()
  }

  purge(): QueueAnswer {
    const entries = this.backlog.clear()
    for (const entry of entries) this.forget(entry, 'purge')
    return { messages: entries.length, consumers: this.consumers.all.length }
  }

  /** A channel on whatever node is gone: its consumers end and what it held returns to its place. */
  channelGone(channel: number): void {
    if (this.hold.active) return this.hold.add(() => this.channelGone(channel))
    this.replication.senderGone(channel)
    const consumers = this.consumers.of(channel)
    for (const consumer of consumers) this.consumers.remove(consumer)
    const back = this.outlets.drop(channel)
    if (back.length > 0) this.requeue(back)
    if (consumers.length > 0) this.consumerLeft()
    this.drain()
  }

  /** All channels of a lost node are gone. */
  nodeGone(node: string): void {
    if (this.hold.active) return this.hold.add(() => this.nodeGone(node))
    this.replication.nodeGone(node)
    const channels = [...this.outlets.channelsOn(node), ...this.consumers.channelsOn(node)]
    for (const channel of new Set(channels)) this.channelGone(channel)
  }

  /** The consumer's node has passed deliveries on that took `count` of its credit. */
  credit(channel: number, consumerTag: string, count: number): void {
    const consumer = this.consumers.find(channel, consumerTag)
    if (consumer === undefined) return
    consumer.credit += count
    this.consumers.offer(consumer)
    this.drain()
  }

  /** A local channel can take deliveries again. */
  resume(channel: number): void {
    this.offerAll(this.consumers.of(channel))
  }

  /** The channel-wide limit of `channel` allows `count` more deliveries. */
  grant(channel: ChannelRef, count: number): void {
    this.offerAll(this.outlets.granted(channel, count))
    this.outlets.releaseUnused(channel)
  }

  /** The channel has, or has no longer, a channel-wide limit. */
  limit(channel: ChannelRef, limited: boolean): void {
    this.offerAll(this.outlets.limit(channel, limited))
  }

  reconfigure(settings: QueueSettings): void {
    this.settings = settings
    this.idleTimer.configure(settings.expiresMs)
    this.backlog.enforce()
    this.checkSafe()
  }

  // ---- replicas and the store

  /** Everything held, ready and unacknowledged, by id: what a mirror must hold to be synchronised. */
  entries(): Entry[] {
    return [...this.backlog, ...this.outlets.entries()].sort((a, b) => a.id - b.id)
  }

  get depth(): number {
    return this.backlog.length + this.outlets.count
  }

  storeAdvanced(durable: number): void {
    this.confirms.storeAdvanced(durable)
  }

  /** Sends at once what the turn has gathered: confirms and the mirrors' stretch. */
  flush(): void {
    this.replication.run()
    this.confirms.run()
  }

  /** The queue ends here; `tellConsumers`: with basic.cancel, because it was deleted. */
  close(tellConsumers: boolean): void {
    this.confirms.close(tellConsumers)
    this.closed = true
    this.replication.synchronisation?.stop()
    this.hold.drop()
    this.backlog.stop()
    this.idleTimer.cancel()
    if (tellConsumers) for (const consumer of this.consumers.all) this.host.cancelled(this, consumer)
  }

  // ---- what its ready messages want

  drop(entry: Entry, reason: DropReason): void {
    this.deadLetter(entry.message, reason)
    this.forget(entry, reason === 'rejected' ? 'settle' : 'fetch')
  }

  headDue(): void {
    if (this.hold.active) return this.hold.add(() => this.headDue())
    this.backlog.expire()
    this.backlog.arm()
    this.drain()
  }

  /** The mirrors are filled, or not to be: what has come meanwhile is done. */
  release(): void {
    this.hold.end()
    this.drain()
  }

  // ---- inside

  private answer(): QueueAnswer {
    return { messages: this.backlog.length, consumers: this.consumers.all.length }
  }

  private forget(entry: Entry, how: Removal): void {
    this.disk.remove(entry)
    this.replication.remove(entry, how)
  }

  private deadLetter(message: Message, reason: DropReason): void {
    if (this.settings.deadLetterExchange !== null) this.host.deadLetter(this, message, reason)
  }

  confirm(sender: ChannelRef, seq: number, stored: number, rejected: boolean): void {
    if (!this.confirms.isDurable(stored)) this.host.awaitStore(this)
    this.confirms.add(sender, seq, this.replication.position, stored, rejected)
  }

  private safePosition(): number {
    const { replication, settings, host } = this
    if (!replication.active) return replication.position
    return modeOf(settings, host.clusterSize).safe(replication.position, replication.positions())
  }

  private checkSafe(): void {
    this.confirms.progressed(this.safePosition())
  }

  private refuse(message: Message, sender: ChannelRef, seq: number, confirm: boolean): void {
    if (this.settings.overflow === 'reject-publish-dlx') this.deadLetter(message, 'maxlen')
    this.replication.discard(sender, seq, confirm, true)
    if (confirm) this.confirm(sender, seq, 0, true)
  }

  private requeue(entries: Entry[]): void {
    for (const entry of entries) entry.redelivered = true
    this.replication.mention('settle', entries.length)
    this.backlog.requeue(entries)
  }

  /** Sends ready messages as long as there is a consumer for them. */
  drain(): void {
    if (this.sending || this.closed || this.hold.active) return
    this.sending = true
    const held = this.outlets.count
    for (;;) {
      const consumer = this.backlog.length > 0 ? this.nextConsumer() : null
      const entry = consumer === null ? undefined : this.backlog.shift()
      if (consumer === null || entry === undefined) break
      this.send(consumer, entry, true)
    }
    this.sending = false
    if (this.outlets.count > held) this.replication.mention('fetch', this.outlets.count - held)
    this.flow.fallen()
    this.backlog.arm()
  }

  private nextConsumer(): Consumer | null {
    let consumer = this.consumers.next()
    while (consumer !== null && !this.outlets.admits(consumer)) consumer = this.consumers.next()
    return consumer
  }

  private offerAll(consumers: readonly Consumer[]): void {
    for (const consumer of consumers) this.consumers.offer(consumer)
    this.drain()
  }

  /** `kept`: store and mirrors know of the entry. */
  private send(consumer: Consumer, entry: Entry, kept: boolean): void {
    this.counts.delivered++
    if (entry.redelivered) this.counts.redelivered++
    consumer.credit -= creditFor(entry.message)
    if (consumer.options.noAck) {
      this.counts.deliveredNoAck++
      if (kept) this.forget(entry, 'fetch')
    } else this.handOut(consumer.channel, entry, consumer)
    this.host.deliver(this, consumer, entry)
    this.consumers.offer(consumer)
  }

  private handOut(channel: ChannelRef, entry: Entry, consumer: Consumer | null): void {
    this.outlets.handOut(channel, entry, consumer)
    this.disk.delivered(entry)
  }

  private consumerLeft(): void {
    this.idleTimer.used()
    if (this.identity.autoDelete && this.consumers.all.length === 0) this.host.remove(this)
  }
}
