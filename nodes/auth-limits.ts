// How many queues, connections and channels a vhost or a user may have, and the errors when there are too many
// (docs/observed.md §16.2). Counting is the caller's: this file only knows records and numbers.

import type { Definitions } from './definitions.ts'
import type { Limits } from './definitions-access.ts'
import { notAllowed, preconditionFailed } from './errors.ts'

/** The limit called `name`; null when there is none. */
function limitOf(limits: Limits | null | undefined, name: string): number | null {
  const limit = limits?.[name]
  return limit === undefined || limit < 0 ? null : limit
}

/** Throws 406 when `vhost` may not have another queue; `name` is the one that was to be declared. */
export function checkQueueLimit(definitions: Definitions, vhost: string, name: string): void {
  const limit = limitOf(definitions.vhosts.get(vhost)?.limits, 'max-queues')
  if (limit === null) return
  let queues = 0
  for (const queue of definitions.queues.values()) if (queue.vhost === vhost) queues++
  if (queues >= limit)
    throw preconditionFailed(
      `cannot declare queue '${name}': queue limit in vhost '${vhost}' (${limit}) is reached`,
    )
}

/** An open connection, as far as limits are concerned. */
export interface Counted {
  readonly user: string
  readonly vhost: string
  readonly channelCount: number
}

/** Throws 530 when the vhost, or else the user, has as many connections as it may have. */
export function checkConnectionLimits(
  definitions: Definitions,
  user: string,
  vhost: string,
  open: () => Iterable<Counted>,
): void {
  const count = (fits: (connection: Counted) => boolean) => [...open()].filter(fits).length
  const ofVhost = limitOf(definitions.vhosts.get(vhost)?.limits, 'max-connections')
  if (ofVhost !== null && count((connection) => connection.vhost === vhost) >= ofVhost)
    throw notAllowed(
      `access to vhost '${vhost}' refused for user '${user}': connection limit (${ofVhost}) is reached`,
    )
  const ofUser = limitOf(definitions.users.get(user)?.limits, 'max-connections')
  if (ofUser !== null && count((connection) => connection.user === user) >= ofUser)
    throw notAllowed(`connection refused for user '${user}': user connection limit (${ofUser}) is reached`)
}

/** Throws the 530 that ends the connection on which `user` opens one channel too many. */
export function checkChannelLimit(
  definitions: Definitions,
  user: string,
  open: () => Iterable<Counted>,
): void {
  const limit = limitOf(definitions.users.get(user)?.limits, 'max-channels')
  if (limit === null) return
  let channels = 0
  for (const connection of open()) if (connection.user === user) channels += connection.channelCount
  if (channels < limit) return
  const error = notAllowed(
    `number of channels opened for user '${user}' has reached the maximum allowed user limit of (${limit})`,
  )
  error.method = 0
  throw error
}
