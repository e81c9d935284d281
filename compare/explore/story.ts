// What `explore` found, as people read it: the schedule as a story from the first moment to the loss, with the chain of causes of a
// message, and the scenario file that tells it again. It must never judge; equal findings give equal text.

import { needsOf } from '../scenario/needs.ts'
import { printScenario } from '../scenario/print.ts'
import type { Finding, VariantRun } from '../scenario/result.ts'
import { describeAction } from '../scenario/shape-faults.ts'
import type { Scenario } from '../scenario/types.ts'
import { assertionOf, scenarioOf, type Trial } from './trial.ts'

/** A trial that breaks assertions, as simple as it could be made, and its run. */
export interface Found {
  readonly trial: Trial
  readonly broken: readonly string[]
  readonly run: VariantRun
  /** Of the schedule it was made of, and how many faults that had. */
  readonly seed: number
  readonly faultsBefore: number
}

/** A longer timeline is cut: what matters is before the loss. */
const mostMoments = 60

/** Lines for a terminal. */
export function story({ trial, broken, run, seed, faultsBefore }: Found): string[] {
  const { faults } = scenarioOf(trial)
  const shown = run.timeline.slice(0, mostMoments)
  const more = run.timeline.length - shown.length
  return [
    `${run.variant} breaks ${broken.map((text) => `"${text}"`).join(' and ')}: ${measured(run, broken)}`,
    `Seed ${seed}, made simple: ${plural(faults.length, 'fault')} of ${faultsBefore}, ${plural(run.metrics['published'] ?? 0, 'message')}.`,
    '',
    ...shown.map(({ atMs, who, where, text }) => {
      const name = where.replace(/^rabbit@/, '')
      return `  ${seconds(atMs)}  ${who === 'fault' ? '!' : ' '} ${name === '' ? text : `${name}: ${text}`}`
    }),
    ...(more > 0 ? [`  and ${plural(more, 'moment')} more`] : []),
    ...example(run),
  ]
}

/** `confirmed-lost is 3`. */
const measured = ({ metrics }: VariantRun, broken: readonly string[]): string =>
  broken
    .map((text) => {
      const { left } = assertionOf(text)
      const name = left.of === null ? left.metric : `${left.metric} of ${left.of}`
      return `${name} is ${Number((metrics[name] ?? 0).toFixed(3))}`
    })
    .join(', ')

const seconds = (ms: number) => `${(ms / 1000).toFixed(3).padStart(8)} s`

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

const worst = [
  'confirmed-lost',
  'unexpected',
  'effect-twice',
  'unconfirmed-lost',
  'out-of-order',
  'duplicate',
] as const

/** The fate of one message, of the worst kind there is. */
function example({ findings }: VariantRun): string[] {
  for (const kind of worst) {
    const finding = findings.find((one) => one.kind === kind && one.cause.length > 0)
    if (finding !== undefined) return ['', `  ${chain(finding)}`]
  }
  return []
}

const chain = ({ kind, message, queue, cause }: Finding) =>
  [`One of them, m${message} of ${queue} (${kind}):`, ...cause.map((line) => `    ${line}`)].join('\n  ')

/** A scenario of this variant, this schedule and what it breaks; `warren compare` says the same of it. */
export function reproduction({ trial, broken, seed }: Found): Scenario {
  const { scenario, variant } = trial
  const told = scenarioOf(trial)
  const steps = told.faults.map(({ action }) => describeAction(action)).join(', ')
  return {
    ...told,
    name: `${scenario.name}-${variant.name}`.replace(/[^a-zA-Z0-9-]+/g, '-'),
    question: `How does ${variant.name} break ${broken.join(' and ')}?`,
    about: `Found by warren explore with seed ${seed}: ${steps || 'no fault is needed'}.`,
    variants: [variant],
    assertions: broken.map(assertionOf),
    needs: needsOf(told, []),
  }
}

export const reproductionText = (found: Found): string => printScenario(reproduction(found))
