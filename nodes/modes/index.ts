// The registry of modes. A cluster's mode is never a switch: one node is `single`, several are `ordinary`, a policy makes
// a queue `mirrored`. Nobody else decides which mode a queue has.

import type { QueueSettings } from '../../policies/effective.ts'
import { mirrored } from './mirrored.ts'
import type { QueueMode } from './mode.ts'
import { ordinary } from './ordinary.ts'
import { single } from './single.ts'

export const modes: readonly QueueMode[] = [single, ordinary, mirrored]

/** The mode of a queue with these settings in a cluster of `clusterSize` nodes. */
export function modeOf(settings: QueueSettings, clusterSize: number): QueueMode {
  if (settings.haMode !== null) return mirrored
  return clusterSize > 1 ? ordinary : single
}

export type { QueueMode, QueueView } from './mode.ts'
