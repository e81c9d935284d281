// One node's place in the cluster, whether it runs or not: its state, its disk, and what it remembers of the others.
// Outlives the `Node` object, which is only there while the node runs.

import type { Definitions } from './definitions.ts'
import type { LinkEnd } from './link.ts'
import type { Node } from './node.ts'
import type { PeerMessage } from './protocol.ts'
import type { Store } from './store/index.ts'

/** Nodes that run together and share one view of the definitions. */
export interface Island {
  readonly members: Set<string>
  readonly definitions: Definitions
}

/**
 * `frozen`: its process stands still, its sockets are open and mute. `app-stopped`: its process lives, its application has
 * been stopped (docs/observed.md §18).
 */
export type NodeState =
  | 'stopped'
  | 'app-stopped'
  | 'waiting'
  | 'starting'
  | 'running'
  | 'frozen'
  | 'stopping'
  | 'paused'

export class Member implements LinkEnd<PeerMessage> {
  readonly name: string
  readonly store: Store
  state: NodeState = 'stopped'
  /** While running. */
  node: Node | null = null
  island: Island | null = null
  /** The definitions as it last wrote them; null before its first start. */
  disk: Definitions | null = null
  /** Ids of the queues that it mirrored when it ended. */
  mirrored: ReadonlySet<number> = new Set()
  /** Who ran when it stopped: it may start alone only when nobody did (docs/observed.md §4.9). */
  ranWith: string[] = []
  /** How often it has had to wait for others: a wait that was given up does not shorten the next. */
  waits = 0
  /** How often it has been started: a start that was cut short does not hasten the next. */
  starts = 0
  /** Paused because of a partial partition: it comes back only to a whole cluster (docs/observed.md §19.4). */
  untilWhole = false
  /** Nodes of another side that it listens to all the same, as one of them leads what the other waits for. */
  readonly hears = new Set<string>()
  /** While frozen: the nodes that have given it up meanwhile. It learns of them when it goes on. */
  readonly givenUpBy = new Set<string>()
  /** While frozen: those of them, or of others, that it will be able to hear again when it goes on. */
  readonly repairs = new Set<string>()
  /** Its process lived when it was started, and so it does when the start fails. */
  appOnly = false
  /** Its next start waits for nobody. */
  forceBoot = false
  /** Why its last start failed, in rabbitmqctl's words. */
  refusal: string | null = null
  /** How many messages of the queues it led each of their mirrors lacked when it ended, by queue and node. */
  lacking: ReadonlyMap<number, ReadonlyMap<string, number>> = new Map()
  /** It ended without a clean stop. */
  crashed = false
  startedAt = 0

  constructor(name: string, store: Store) {
    this.name = name
    this.store = store
  }

  receive(from: string, message: PeerMessage): void {
    // When a partition has been mended both sides can hear each other, and must not listen until one has been restarted.
    if (this.island?.members.has(from) || this.hears.has(from)) this.node?.receive(from, message)
  }
}
