// What must hold of every run, one file for each group: of its history, and of its cluster at rest. Each returns a sentence
// for every thing that is wrong; a test plants a bug for each of them and sees it fail.

import type { HistoryEvent } from '../history.ts'
import type { Plan } from '../plan.ts'
import { order } from './order.ts'
import { prefetch } from './prefetch.ts'
import { provenance } from './provenance.ts'
import { settlements } from './settlements.ts'

export type HistoryInvariant = (plan: Plan, history: readonly HistoryEvent[]) => string[]

/** By name, as a violation is told; `losses` stands apart, because it also counts by cause what is gone. */
export const historyInvariants: Readonly<Record<string, HistoryInvariant>> = {
  provenance,
  order,
  settlements,
  prefetch,
}
