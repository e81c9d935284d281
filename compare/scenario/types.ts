/**
 * A normalised scenario: plain readonly data, whatever the file looked like. `parse` makes it from YAML or JSON, `run` carries
 * it out on any target, `explore` changes its faults, reports print it. Times are in ms, sizes in bytes, nodes are numbers from
 * 1, names are the file's. Nothing here knows whether the cluster is emulated or real.
 *
 * How the parts hang together:
 *   parseScenario(text, fileName, readFile)   -> Scenario                            (parse.ts, errors with line and column)
 *   runScenario(scenario, variant, open, seed) -> Promise<VariantRun>                (run.ts; `open` makes the target)
 *   Target (target.ts): what a target must fulfil: lines for clients, a clock, faults, a look at queues, evidence at the end.
 *   VariantRun (result.ts): what the clients saw, judged, with what the target knows; all reports read this and nothing else.
 * A file in YAML (examples/scenarios/ has more; compare/scenario/scenario.schema.json says all):
 *
 *   name: leader-crash
 *   question: Does the crash of the leader's node lose anything?
 *   cluster: { nodes: 3, partition-handling: ignore, links: { delay: 0.05 ms } }
 *   topology:
 *     queues: [{ name: work, leader: node1 }]
 *   variants: [single, ordinary, mirrored-all, { name: manual, mode: mirrored-all, sync: manual }]
 *   workload:
 *     publishers: [{ node: node2, queue: work, rate: 100, time: 10 s, size: 1000, flag: [persistent], confirm: 100 }]
 *     consumers: [{ node: node3, queue: work, qos: 100, consumer-latency: 2 ms }]
 *   faults:
 *     - { when: 500 confirmed, kill: leader of work }
 *     - { after: 5 s, start: node1 }
 *   assertions:
 *     - confirmed-lost = 0
 *     - mirrored-all: unavailable < 2 s
 *     - bodies mirrored-all / ordinary > 1.5
 */
import type { Policy } from '../../policies/policy.ts'
import type { NodeNumber, PartitionHandling } from '../steps.ts'

export type { NodeNumber, PartitionHandling } from '../steps.ts'

export interface Scenario {
  /** Letters, digits and dashes: part of file names. */
  readonly name: string
  /** What it answers, one sentence; empty when the file does not say. */
  readonly question: string
  /** More words for people. */
  readonly about: string
  readonly cluster: ClusterShape
  readonly topology: Topology
  readonly variants: readonly Variant[]
  /** Policies of every variant, as far as the file gives any: each variant holds them already. */
  readonly shared?: { readonly policies: readonly Policy[]; readonly operatorPolicies: readonly Policy[] }
  readonly workload: Workload
  /** In the file's order; an `after` counts from the one named or the one before. */
  readonly faults: readonly PlannedFault[]
  readonly assertions: readonly Assertion[]
  /** What a target must be able to give, in alphabetical order: said by the file or plain from what it asks for. */
  readonly needs: readonly Need[]
  readonly afterwards: Afterwards
}

// ---- the cluster

export interface ClusterShape {
  /** 1 to 9. */
  readonly nodes: number
  readonly partitionHandling: PartitionHandling
  /** net_ticktime. */
  readonly netTickMs: number
  readonly links: Links
  readonly disk: { /** One flush; null: as observed. */ readonly flushMs: number | null }
  /** The cost model: `none` (work takes no time), `default` (measured by us) or a calibration file's path, as written. */
  readonly costs: string
}

export interface LinkShape {
  /** One direction; null: as observed on loopback. */
  readonly delayMs: number | null
  /** Bytes per second in each direction; null: unlimited. */
  readonly bandwidth: number | null
}

export interface Links extends LinkShape {
  /** Links that are otherwise. */
  readonly pairs: readonly (LinkShape & { readonly between: readonly [NodeNumber, NodeNumber] })[]
}

// ---- what is declared before the work begins

