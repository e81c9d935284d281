// Who may log in and enter which vhost. Passwords are kept as salted SHA-256, RabbitMQ's own default hash, so that
// exported definitions fit. It must never keep or log a clear password.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Definitions, User } from './definitions.ts'

/** Base64 of a 4-byte salt and SHA-256(salt + password): rabbit_password_hashing_sha256. */
export function hashPassword(password: string | Buffer, salt: Buffer): string {
  return Buffer.concat([salt, createHash('sha256').update(salt).update(password).digest()]).toString('base64')
}

export function addUser(
  definitions: Definitions,
  name: string,
  password: string,
  salt: Buffer,
  tags: readonly string[],
): void {
  definitions.users.set(name, { name, passwordHash: hashPassword(password, salt), tags })
}

/** The user when name and password fit; null otherwise. */
export function authenticate(definitions: Definitions, name: string, password: string | Buffer): User | null {
  const user = definitions.users.get(name)
  if (user === undefined) return null
  const kept = Buffer.from(user.passwordHash, 'base64')
  const given = Buffer.from(hashPassword(password, kept.subarray(0, 4)), 'base64')
  return kept.length === given.length && timingSafeEqual(kept, given) ? user : null
}

/** May `user` open `vhost`? Says nothing of whether it exists. */
export function mayEnter(definitions: Definitions, user: string, vhost: string): boolean {
  return definitions.permissions.get(user)?.has(vhost) ?? false
}

/** Guest is let in only from loopback (RabbitMQ's loopback_users). */
export function mayConnectFrom(user: string, address: string): boolean {
  return user !== 'guest' || /^(::ffff:)?127\.|^::1$|^$/.test(address)
}
