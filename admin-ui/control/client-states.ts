// A client's connection as the control API shows it: who it is, what has passed, and how its socket was made slow. Asked by its
// routes and by the live feed.

import { plain } from '../../nodes/amqp/fields.ts'
import type { Connection } from '../../nodes/connection.ts'
import type { SocketShape } from '../../nodes/connection-carrier.ts'
import { type Direction, directions, type Listener } from '../../nodes/listener.ts'
import type { Context } from '../view.ts'
import { number, orNull, record, text } from './schema.ts'

const shapeSchema = record({ delay_ms: number(), bytes_per_second: orNull(number('null: as many as come')) })

export const clientSchema = record({
  id: number('of the connection in the cluster'),
  name: text("as RabbitMQ names connections: 'address:port -> address:port'"),
  given_name: text("the client's connection_name; empty without one"),
  product: text('what it says it is'),
  node: text(),
  user: text(),
  vhost: text(),
  channels: number(),
  state: text('running, blocked (memory alarm), flow (waits for queues) or as the connection is'),
  received_bytes: number(),
  sent_bytes: number(),
  received_rate: number('bytes a second'),
  sent_rate: number('bytes a second'),
  from_client: shapeSchema,
  to_client: shapeSchema,
})

/** The listener that holds the connection's socket. */
export function listenerOf({ ports }: Context, connection: Connection): Listener | undefined {
  return [...ports.plain, ...ports.tls].find((listener) => listener.shapeOf(connection) !== null)
}

export function clientEntry(context: Context, connection: Connection) {
  const { rates, live } = context
  const { now } = live.cluster.loop
  const { id, name, node, user, vhost, channelCount } = connection
  const { receivedBytes, sentBytes } = connection.traffic
  const properties = plain(connection.session.clientProperties) as Readonly<Record<string, unknown>>
  const property = (key: string) => (typeof properties[key] === 'string' ? properties[key] : '')
  const shapes = listenerOf(context, connection)?.shapeOf(connection)
  const shape = (direction: Direction) => shapeEntry(shapes?.[direction] ?? {})
  const [from, to] = directions
  return {
    id,
    name,
    given_name: property('connection_name'),
    product: property('product'),
    node: node.name,
    user,
    vhost,
    channels: channelCount,
    state: connection.state,
    received_bytes: receivedBytes,
    sent_bytes: sentBytes,
    received_rate: rates.rate(connection, 'receivedBytes', receivedBytes, now),
    sent_rate: rates.rate(connection, 'sentBytes', sentBytes, now),
    from_client: shape(from),
    to_client: shape(to),
  }
}

const shapeEntry = ({ delayMs = 0, bytesPerMs = Infinity }: SocketShape) => ({
  delay_ms: delayMs,
  bytes_per_second: bytesPerMs === Infinity ? null : bytesPerMs * 1000,
})
