// One publisher of a scenario: hands over messages at its rate, or as fast as its window and its socket allow, and sends again
// what its kind of client sends again. Made by `crew`; writes to the journal and must never look into the broker.

import { encodeProperties } from '../../nodes/amqp/content.ts'
import { Ring } from '../../nodes/ring.ts'
import { readBody, writeBody } from '../body.ts'
import { Client, type ClientEvents, type Habits } from '../client.ts'
import { type Clock, type Network, roomBytes } from '../line.ts'
import { type Journal, toleratedWaitMs } from './journal.ts'
import type { Publishers } from './types.ts'

/** Messages due within this time are handed over together, as a real client's timer does. */
const tickMs = 1
/** A publisher without limit does not send more than so many in one go. */
const mostAtOnce = 256

export class Publisher implements ClientEvents {
  readonly client: Client
  private readonly options: Publishers
  private readonly clock: Clock
  private readonly journal: Journal
  private readonly number: number
  private readonly properties: Buffer
  /** Handed over and not sent, or to be sent again; the oldest first. */
  private readonly outbox = new Ring<number>()
  /** Sent on this connection and not confirmed: tag to message, in the order of tags. */
  private readonly unconfirmed = new Map<number, number>()
  /** How often a message has been sent, where more than once. */
  private readonly attempts = new Map<number, number>()
  private readonly returnedNow = new Set<number>()
  private handedOver = 0
  private refused = 0
  private lastTag = 0
  private ready = false
  private begun = false
  private over = false
  /** Since when something has waited to be served; null when nothing does. */
  private waitingSince: number | null = null
  private phase = 0
  private phaseAt = 0
  private phaseSent = 0

  constructor(
    name: string,
    habits: Habits,
    options: Publishers,
    network: Network,
    clock: Clock,
    journal: Journal,
  ) {
    this.options = options
    this.clock = clock
    this.journal = journal
    this.number = journal.addPublisher(name, options.name)
    this.properties = encodeProperties({
      ...(options.persistent && { deliveryMode: 2 }),
      ...(options.priority !== null && { priority: options.priority }),
      ...(options.expirationMs !== null && { expiration: String(options.expirationMs) }),
    })
    this.client = new Client(name, habits, network, clock, this)
  }

  /** The application begins; by chance within its first interval, so that seeds differ. */
  start(): void {
    const { rate } = this.options.rates[0]!
    const lag = rate === null || rate === 0 ? 0 : (this.clock.chance(`work ${this.name}`)() * 1000) / rate
    this.clock.after(lag, () => {
      this.begun = true
      this.phaseAt = this.clock.now
      this.next()
    })
    const { timeMs, stopMs, startMs } = this.options
    if (timeMs !== null) this.clock.after(lag + timeMs, () => this.finish())
    if (stopMs !== null) this.clock.after(Math.max(0, stopMs - startMs), () => this.finish())
  }

  /** The application will hand over nothing more. */
  get finished(): boolean {
    return this.over
  }

  /** Nothing waits for an answer any more. */
  get done(): boolean {
    if (!this.over) return false
    return this.client.gone || this.outbox.length + this.unconfirmed.size + this.refused === 0
  }

  /** All is over: a wait that has not ended ends here. */
  stop(): void {
    this.finish()
    if (this.waitingSince !== null) this.served(false)
    this.client.stop()
  }

  // ---- the application

  private get name(): string {
    return this.journal.publishers[this.number]!.name
  }

  private finish(): void {
    this.over = true
  }

  /** Hands over what is due, and comes back for the rest. */
  private next(): void {
    if (this.over) return
    const { rate, forMs } = this.options.rates[this.phase]!
    const { now } = this.clock
    const last = this.phase === this.options.rates.length - 1
    if (forMs !== null && !last && now >= this.phaseAt + forMs) {
      this.phase++
      this.phaseAt += forMs
      this.phaseSent = 0
      return this.next()
    }
    const phaseEnd = last || forMs === null ? Infinity : this.phaseAt + forMs
    if (rate === null) {
      this.pump()
      if (phaseEnd < Infinity) this.clock.after(phaseEnd - now, () => this.next())
      return
    }
    const intervalMs = 1000 / rate
    // Reckoned from the phase's beginning, so that roundings do not add up.
    while (!this.over && this.phaseAt + this.phaseSent * intervalMs <= now + 1e-6) {
      this.phaseSent++
      this.handOver()
    }
    this.pump()
    if (this.over) return
    const due = this.phaseAt + this.phaseSent * intervalMs
    this.clock.after(Math.min(phaseEnd, Math.max(due, now + tickMs)) - now, () => this.next())
  }

  private handOver(): void {
    this.outbox.push(this.journal.published(this.number, this.clock.now))
    this.waitingSince ??= this.clock.now
    if (++this.handedOver === this.options.messages) this.finish()
  }

