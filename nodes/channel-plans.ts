// Where a channel's publishes go, remembered as long as the definitions stay as they are: the exchange last named, the
// plan last used, and a bounded number of others. It must never outlive a change of the definitions.

import type { Definitions, ExchangeRecord } from './definitions.ts'
import type { Plan, RoutingHeaders } from './node-routing.ts'

const maxPlans = 256

export class Plans {
  private of: Definitions | null = null
  private version = 0
  private readonly plans = new Map<string, Plan>()
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

  /** The plan of a publish; `make` is called for what is not remembered, or may not be. */
  plan(
    definitions: Definitions,
    exchange: ExchangeRecord,
    routingKey: string,
    extra: RoutingHeaders | null,
    make: () => Plan,
  ): Plan {
    const current = this.isCurrent(definitions)
    // CC and BCC add keys of their own: such a plan is for one message.
    if (extra !== null && extra.furtherKeys.length > 0) return make()
    const last = this.lastPlan
    if (
      current &&
      last !== undefined &&
      (extra === null || last.dependsOn === 'key') &&
      exchange === this.lastExchange &&
      routingKey === this.lastKey
    )
      return last
    const name = `${exchange.name}\0${routingKey}`
    let plan = this.plans.get(name)
    if (plan === undefined || (extra !== null && plan.dependsOn !== 'key')) {
      plan = make()
      if (plan.dependsOn === 'message' || (extra !== null && plan.dependsOn === 'headers')) return plan
      if (this.plans.size >= maxPlans) this.plans.clear()
      this.plans.set(name, plan)
    }
    this.lastExchange = exchange
    this.lastKey = routingKey
    this.lastPlan = plan
    return plan
  }

  private isCurrent(definitions: Definitions): boolean {
    if (this.of === definitions && this.version === definitions.version) return true
    this.of = definitions
    this.version = definitions.version
    this.plans.clear()
    this.exchange = this.lastExchange = this.lastPlan = undefined
    return false
  }
}
