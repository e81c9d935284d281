// What the policy pages read of the control API: drafts, what a draft would do, findings.

import type { Placement } from '../objects/replicas-drawing.tsx'
import type { Mirror } from '../objects/shapes.ts'

export type Definition = Readonly<Record<string, unknown>>

export interface PolicyEntry {
  readonly vhost: string
  readonly name: string
  readonly pattern: string
  readonly 'apply-to': string
  readonly priority: number
  readonly definition: Definition
  readonly operator?: boolean
}

/** Body of a check and of an application. */
export type Draft =
  | { readonly policy: PolicyEntry; readonly clear?: readonly PolicyName[] }
  | { readonly text: string; readonly replace: boolean }
  | { readonly set?: readonly unknown[]; readonly clear: readonly PolicyName[] }

export interface PolicyName {
  readonly vhost: string
  readonly name: string
  readonly operator?: boolean
}

export interface Fault {
  readonly field: string
  readonly key: string | null
  readonly text: string
  readonly place: { readonly line: number; readonly column: number } | null
}

interface FromTo<T> {
  readonly from: T
  readonly to: T
}

interface Amount {
  readonly messages: number
  readonly bytes: number
}

export interface QueueChange {
  readonly vhost: string
  readonly name: string
  readonly policy: FromTo<string | null>
  readonly operatorPolicy: FromTo<string | null>
  readonly definition: FromTo<Definition>
  readonly placement: { readonly from: Placement; readonly to: readonly Placement[] } | null
  readonly leaders: readonly string[]
  readonly sync:
    | (Amount & { readonly how: 'automatic' | 'manual'; readonly mirrors: number; readonly about: boolean })
    | null
  readonly risks: readonly { readonly kind: string; readonly text: string }[]
}

export interface Loss {
  readonly unavailable: number
  readonly losing: number
  readonly messages: number
}

export interface Preview {
  readonly totals: {
    readonly queues: number
    readonly exchanges: number
    readonly leaderMoves: number
    readonly leadersWaiting: number
    readonly mirrorsStarted: number
    readonly mirrorsStopped: number
    readonly messagesDropped: number
    readonly automatic: Amount
    readonly manual: Amount
  }
  readonly queues: readonly QueueChange[]
  readonly later: readonly { readonly vhost: string; readonly name: string; readonly leader: string | null }[]
  readonly nodes: readonly {
    readonly node: string
    readonly leaders: FromTo<number>
    readonly mirrorsStarted: number
    readonly mirrorsStopped: number
    readonly mirrorsPossible: number
  }[]
  readonly bodiesPerSecond: FromTo<number>
  readonly losses: readonly {
    readonly node: string
    readonly before: Loss
    readonly meanwhile: Loss
    readonly after: Loss
  }[]
}

export interface Concerned {
  readonly kind: 'queue' | 'exchange'
  readonly vhost: string
  readonly name: string
  readonly follows: string | null
  readonly instead: string | null
  readonly now: {
    readonly leader: string
    readonly mirrors: readonly Mirror[]
    readonly messages: number
  } | null
}

export interface Finding {
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly sentence: string
  readonly whatToDo: string
  readonly policies: readonly { readonly kind: string; readonly vhost: string; readonly name: string }[]
}

export interface Check {
  readonly faults: readonly Fault[]
  readonly policies: readonly PolicyEntry[]
  readonly nodes: readonly { readonly name: string; readonly running: boolean }[]
  readonly preview: Preview | null
  readonly concerned: {
    readonly queues: number
    readonly exchanges: number
    readonly following: number
    readonly objects: readonly Concerned[]
  }
  readonly lint: {
    readonly findings: readonly (Finding & { readonly isNew: boolean })[]
    readonly mended: readonly Finding[]
  }
}
