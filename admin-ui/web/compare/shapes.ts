// What the Compare page reads of the control API: the library, comparisons on their way, and a report's figures.

export interface LibraryScenario {
  readonly file: string
  readonly name: string
  readonly question: string
  readonly about: string
  readonly nodes: number
  readonly variants: readonly string[]
  readonly text: string
}

export interface ComparisonState {
  readonly id: number
  readonly name: string
  readonly question: string
  readonly seed: number
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  readonly reason: string | null
  readonly variants: readonly { readonly name: string; readonly done: number; readonly published: number }[]
}

export type FindingKind =
  | 'confirmed-lost'
  | 'unconfirmed-lost'
  | 'duplicate'
  | 'effect-twice'
  | 'out-of-order'
  | 'unexpected'
  | 'recovered'
  | 'left'

export interface Finding {
  readonly kind: FindingKind
  readonly message: number
  readonly queue: string
  readonly cause: readonly string[]
}

/** Times count from the beginning of the work; series hold counts per second. */
export interface VariantRun {
  readonly variant: string
  readonly metrics: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
  readonly timeline: readonly {
    readonly atMs: number
    readonly who: 'fault' | 'cluster' | 'client'
    readonly where: string
    readonly text: string
  }[]
  readonly gaps: readonly {
    readonly client: string
    readonly operation: string
    readonly fromMs: number
    readonly toMs: number
  }[]
  readonly series: Readonly<Record<'published' | 'confirmed' | 'delivered', readonly number[]>>
}

export interface Report {
  readonly runs: readonly VariantRun[]
  readonly weighed: readonly {
    readonly assertion: { readonly text: string }
    readonly variant: string | null
    readonly actual: number | null
    readonly holds: boolean
  }[]
  readonly failures: readonly { readonly variant: string; readonly reason: string }[]
}