  // ---- from the client

  opened(): void {
    if (this.options.confirm !== null) this.client.confirmSelect()
    else this.begin()
  }

  answered(method: string): void {
    if (method === 'confirmSelectOk') this.begin()
  }

  private begin(): void {
    this.ready = true
    this.lastTag = 0
    this.pump()
  }

  confirmed(tag: number, multiple: boolean, acked: boolean): void {
    let served = false
    for (const [candidate, message] of multiple ? this.unconfirmed : [[tag, this.unconfirmed.get(tag)]]) {
      if (candidate === undefined || message === undefined || candidate > tag) break
      this.unconfirmed.delete(candidate)
      const returned = this.returnedNow.size > 0 && this.returnedNow.delete(message)
      if (!acked) this.refuse(message, 'nacked')
      else if (returned && this.options.retry.includes('returned')) this.refuse(message, 'returned')
      else this.journal.confirmed(message, this.clock.now)
      served ||= acked && !returned
    }
    if (served) this.served(true)
    this.pump()
  }

  returned(body: Buffer): void {
    const { message } = readBody(body)
    this.journal.return(message)
    if (this.options.confirm !== null) this.returnedNow.add(message)
    else if (this.options.retry.includes('returned')) this.refuse(message, 'returned')
  }

  /** Whatever was not confirmed may be lost. */
  lost(): void {
    this.leave(`the connection to ${this.client.node} is lost`)
  }

  channelClosed(code: number, text: string): void {
    this.leave(`the channel was closed: ${code} ${text}`)
    this.client.later(() => this.client.reopen())
  }

  drained(): void {
    this.pump()
  }

  delivered(): void {}

  cancelled(): void {}

  // ---- inside

  private leave(why: string): void {
    this.journal.moment(this.clock.now, this.name, why)
    this.ready = false
    this.returnedNow.clear()
    if (this.options.retry.includes('lost'))
      for (const message of [...this.unconfirmed.values()].sort((a, b) => b - a)) this.outbox.unshift(message)
    this.unconfirmed.clear()
    if (this.outbox.length === 0 && this.refused === 0) this.waitingSince = null
  }

  /** A refused publish is tried again after the usual pause, not at once: the broker has its reasons. */
  private refuse(message: number, why: 'nacked' | 'returned'): void {
    if (why === 'nacked') this.journal.nack(message)
    if (!this.options.retry.includes(why)) return
    this.refused++
    this.client.later(() => {
      this.refused--
      this.journal.retried(message)
      this.outbox.unshift(message)
      this.pump()
    })
  }

  /** Sends what may be sent. An unlimited publisher hands over as it sends. */
  private pump(): void {
    if (!this.ready) {
      this.handOverOne()
      return
    }
    this.client.together(() => {
      for (let sent = 0; sent < mostAtOnce || !this.unlimited; sent++) {
        if (this.options.confirm !== null && this.unconfirmed.size >= this.options.confirm) break
        if (this.client.backlog + sent * this.options.size > roomBytes) break
        this.handOverOne()
        const message = this.outbox.shift()
        if (message === undefined) break
        this.send(message)
      }
    })
    if (!this.unlimited || this.over || this.options.confirm !== null) return
    if (this.client.backlog <= roomBytes) this.clock.after(tickMs, () => this.pump())
  }

  private get unlimited(): boolean {
    return this.begun && this.options.rates[this.phase]!.rate === null
  }

  /** An unlimited application always has one message more. */
  private handOverOne(): void {
    if (this.unlimited && !this.over && this.outbox.length === 0) this.handOver()
  }

  private send(message: number): void {
    const { exchange, routingKey, size, mandatory, confirm } = this.options
    const before = this.attempts.get(message) ?? (this.journal.sentAt.has(message) ? 1 : 0)
    if (before > 0) this.attempts.set(message, before + 1)
    this.journal.sent(message, this.clock.now, before > 0)
    if (confirm !== null) this.unconfirmed.set(++this.lastTag, message)
    this.client.publish(
      routingKey,
      this.properties,
      writeBody(message, before + 1, size),
      exchange,
      mandatory,
    )
    if (confirm === null) this.served(true)
  }

  /** A confirm came or, without confirms, a message could be sent. What waited longer than tolerated was not served. */
  private served(goesOn: boolean): void {
    const { now } = this.clock
    if (this.waitingSince !== null && now - this.waitingSince > toleratedWaitMs)
      this.journal.publishGaps.push({ publisher: this.number, from: this.waitingSince, to: now })
    const waiting = this.outbox.length + this.unconfirmed.size + this.refused > 0
    this.waitingSince = goesOn && waiting ? now : null
  }
}
