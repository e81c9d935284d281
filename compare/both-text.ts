// Emulated and real beside each other, as text: each variant's classes in two columns, what differs and why it may, and the
// assertions that do not hold. Called by the command and by the library's check; pure.

import { classesOf } from './agreement.ts'
import { agrees, type Both, isUnknown, type Pair } from './both.ts'
import type { VariantRun } from './scenario/result.ts'

/** A block of lines without a last line end. */
export function bothText(both: Both): string {
  const { scenario, pairs, weighed } = both
  const failed = weighed
    .filter((one) => !one.holds && !isUnknown(one))
    .map(
      ({ assertion, variant, target, actual }) =>
        `  does not hold ${target === 'emulated' ? 'emulated' : 'on RabbitMQ'}: ${variant === null ? '' : `${variant}: `}${assertion.text} (it is ${actual ?? 'not known'})`,
    )
  return [
    `${scenario.name}: ${scenario.question}`,
    ...pairs.flatMap(pairLines),
    ...failed,
    agrees(both) ? '  Emulated and real agree.' : '  EMULATED AND REAL DO NOT AGREE.',
  ].join('\n')
}

function pairLines({ variant, emulated, real, differences, failure }: Pair): string[] {
  const rows = tableOf(emulated, real)
  return [
    `  ${variant}`,
    ...rows,
    ...(failure === null ? [] : [`    not run to the end: ${failure}`]),
    ...differences.map(({ metric, emulated: a, real: b, reason }) =>
      reason === null
        ? `    differs: ${metric}: emulated ${a}, RabbitMQ ${b}`
        : `    may differ: ${metric}: emulated ${a}, RabbitMQ ${b} (${reason})`,
    ),
  ]
}

/** Classes in which nothing happened on either side are left out. */
function tableOf(emulated: VariantRun | null, real: VariantRun | null): string[] {
  const right = new Map(real === null ? [] : classesOf(real))
  const left = new Map(emulated === null ? [] : classesOf(emulated))
  const names = [...new Set([...left.keys(), ...right.keys()])]
  const eventful = names.filter((name) => [left, right].some((side) => (side.get(name) ?? 'none') !== 'none'))
  const line = (name: string, a: string, b: string) => `    ${name.padEnd(20)} ${a.padEnd(24)} ${b}`.trimEnd()
  const body = eventful.map((name) => line(name, left.get(name) ?? '-', right.get(name) ?? '-'))
  return body.length === 0 ? [] : [line('', 'emulated', 'RabbitMQ'), ...body]
}
