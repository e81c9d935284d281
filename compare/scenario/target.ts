// What a scenario needs of whatever runs it: a cluster of one variant with lines for clients, a clock, faults, a look at its
// queues and, at the end, what it knows beyond what clients saw. `targets/` fulfils it, `run` is its only user. Answers come by
// callback and not by promise, because virtual time does not stop for a promise.

import type { LinkKind } from '../../nodes/link.ts'
import type { TraceEvent } from '../../nodes/trace.ts'
import type { Policy } from '../../policies/policy.ts'
import type { Clock, Network } from '../line.ts'
import type { PartitionHandling } from '../steps.ts'
import type { Condition, FaultAction, Links, NodeNumber, NodeRef, Topology } from './types.ts'

/** The cluster that is wanted, empty and whole. */
export interface Opening {
  readonly seed: number
  readonly nodes: number
  readonly partitionHandling: PartitionHandling
  readonly netTickMs: number
  readonly links: Links
  readonly disk: { readonly flushMs: number | null }
  /** As in the file: none, default, or the path of a calibration file, which `readFile` reads. */
  readonly costs: string
  readonly readFile: (path: string) => string
  /** In force before anything is declared. Nodes are rabbit@node1 … in ha-params, whatever the target calls them. */
  readonly policies: readonly Policy[]
  readonly operatorPolicies: readonly Policy[]
  /** Declared by the runner through clients; here for a target that wants to know queues' names. */
  readonly topology: Topology
  /** How many messages will be published at most, as far as the file tells: what a target may keep a record of. */
  readonly messages: number
}

/** Throws one sentence when it cannot: nothing it began is left running then. */
export type OpenTarget = (opening: Opening) => Promise<Target>

/** A fault with nodes by number: what stood for a role has been looked up. */
export type PlainAction = Plain<FaultAction>
type Plain<T> = T extends NodeRef
  ? NodeNumber
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T

/** Conditions that are not about what clients count. */
export type ClusterCondition = Exclude<Condition, { is: 'count' }>

/** A queue as the cluster shows it, by node numbers. */
export interface QueueState {
  /** null: nobody leads it. */
  readonly leader: NodeNumber | null
  readonly mirrors: readonly NodeNumber[]
  readonly synchronised: readonly NodeNumber[]
  /** Ready and unacknowledged. */
  readonly messages: number
}

export interface Target {
  readonly kind: 'emulated' | 'rabbitmq'
  /** `dial` takes rabbit@node1 …, whatever the target calls its nodes. */
  readonly network: Network
  /** Milliseconds from any beginning, a seeded chance, tasks that run later. */
  readonly clock: Clock
  /**
   * Lets time pass until `until` is true, looked at now and then (the emulator: every `stepMs` of virtual time and at its
   * end), or the clock reaches `limitMs`. Rejects with whatever made the target or a task fail.
   */
  run(until: () => boolean, limitMs: number, stepMs?: number): Promise<void>
  /** Carries out a fault; `done` when that has happened (the process is gone, the order to start is given). */
  inflict(action: PlainAction, done: () => void): void
  /** What the cluster shows of a queue; null: nobody knows it. */
  look(queue: string, answer: (state: QueueState | null) => void): void
  /** Calls `then` once, when the condition is first seen to hold from now on. */
  watch(condition: ClusterCondition, then: () => void): void
  /** All links mended, all nodes thawed and started: `done` when every node serves. */
  repair(done: () => void): void
  /** What the target knows beyond what clients saw. Called once, at the end. */
  evidence(): Promise<Evidence>
  /** Leaves nothing behind. May be called at any time, also twice. */
  close(): Promise<void>
}

/** Traffic of one direction of one link. */
export interface LinkUse {
  readonly from: NodeNumber
  readonly to: NodeNumber
  readonly kind: LinkKind
  readonly bodies: number
  readonly bytes: number
}

/** Copies of a queue's messages on one node, at a moment. */
export interface Holding {
  readonly queue: string
  readonly node: NodeNumber
  readonly leads: boolean
  readonly inMemory: number
  readonly onDisk: number
}

/** What became of one published message inside the broker, in order of time; `message` as in the body. */
export interface Journey {
  readonly message: number
  readonly steps: readonly {
    readonly atMs: number
    readonly step: string
    readonly node: NodeNumber
    readonly queue: string
  }[]
}

/** null: the target cannot know. */
export interface Evidence {
  /** By the clock of the target; nodes are rabbit@node1 …. The real target sees fewer kinds. */
  readonly events: readonly TraceEvent[]
  readonly links: readonly LinkUse[] | null
  /** When all is over. */
  readonly holdings: readonly Holding[] | null
  readonly journeys: ((messages: ReadonlySet<number>) => readonly Journey[]) | null
}
