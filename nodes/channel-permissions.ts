// What the user of a channel may do, asked before anything is looked up (docs/observed.md §16.1: refusals come before 404
// and 405). Thin: the judgement is that of `auth-permissions`.

import { type Access, checkAccess, checkTopicAccess } from './auth-permissions.ts'
import type { Channel } from './channel.ts'
import type { ExchangeRecord } from './definitions.ts'

/** Throws 403 unless the channel's user has `access` to the queue. */
export function checkQueueAccess(channel: Channel, access: Access, name: string): void {
  checkAccess(channel.definitions, channel.owner.user, channel.vhost, access, 'queue', name)
}

/** Throws 403 unless the channel's user has `access` to the exchange. */
export function checkExchangeAccess(channel: Channel, access: Access, name: string): void {
  checkAccess(channel.definitions, channel.owner.user, channel.vhost, access, 'exchange', name)
}

/** Throws 403 unless the channel's user may publish to `exchange` with `key`. */
export function checkTopicPublish(channel: Channel, exchange: ExchangeRecord, key: string): void {
  checkTopicAccess(channel.definitions, channel.owner.user, 'write', exchange, key)
}

/** Throws 403 unless the channel's user may bind from `source` with `key`; a missing source allows every key. */
export function checkTopicBinding(channel: Channel, source: ExchangeRecord | undefined, key: string): void {
  if (source !== undefined) checkTopicAccess(channel.definitions, channel.owner.user, 'read', source, key)
}
