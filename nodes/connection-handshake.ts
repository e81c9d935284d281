// The opening words of a connection: server properties, login mechanisms and what tuning allows (AMQP 0-9-1 §2.2.4,
// docs/observed.md §5.1). Pure; `connection` sends and decides.

import { decodeTable, type Field, type Table } from './amqp/fields.ts'
import type { MethodArguments } from './amqp/methods.ts'
import { type Compat, rabbitmq_3_10 } from './compat.ts'
import type { Peer } from './connection-carrier.ts'
import { limits } from './limits.ts'

const text = (value: string): Field => ({ type: 'longstr', value })
const yes: Field = { type: 'bool', value: true }

const capabilities = [
  'publisher_confirms',
  'exchange_exchange_bindings',
  'basic.nack',
  'consumer_cancel_notify',
  'connection.blocked',
  'consumer_priorities',
  'authentication_failure_close',
  'per_consumer_qos',
  'direct_reply_to',
]

/** The arguments of connection.start. */
export function startWords(
  version: { readonly major: number; readonly minor: number },
  clusterName: string,
  peer: Peer,
): MethodArguments['connectionStart'] {
  return {
    versionMajor: version.major,
    versionMinor: version.minor,
    serverProperties: serverProperties(rabbitmq_3_10, clusterName),
    mechanisms: mechanismsFor(peer),
    locales: 'en_US',
  }
}

function serverProperties(compat: Compat, clusterName: string): Table {
  return new Map<string, Field>([
    ['capabilities', { type: 'table', value: new Map(capabilities.map((name) => [name, yes])) }],
    ['cluster_name', text(clusterName)],
    ['copyright', text(compat.copyright)],
    ['information', text('Licensed under the MPL 2.0. Website: https://rabbitmq.com')],
    ['platform', text(`Erlang/OTP ${compat.erlang}`)],
    ['product', text('RabbitMQ')],
    ['version', text(compat.version)],
  ])
}

/** The mechanisms to offer: EXTERNAL on every TLS connection whose listener checks certificates (docs/observed.md §17). */
function mechanismsFor({ tls }: Peer): string {
  return tls?.verifies ? 'PLAIN AMQPLAIN EXTERNAL' : 'PLAIN AMQPLAIN'
}

export interface Credentials {
  readonly user: string
  readonly password: Buffer
}

/** Reads a SASL response; null when the mechanism is unknown or the response malformed. */
export function readCredentials(mechanism: string, response: Buffer): Credentials | null {
  if (mechanism === 'PLAIN') return readPlain(response)
  if (mechanism === 'AMQPLAIN') return readAmqplain(response)
  return null
}

function readPlain(response: Buffer): Credentials | null {
  const first = response.indexOf(0)
  const second = first < 0 ? -1 : response.indexOf(0, first + 1)
  if (second < 0 || response.indexOf(0, second + 1) >= 0) return null
  return { user: response.toString('utf8', first + 1, second), password: response.subarray(second + 1) }
}

/** AMQPLAIN is a field table without its length. */
function readAmqplain(response: Buffer): Credentials | null {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(response.length)
  try {
    const table = decodeTable(Buffer.concat([length, response]), 0, response.length + 4)
    const [user, password] = [table.get('LOGIN'), table.get('PASSWORD')]
    if (user?.type !== 'longstr' || password?.type !== 'longstr') return null
    const bytes = Buffer.isBuffer(password.value) ? password.value : Buffer.from(String(password.value))
    return { user: String(user.value), password: bytes }
  } catch {
    return null
  }
}

export interface Tuning {
  readonly channelMax: number
  readonly frameMax: number
  readonly heartbeat: number
}

/** What the server offers. */
export const offered: Tuning = {
  channelMax: limits.channelMax,
  frameMax: limits.frameMax,
  heartbeat: limits.heartbeatSeconds,
}

/** Is the client's tune-ok within what was offered? 0 means no limit and is refused. */
export function acceptable({ channelMax, frameMax }: Tuning): boolean {
  return (
    channelMax >= 1 &&
    channelMax <= limits.channelMax &&
    frameMax >= limits.frameMin &&
    frameMax <= limits.frameMax
  )
}

/** Does the client announce `name` among its capabilities? */
export function announces(clientProperties: Table, name: string): boolean {
  const field = clientProperties.get('capabilities')
  return field?.type === 'table' && (field.value as Table).get(name)?.value === true
}
