// A consumer never holds more unsettled deliveries of one leader's term than its prefetch allows. Old deliveries of a lost
// leader do not count (docs/observed.md §4.1), but settling one settles the message's new delivery on the same channel (§11).

import { Stillness } from '../custody.ts'
import {
  type ClusterEvent,
  type Delivered,
  type HistoryEvent,
  isClientEvent,
  isClusterEvent,
  type Settled,
} from '../history.ts'
import type { Plan } from '../plan.ts'

/** What a channel holds: what each tag stands for, when each message was last settled, and its consumer's window. */
interface Channel {
  readonly tags: Map<number, number>
  readonly settled: Map<number, number>
  window: { readonly queue: string; readonly prefetch: number; readonly held: Set<number> } | null
  /** The last tag before its consumer was cancelled: older ones are of deliveries that went back to the queue. */
  lastCancelled: number
  /** Messages settled by such a tag, until they are delivered anew. */
  readonly stale: Set<number>
  readonly node: string
  /** Since when its node hears the consumer's leader again that it had lost: the consumer's window begins anew. */
  rejoinedAt: number
  /** Operations that wait for their answer. What is sent meanwhile takes effect after it: messages settled so. */
  asked: number
  readonly later: number[]
}

const newChannel = (node: string): Channel => ({
  tags: new Map(),
  settled: new Map(),
  window: null,
  lastCancelled: 0,
  stale: new Set(),
  node,
  rejoinedAt: -Infinity,
  asked: 0,
  later: [],
})

/** Events that name a queue's leader. */
const leads = new Set<string>(['queue-declared', 'promoted', 'queue-recovered'])

/** How long a settlement may have been on its way when a leader's term began, in ms. */
const inFlightMs = 1000

export function prefetch(_plan: Plan, history: readonly HistoryEvent[]): string[] {
  const faults: string[] = []
  const channels = new Map<string, Channel>()
  /** When each queue's present term began. */
  const terms = new Map<string, number>()
  /** Who leads each queue. */
  const leaders = new Map<string, string>()
  /** Since when something stands still, or last did, and until when: settlements wait there as well. */
  const stillness = new Stillness()
  let stillFrom = Infinity
  let stillTo = -Infinity
  const settle = ({ tags, at }: Settled, channel: Channel) => {
    for (const tag of tags) {
      const message = channel.tags.get(tag) ?? 0
      channel.settled.set(message, at)
      channel.window?.held.delete(message)
      if (tag <= channel.lastCancelled) channel.stale.add(message)
      if (channel.asked > 0) channel.later.push(message)
    }
  }
  const answered = (at: number, channel: Channel) => {
    channel.asked--
    if (channel.asked === 0) for (const message of channel.later.splice(0)) channel.settled.set(message, at)
  }
  const deliver = (
    { at, user, queue, consumer, tag, message, redelivered, noAck }: Delivered,
    channel: Channel,
  ) => {
    channel.tags.set(tag, message)
    const { window } = channel
    if (window === null || consumer === null || noAck) return
    // The leader was out of reach, has taken the message back and hears of the settlement only now.
    if (channel.stale.delete(message) && redelivered) return
    // Settled by its old tag while the new leader's delivery was on its way: it takes no place any more.
    const settledAt = channel.settled.get(message) ?? -Infinity
    const since = at <= stillTo + inFlightMs ? stillFrom : Infinity
    // Sent before its node lost the leader, or after: the client cannot tell.
    if (at <= channel.rejoinedAt + inFlightMs) return
    if (redelivered && settledAt > Math.min(since, terms.get(queue) ?? Infinity) - inFlightMs) return
    window.held.add(message)
    if (window.held.size > window.prefetch)
      faults.push(
        `${user} holds ${window.held.size} of ${window.queue} with a prefetch of ${window.prefetch}`,
      )
  }
  const lose = (channel: Channel, { at, node, subject }: ClusterEvent) => {
    const { window } = channel
    if (window === null || channel.node !== node || leaders.get(window.queue) !== subject) return
    window.held.clear()
    channel.rejoinedAt = at
  }
  for (const event of history) {
    if (isClusterEvent(event)) {
      const wasStill = stillness.now
      stillness.take(event)
      if (stillness.now && !wasStill) stillFrom = event.at
    }
    if (stillness.now) stillTo = event.at
    if (isClusterEvent(event) && leads.has(event.what)) leaders.set(event.subject, event.node)
    if (isClusterEvent(event) && event.what === 'peer-down')
      for (const channel of channels.values()) lose(channel, event)
    if (isClusterEvent(event) && (event.what === 'promoted' || event.what === 'queue-recovered')) {
      terms.set(event.subject, event.at)
      for (const { window } of channels.values()) if (window?.queue === event.subject) window.held.clear()
    }
    if (!isClientEvent(event)) continue
    const name = `${event.user} ${event.session}`
    if (event.what === 'opened') channels.set(name, newChannel(event.node))
    const channel = channels.get(name)
    if (channel === undefined) continue
    if (event.what === 'consuming') {
      const { queue, prefetch: limit, noAck } = event
      channel.window = noAck || limit === 0 ? null : { queue, prefetch: limit, held: new Set() }
    } else if (event.what === 'cancelled') channel.lastCancelled = Math.max(0, ...channel.tags.keys())
    else if (event.what === 'settled') settle(event, channel)
    else if (event.what === 'asked') channel.asked++
    else if (event.what === 'answered') answered(event.at, channel)
    else if (event.what === 'delivered') {
      deliver(event, channel)
      // This one is an answer as well.
      if (event.consumer === null) answered(event.at, channel)
    }
  }
  return faults
}
