// What a seed stands for, as far as it is known before the run: how many nodes, how partitions are handled, which queues
// there are, who uses them how. Drawn from one random stream; the faults come from another, as they happen.

import { randomStream } from '../nodes/loop.ts'
import { graveyard, type HandlingRow, handlings, type QueueKind, queueKinds } from './kinds.ts'

export interface QueuePlan {
  readonly name: string
  readonly kind: QueueKind
  /** Queues of the half `a` get the policy. */
  readonly half: 'a' | 'b'
  /** Bound to amq.fanout. */
  readonly fanout: boolean
}

/** How a user settles what it is sent. */
export type Manner = 'at once' | 'later' | 'no-ack'

export interface UserPlan {
  readonly name: string
  /** The node it prefers, by its number from 0. */
  readonly home: number
  /** It goes to another node when its own does not run. */
  readonly wanders: boolean
  readonly queues: readonly QueuePlan[]
  readonly publishes: boolean
  readonly confirms: boolean
  /** Share of its messages that are persistent. */
  readonly persistent: number
  readonly consumes: boolean
  readonly prefetch: number
  readonly global: boolean
  readonly manner: Manner
  readonly cancelOnFailover: boolean
  /** Fetches, purges, deletes and looks. */
  readonly fetches: boolean
}

export interface Plan {
  readonly seed: number
  readonly nodes: number
  /** One of the rows of handlings. */
  readonly handling: HandlingRow
  readonly queues: readonly QueuePlan[]
  readonly users: readonly UserPlan[]
  /** How many things are done to the cluster. */
  readonly faults: number
  /** Consumers stay and empty their queues before the end. */
  readonly consumersStay: boolean
}

/** A choice among `from`, all equally likely. */
export function pickOf<T>(from: readonly T[], chance: () => number): T {
  return from[Math.floor(chance() * from.length)]!
}

export function planOf(seed: number): Plan {
  const chance = randomStream(seed, 'simulation plan')
  const nodes = chance() < 0.06 ? 1 : 2 + Math.floor(chance() ** 1.5 * 6)
  const handling = handlings[seed % handlings.length]!
  const queues = planQueues(chance)
  const users = planUsers(queues, nodes, chance)
  const faults = 6 + Math.floor(chance() * 7)
  return { seed, nodes, handling, queues, users, faults, consumersStay: chance() < 0.5 }
}

function planQueues(chance: () => number): QueuePlan[] {
  const count = 3 + Math.floor(chance() * 3)
  const queues: QueuePlan[] = []
  for (let i = 0; i < count; i++) {
    const kind = pickOf(queueKinds, chance)
    const half = chance() < 0.7 ? 'a' : 'b'
    const fanout = !kind.exclusive && !kind.autoDelete && chance() < 0.3
    queues.push({ name: `${half}-${kind.name}-${i}`, kind, half, fanout })
  }
  for (const half of ['a', 'b'] as const)
    if (queues.some((queue) => queue.kind.deadLetters && queue.half === half))
      queues.push({ name: `${half}-${graveyard}`, kind: queueKinds[0]!, half, fanout: false })
  return queues
}

function planUsers(queues: readonly QueuePlan[], nodes: number, chance: () => number): UserPlan[] {
  const shared = queues.filter(({ kind }) => !kind.exclusive)
  const users: UserPlan[] = []
  const add = (role: string, of: readonly QueuePlan[], what: Partial<UserPlan>) => {
    const manner = chance() < 0.07 ? 'no-ack' : chance() < 0.35 ? 'at once' : 'later'
    users.push({
      name: `${role}${users.length}`,
      home: Math.floor(chance() * nodes),
      wanders: chance() < 0.4,
      queues: of,
      publishes: false,
      confirms: chance() < 0.75,
      persistent: pickOf([0, 0.5, 1, 1], chance),
      consumes: false,
      prefetch: pickOf([0, 1, 2, 5, 10], chance),
      global: chance() < 0.15,
      manner,
      cancelOnFailover: chance() < 0.15,
      fetches: false,
      ...what,
    })
  }
  // Whoever owns exclusive queues does everything with them itself.
  for (const queue of queues)
    if (queue.kind.exclusive)
      add('owner', [queue], { publishes: true, consumes: chance() < 0.7, fetches: true })
  for (let i = 0; i < 2 + Math.floor(chance() * 2) && shared.length > 0; i++)
    add('publisher', [pickOf(shared, chance), pickOf(shared, chance)], { publishes: true })
  for (let i = 0; i < 2 + Math.floor(chance() * 3) && shared.length > 0; i++)
    add('consumer', [pickOf(shared, chance)], { consumes: true })
  if (shared.length > 0) add('fetcher', shared, { fetches: true })
  return users
}
