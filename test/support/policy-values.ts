// What a real RabbitMQ 3.10.8 answered to a PUT of every policy key with values of every kind. Three of them it never answered at
// all (docs/observed.md §24); they are left out.

import { readFileSync } from 'node:fs'

export type Answered = readonly [
  definition: Readonly<Record<string, unknown>>,
  status: number,
  reason: string,
]

/** Erlang breaks long terms over several lines and indents them, which Warren does not. */
export const unbroken = (text: string): string =>
  text.replace(/,\n +/g, ',').replace(/(=>|=&gt;)\n +/g, '$1 ')

export const recordedValues: Readonly<Record<'policies' | 'operator-policies', readonly Answered[]>> =
  JSON.parse(readFileSync(new URL('../data/policy-values.json', import.meta.url), 'utf8'))
