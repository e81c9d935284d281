// An ordinary cluster: definitions are everywhere, a queue's contents only on its owner. Mirrors left from an earlier
// policy are dropped, and the owner's loss takes the contents out of reach.

import { afterLoss } from '../../policies/loss.ts'
import { nextStep } from '../../policies/placement.ts'
import type { QueueMode } from './mode.ts'

export const ordinary: QueueMode = {
  name: 'ordinary',
  place: (queue, running, chance) => nextStep(queue.settings, queue.replicas, running, chance),
  safe: (leader) => leader,
  lose: (queue, cause) =>
    afterLoss(
      { durable: queue.durable, exclusive: queue.exclusive, mirrored: false },
      queue.replicas,
      cause,
      queue.settings,
    ),
}
