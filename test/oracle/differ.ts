// What Warren showed against what several runs of the real cluster did, line by line: where the real one itself varies, each of
// its own answers will do. Used by the hunt; recordings are compared whole (catalogue.ts).

import type { Outcome } from '../../compare/outcome.ts'
import { reduced } from './open.ts'

/** Name of each line to its text: a step by its place. */
function table(outcome: Outcome): Map<string, string> {
  const entries = (what: string, all: Readonly<Record<string, string>>) =>
    Object.entries(all).map(([name, text]): [string, string] => [`${what} ${name}`, text])
  return new Map([
    ...outcome.steps.map((text, i): [string, string] => [`step ${i}`, text]),
    ...entries('consumer', outcome.consumers),
    ...entries('connection', outcome.connections),
    ['late', outcome.late.join('; ')],
  ])
}

export interface Difference {
  /** The step's place; null for what is no step's. */
  readonly step: number | null
  readonly name: string
  /** What the real one showed, in all its runs. */
  readonly expected: readonly string[]
  readonly got: string
}

/** Where `mine` shows what no run of the real one did; empty when nowhere. */
export function undeclared(theirs: readonly Outcome[], mine: Outcome, open: readonly string[]): Difference[] {
  const real = theirs.map((outcome) => table(reduced(outcome, open)))
  const own = table(reduced(mine, open))
  const names = new Set([...own.keys(), ...real.flatMap((one) => [...one.keys()])])
  return [...names].flatMap((name) => {
    const expected = [...new Set(real.map((one) => one.get(name) ?? '(nothing)'))]
    const got = own.get(name) ?? '(nothing)'
    const place = /^step (\d+)$/.exec(name)
    return expected.includes(got) ? [] : [{ step: place ? Number(place[1]) : null, name, expected, got }]
  })
}

/** A difference in lines for people. */
export function told({ name, expected, got }: Difference): string {
  return [
    name,
    ...expected.map((text, i) => `    ${i === 0 ? 'RabbitMQ' : '      or'}: ${text}`),
    `      Warren: ${got}`,
  ].join('\n')
}
