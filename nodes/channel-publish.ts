// basic.publish: gathers method, header and body into one message, checks it, routes it and sends it to its queues. Routes
// are kept while the definitions stay as they are. The hot path: no allocation here that a message does not need.

import {
  decodeProperties,
  emptyProperties,
  encodeProperties,
  newScan,
  type Properties,
  type ScannedProperties,
  scanProperties,
} from './amqp/content.ts'
import { tuple } from './amqp/erlang.ts'
import type { PublishArgs } from './amqp/methods.ts'
import type { Channel } from './channel.ts'
import { copyPublish } from './channel-firehose.ts'
import { checkExchangeAccess, checkTopicPublish } from './channel-permissions.ts'
import { Plans } from './channel-plans.ts'
import { replyQueue } from './channel-reply-to.ts'
import type { ExchangeRecord } from './definitions.ts'
import { maxTimerMs } from './definitions-arguments.ts'
import { accessRefused, notFound, notImplemented, preconditionFailed } from './errors.ts'
import { limits } from './limits.ts'
import { Message } from './message.ts'
import { type Plan, planFor, type RoutingHeaders, routingHeaders } from './node-routing.ts'

const noBody = Buffer.alloc(0)

export class Publisher {
  /** A publish is being gathered: method seen, header or body still to come. */
  expecting: 'nothing' | 'header' | 'body' = 'nothing'
  /** Publishes on this channel so far. */
  seq = 0
  private readonly channel: Channel
  private exchange: ExchangeRecord | undefined
  private exchangeName = ''
  private routingKey = ''
  private mandatory = false
  private properties: Buffer = emptyProperties
  private body: Buffer = noBody
  private size = 0
  private filled = 0
  /** What the broker acts on in `properties`. */
  private readonly scan: ScannedProperties = newScan()
  private readonly plans = new Plans()
  private readonly mayWrite: (exchange: string) => void

  constructor(channel: Channel) {
    this.channel = channel
    this.mayWrite = (exchange) => checkExchangeAccess(channel, 'write', exchange)
    scanProperties(this.properties, this.scan)
  }

  /** The method: throws when the exchange may not be published to. */
  begin({ exchange, routingKey, mandatory, immediate }: PublishArgs): void {
    if (immediate) throw notImplemented('immediate=true')
    const { definitions, vhost } = this.channel
    const record = this.plans.find(definitions, vhost, exchange, this.mayWrite)
    if (record === undefined) throw notFound('exchange', exchange, vhost)
    if (record.internal)
      throw accessRefused(`cannot publish to internal exchange '${exchange}' in vhost '${vhost}'`)
    if (definitions.topicPermissions.size > 0) checkTopicPublish(this.channel, record, routingKey)
    this.exchange = record
    this.exchangeName = exchange
    this.routingKey = routingKey
    this.mandatory = mandatory
    this.expecting = 'header'
  }

  /** The header payload; a message without body is complete. */
  header(buf: Buffer, start: number, end: number): void {
    const size = buf.readUInt32BE(start + 4) * 0x1_0000_0000 + buf.readUInt32BE(start + 8)
    if (size > limits.messageBytes) {
      this.expecting = 'nothing'
      throw preconditionFailed(
        `message size ${size} is larger than configured max size ${limits.messageBytes}`,
      )
    }
    this.takeProperties(buf, start + 12, end)
    if (size === 0) {
      this.body = noBody
      return this.complete(true)
    }
    this.expecting = 'body'
    this.body = noBody
    this.size = size
    this.filled = 0
  }

