/**
 * The JSON Schema of policy files, made from the table of keys, for editors that complete and underline. Published as
 * `policy-file.schema.json` beside this file, which a test keeps up to date. A schema cannot say all that `files` checks: what
 * it accepts may still be refused, what it refuses is always wrong.
 */
import { type PolicyKey, policyKeys } from './keys.ts'

type Schema = Readonly<Record<string, unknown>>

/** The schema as plain data. */
export function policyFileSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Warren policy file',
    description: 'Policies and operator policies of a RabbitMQ 3.10 cluster, as YAML or JSON.',
    type: 'array',
    items: {
      type: 'object',
      required: ['name', 'pattern', 'definition'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', minLength: 1, description: 'Unique among the policies of its vhost.' },
        vhost: { type: 'string', minLength: 1, default: '/', description: 'The virtual host it belongs to.' },
        operator: {
          type: 'boolean',
          default: false,
          description: 'Makes it an operator policy: limits only, which applications cannot exceed.',
        },
        pattern: {
          type: 'string',
          description: 'A PCRE pattern of names; it matches anywhere in a name unless it begins with ^.',
        },
        'apply-to': {
          enum: ['all', 'queues', 'exchanges'],
          default: 'all',
          description: 'The kind of objects it is for.',
        },
        priority: {
          type: 'number',
          default: 0,
          description:
            'Of the policies that match an object the one with the highest priority applies, and it alone.',
        },
        definition: {
          type: 'object',
          minProperties: 1,
          additionalProperties: false,
          properties: Object.fromEntries(policyKeys.map((row) => [row.key, keySchema(row)])),
          dependentRequired: Object.fromEntries(
            policyKeys.filter(needsMode).map(({ key }) => [key, ['ha-mode']]),
          ),
          allOf: [
            ofMode('all', { not: { required: ['ha-params'] } }),
            ofMode('exactly', params({ type: 'integer', minimum: 1 })),
            ofMode('nodes', params({ type: 'array', minItems: 1, items: { type: 'string' } })),
          ],
        },
      },
      ...when(
        { required: ['operator'], properties: { operator: { const: true } } },
        {
          properties: {
            definition: {
              propertyNames: { enum: policyKeys.filter((row) => row.operator).map(({ key }) => key) },
            },
          },
        },
      ),
    },
  }
}

/** Its text, as it is published. */
export const schemaText = (): string => `${JSON.stringify(policyFileSchema(), null, 2)}\n`

const needsMode = ({ key }: PolicyKey) => key.startsWith('ha-') && key !== 'ha-mode'

function keySchema({ value, help }: PolicyKey): Schema {
  switch (value.type) {
    case 'integer':
      return {
        type: 'integer',
        minimum: value.least,
        ...(value.most !== undefined && { maximum: value.most }),
        description: help,
      }
    case 'text':
      return {
        type: 'string',
        ...(value.pattern !== undefined && { pattern: value.pattern }),
        description: help,
      }
    case 'choice':
      return { enum: value.of, description: help }
    case 'copies':
      return { type: ['integer', 'array'], description: help }
  }
}

function ofMode(mode: string, consequence: Schema): Schema {
  return when({ required: ['ha-mode'], properties: { 'ha-mode': { const: mode } } }, consequence)
}

/** Put together from pairs: an object literal with a `then` looks like a promise to those who read the code. */
const when = (condition: Schema, consequence: Schema): Schema =>
  Object.fromEntries([
    ['if', condition],
    ['then', consequence],
  ])

const params = (schema: Schema): Schema => ({ required: ['ha-params'], properties: { 'ha-params': schema } })
