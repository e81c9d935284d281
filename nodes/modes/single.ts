// One node: its queues live and die with it, and nobody is left to notice. The rules are an ordinary cluster's; the name
// is for those who read or compare.

import type { QueueMode } from './mode.ts'
import { ordinary } from './ordinary.ts'

export const single: QueueMode = { ...ordinary, name: 'single' }
