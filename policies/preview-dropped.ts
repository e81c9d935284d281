/**
 * How many messages a queue drops the moment its limits become lower. Asked by previews; messages that a limit refuses later,
 * or that expire, are none of these.
 */
import type { QueueSettings } from './effective.ts'
import type { QueueSnapshot } from './snapshot.ts'

/** Only `ready` messages go, and only where overflow drops the head. `about`: worked out from the mean size of a message. */
export function droppedBy(
  { maxLength, maxLengthBytes, overflow }: QueueSettings,
  queue: QueueSnapshot,
  ready: number,
): { messages: number; about: boolean } | null {
  if (overflow !== 'drop-head' || queue.messages === 0) return null
  const byCount = maxLength === null ? 0 : Math.max(0, ready - maxLength)
  const size = queue.messageBytes / queue.messages
  const fitting = maxLengthBytes === null || size === 0 ? ready : Math.floor(maxLengthBytes / size)
  const byBytes = Math.max(0, ready - fitting)
  const messages = Math.max(byCount, byBytes)
  return messages === 0 ? null : { messages, about: byBytes > byCount }
}
