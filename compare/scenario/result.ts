// What a run of one variant gives: numbers by metric, findings about single messages with their causes, a timeline, traffic by
// link. `run` makes it with `judge`; reports, --target both, explore and the page read it and nothing else. Plain data.

import type { Holding, LinkUse } from './target.ts'
import type { Assertion, Scenario } from './types.ts'

/**
 * Metrics by name as assertions write them, `confirmed-lost` or `unavailable of orders`; times in seconds. One that the target
 * cannot know, or that makes no sense here (the promotion's time when nobody was promoted), is absent.
 */
export type Metrics = Readonly<Record<string, number>>

/** Classes of a message's fate that the emulator and a real cluster must have in common. */
export type FindingKind =
  | 'confirmed-lost'
  | 'unconfirmed-lost'
  | 'duplicate'
  | 'effect-twice'
  | 'out-of-order'
  | 'unexpected'
  | 'recovered'
  | 'left'

/** What was found of one message. Of a kind that is frequent only some carry a cause; all are counted in the metrics. */
export interface Finding {
  readonly kind: FindingKind
  /** The message's number in the run, from 1: `m417`. */
  readonly message: number
  readonly queue: string
  /** The chain of causes, from the first: `confirmed by node1 at 4.2 s`, `only on node1 because …`. */
  readonly cause: readonly string[]
}

/** Something that happened, for the timeline; times count from the work's beginning. */
export interface Moment {
  readonly atMs: number
  /** Whose doing it was: a planned fault, the cluster, or what a client saw. */
  readonly who: 'fault' | 'cluster' | 'client'
  /** A node, a client's name, or empty. */
  readonly where: string
  readonly text: string
}

/** A wait of more than a second. */
export interface Gap {
  readonly client: string
  readonly operation: 'publish' | 'consume'
  readonly fromMs: number
  readonly toMs: number
}

/** Counts per second of the work, for charts: index 0 is the first second. */
export interface Series {
  readonly published: readonly number[]
  readonly confirmed: readonly number[]
  readonly delivered: readonly number[]
  /** From handing over to first delivery, of what was first delivered in that second; 0 where nothing was. */
  readonly meanMs: readonly number[]
  readonly longestMs: readonly number[]
}

/** Latencies in ms at these shares, as an HDR histogram gives them. */
export interface Distribution {
  readonly count: number
  readonly meanMs: number
  readonly points: readonly { readonly share: number; readonly ms: number }[]
}

export interface VariantRun {
  readonly variant: string
  readonly target: 'emulated' | 'rabbitmq'
  readonly seed: number
  readonly metrics: Metrics
  readonly findings: readonly Finding[]
  readonly timeline: readonly Moment[]
  readonly gaps: readonly Gap[]
  readonly series: Series
  /** From handing over to first delivery; from sending to the confirm. */
  readonly latency: Distribution
  readonly confirmLatency: Distribution
  readonly links: readonly LinkUse[] | null
  readonly holdings: readonly Holding[] | null
  /** Whether all came to rest within the scenario's patience. */
  readonly finished: boolean
}

/** One assertion, weighed. */
export interface Weighed {
  readonly assertion: Assertion
  /** Of which variant it was asked; null for a ratio. */
  readonly variant: string | null
  readonly target: VariantRun['target']
  /** null: the metric is not known, and the assertion does not hold. */
  readonly actual: number | null
  readonly holds: boolean
}

/** A whole comparison: what every report is made of. */
export interface Comparison {
  readonly scenario: Scenario
  readonly seed: number
  /** Variants in the file's order; with two targets first all of the emulated ones. */
  readonly runs: readonly VariantRun[]
  readonly weighed: readonly Weighed[]
  /** Variants that could not be run to the end, and why: partial results are kept. */
  readonly failures: readonly {
    readonly variant: string
    readonly target: VariantRun['target']
    readonly reason: string
  }[]
}
