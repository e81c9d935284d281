// The part of JSON Schema that the published schemas use, as a judge for tests. It throws at words it does not know, so
// that a schema cannot pass by saying what nobody checks.

type Schema = Readonly<Record<string, unknown>>

/** Where `value` breaks the schema, as paths with the word that is broken; empty when it does not. */
export function violations(schema: Schema, value: unknown, path = '', whole = schema): string[] {
  const found: string[] = []
  const fail = (word: string) => void found.push(`${path}: ${word}`)
  const inner = (part: unknown, at: string, of: unknown) =>
    found.push(...violations(part as Schema, of, `${path}${at}`, whole))
  const accepts = (part: unknown) => violations(part as Schema, value, '', whole).length === 0
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const fields = isObject ? (value as Record<string, unknown>) : {}
  for (const [word, is] of Object.entries(schema)) {
    if (['$schema', '$defs', 'title', 'description', 'default', 'then'].includes(word)) continue
    else if (word === 'type') {
      if (![is].flat().some((type) => isOf(type as string, value))) fail(word)
    } else if (word === 'enum') {
      if (!(is as unknown[]).includes(value)) fail(word)
    } else if (word === 'const') {
      if (value !== is) fail(word)
    } else if (word === 'minimum') {
      if (typeof value === 'number' && value < (is as number)) fail(word)
    } else if (word === 'maximum') {
      if (typeof value === 'number' && value > (is as number)) fail(word)
    } else if (word === 'minLength') {
      if (typeof value === 'string' && value.length < (is as number)) fail(word)
    } else if (word === 'pattern') {
      if (typeof value === 'string' && !new RegExp(is as string).test(value)) fail(word)
    } else if (word === 'minItems') {
      if (Array.isArray(value) && value.length < (is as number)) fail(word)
    } else if (word === 'items') {
      if (Array.isArray(value)) for (const [i, item] of value.entries()) inner(is, `/${i}`, item)
    } else if (word === 'minProperties') {
      if (isObject && Object.keys(fields).length < (is as number)) fail(word)
    } else if (word === 'required') {
      if (isObject && !(is as string[]).every((key) => Object.hasOwn(fields, key))) fail(word)
    } else if (word === 'properties') {
      for (const [key, part] of Object.entries(is as Schema))
        if (Object.hasOwn(fields, key)) inner(part, `/${key}`, fields[key])
    } else if (word === 'additionalProperties') {
      const known = Object.keys((schema['properties'] ?? {}) as Schema)
      const others = Object.keys(fields).filter((key) => !known.includes(key))
      if (is === false && others.length > 0) fail(word)
      if (is !== false) for (const key of others) inner(is, `/${key}`, fields[key])
    } else if (word === 'propertyNames') {
      for (const key of Object.keys(fields)) inner(is, `/${key}`, key)
    } else if (word === 'dependentRequired') {
      for (const [key, needed] of Object.entries(is as Record<string, string[]>))
        if (Object.hasOwn(fields, key) && !needed.every((other) => Object.hasOwn(fields, other))) fail(word)
    } else if (word === 'not') {
      if (accepts(is)) fail(word)
    } else if (word === 'allOf') {
      for (const part of is as Schema[]) inner(part, '', value)
    } else if (word === 'anyOf') {
      if (!(is as Schema[]).some(accepts)) fail(word)
    } else if (word === 'oneOf') {
      if ((is as Schema[]).filter(accepts).length !== 1) fail(word)
    } else if (word === '$ref') {
      const parts = (is as string).slice(2).split('/')
      inner(
        parts.reduce<unknown>((at, part) => (at as Schema)[part], whole),
        '',
        value,
      )
    } else if (word === 'if') {
      if (accepts(is)) inner(schema['then'] ?? {}, '', value)
    } else throw new Error(`unknown word ${word} in the schema`)
  }
  return found
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'null') return value === null
  return typeof value === type
}
