// Every scenario that is compared with a real cluster; recordings of them are in ../recordings. One name, one scenario.

import type { Scenario } from '../../../compare/steps.ts'
import { foundScenarios } from '../found.ts'
import { fillings } from './filling.ts'
import { kinds } from './kinds.ts'
import { lastReplica } from './last-replica.ts'
import { membership } from './membership.ts'
import { failover } from './mirrored.ts'
import { mixed } from './mixed.ts'
import { ordinary } from './ordinary.ts'
import { partitions } from './partitions.ts'
import { partitionsOfFive } from './partitions-five.ts'
import { partitionsOfThree } from './partitions-three.ts'
import { partitionsOfTwo } from './partitions-two.ts'
import { changes, placement, settings } from './policies.ts'
import { promotions } from './promotions.ts'
import { rebalancing } from './rebalancing.ts'
import { silent } from './silence.ts'
import { transactions } from './transactions.ts'
import { whole } from './whole.ts'

export const catalogue: readonly Scenario[] = [
  ...ordinary,
  ...failover,
  ...mixed,
  ...lastReplica,
  ...placement,
  ...changes,
  ...settings,
  ...whole,
  ...partitions,
  ...partitionsOfTwo,
  ...partitionsOfThree,
  ...partitionsOfFive,
  ...silent,
  ...membership,
  ...kinds,
  ...promotions,
  ...transactions,
  ...fillings,
  ...rebalancing,
  ...foundScenarios(),
]
