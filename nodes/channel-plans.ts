// Where a channel's publishes go, remembered as long as the definitions stay as they are: the exchange last named, the
// plan last used, and a bounded number of others. It must never outlive a change of the definitions.

import type { Definitions, ExchangeRecord } from './definitions.ts'
import type { Plan, RoutingHeaders } from './node-routing.ts'

const maxPlans = 256

export class Plans {
  private of: Definitions | null = null
  private version = 0
  private plans: Map<string, Plan> | null = null
  private exchangeName = ''
  private exchange: ExchangeRecord | undefined
  private lastExchange: ExchangeRecord | undefined
  private lastKey = ''
  private lastPlan: Plan | undefined

  /** The exchange of this name, or undefined; `allow` throws for one that is not remembered and may not be used. */
  find(
    definitions: Definitions,
    vhost: string,
    name: string,
    allow: (name: string) => void,
  ): ExchangeRecord | undefined {
    if (this.isCurrent(definitions) && this.exchange !== undefined && name === this.exchangeName)
      return this.exchange
    this.exchange = undefined
    allow(name)
    this.exchangeName = name
    this.exchange = definitions.exchange(vhost, name)
    return this.exchange
  }

  /** The plan remembered for such a publish, or undefined when there is none or none may be. */
  recall(
    definitions: Definitions,
    exchange: ExchangeRecord,
    routingKey: string,
    extra: RoutingHeaders | null,
  ): Plan | undefined {
    const current = this.isCurrent(definitions)
    // CC and BCC add keys of their own: such a plan is for one message.
    if (extra !== null && extra.furtherKeys.length > 0) return undefined
    const last = this.lastPlan
    if (
      current &&
      last !== undefined &&
      (extra === null || last.dependsOn === 'key') &&
      exchange === this.lastExchange &&
      routingKey === this.lastKey
    )
      return last
    const plan = this.plans?.get(nameOf(exchange, routingKey))
    if (plan === undefined || (extra !== null && plan.dependsOn !== 'key')) return undefined
    this.use(exchange, routingKey, plan)
    return plan
  }

  /** Remembers a plan made after `recall` found none, unless it is good for this one message only. */
  remember(exchange: ExchangeRecord, routingKey: string, extra: RoutingHeaders | null, plan: Plan): void {
    if (extra !== null && (extra.furtherKeys.length > 0 || plan.dependsOn === 'headers')) return
    if (plan.dependsOn === 'message') return
    this.plans ??= new Map()
    if (this.plans.size >= maxPlans) this.plans.clear()
    this.plans.set(nameOf(exchange, routingKey), plan)
    this.use(exchange, routingKey, plan)
  }

  private use(exchange: ExchangeRecord, routingKey: string, plan: Plan): void {
    this.lastExchange = exchange
    this.lastKey = routingKey
    this.lastPlan = plan
  }

  private isCurrent(definitions: Definitions): boolean {
    if (this.of === definitions && this.version === definitions.version) return true
    this.of = definitions
    this.version = definitions.version
    this.plans?.clear()
    this.exchange = this.lastExchange = this.lastPlan = undefined
    return false
  }
}

const nameOf = (exchange: ExchangeRecord, routingKey: string) => `${exchange.name}\0${routingKey}`
