// Emulated and real beside each other, as text: each variant's classes in two columns, what differs and why it may, and the
// assertions that do not hold. Called by the command and by the library's check; pure.

import { agrees, type Beside, besides, classesOf, type Difference, type Open } from './agreement.ts'
import type { Comparison, VariantRun } from './scenario/result.ts'
import { isUnknown } from './scenario/weigh.ts'

/** What a table of both targets does not show by itself: in what they differ. Ends with a line end. */
export function agreementText(comparison: Comparison, open: readonly Open[]): string {
  const lines = besides(comparison, open).flatMap(({ variant, differences }) =>
    differences.map((difference) => differenceLine(difference, `${variant}: `)),
  )
  return `\n${[...lines, conclusion(comparison, open)].join('\n')}\n`
}

/** The same with a short table of classes for each variant, and what does not hold: a scenario of many in a screen's third. */
export function bothText(comparison: Comparison, open: readonly Open[]): string {
  const { scenario, weighed, failures, runs } = comparison
  return [
    `${scenario.name}: ${scenario.question}`,
    ...besides(comparison, open).flatMap(besideLines),
    ...failures.map(
      ({ variant, target, reason }) => `  ${variant}, ${target}: not run to the end: ${reason}`,
    ),
    ...runs
      .filter(({ finished }) => !finished)
      .map(({ variant, target }) => `  ${variant}, ${target}: did not come to rest in time`),
    ...weighed
      .filter((one) => !one.holds && !isUnknown(one))
      .map(
        ({ assertion, variant, target, actual }) =>
          `  does not hold ${target === 'emulated' ? 'emulated' : 'on RabbitMQ'}: ${variant === null ? '' : `${variant}: `}${assertion.text} (it is ${actual ?? 'not known'})`,
      ),
    `  ${conclusion(comparison, open)}`,
  ].join('\n')
}

function conclusion(comparison: Comparison, open: readonly Open[]): string {
  if (agrees(comparison, open)) return 'Emulated and real agree.'
  const differ = besides(comparison, open).some(({ differences }) =>
    differences.some(({ reason }) => reason === null),
  )
  return differ
    ? 'Emulated and real DO NOT agree.'
    : 'Whether emulated and real agree is not known: not all was run to the end.'
}

const differenceLine = ({ metric, emulated, real, reason }: Difference, of: string) =>
  reason === null
    ? `differs: ${of}${metric}: emulated ${emulated}, RabbitMQ ${real}`
    : `may differ: ${of}${metric}: emulated ${emulated}, RabbitMQ ${real} (${reason})`

function besideLines({ variant, emulated, real, differences }: Beside): string[] {
  return [
    `  ${variant}`,
    ...tableOf(emulated, real),
    ...differences.map((difference) => `    ${differenceLine(difference, '')}`),
  ]
}

/** Classes in which nothing happened on either side are left out. */
function tableOf(emulated: VariantRun | null, real: VariantRun | null): string[] {
  const [left, right] = [emulated, real].map((run) => new Map(run === null ? [] : classesOf(run)))
  const names = [...new Set([...left!.keys(), ...right!.keys()])]
  const eventful = names.filter((name) =>
    [left, right].some((side) => (side!.get(name) ?? 'none') !== 'none'),
  )
  const line = (name: string, a: string, b: string) => `    ${name.padEnd(20)} ${a.padEnd(24)} ${b}`.trimEnd()
  const body = eventful.map((name) => line(name, left!.get(name) ?? '-', right!.get(name) ?? '-'))
  return body.length === 0 ? [] : [line('', 'emulated', 'RabbitMQ'), ...body]
}
