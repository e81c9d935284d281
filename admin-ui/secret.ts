// The secret of a user from what a PUT or a definitions file says of it. A clear password is hashed at once and never kept.

import { randomBytes } from 'node:crypto'
import { hashPassword } from '../nodes/auth.ts'
import type { HashingAlgorithm, User } from '../nodes/definitions-access.ts'

export interface GivenSecret {
  readonly password: string | null
  /** Base64 of salt and digest; empty: nobody logs in by a password. */
  readonly passwordHash: string | null
  /** Of the hash; passwords are hashed as RabbitMQ does by default, whatever is asked for (docs/observed.md §23). */
  readonly hashing: HashingAlgorithm | null
}

/** `known`: there is such a user. Without password and hash a known one loses its own, a new one gets one nobody knows. */
export function secretOf(
  { password, passwordHash, hashing }: GivenSecret,
  known: boolean,
): Pick<User, 'passwordHash' | 'hashing'> {
  const usual = 'rabbit_password_hashing_sha256'
  if (password !== null)
    return { passwordHash: hashPassword(password, randomBytes(4), usual), hashing: usual }
  if (passwordHash !== null) return { passwordHash, hashing: hashing ?? usual }
  const unguessable = known ? '' : hashPassword(randomBytes(32), randomBytes(4), usual)
  return { passwordHash: unguessable, hashing: hashing ?? usual }
}
