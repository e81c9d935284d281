// The registry of exchange types: one line each, in the order the HTTP API lists them. `definitions` asks it for a
// router when an exchange is declared; a new type is a file beside this one and a row here.
import { DirectRouter } from './direct.ts'
import { FanoutRouter } from './fanout.ts'
import { HeadersRouter } from './headers.ts'
import type { Router } from './router.ts'
import { TopicRouter } from './topic.ts'

export type { Binding, Router } from './router.ts'

/** An exchange type as `/api/overview` shows it. */
export interface ExchangeType {
  readonly name: string
  readonly description: string
}

const routers: Readonly<Record<string, new <D>() => Router<D>>> = {
  direct: DirectRouter,
  fanout: FanoutRouter,
  headers: HeadersRouter,
  topic: TopicRouter,
}

/** The types a client may declare, with RabbitMQ's descriptions. */
export const exchangeTypes: readonly ExchangeType[] = Object.keys(routers).map((name) => ({
  name,
  description: `AMQP ${name} exchange, as per the AMQP specification`,
}))

/** An empty router for an exchange of this type, or null when there is no such type. */
export function createRouter<D>(type: string): Router<D> | null {
  const router = Object.hasOwn(routers, type) ? routers[type] : undefined
  return router ? new router<D>() : null
}
