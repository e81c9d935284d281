/**
 * What the crash of each single node would cost: queues that nobody could use until it is back, and messages gone for good.
 * Asked by previews for the cluster as it is, as it will be, and for the time between; the rules are those of `loss`.
 */
import type { QueueSettings } from './effective.ts'
import { afterLoss, type LossCause, type Outcome } from './loss.ts'
import type { Placement } from './preview-placement.ts'
import type { MirrorSnapshot, QueueSnapshot } from './snapshot.ts'

/** The crash of one node. Queues that nobody leads even now are not counted. */
export interface NodeLoss {
  readonly node: string
  /** Queues that are deleted, down or wait for their leader. */
  readonly unavailable: number
  /** Queues that lose messages for good, available or not, and how many messages. */
  readonly losing: number
  readonly messages: number
}

/** A queue as far as a crash of its leader's node is concerned. */
export interface Exposed {
  readonly queue: Pick<QueueSnapshot, 'durable' | 'exclusive' | 'state'>
  readonly settings: QueueSettings
  readonly placement: Placement
  /** Messages it holds, and how many of these survive a restart. */
  readonly messages: number
  readonly persistent: number
}

/** What becomes of one queue. */
export interface QueueLoss {
  /** Another node leads on. */
  readonly available: boolean
  /** Gone for good. */
  readonly messages: number
  readonly outcome: Outcome
}

/** The fate of a queue whose leader's node goes, by a crash if nothing else is said. */
export function lossOf(
  { queue, settings, placement, messages, persistent }: Exposed,
  cause: LossCause = 'crash',
): QueueLoss {
  const { durable, exclusive } = queue
  const mirrors = [...placement.mirrors, ...chosenMirrors(placement, messages)]
  const outcome = afterLoss(
    { durable, exclusive, mirrored: settings.haMode !== null },
    { leader: placement.leader, mirrors },
    cause,
    settings,
  )
  if (outcome.to === 'promote') {
    const heir = mirrors.find(({ node }) => node === outcome.node)
    const lost = heir === undefined || heir.synced ? 0 : (heir.missing ?? messages)
    return { available: true, messages: lost, outcome }
  }
  // A queue that comes back has what was on its disk.
  const kept = outcome.to !== 'delete' && durable ? persistent : 0
  return { available: false, messages: messages - kept, outcome }
}

/** One entry for each running node, in their order. */
export function lossesOf(exposed: Iterable<Exposed>, running: readonly string[]): NodeLoss[] {
  const sums = new Map(running.map((node) => [node, { node, unavailable: 0, losing: 0, messages: 0 }]))
  for (const one of exposed) {
    const sum = sums.get(one.placement.leader)
    if (sum === undefined || one.queue.state !== 'running') continue
    const { available, messages } = lossOf(one)
    if (!available) sum.unavailable++
    if (messages > 0) sum.losing++
    sum.messages += messages
  }
  return [...sums.values()]
}

/** Which nodes they are on changes nothing. */
function chosenMirrors({ chosen }: Placement, messages: number): MirrorSnapshot[] {
  if (chosen === null) return []
  const missing = chosen.synced ? 0 : messages
  return chosen.of.slice(0, chosen.count).map((node) => ({ node, synced: chosen.synced, missing }))
}
