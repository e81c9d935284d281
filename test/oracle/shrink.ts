// How a scenario that shows a difference gets smaller: whole stretches, single steps, counts, and what follows the difference.
// Pure; the hunt asks both brokers which of the smaller ones still differ.

import { isFault, type Scenario, type Step } from '../../compare/steps.ts'

/** How many smaller forms are tried at once: with what others bring, one batch of the real cluster. */
const most = 26

const withSteps = (scenario: Scenario, steps: readonly Step[]): Scenario => ({ ...scenario, steps })

/** Without the steps whose places are in `gone`; faults stay. */
const without = (scenario: Scenario, gone: ReadonlySet<number>): Scenario =>
  withSteps(
    scenario,
    scenario.steps.filter((step, i) => isFault(step) || !gone.has(i)),
  )

const size = (scenario: Scenario): number =>
  scenario.steps.reduce((sum, step) => sum + 10 + ('count' in step ? step.count : 0), 0)

/** The smaller of two. */
export const smaller = (a: Scenario, b: Scenario): Scenario => (size(b) < size(a) ? b : a)

/** The steps up to the first that differs: what follows it cannot be its cause. */
export function truncated(scenario: Scenario, firstDifferent: number): Scenario {
  return withSteps(scenario, scenario.steps.slice(0, firstDifferent + 1))
}

/** Which steps may go alone, as far as it has been tried; all together they often may too. */
export function together(scenario: Scenario, droppable: readonly number[]): Scenario[] {
  if (droppable.length < 2) return []
  const half = Math.ceil(droppable.length / 2)
  return [droppable, droppable.slice(0, half), droppable.slice(half)]
    .filter((places) => places.length > 1)
    .map((places) => without(scenario, new Set(places)))
}

/** Smaller forms with the same faults: `places` says which single step each leaves out, if it is one. */
export function smallerForms(
  scenario: Scenario,
): { readonly scenario: Scenario; readonly place: number | null }[] {
  const places = scenario.steps.flatMap((step, i) => (isFault(step) ? [] : [i]))
  const halves = [2, 4].flatMap((parts) => {
    const length = Math.ceil(places.length / parts)
    return Array.from({ length: parts }, (_, i) => places.slice(i * length, (i + 1) * length))
  })
  const counted = scenario.steps.flatMap((step, i) =>
    step.do === 'publish' && step.count > 1
      ? [withSteps(scenario, scenario.steps.with(i, { ...step, count: 1 }))]
      : [],
  )
  return [
    ...places.map((place) => ({ scenario: without(scenario, new Set([place])), place })),
    ...halves
      .filter((part) => part.length > 1)
      .map((part) => ({ scenario: without(scenario, new Set(part)), place: null })),
    ...counted.map((smallerCount) => ({ scenario: smallerCount, place: null })),
  ].slice(0, most)
}

/** Forms with fewer faults: without a node's loss and its next start, and without what comes after the last fault but one. */
export function fewerFaults(scenario: Scenario): Scenario[] {
  return scenario.steps.flatMap((step, i) => {
    if (step.do !== 'kill' && step.do !== 'stop') return []
    const back = scenario.steps.findIndex(
      (other, j) => j > i && other.do === 'start' && other.node === step.node,
    )
    return [
      withSteps(
        scenario,
        scenario.steps.filter((_, j) => j !== i && j !== back),
      ),
    ]
  })
}
