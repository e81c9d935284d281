// The registry of exchange types: one row each, in the order the HTTP API lists them. `definitions` asks it for a
// router when an exchange is declared; a new type is a file beside this one and a row here.
import type { Table } from '../amqp/fields.ts'
import { commandInvalid, preconditionFailed } from '../errors.ts'
import { ConsistentHashRouter, checkHashArguments } from './consistent-hash.ts'
import { DelayedRouter } from './delayed.ts'
import { DirectRouter } from './direct.ts'
import { FanoutRouter } from './fanout.ts'
import { HeadersRouter } from './headers.ts'
import { ModulusHashRouter } from './modulus-hash.ts'
import { RandomRouter } from './random.ts'
import { checkHistoryArguments, RecentHistoryRouter } from './recent-history.ts'
import type { Router } from './router.ts'
import { TopicRouter } from './topic.ts'

export type { Binding, Occasion, Routed, Router } from './router.ts'

/** An exchange type as `/api/overview` shows it. */
export interface ExchangeType {
  readonly name: string
  readonly description: string
}

interface Row {
  readonly description: string
  /** Throws what a declaration with bad arguments deserves. */
  check?(args: Table): void
  router<D>(args: Table): Router<D>
}

const standard = (name: string) => `AMQP ${name} exchange, as per the AMQP specification`

const rows: Readonly<Record<string, Row>> = {
  direct: { description: standard('direct'), router: () => new DirectRouter() },
  fanout: { description: standard('fanout'), router: () => new FanoutRouter() },
  headers: { description: standard('headers'), router: () => new HeadersRouter() },
  topic: { description: standard('topic'), router: () => new TopicRouter() },
  'x-consistent-hash': {
    description: 'Consistent Hashing Exchange',
    check: checkHashArguments,
    router: (args) => new ConsistentHashRouter(args),
  },
  'x-delayed-message': {
    description: 'Delayed Message Exchange.',
    check: checkDelayedArguments,
    router: (args) => new DelayedRouter(createRouter(delayedType(args)!, args)!),
  },
  'x-modulus-hash': { description: 'Modulus Hashing Exchange', router: () => new ModulusHashRouter() },
  'x-random': {
    description: 'Randomly picks a binding (queue) to route via (to).',
    router: () => new RandomRouter(),
  },
  'x-recent-history': {
    description: 'Recent History Exchange.',
    check: checkHistoryArguments,
    router: (args) => new RecentHistoryRouter(args),
  },
}

/** The types a client may declare, with RabbitMQ's descriptions. */
export const exchangeTypes: readonly ExchangeType[] = Object.entries(rows).map(([name, { description }]) => ({
  name,
  description,
}))

const rowOf = (type: string) => (Object.hasOwn(rows, type) ? rows[type] : undefined)

/** An empty router for an exchange of this type with these (checked) arguments, or null when there is no such type. */
export function createRouter<D>(type: string, args: Table = new Map()): Router<D> | null {
  return rowOf(type)?.router<D>(args) ?? null
}

/** Throws 406 (or 541, where a real broker crashes) when an exchange of this type may not have these arguments. */
export function checkTypeArguments(type: string, args: Table): void {
  rowOf(type)?.check?.(args)
}

/** The type that a delayed exchange routes as; null when the argument is no text or names the delayed type itself. */
function delayedType(args: Table): string | null {
  const named = args.get('x-delayed-type')
  return named?.type === 'longstr' && named.value !== 'x-delayed-message' ? String(named.value) : null
}

function checkDelayedArguments(args: Table): void {
  const type = delayedType(args)
  if (type === null)
    throw preconditionFailed("Invalid argument, 'x-delayed-type' must be an existing exchange type")
  if (rowOf(type) === undefined) throw commandInvalid(`unknown exchange type '${type}'`)
  checkTypeArguments(type, args)
}
