// The arithmetic of a queue's settings: a message's level, when it expires, what is too much. Pure functions, so that
// each rule of docs/observed.md §5.4 stands in one place.

import type { QueueSettings } from '../policies/effective.ts'
import type { Entry, Message } from './message.ts'

/** Priorities above the maximum count as the maximum; without one there is a single level. */
export function levelOf({ maxPriority }: QueueSettings, message: Message): number {
  return maxPriority === null ? 0 : Math.min(message.priority, maxPriority)
}

/** The lower of the queue's TTL and the message's own, from `now` (ms) on; Infinity for neither. */
export function expiryOf({ messageTtlMs }: QueueSettings, message: Message, now: number): number {
  const own = message.expirationMs
  const ttl = own < 0 ? messageTtlMs : messageTtlMs === null ? own : Math.min(own, messageTtlMs)
  return ttl === null ? Infinity : now + ttl
}

/** Must the publish be refused? Only under reject-publish, and whether or not a consumer waits. */
export function refuses(settings: QueueSettings, ready: number, bytes: number, message: Message): boolean {
  const { overflow, maxLength, maxLengthBytes } = settings
  if (overflow === 'drop-head') return false
  return (
    (maxLength !== null && ready >= maxLength) ||
    (maxLengthBytes !== null && bytes + message.size > maxLengthBytes)
  )
}

/** Are there more ready messages than allowed, so that the head must go? Unacknowledged ones do not count. */
export function exceeds(settings: QueueSettings, ready: number, bytes: number): boolean {
  const { overflow, maxLength, maxLengthBytes } = settings
  if (overflow !== 'drop-head') return false
  return (maxLength !== null && ready > maxLength) || (maxLengthBytes !== null && bytes > maxLengthBytes)
}

/**
 * Why a message that no consumer takes is gone as it comes; null when its time is not up, or when the `ready` others hide
 * it until it is the head (docs/observed.md §14). A queue whose own time is 0 and that has nowhere to send what expires
 * does not take it in at all.
 */
export function perishes(
  settings: QueueSettings,
  ready: number,
  { message, expiresAt }: Entry,
  now: number,
): 'expired' | 'maxlen' | null {
  if (expiresAt > now) return null
  if (ready > 0 && (settings.messageTtlMs !== 0 || settings.deadLetterExchange !== null)) return null
  return exceeds(settings, ready + 1, message.size) ? 'maxlen' : 'expired'
}