export type Arguments = Readonly<Record<string, unknown>>

export interface Topology {
  readonly exchanges: readonly {
    readonly name: string
    readonly type: string
    readonly durable: boolean
    readonly internal: boolean
    readonly arguments: Arguments
  }[]
  readonly queues: readonly {
    readonly name: string
    /** Declared through this node, so that the leader is there unless a policy moves it. */
    readonly leader: NodeNumber
    readonly durable: boolean
    readonly arguments: Arguments
  }[]
  readonly bindings: readonly {
    readonly exchange: string
    readonly to: { readonly queue: string } | { readonly exchange: string }
    readonly key: string
    readonly arguments: Arguments
  }[]
}

/** One of the clusters that are compared; all meet the same topology, workload, faults and seed. */
export interface Variant {
  readonly name: string
  /** As people sort them; `custom` are policies of the file's own. */
  readonly mode: 'single' | 'ordinary' | 'mirrored' | 'custom'
  /**
   * With fewer nodes than the scenario's, clients and leaders of a node that is not there are on node 1, and faults of
   * nodes that are not there are left out.
   */
  readonly nodes: number
  readonly partitionHandling: PartitionHandling
  /** The scenario's and the variant's own. A node is called rabbit@node1 here, whatever the target calls it. */
  readonly policies: readonly Policy[]
  readonly operatorPolicies: readonly Policy[]
}

// ---- the work

/** A node by number, or by what it does for a queue at the moment of asking. */
export type NodeRef = NodeNumber | { readonly leaderOf: string } | { readonly mirrorOf: string }

export interface Workload {
  readonly publishers: readonly Publishers[]
  readonly consumers: readonly Consumers[]
}

/** What a real client library does when its connection breaks. */
export interface Reconnect {
  /** It waits a random time between these; null: it never comes back. */
  readonly delayMs: { readonly min: number; readonly max: number } | null
  /** Which of its nodes it dials then: the same again, the next of the list, or any. */
  readonly order: 'same' | 'next' | 'random'
  /** Heartbeats as negotiated; without them a silent node is never noticed. null: none. */
  readonly heartbeatMs: number | null
}

interface Clients extends Reconnect {
  /** Unique in the scenario. */
  readonly name: string
  /** The list a client is configured with; the first is dialled first. With several clients each begins one further. */
  readonly nodes: readonly NodeRef[]
  /** When they begin, after the work's beginning. */
  readonly startMs: number
  /** When they stop; null: publishers when all is sent, consumers at the end. */
  readonly stopMs: number | null
}

/** Equal publishers, a connection each. PerfTest's words: producers, rate, size, flag, confirm, pmessages, time. */
export interface Publishers extends Clients {
  readonly producers: number
  readonly exchange: string
  readonly routingKey: string
  /** Messages per second of each, one after the other: each rate for its time, the last one on. null: as fast as they go. */
  readonly rates: readonly { readonly rate: number | null; readonly forMs: number | null }[]
  /** Of the body, at least 12. */
  readonly size: number
  readonly persistent: boolean
  readonly mandatory: boolean
  /** Most publishes in flight per producer; null: without confirms. */
  readonly confirm: number | null
  /** Per producer. At least one of the two is given. */
  readonly messages: number | null
  readonly timeMs: number | null
  readonly expirationMs: number | null
  readonly priority: number | null
  /** What is sent again: what was nacked, what was returned, what was not confirmed when the connection broke. */
  readonly retry: readonly ('nacked' | 'returned' | 'lost')[]
}

