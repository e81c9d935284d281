// The JSON Schema of scenario files, for editors that complete and underline. Published as scenario.schema.json beside this file,
// which a test keeps up to date. A schema cannot say all that `parse` checks; what it refuses is always wrong.

import { policyFileSchema } from '../../policies/file-schema.ts'
import { scenarioShape } from './parse.ts'
import type { Schema } from './shape.ts'

/** The schema as plain data. */
export function scenarioSchema(): Schema {
  const { items } = policyFileSchema()
  const own = JSON.parse(JSON.stringify(scenarioShape.schema)) as Schema
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Warren scenario',
    description: 'A workload, faults and assertions for `warren compare`, as YAML or JSON.',
    ...own,
    $defs: { policy: items },
  }
}

/** Its text, as it is published. */
export const schemaText = (): string => `${JSON.stringify(scenarioSchema(), null, 2)}\n`
