// Messages of two sides: sent to a queue that two nodes led at that moment, each for its own side of a cut that is healed or
// not noticed by all. Both may get them, and each delivers them as if it were alone (docs/observed.md §21).

import { Custody } from './custody.ts'
import { type HistoryEvent, isClientEvent, isClusterEvent } from './history.ts'

const nobody = { survives: () => true, gone: () => {} }

export function messagesOfTwoSides(history: readonly HistoryEvent[]): ReadonlySet<number> {
  const custody = new Custody(nobody)
  const found = new Set<number>()
  for (const event of history) {
    if (isClusterEvent(event)) custody.take(event)
    else if (isClientEvent(event) && event.what === 'published')
      if (event.targets.some((queue) => custody.leaders(queue).length > 1)) found.add(event.message)
  }
  return found
}
