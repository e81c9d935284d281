/**
 * What a preview says, as plain data: the HTTP API sends it as it is, the command line makes text of it. The same shape says
 * what a change did, once it was made. Types only.
 */
import type { Definition } from './policy.ts'
import type { NodeLoss } from './preview-loss.ts'
import type { Placement } from './preview-placement.ts'

export interface FromTo<T> {
  readonly from: T
  readonly to: T
}

/** What the filling of a queue's mirrors takes. */
export interface SyncNeed {
  /** `automatic`: at once. `manual`: when somebody asks for it (sync_queue), or when what they lack has been consumed. */
  readonly how: 'automatic' | 'manual'
  /** Mirrors to be filled; one that is filled twice on the way counts twice. */
  readonly mirrors: number
  /** Over all of these mirrors. */
  readonly messages: number
  readonly bytes: number
  /** It may be more or less: some mirror is filled, or is not, before it is dropped. */
  readonly about: boolean
}

export interface Risk {
  readonly kind:
    | 'unsynchronised'
    | 'one-copy'
    | 'busy'
    | 'leader-moves'
    | 'leader-waits'
    | 'messages-dropped'
    | 'queue-expires'
    | 'nowhere'
  /** One sentence. */
  readonly text: string
}

export interface QueueChange {
  readonly vhost: string
  readonly name: string
  readonly state: 'running' | 'down' | 'waiting'
  /** Names; null: none. */
  readonly policy: FromTo<string | null>
  readonly operatorPolicy: FromTo<string | null>
  readonly definition: FromTo<Definition>
  /** Null where leader and mirrors stay as they are. Several in `to`: one of these, see `Course`. */
  readonly placement: { readonly from: Placement; readonly to: readonly Placement[] } | null
  /** The nodes that lead one after the other; empty when the leader stays. */
  readonly leaders: readonly string[]
  /** Nodes where a mirror starts or stops for certain; those that chance decides on are in `placement`. */
  readonly starts: readonly string[]
  readonly stops: readonly string[]
  readonly sync: SyncNeed | null
  /** Messages that a lower limit drops at once; `about`: limits by bytes go by the mean size. */
  readonly dropped: { readonly messages: number; readonly about: boolean } | null
  readonly risks: readonly Risk[]
}

export interface ExchangeChange {
  readonly vhost: string
  readonly name: string
  readonly policy: FromTo<string | null>
  readonly definition: FromTo<Definition>
}

/** A queue that is down: it keeps what it has, and follows with the first change after its leader's return. */
export interface LaterChange {
  readonly vhost: string
  readonly name: string
  readonly leader: string | null
  readonly policy: FromTo<string | null>
  readonly operatorPolicy: FromTo<string | null>
}

export interface NodeChange {
  readonly node: string
  readonly leaders: FromTo<number>
  readonly mirrorsStarted: number
  readonly mirrorsStopped: number
  /** Mirrors that chance may put here. */
  readonly mirrorsPossible: number
}

export interface PreviewTotals {
  readonly queues: number
  readonly exchanges: number
  readonly leaderMoves: number
  readonly leadersWaiting: number
  readonly mirrorsStarted: number
  readonly mirrorsStopped: number
  readonly messagesDropped: number
  /** Messages and bytes that are synchronised at once, and those that wait for somebody to ask. */
  readonly automatic: { readonly messages: number; readonly bytes: number }
  readonly manual: { readonly messages: number; readonly bytes: number }
}

export interface Preview {
  readonly totals: PreviewTotals
  readonly queues: readonly QueueChange[]
  readonly exchanges: readonly ExchangeChange[]
  readonly later: readonly LaterChange[]
  readonly nodes: readonly NodeChange[]
  /** Bodies that publishing sends over links per second, at the rates of now, with publishers spread over the nodes. */
  readonly bodiesPerSecond: FromTo<number>
  /** For each running node: what its crash would cost before, while mirrors are not filled yet, and afterwards. */
  readonly losses: readonly {
    readonly node: string
    readonly before: NodeLoss
    readonly meanwhile: NodeLoss
    readonly after: NodeLoss
  }[]
}
