// What the Admin pages read of the HTTP API.

export interface User {
  readonly name: string
  readonly tags: readonly string[]
  readonly password_hash: string
}

export interface Permission {
  readonly user: string
  readonly vhost: string
  readonly configure: string
  readonly write: string
  readonly read: string
}

export interface TopicPermission {
  readonly user: string
  readonly vhost: string
  readonly exchange: string
  readonly write: string
  readonly read: string
}

export interface Vhost {
  readonly name: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly messages?: number
  readonly messages_ready?: number
  readonly messages_unacknowledged?: number
}

/** Of a user or a virtual host; an empty list where limits were and are no more. */
export interface Limits {
  readonly user?: string
  readonly vhost?: string
  readonly value: Readonly<Record<string, number>> | readonly never[]
}
