// What a connection's opening settles: who the client is, what was tuned, which vhost it is in (AMQP 0-9-1 §2.2.4,
// docs/observed.md §5.1). Decides; `connection` sends and moves on.

import { decodeTable, emptyTable, type Table, tableBytes } from './amqp/fields.ts'
import type { MethodArguments } from './amqp/methods.ts'
import { authenticate, mayConnectFrom, mayEnter } from './auth.ts'
import { type Counted, checkChannelLimit, checkConnectionLimits } from './auth-limits.ts'
import type { Peer } from './connection-carrier.ts'
import { acceptable, announces, readCredentials } from './connection-handshake.ts'
import type { Definitions } from './definitions.ts'
import type { User } from './definitions-access.ts'
import { type BrokerError, loginRefused, notAllowed, tooManyChannels } from './errors.ts'
import { limits } from './limits.ts'

/** Headers that are taken for 0-9-1; the last is answered by a connection.start of 8.0 (docs/observed.md §5.1). */
const acceptedVersions = ['0,0,9,1', '1,1,0,9', '1,1,8,0']

/** The version to announce after a protocol header; null when the client speaks something else. */
export function versionFor(header: Buffer): { readonly major: number; readonly minor: number } | null {
  const version = [...header.subarray(4, 8)].join(',')
  if (header.toString('latin1', 0, 4) !== 'AMQP' || !acceptedVersions.includes(version)) return null
  return version === '1,1,8,0' ? { major: 8, minor: 0 } : { major: 0, minor: 9 }
}

export class Session {
  user = ''
  vhost = ''
  mechanism = ''
  /** The client's, as bytes one a character: as a table they take several times the room, and are seldom asked for. */
  private properties: string | Table = emptyTable
  /** The client understands a basic.cancel from the server. */
  cancelNotify = false
  frameMax: number = limits.frameMax
  channelMax: number = limits.channelMax
  heartbeatSeconds = 0

  get clientProperties(): Table {
    if (typeof this.properties !== 'string') return this.properties
    const bytes = Buffer.from(this.properties, 'latin1')
    return decodeTable(bytes, 0, bytes.length)
  }

  /** `silent`: the client could not read a refusal; it is kept waiting instead. */
  login(
    definitions: Definitions,
    peer: Peer,
    args: MethodArguments['connectionStartOk'],
  ): 'ok' | 'silent' | BrokerError {
    this.properties = packed(args.clientProperties)
    this.mechanism = args.mechanism
    this.cancelNotify = announces(args.clientProperties, 'consumer_cancel_notify')
    const known = identify(definitions, peer, args)
    if (known === undefined) return 'silent'
    if (known !== null) {
      this.user = known.name
      return 'ok'
    }
    const readable = announces(args.clientProperties, 'authentication_failure_close')
    return readable ? loginRefused(args.mechanism) : 'silent'
  }

  /** False when the client asks for more than was offered. */
  tune(args: MethodArguments['connectionTuneOk']): boolean {
    if (!acceptable(args)) return false
    this.channelMax = args.channelMax
    this.frameMax = args.frameMax
    this.heartbeatSeconds = args.heartbeat
    return true
  }

  /** Throws 530 when this connection, or its user on all `others`, has as many channels as it may have. */
  checkChannels(definitions: Definitions, count: number, others: () => Iterable<Counted>): void {
    if (count >= this.channelMax) throw tooManyChannels(count, this.channelMax)
    checkChannelLimit(definitions, this.user, others)
  }

  /** Throws 530 when there is no such vhost, there are too many connections, or the user may not enter it. */
  open(definitions: Definitions, vhost: string, others: () => Iterable<Counted>): void {
    if (!definitions.vhosts.has(vhost)) throw notAllowed(`vhost ${vhost} not found`)
    checkConnectionLimits(definitions, this.user, vhost, others)
    if (!mayEnter(definitions, this.user, vhost))
      throw notAllowed(`access to vhost '${vhost}' refused for user '${this.user}'`)
    this.vhost = vhost
  }
}

function packed(table: Table): string | Table {
  try {
    return tableBytes(table).toString('latin1')
  } catch {
    // A key that is not UTF-8 is longer as text than a key may be.
    return table
  }
}

/** The user that the client proves to be; null when it is nobody here, undefined when its response cannot be read. */
function identify(
  definitions: Definitions,
  { address, tls }: Peer,
  { mechanism, response }: MethodArguments['connectionStartOk'],
): User | null | undefined {
  if (mechanism === 'EXTERNAL' && tls?.verifies) {
    const name = tls.certificate?.commonName ?? ''
    return mayConnectFrom(name, address) ? (definitions.users.get(name) ?? null) : null
  }
  const credentials = readCredentials(mechanism, response)
  if (credentials === null) return undefined
  const { user, password } = credentials
  return mayConnectFrom(user, address) ? authenticate(definitions, user, password) : null
}
