/**
 * What becomes of a queue whose leader is gone. Queue modes ask once per queue and side of a partition, with the
 * mirrors that still run there; previews ask the same. It only decides: promotion, cancelling and confirms are
 * carried out by those who asked.
 */
import type { QueueSettings } from './effective.ts'
import type { Replicas } from './placement.ts'

/** How the leader went: killed, stopped in an orderly way, cut off, or moved by policy. */
export type LossCause = 'crash' | 'shutdown' | 'partition' | 'handover'

/**
 * - `promote`: that mirror leads from now on.
 * - `down`: requests get 404 until the node is back, publishes are unroutable.
 * - `wait`: no leader until the old one is back; requests wait, consumers stay.
 * - `delete`: the queue and its bindings are gone.
 */
export type Outcome =
  | { readonly to: 'promote'; readonly node: string }
  | { readonly to: 'down' }
  | { readonly to: 'wait' }
  | { readonly to: 'delete' }

/** What of a queue decides its fate. `mirrored`: it has an ha-mode and is not exclusive. */
export interface LostQueue {
  readonly durable: boolean
  readonly exclusive: boolean
  readonly mirrored: boolean
}

/**
 * The fate of a queue that lost its leader; `r.mirrors` are those still running, oldest first.
 *
 * After a crash or a cut the oldest mirror leads, even without all messages, unless ha-promote-on-failure is
 * `when-synced`. After a stop it must be synchronised, unless ha-promote-on-shutdown is `always`, which counts
 * only if ha-promote-on-failure is `always` too. Source: docs/observed.md §2, §4.1–4.5, §4.10, §11.
 */
export function afterLoss(queue: LostQueue, r: Replicas, cause: LossCause, s: QueueSettings): Outcome {
  // An exclusive queue belongs to one connection, which was lost with the node.
  if (!queue.mirrored) return { to: queue.durable && !queue.exclusive ? 'down' : 'delete' }
  const oldest = r.mirrors[0]
  // Also one that is not durable (docs/observed.md §21).
  if (oldest === undefined) return { to: 'wait' }
  if ((cause === 'crash' || cause === 'partition') && s.haPromoteOnFailure === 'always')
    return promote(oldest.node)
  const complete = r.mirrors.find((mirror) => mirror.synced)
  if (complete) return promote(complete.node)
  const lossAllowed = s.haPromoteOnShutdown === 'always' && s.haPromoteOnFailure === 'always'
  return cause === 'shutdown' && lossAllowed ? promote(oldest.node) : { to: 'wait' }
}

function promote(node: string): Outcome {
  return { to: 'promote', node }
}
