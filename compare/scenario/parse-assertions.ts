// The assertions of a scenario file: for all variants, or by variants, whose names may stand together with commas. Used by
// `parse`.

import { linkKinds } from '../../nodes/link.ts'
import type { Path } from '../../policies/file-entries.ts'
import type { Place } from '../../policies/files-yaml.ts'
import { assertionPattern, metrics, readAssertion } from './assertion.ts'
import { isMapping, type Refuse, type Shape, text } from './shape.ts'
import type { Assertion, Scenario } from './types.ts'

const one = text('an assertion such as "confirmed-lost = 0"', assertionPattern, (value) => value)

/** What the schema says of one; it is read by `assertionsOf`, which knows the names. */
export const assertionEntry: Shape<unknown> = {
  schema: {
    anyOf: [
      one.schema,
      {
        type: 'object',
        additionalProperties: { anyOf: [one.schema, { type: 'array', minItems: 1, items: one.schema }] },
      },
    ],
  },
  read: (value) => value,
}

/** Refuses metrics, variants, clients and queues that are not there. */
export function assertionsOf(
  entries: readonly unknown[],
  scenario: Scenario,
  placeOf: (path: Path) => Place,
  refuse: Refuse,
): Assertion[] {
  const found: Assertion[] = []
  const add = (value: unknown, variants: readonly string[] | null, path: Path) => {
    if (typeof value !== 'string') return refuse(path, 'an assertion is a text such as "confirmed-lost = 0"')
    const sentence = readAssertion(value)
    if (typeof sentence === 'string') return refuse(path, sentence)
    for (const name of sentence.ratio ?? []) checkVariant(scenario, name, path, refuse)
    if (sentence.ratio !== null && variants !== null) refuse(path, 'a ratio names its variants itself')
    const { metric, of } = sentence.left
    const known = metrics[metric]!.of.flatMap((owner) => ownersOf(scenario)[owner])
    if (of !== null && !known.includes(of))
      refuse(path, `${metric} is not of ${of}, but of ${known.join(', ')}`)
    const { line, column } = placeOf(path)
    found.push({ ...sentence, variants, line, column })
  }
  for (const [index, entry] of entries.entries()) {
    const path = ['assertions', index]
    if (!isMapping(entry)) {
      add(entry, null, path)
      continue
    }
    for (const [key, value] of Object.entries(entry)) {
      const names = key.split(',').map((part) => part.trim())
      for (const name of names) checkVariant(scenario, name, [...path, key], refuse)
      if (!Array.isArray(value)) add(value, names, [...path, key])
      else for (const [i, each] of value.entries()) add(each, names, [...path, key, i])
    }
  }
  return found
}

function checkVariant({ variants }: Scenario, name: string, path: Path, refuse: Refuse): void {
  if (variants.some((variant) => variant.name === name)) return
  refuse(path, `there is no variant ${name}; they are ${variants.map((one) => one.name).join(', ')}`)
}

const ownersOf = ({ workload, topology }: Scenario) => ({
  publisher: workload.publishers.map(({ name }) => name),
  consumer: workload.consumers.map(({ name }) => name),
  queue: topology.queues.map(({ name }) => name),
  kind: linkKinds,
})
