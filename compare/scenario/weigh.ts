// Weighs assertions against the metrics of runs. Used by `compare` and `explore`; pure.

import { holds } from './assertion.ts'
import type { VariantRun, Weighed } from './result.ts'
import type { Assertion, Metric } from './types.ts'

/** One row for each assertion, variant and target concerned. A metric that is not known makes its assertion fail. */
export function weigh(assertions: readonly Assertion[], runs: readonly VariantRun[]): Weighed[] {
  const targets = [...new Set(runs.map(({ target }) => target))]
  return targets.flatMap((target) => {
    const own = runs.filter((run) => run.target === target)
    return assertions.flatMap((assertion): Weighed[] => {
      const { left, ratio, variants } = assertion
      if (ratio !== null) {
        const [above, below] = ratio.map((name) => numberOf(own, name, left)) as [
          number | null,
          number | null,
        ]
        const [first, second] = ratio
        // Of a variant that was not asked for this time nothing is asserted.
        if (![first, second].every((name) => own.some(({ variant }) => variant === name))) return []
        return [
          row(
            assertion,
            null,
            target,
            above === null || below === null || below === 0 ? null : above / below,
          ),
        ]
      }
      return own
        .filter(({ variant }) => variants === null || variants.includes(variant))
        .map(({ variant }) => row(assertion, variant, target, numberOf(own, variant, left)))
    })
  })
}

const row = (
  assertion: Assertion,
  variant: string | null,
  target: Weighed['target'],
  actual: number | null,
) => ({
  ...{ assertion, variant, target, actual },
  holds: actual !== null && holds(actual, assertion.is, assertion.value),
})

function numberOf(runs: readonly VariantRun[], variant: string, { metric, of }: Metric): number | null {
  const run = runs.find((one) => one.variant === variant)
  return run?.metrics[of === null ? metric : `${metric} of ${of}`] ?? null
}

/** What nobody outside a broker can know, such as the bodies on its links, says nothing against a real cluster. */
export const isUnknown = ({ target, actual }: Weighed): boolean => target === 'rabbitmq' && actual === null
