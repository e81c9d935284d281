// What happened in one run, in order: the cluster's trace and what clients asked, sent and saw. Written by the world and its
// users, read by the invariants and printed by a replay. Two runs of a seed have equal histories, which the hash shows.

import { createHash } from 'node:crypto'
import type { TraceKind } from '../nodes/trace.ts'

/** An event of the cluster; see nodes/trace. */
export interface ClusterEvent {
  readonly at: number
  readonly what: TraceKind
  readonly node: string
  readonly subject: string
  readonly value: number
}

/** A client's connection: the `session`-th of `user`, to `node`. */
interface Said {
  readonly at: number
  readonly user: string
  readonly session: number
  readonly node: string
}

export interface Published extends Said {
  readonly what: 'published'
  readonly message: number
  /** The queues that were bound to where it went. */
  readonly targets: readonly string[]
  readonly tag: number
  readonly confirms: boolean
  readonly persistent: boolean
  readonly priority: number
  /** The channel waits for an answer: what is sent on it meanwhile has to wait as well. */
  readonly held: boolean
}

export interface Delivered extends Said {
  readonly what: 'delivered'
  readonly queue: string
  /** Null when it was fetched. */
  readonly consumer: string | null
  readonly tag: number
  readonly message: number
  readonly redelivered: boolean
  readonly noAck: boolean
}

export interface Settled extends Said {
  readonly what: 'settled'
  readonly how: 'ack' | 'requeue' | 'reject'
  readonly tags: readonly number[]
}

export interface Consuming extends Said {
  readonly what: 'consuming' | 'cancelling' | 'cancelled'
  readonly queue: string
  readonly consumer: string
  readonly prefetch: number
  readonly noAck: boolean
}

export type ClientEvent =
  | (Said & { readonly what: 'opened' | 'lost' | 'left' })
  | (Said & { readonly what: 'closed'; readonly code: number; readonly text: string })
  | Published
  | (Said & { readonly what: 'confirmed' | 'refused'; readonly message: number })
  | (Said & { readonly what: 'returned'; readonly message: number })
  | Delivered
  | Settled
  | Consuming
  /** An operation that is answered: what, of which queue. */
  | (Said & { readonly what: 'asked' | 'answered'; readonly method: string; readonly queue: string })

/** What was done to the cluster, and what was the policy then. */
export interface FaultEvent {
  readonly at: number
  readonly what: 'fault'
  readonly fault: string
  readonly detail: string
}

/** The end of the faults, of the work, and of all. */
export interface PhaseEvent {
  readonly at: number
  readonly what: 'phase'
  readonly phase: 'calm' | 'rest' | 'emptying' | 'end'
}

export type HistoryEvent = ClusterEvent | ClientEvent | FaultEvent | PhaseEvent

const clientEvents = new Set([
  'opened',
  'lost',
  'left',
  'closed',
  'published',
  'confirmed',
  'refused',
  'returned',
])
for (const what of ['delivered', 'settled', 'consuming', 'cancelling', 'cancelled', 'asked', 'answered'])
  clientEvents.add(what)

export const isClientEvent = (event: HistoryEvent): event is ClientEvent => clientEvents.has(event.what)

export const isClusterEvent = (event: HistoryEvent): event is ClusterEvent =>
  !clientEvents.has(event.what) && event.what !== 'fault' && event.what !== 'phase'

/** A digest of all that happened. */
export function hashOf(history: readonly HistoryEvent[]): string {
  return createHash('sha256').update(JSON.stringify(history)).digest('hex').slice(0, 16)
}

const short = (node: string) => node.replace('rabbit@', '')

/** One line of a timeline. */
export function describe(event: HistoryEvent): string {
  const { at, what, ...rest } = event
  const time = at.toFixed(1).padStart(9)
  const parts = Object.entries(rest as Readonly<Record<string, unknown>>)
    .filter(([, value]) => value !== '' && value !== false && value !== null)
    .map(([name, value]) => {
      if (name === 'node' || name === 'user' || name === 'queue') return short(String(value))
      if (value === true) return name
      return `${name} ${Array.isArray(value) ? value.join(',') : short(String(value))}`
    })
  return `${time} ${what.padEnd(15)} ${parts.join('  ')}`
}