/** Equal consumers, a connection each. PerfTest's words: consumers, qos, autoack, multi-ack-every, consumer-latency. */
export interface Consumers extends Clients {
  readonly consumers: number
  readonly queue: string
  /** 0: no limit. */
  readonly qos: number
  readonly autoack: boolean
  /** Acknowledges each so many with `multiple`. */
  readonly multiAckEvery: number
  /** Work on one message; a consumer works on one after the other. */
  readonly latencyMs: number
  readonly arguments: Arguments
  /** It remembers what it has processed (in a store that survives it) and takes no effect twice. */
  readonly idempotent: boolean
  /** Every so many messages it crashes after the work and before the acknowledgement, and comes back; null: never. */
  readonly crash: { readonly every: number; readonly times: number; readonly backMs: number } | null
}

// ---- the faults

/** The verbs of steps.ts, with nodes by what they do, and what an operator may do besides. */
export type FaultAction =
  | { readonly do: 'kill' | 'stop' | 'start' | 'freeze' | 'thaw'; readonly node: NodeRef }
  | { readonly do: 'cut' | 'silence'; readonly groups: readonly (readonly NodeRef[])[] }
  | { readonly do: 'cut-link'; readonly between: readonly [NodeRef, NodeRef] }
  | { readonly do: 'deafen'; readonly node: NodeRef; readonly to: readonly NodeRef[] }
  | { readonly do: 'heal' }
  /** `rabbitmqctl sync_queue` and `cancel_sync_queue`. */
  | { readonly do: 'sync' | 'cancel-sync'; readonly queue: string }
  /** The link's delay from now on. */
  | {
      readonly do: 'delay-link'
      readonly between: readonly [NodeNumber, NodeNumber]
      readonly delayMs: number
    }

export const counts = ['published', 'confirmed', 'delivered', 'acked'] as const

/** Seen in what clients count, or in what the cluster shows. */
export type Condition =
  | { readonly is: 'count'; readonly of: (typeof counts)[number]; readonly atLeast: number }
  | { readonly is: 'synchronising' | 'synchronised' | 'promoted'; readonly queue: string }
  | { readonly is: 'holds'; readonly queue: string; readonly atLeast: number }
  | { readonly is: 'running' | 'down'; readonly node: NodeNumber }

export type Trigger =
  /** After the work's beginning. */
  | { readonly kind: 'at'; readonly atMs: number }
  /** `since`: the index of the fault from which on the condition is looked for; by default the work's beginning. */
  | {
      readonly kind: 'when'
      readonly condition: Condition
      readonly delayMs: number
      readonly since?: number
    }
  /** After the fault with this index has been carried out. */
  | { readonly kind: 'after'; readonly fault: number; readonly delayMs: number }

export interface PlannedFault {
  /** Empty when the file gives none. */
  readonly name: string
  readonly trigger: Trigger
  readonly action: FaultAction
}

// ---- what is expected

/** A number of a verdict: one of the metrics of assertion.ts, of one client or queue where it is named. */
export interface Metric {
  readonly metric: string
  /** A publisher's, consumer's or queue's name. */
  readonly of: string | null
}

export interface Assertion {
  /** As written. */
  readonly text: string
  /** Names of variants; null: all. A ratio is asserted once. */
  readonly variants: readonly string[] | null
  readonly left: Metric
  /** The metric of the first variant divided by that of the second. */
  readonly ratio: readonly [string, string] | null
  readonly is: '=' | '!=' | '<' | '<=' | '>' | '>='
  /** Times in seconds, shares as 0.5 for 50 %. */
  readonly value: number
  /** In the file, both from 1. */
  readonly line: number
  readonly column: number
}

export const needs = [
  'cost-model',
  'disk-delay',
  'link-bandwidth',
  'link-delay',
  'long-run',
  'silent-links',
] as const
/** `long-run`: more than ten minutes of real time. */
export type Need = (typeof needs)[number]

export interface Afterwards {
  /** Links are healed and nodes thawed and started when the work is over, so that what is gone then is gone for good. */
  readonly repair: boolean
  /** What queues still hold is fetched and counted as left, not as lost. */
  readonly drain: boolean
  /** How long it may take after the work until all has come to rest. */
  readonly patienceMs: number
}
