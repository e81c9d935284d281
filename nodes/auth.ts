// Who may log in and enter which vhost. Passwords are kept as salted SHA-256, RabbitMQ's own default hash, so that
// exported definitions fit. It must never keep or log a clear password.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Definitions } from './definitions.ts'
import { type HashingAlgorithm, permissionKey, type User } from './definitions-access.ts'

const digests: Readonly<Record<HashingAlgorithm, string>> = {
  rabbit_password_hashing_sha256: 'sha256',
  rabbit_password_hashing_sha512: 'sha512',
  rabbit_password_hashing_md5: 'md5',
}

/** Base64 of a 4-byte salt and the digest of salt and password; SHA-256 unless told otherwise. */
export function hashPassword(
  password: string | Buffer,
  salt: Buffer,
  hashing: HashingAlgorithm = 'rabbit_password_hashing_sha256',
): string {
  const digest = createHash(digests[hashing]).update(salt).update(password).digest()
  return Buffer.concat([salt, digest]).toString('base64')
}

export function addUser(
  definitions: Definitions,
  name: string,
  password: string,
  salt: Buffer,
  tags: readonly string[],
): void {
  definitions.users.set(name, {
    name,
    passwordHash: hashPassword(password, salt),
    hashing: 'rabbit_password_hashing_sha256',
    tags,
    limits: {},
  })
}

/** The user when name and password fit; null otherwise. Nobody logs in with an empty password. */
export function authenticate(definitions: Definitions, name: string, password: string | Buffer): User | null {
  const user = definitions.users.get(name)
  if (user === undefined || user.passwordHash === '' || password.length === 0) return null
  const kept = Buffer.from(user.passwordHash, 'base64')
  const given = Buffer.from(hashPassword(password, kept.subarray(0, 4), user.hashing), 'base64')
  return kept.length === given.length && timingSafeEqual(kept, given) ? user : null
}

/** May `user` open `vhost`? Says nothing of whether it exists. */
export function mayEnter(definitions: Definitions, user: string, vhost: string): boolean {
  return definitions.permissions.has(permissionKey(user, vhost))
}

/** Guest is let in only from loopback (RabbitMQ's loopback_users). */
export function mayConnectFrom(user: string, address: string): boolean {
  return user !== 'guest' || /^(::ffff:)?127\.|^::1$|^$/.test(address)
}
