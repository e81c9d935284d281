// JSON Schema as the routes of the control API write it, and short ways to do so. Only data: nothing here validates.

export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | readonly string[]
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly oneOf?: readonly Schema[]
}

export const text = (description?: string): Schema => ({
  type: 'string',
  ...(description && { description }),
})
export const number = (description?: string): Schema => ({
  type: 'number',
  ...(description && { description }),
})
export const flag = (description?: string): Schema => ({
  type: 'boolean',
  ...(description && { description }),
})
export const list = (items: Schema, description?: string): Schema => ({
  type: 'array',
  items,
  ...(description && { description }),
})
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values })
export const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema.type as string, 'null'] })
/** Values of one kind by names of any. */
export const byName = (values: Schema): Schema => ({ type: 'object', additionalProperties: values })

/** An object whose members all are there, but for those in `optional`. */
export function record(
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  }
}
