// An exchange as the HTTP API shows it, and its name in paths.

import { plain } from '../../nodes/amqp/fields.ts'
import type { ExchangeRecord } from '../../nodes/definitions.ts'
import type { View } from '../view.ts'
import type { Row } from './list.ts'
import { happened } from './totals.ts'

/** The default exchange has no name; in a path it is `amq.default`. */
export const exchangeName = (inPath: string) => (inPath === 'amq.default' ? '' : inPath)

/** Exchanges that every vhost has were made by the broker; who made another is not kept, and shown as guest. */
export function exchangeEntry(view: View, exchange: ExchangeRecord): Row {
  const own = exchange.name === '' || exchange.name.startsWith('amq.')
  return {
    arguments: plain(exchange.arguments),
    auto_delete: exchange.autoDelete,
    durable: exchange.durable,
    internal: exchange.internal,
    ...messageStats(view, exchange),
    name: exchange.name,
    ...(exchange.policy === null ? {} : { policy: exchange.policy.name }),
    type: exchange.type,
    user_who_performed_action: own ? 'rmq-internal' : 'guest',
    vhost: exchange.vhost,
  }
}

/** Absent as long as nobody has published to it. */
function messageStats(view: View, exchange: ExchangeRecord): Row {
  const stats = happened({ publish_in: exchange.counts.in, publish_out: exchange.counts.out })
  return Object.keys(stats).length === 0 ? {} : { message_stats: view.details(exchange, stats) }
}
