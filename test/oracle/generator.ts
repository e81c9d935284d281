// Random scenarios of clients, policies and faults, each from its seed alone: equal seeds give equal scenarios. Seeds that
// follow each other share their faults, so that one real cluster can run them side by side. Pure; used by the hunt (hunt.ts).

import type { Scenario } from '../../compare/steps.ts'
import { Chance } from '../../fuzz/chance.ts'
import { act, finish } from './generator/acts.ts'
import { Draft } from './generator/draft.ts'
import { skeleton } from './generator/faults.ts'
import { newQueue } from './generator/queues.ts'
import type { OpenName } from './open.ts'

/** So many seeds in a row meet the same faults: as many as one real cluster runs side by side. */
export const groupSize = 25

/** The scenario of a seed, from 0. Little is left open in it: what a real cluster varies is found by asking it again. */
export function generate(seed: number): Scenario {
  const { handling, faults } = skeleton(Math.floor(seed / groupSize))
  const draft = new Draft(new Chance(seed, 'scenario'), handling)
  const { chance } = draft
  const queues = chance.between(1, 2)
  for (let i = 0; i < queues; i++) newQueue(draft)
  if (draft.queues.some((queue) => queue.arguments['x-dead-letter-routing-key'] !== undefined))
    newQueue(draft, { name: 'dead', plain: true })
  const some = (least: number, most: number) => {
    for (let i = chance.between(least, most); i > 0; i--) act(draft)
  }
  some(1, 4)
  for (const fault of faults) {
    draft.meet(fault)
    some(1, 3)
  }
  finish(draft)
  return { name: `found/seed ${seed}`, handling, steps: draft.steps, open: leftOpen(draft) }
}

function leftOpen({ handling, steps }: Draft): OpenName[] {
  const stops = steps.some((step) => step.do === 'stop')
  const transient = steps.some((step) => step.do === 'publish' && (step.persistent ?? true) !== true)
  const returns = steps.some((step) => 'how' in step && (step.how === 'requeue' || step.how === 'hold'))
  return [
    ...(handling === 'ignore' ? [] : (['takes over before it pauses'] as const)),
    ...(stops && transient && returns ? (['marks behind a lost message'] as const) : []),
    ...(steps.some((step) => step.do === 'sync') ? (['handler crashes'] as const) : []),
  ]
}

/** `count` seeds from `first`, grouped by the faults they share. */
export function groups(first: number, count: number): number[][] {
  const found = new Map<number, number[]>()
  for (let seed = first; seed < first + count; seed++) {
    const group = Math.floor(seed / groupSize)
    found.set(group, [...(found.get(group) ?? []), seed])
  }
  return [...found.values()]
}
