// A comparison for machines: the whole of it as one JSON object, and its assertions as JUnit XML for CI. Called by the command;
// equal comparisons give equal bytes.

import { withUnit } from '../html/words.ts'
import { metrics } from '../scenario/assertion.ts'
import type { Comparison } from '../scenario/result.ts'

/** Numbers to six digits behind the point: a nanosecond of a millisecond means nothing. */
export function toJson(comparison: Comparison): string {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1e6) / 1e6 : value
  return `${JSON.stringify(comparison, round, 2)}\n`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string) => text.replace(/[&<>"]/g, (one) => entities[one]!)

/** A suite for each variant and target; a case for each assertion, and one for each run that did not come to its end. */
export function toJUnit(comparison: Comparison): string {
  const { scenario, runs, weighed, failures } = comparison
  const cases = [
    ...weighed.map(({ assertion, variant, target, actual, holds }) => {
      const unit = assertion.ratio === null ? metrics[assertion.left.metric]!.unit : 'ratio'
      const was = actual === null ? 'not known' : withUnit(actual, unit)
      return {
        suite: `${scenario.name}.${variant ?? 'ratios'}.${target}`,
        name: assertion.text,
        fault: holds ? null : `${assertion.text} does not hold: it is ${was}`,
      }
    }),
    ...failures.map(({ variant, target, reason }) => ({
      suite: `${scenario.name}.${variant}.${target}`,
      name: 'runs to its end',
      fault: reason,
    })),
    ...runs.map(({ variant, target, finished }) => ({
      suite: `${scenario.name}.${variant}.${target}`,
      name: 'comes to rest',
      fault: finished ? null : 'it did not come to rest in time',
    })),
  ]
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const own = cases.filter((one) => one.suite === suite)
    const failed = own.filter(({ fault }) => fault !== null).length
    const inside = own.map(({ name, fault }) => {
      const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}"`
      return fault === null
        ? `${head}/>`
        : `${head}>\n      <failure message="${escaped(fault)}"/>\n    </testcase>`
    })
    const head = `  <testsuite name="${escaped(suite)}" tests="${own.length}" failures="${failed}">`
    return [head, ...inside, '  </testsuite>'].join('\n')
  })
  const failed = cases.filter(({ fault }) => fault !== null).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(scenario.name)}" tests="${cases.length}" failures="${failed}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}
