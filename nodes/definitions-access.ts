// Who and where, as one island of nodes knows it: vhosts, users, permissions and limits as records. Part of the
// definitions; what a record means is judged by `auth*`, what its end means for clients is done by `cluster-access`.

/** Limits by RabbitMQ's names; a negative value means none. null: none was ever set. */
export type Limits = Readonly<Record<string, number>>

export interface Vhost {
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  /** `max-connections` and `max-queues`. An empty object stays when the last limit was taken away (docs/observed.md §10). */
  readonly limits: Limits | null
}

export type HashingAlgorithm =
  | 'rabbit_password_hashing_sha256'
  | 'rabbit_password_hashing_sha512'
  | 'rabbit_password_hashing_md5'

export interface User {
  readonly name: string
  /** Base64 of salt and hash; empty: nobody can log in by a password. */
  readonly passwordHash: string
  readonly hashing: HashingAlgorithm
  readonly tags: readonly string[]
  /** `max-connections` and `max-channels`. */
  readonly limits: Limits
}

/** What a user may do in a vhost: patterns of the names it may configure, write to and read from. */
export interface Permission {
  readonly user: string
  readonly vhost: string
  readonly configure: string
  readonly write: string
  readonly read: string
}

/** Which routing keys a user may publish to a topic exchange with (write), and bind it with (read). */
export interface TopicPermission {
  readonly user: string
  readonly vhost: string
  readonly exchange: string
  readonly write: string
  readonly read: string
}

/** The key of a permission in the definitions. */
export const permissionKey = (user: string, vhost: string) => `${user}\0${vhost}`

export const topicPermissionKey = (user: string, vhost: string, exchange: string) =>
  `${user}\0${vhost}\0${exchange}`

/** A vhost nobody has described yet. */
export function newVhost(name: string): Vhost {
  return { name, description: '', tags: [], limits: null }
}
