// A queue that a policy's ha-mode gives mirrors on other nodes: every operation goes to all of them, a confirm waits for
// the slowest, and the oldest mirror takes over (docs/observed.md §4).

import { afterLoss } from '../../policies/loss.ts'
import { nextStep } from '../../policies/placement.ts'
import type { QueueMode } from './mode.ts'

export const mirrored: QueueMode = {
  name: 'mirrored',
  place: (queue, running, chance) => nextStep(queue.settings, queue.replicas, running, chance),
  safe: (leader, mirrors) => {
    let lowest = leader
    for (const position of mirrors) if (position < lowest) lowest = position
    return lowest
  },
  lose: (queue, cause) =>
    afterLoss(
      { durable: queue.durable, exclusive: queue.exclusive, mirrored: true },
      queue.replicas,
      cause,
      queue.settings,
    ),
}