  /** A body frame. More than was announced is swallowed: the message never completes (docs/observed.md §5.2). */
  bodyPart(buf: Buffer, start: number, end: number): void {
    const from = this.filled
    this.filled += end - start
    if (this.filled > this.size) return
    if (from === 0 && this.filled === this.size) {
      this.body = buf.subarray(start, end)
      return this.complete(false)
    }
    // Memory follows what has arrived, not what was announced.
    if (this.filled > this.body.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.size, Math.max(this.body.length * 2, this.filled)))
      this.body.copy(larger, 0, 0, from)
      this.body = larger
    }
    buf.copy(this.body, from, start, end)
    if (this.filled === this.size) this.complete(true)
  }

  /** Bytes held for a message that has not arrived in full. */
  get gathered(): number {
    return this.expecting === 'body' ? this.body.length : 0
  }

  /** Sends a message to the queues of `plan`, numbered and, if asked, to be confirmed. */
  private send(plan: Plan, message: Message, confirm: boolean): void {
    const { channel } = this
    const seq = ++this.seq
    if (confirm) channel.unconfirmed.add(seq, plan.queues)
    channel.node.publish(plan, message, channel.ref, seq, confirm)
    if (!confirm) return
    for (const queue of plan.queues)
      if (queue.state === 'waiting' && queue.waitNacks) channel.unconfirmed.queueLost(queue.id, true)
    channel.scheduleConfirms()
  }

  /** Publishers often repeat their properties: equal bytes are shared instead of copied. */
  private takeProperties(buf: Buffer, start: number, end: number): void {
    if (sameBytes(this.properties, buf, start, end)) return
    this.properties = Buffer.allocUnsafeSlow(end - start)
    buf.copy(this.properties, 0, start, end)
    scanProperties(this.properties, this.scan)
  }

  /** `own`: the body's bytes are the message's alone. */
  private complete(own: boolean): void {
    this.expecting = 'nothing'
    const { channel, body, mandatory, scan } = this
    const exchange = this.exchange!
    this.body = noBody
    // What the scan cannot read is read in full, for the error it deserves.
    if (!scan.ok) decodeProperties(this.properties)
    const fastReply = scan.replyTo === replyQueue
    if (fastReply) channel.replies.check()
    this.checkUser(scan.userId)
    const expirationMs = scan.expiration === null ? -1 : parseExpiration(scan.expiration)
    const extra = scan.hasHeaders ? routingHeaders(this.properties) : null
    // The scan reports 1 for a message that does not say.
    if (scan.deliveryMode !== 1 && scan.deliveryMode !== 2)
      throw preconditionFailed(`invalid message: {delivery_mode_unknown,${scan.deliveryMode}}`)
    const properties = extra?.hasBcc ? withoutBcc(this.properties) : this.properties
    const message = new Message(
      this.exchangeName,
      this.routingKey,
      fastReply ? channel.replies.addressed(properties) : properties,
      body,
      scan.deliveryMode === 2,
      Math.max(0, scan.priority),
      expirationMs,
      own,
    )
    const plan = this.plan(exchange, message, extra)
    if (channel.traced) copyPublish(channel, message, plan.queues, extra)
    if (channel.transaction !== null) {
      message.keep()
      channel.transaction.publishes.push(() =>
        this.dispatch(exchange, message, this.committed(exchange, message, plan, extra), mandatory, true),
      )
      return
    }
    this.dispatch(exchange, message, plan, mandatory, channel.confirming)
  }

  /** Returns an unroutable mandatory message, always before its confirm (docs/observed.md §5.4), and sends the rest. */
  private dispatch(
    exchange: ExchangeRecord,
    message: Message,
    plan: Plan,
    mandatory: boolean,
    confirm: boolean,
  ): void {
    this.channel.counts.published++
    exchange.counts.in++
    exchange.counts.out += plan.queues.length
    if (plan.queues.length === 0) this.unroutable(message, mandatory)
    this.send(plan, message, confirm)
  }

  private unroutable(message: Message, mandatory: boolean): void {
    if (message.exchange === '' && this.reply(message)) return
    const { counts } = this.channel
    if (!mandatory) counts.dropped++
    else {
      counts.returned++
      this.giveBack(message)
    }
  }

  private plan(exchange: ExchangeRecord, message: Message, extra: RoutingHeaders | null): Plan {
    const { definitions, node } = this.channel
    const { routingKey } = message
    const known = this.plans.recall(definitions, exchange, routingKey, extra)
    if (known !== undefined) return known
    const plan = node.exchanges.plan(exchange, message, extra)
    this.touch(plan)
    this.plans.remember(exchange, routingKey, extra, plan)
    return plan
  }

  /** Bindings count as they were at the publish, queues as they are called at the commit (docs/observed.md §28). */
  private committed(
    exchange: ExchangeRecord,
    message: Message,
    { queues }: Plan,
    extra: RoutingHeaders | null,
  ): Plan {
    if (exchange.name === '') return this.plan(exchange, message, extra)
    const { definitions, vhost } = this.channel
    const plan = planFor(queues.flatMap(({ name }) => definitions.queue(vhost, name) ?? []))
    this.touch(plan)
    return plan
  }

  /** Mirrors keep a record of each sender, also one that comes while a publish is on its way: they must hear of its end. */
  private touch(plan: Plan): void {
    const { node, touched } = this.channel
    if (node.peers.size > 1) for (const queue of plan.queues) touched.add(queue.id)
  }

  /** A publish to a direct reply-to address goes to the channel behind it. */
  private reply(message: Message): boolean {
    const { definitions, node } = this.channel
    const ref = definitions.replyAddresses.get(message.routingKey)
    if (ref !== undefined) node.send(ref.node, { kind: 'direct-reply', channel: ref.channel, message })
    return ref !== undefined
  }

  private giveBack(message: Message): void {
    const { number, owner } = this.channel
    const { exchange, routingKey } = message
    owner.writer.method(number, 'basicReturn', {
      replyCode: 312,
      replyText: 'NO_ROUTE',
      exchange,
      routingKey,
    })
    owner.writer.content(number, message.properties, message.body, owner.session.frameMax)
    owner.outputReady()
  }

  private checkUser(userId: string | null): void {
    const { user } = this.channel.owner
    if (userId === null || userId === user) return
    const tags = this.channel.definitions.users.get(user)?.tags ?? []
    if (!tags.includes('impersonator'))
      throw preconditionFailed(`user_id property set to '${userId}' but authenticated user was '${user}'`)
  }
}

/** Milliseconds of an `expiration` property; throws 406 in RabbitMQ's words (docs/observed.md §5.3, §14). */
function parseExpiration(text: string): number {
  const start = `invalid expiration '${text}': `
  const invalid = (what: string, of: string) =>
    preconditionFailed(`${start}${tuple(what, [of], start.length)}`)
  const digits = /^([+-]?\d+)(.*)$/s.exec(text)
  if (digits === null) throw preconditionFailed(`${start}no_integer`)
  if (digits[2] !== '') throw invalid('leftover_string', `"${digits[2]}"`)
  const value = BigInt(digits[1]!.replace(/^\+/, ''))
  if (value < 0) throw invalid('value_negative', `${value}`)
  if (value > maxTimerMs) throw invalid('value_too_large', `${value}`)
  return Number(value)
}

/** BCC routes and is then removed (docs/observed.md §5.4). */
function withoutBcc(properties: Buffer): Buffer {
  const decoded: Properties = decodeProperties(properties)
  const headers = new Map(decoded.headers)
  headers.delete('BCC')
  return encodeProperties({ ...decoded, headers })
}

/** Properties are short: a loop beats a call into native code. */
function sameBytes(kept: Buffer, buf: Buffer, start: number, end: number): boolean {
  if (kept.length !== end - start) return false
  for (let i = 0; i < kept.length; i++) if (kept[i] !== buf[start + i]) return false
  return true
}
