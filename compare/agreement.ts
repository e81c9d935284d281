// Whether two runs of the same scenario, emulated and on a real cluster, come to the same verdict: in classes, since no two runs
// of a real cluster give the same numbers. What is left to chance there is declared in one table. Pure.

import type { Comparison, VariantRun } from './scenario/result.ts'

/** A number of messages is nothing or something; a wait is short or long. */
type Measure = 'count' | 'wait'

/** What both must have in common: metrics of assertion.ts, of the whole run and of each client and queue. */
const compared: Readonly<Record<string, Measure>> = {
  'confirmed-lost': 'count',
  'unconfirmed-lost': 'count',
  lost: 'count',
  returned: 'count',
  nacked: 'count',
  unconfirmed: 'count',
  left: 'count',
  duplicates: 'count',
  'effects-twice': 'count',
  unprocessed: 'count',
  caught: 'count',
  'out-of-order': 'count',
  unexpected: 'count',
  'publish-unavailable': 'wait',
  'consume-unavailable': 'wait',
}

/** A wait up to this long is a hiccup, in seconds: a promotion takes longer than that on no machine. */
export const hiccupSeconds = 4
/** Waits that differ by less than this are alike. */
const alikeSeconds = 4

/** What real clusters do now one way, now another; `metric` stands for those of single clients and queues too. */
export interface Open {
  /** Absent: every scenario. */
  readonly scenario?: string
  readonly variant?: string
  readonly metrics: readonly string[]
  readonly reason: string
}

export interface Difference {
  readonly metric: string
  /** The class and the number. */
  readonly emulated: string
  readonly real: string
  /** Why it may differ; null: it must not. */
  readonly reason: string | null
}

/** The metrics whose classes differ, those of the whole run first. */
export function differencesOf(
  scenario: string,
  emulated: VariantRun,
  real: VariantRun,
  open: readonly Open[],
): Difference[] {
  const found: Difference[] = []
  const names = new Set([...Object.keys(emulated.metrics), ...Object.keys(real.metrics)])
  for (const name of [...names].sort((a, b) => Number(a.includes(' of ')) - Number(b.includes(' of ')))) {
    const metric = name.split(' of ')[0]!
    const measure = compared[metric]
    const [a, b] = [emulated.metrics[name], real.metrics[name]]
    if (measure === undefined || a === undefined || b === undefined || alike(a, b, measure)) continue
    const row = open.find(
      (one) =>
        (one.scenario ?? scenario) === scenario &&
        (one.variant ?? emulated.variant) === emulated.variant &&
        one.metrics.includes(metric),
    )
    found.push({
      metric: name,
      emulated: described(a, measure),
      real: described(b, measure),
      reason: row?.reason ?? null,
    })
  }
  return found
}

function alike(a: number, b: number, measure: Measure): boolean {
  if (measure === 'wait' && Math.abs(a - b) <= alikeSeconds) return true
  return classOf(a, measure) === classOf(b, measure)
}

/** The class of a number, in a word. */
export function classOf(value: number, measure: Measure): string {
  if (measure === 'count') return value === 0 ? 'none' : 'some'
  return value < hiccupSeconds ? 'served' : 'interrupted'
}

function described(value: number, measure: Measure): string {
  const word = classOf(value, measure)
  if (measure === 'wait') return `${word} (${Math.round(value * 10) / 10} s)`
  return value === 0 ? word : `${word} (${value})`
}

/** The classes of a run in a fixed order, for a table: metric, class and number. */
export function classesOf({ metrics }: VariantRun): readonly (readonly [metric: string, text: string])[] {
  return Object.entries(compared).flatMap(([metric, measure]) => {
    const value = metrics[metric]
    return value === undefined ? [] : [[metric, described(value, measure)] as const]
  })
}

/** A variant's two runs; one is missing when it failed. */
export interface Beside {
  readonly variant: string
  readonly emulated: VariantRun | null
  readonly real: VariantRun | null
  /** Empty when a run is missing. */
  readonly differences: readonly Difference[]
}

/** Every variant of a comparison on both targets. */
export function besides({ scenario, runs }: Comparison, open: readonly Open[]): Beside[] {
  const of = (name: string, target: VariantRun['target']) =>
    runs.find((run) => run.variant === name && run.target === target) ?? null
  return scenario.variants.map(({ name }) => {
    const [emulated, real] = [of(name, 'emulated'), of(name, 'rabbitmq')]
    const differences =
      emulated === null || real === null ? [] : differencesOf(scenario.name, emulated, real, open)
    return { variant: name, emulated, real, differences }
  })
}

/** Both targets came to the end, and to the same verdict but for what is declared. */
export const agrees = (comparison: Comparison, open: readonly Open[]): boolean =>
  besides(comparison, open).every(
    ({ emulated, real, differences }) =>
      emulated !== null && real !== null && differences.every(({ reason }) => reason !== null),
  )
