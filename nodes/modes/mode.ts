// What a mode is: three pure functions about the copies of a queue. One file and one line in `index.ts` make a mode. It
// must never hold state or act: the node carries out what is answered.

import type { QueueSettings } from '../../policies/effective.ts'
import type { LossCause, Outcome } from '../../policies/loss.ts'
import type { Chance, Replicas, Step } from '../../policies/placement.ts'

/** What a mode needs to know of a queue. */
export interface QueueView {
  readonly durable: boolean
  readonly exclusive: boolean
  readonly settings: QueueSettings
  readonly replicas: Replicas
}

export interface QueueMode {
  readonly name: 'single' | 'ordinary' | 'mirrored'
  /** The next step towards the replicas the policy wants among the `running` nodes, or null when all is as wanted. */
  place(queue: QueueView, running: readonly string[], chance: Chance): Step | null
  /** Up to which position of the leader's stream publishes may be confirmed, given what each mirror acknowledged. */
  safe(leader: number, mirrors: readonly number[]): number
  /** What becomes of the queue whose leader is lost; `queue.replicas.mirrors` are those that still run. */
  lose(queue: QueueView, cause: LossCause): Outcome
}
