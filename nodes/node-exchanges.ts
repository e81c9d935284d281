// What exchanges need of the node they route on, beyond a decision: chance, a place and a clock for messages that wait, and
// a way to send on their own account (a history, a message whose delay is over). One per running node; a message
// that waits is on the node's disk and nowhere else.

import { decodeProperties, encodeProperties } from './amqp/content.ts'
import type { Destination, ExchangeRecord, QueueRecord } from './definitions.ts'
import { internalError } from './errors.ts'
import type { Occasion, Routed } from './exchanges/index.ts'
import { Message } from './message.ts'
import type { Node } from './node.ts'
import {
  type Plan,
  planFor,
  type RoutingHeaders,
  type RoutingHost,
  routeQueues,
  routingHeaders,
} from './node-routing.ts'
import type { ChannelRef } from './protocol.ts'
import type { HeldMessage } from './store/index.ts'

export class NodeExchanges implements RoutingHost {
  private readonly node: Node
  private readonly sender: ChannelRef
  private sent = 0

  constructor(node: Node) {
    this.node = node
    this.sender = { node: node.name, channel: -node.peers.nextId() }
    for (const held of node.store.held) this.arm(held)
  }

  get chance(): () => number {
    return this.node.loop.chance('exchanges')
  }

  /** Keeps a message from being routed by `exchange` for `delayMs`. */
  hold(exchange: ExchangeRecord, { message, furtherKeys }: Routed, delayMs: number): void {
    const { vhost, name } = exchange
    message.keep()
    const held = { vhost, exchange: name, message, furtherKeys, due: this.node.loop.now + delayMs }
    this.node.store.held.add(held)
    this.arm(held)
  }

  /**
   * A destination was bound to `source`: it gets what the source keeps. A queue gets it in order; an exchange, as with
   * the real plugin, newest first, and a message that it routes nowhere is an internal error.
   */
  bound(source: ExchangeRecord, destination: Destination): void {
    const { history } = source.router
    if (history === undefined) return
    if (destination.kind === 'queue') {
      for (const { message } of [...history]) this.send(planFor([destination]), message)
      return
    }
    for (const routed of [...history].reverse()) {
      const plan = this.plan(destination, routed.message, withKeys(routed))
      if (plan.queues.length === 0) throw internalError()
      this.send(plan, routed.message)
    }
  }

  private arm(held: HeldMessage): void {
    const { loop, store } = this.node
    loop.at(Math.max(loop.now, held.due), () => {
      if (this.node.isEnded || !store.held.delete(held)) return
      const exchange = this.node.definitions.exchange(held.vhost, held.exchange)
      if (exchange === undefined) return
      const message = delivered(held.message)
      this.send(this.plan(exchange, message, withKeys({ message, furtherKeys: held.furtherKeys })), message)
    })
  }

  /** Where a message goes that is published to `exchange`; `extra` is null when it has no headers. */
  plan(
    exchange: ExchangeRecord,
    message: Message,
    extra: RoutingHeaders | null,
    mayReach: (queue: QueueRecord) => boolean = () => true,
  ): Plan {
    const occasion: Occasion = { message, furtherKeys: extra?.furtherKeys ?? [], chance: this.chance }
    const { definitions } = this.node
    const { queues, dependsOn } = routeQueues(definitions, exchange, extra, occasion, this)
    return planFor(queues.filter(mayReach), dependsOn)
  }

  /** Publishes to `exchange` on the node's own account. */
  publish(exchange: ExchangeRecord, message: Message): void {
    if (!this.node.isEnded)
      this.send(this.plan(exchange, message, routingHeaders(message.properties)), message)
  }

  /** Unconfirmed, and never returned. */
  private send(plan: Plan, message: Message): void {
    this.node.publish(plan, message, this.sender, ++this.sent, false)
  }
}

/** The headers of a kept message, whose BCC is gone, with the keys it was published with. */
function withKeys({ message, furtherKeys }: Routed): RoutingHeaders {
  return { ...routingHeaders(message.properties), furtherKeys }
}

/** The message as it arrives after its delay: the header is negative then, so that no delayed exchange holds it again. */
function delivered(message: Message): Message {
  const properties = decodeProperties(message.properties)
  const headers = new Map(properties.headers)
  const value = -Number(headers.get('x-delay')!.value)
  // Whatever type it came with: an unsigned one would make it a delay of weeks.
  headers.set('x-delay', { type: value < -(2 ** 31) ? 'long' : 'signedint', value })
  const { exchange, routingKey, body, persistent, priority, expirationMs } = message
  const raw = encodeProperties({ ...properties, headers })
  return new Message(exchange, routingKey, raw, body, persistent, priority, expirationMs)
}
