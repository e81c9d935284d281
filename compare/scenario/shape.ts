// Shapes of a scenario file's values: each says what it is as JSON Schema and reads it, so that the published schema and the
// reader cannot disagree. `parse*` builds the whole file of them; a refusal names the path, the caller adds line and column.

import type { Path } from '../../policies/file-entries.ts'

export type Schema = Readonly<Record<string, unknown>>

/** Told where the fault is and what it is; throws. */
export type Refuse = (path: Path, complaint: string) => never

export interface Shape<T> {
  readonly schema: Schema
  read(value: unknown, path: Path, refuse: Refuse): T
}

/** A key of a mapping. */
export interface Field<T> {
  readonly shape: Shape<T>
  readonly help: string
  /** What holds when the key is absent; without it the key is required. */
  readonly otherwise?: { readonly value: T }
}

type Fields = Readonly<Record<string, Field<unknown>>>
export type Read<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }
export type ReadBy<S> = S extends Shape<infer T> ? T : never

export const required = <T>(shape: Shape<T>, help: string): Field<T> => ({ shape, help })
export const optional = <T>(shape: Shape<T>, value: T, help: string): Field<T> => ({
  shape,
  help,
  otherwise: { value },
})
/** Absent is null. */
export const maybe = <T>(shape: Shape<T>, help: string): Field<T | null> =>
  optional<T | null>(shape, null, help)

/** A mapping of exactly these keys; `more` are further words of its schema. */
export function record<F extends Fields>(what: string, fields: F, more: Schema = {}): Shape<Read<F>> {
  const keys = Object.keys(fields)
  const needed = keys.filter((key) => fields[key]!.otherwise === undefined)
  const properties = Object.fromEntries(
    Object.entries(fields).map(([key, { shape, help }]) => [key, { ...shape.schema, description: help }]),
  )
  return {
    schema: {
      type: 'object',
      ...(needed.length > 0 && { required: needed }),
      additionalProperties: false,
      properties,
      ...more,
    },
    read(value, path, refuse) {
      if (!isMapping(value)) return refuse(path, `${what} is expected here, not ${described(value)}`)
      for (const key of Object.keys(value))
        if (!keys.includes(key)) refuse([...path, key], `not a key of ${what}, which has ${keys.join(', ')}`)
      for (const key of needed) if (!Object.hasOwn(value, key)) refuse(path, `${key} is missing in ${what}`)
      const read = Object.entries(fields).map(([key, { shape, otherwise }]) => [
        key,
        Object.hasOwn(value, key) ? shape.read(value[key], [...path, key], refuse) : otherwise?.value,
      ])
      return Object.fromEntries(read) as Read<F>
    },
  }
}

export function list<T>(what: string, item: Shape<T>, least = 0): Shape<readonly T[]> {
  return {
    schema: { type: 'array', ...(least > 0 && { minItems: least }), items: item.schema },
    read(value, path, refuse) {
      if (!Array.isArray(value) || value.length < least)
        return refuse(path, `${what} is expected here, not ${described(value)}`)
      return value.map((one, index) => item.read(one, [...path, index], refuse))
    },
  }
}

/** Whatever is made of what `shape` reads. */
export function made<A, B>(shape: Shape<A>, make: (value: A, path: Path, refuse: Refuse) => B): Shape<B> {
  return {
    schema: shape.schema,
    read: (value, path, refuse) => make(shape.read(value, path, refuse), path, refuse),
  }
}

type Sort = 'text' | 'number' | 'list' | 'mapping'

/** One shape for each sort of value; `what` says all of them. */
export function either<T>(what: string, shapes: Partial<Record<Sort, Shape<T>>>): Shape<T> {
  return {
    schema: { anyOf: Object.values(shapes).map(({ schema }) => schema) },
    read(value, path, refuse) {
      const sort = sortOf(value)
      const shape = sort === 'other' ? undefined : shapes[sort]
      if (shape === undefined) return refuse(path, `${shown(value)} is not ${what}`)
      return shape.read(value, path, refuse)
    },
  }
}

/** A text that `read` understands; undefined when it does not. The schema knows a pattern that refuses no good one. */
export function text<T>(what: string, pattern: RegExp, read: (text: string) => T | undefined): Shape<T> {
  return {
    schema: { type: 'string', pattern: pattern.source },
    read(value, path, refuse) {
      const made = typeof value === 'string' && pattern.test(value) ? read(value) : undefined
      return made === undefined ? refuse(path, `${shown(value)} is not ${what}`) : made
    },
  }
}

/** Any text, also an empty one. */
export const words: Shape<string> = {
  schema: { type: 'string' },
  read: (value, path, refuse) =>
    typeof value === 'string' ? value : refuse(path, `${shown(value)} is not a text`),
}

export const name = text('a name', /./, (value) => value)

export function whole(least: number, most: number): Shape<number> {
  return {
    schema: { type: 'integer', minimum: least, maximum: most },
    read: (value, path, refuse) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
        ? value
        : refuse(path, `${shown(value)} is not a whole number from ${least} to ${most}`),
  }
}

/** Any number from `least` on. */
export function amount(what: string, least: number): Shape<number> {
  return {
    schema: { type: 'number', minimum: least },
    read: (value, path, refuse) =>
      typeof value === 'number' && Number.isFinite(value) && value >= least
        ? value
        : refuse(path, `${shown(value)} is not ${what}`),
  }
}

export const yesNo: Shape<boolean> = {
  schema: { type: 'boolean' },
  read: (value, path, refuse) =>
    typeof value === 'boolean' ? value : refuse(path, `${shown(value)} is neither true nor false`),
}

export function choice<const T extends string>(...of: readonly T[]): Shape<T> {
  return {
    schema: { enum: of },
    read: (value, path, refuse) =>
      of.find((word) => word === value) ?? refuse(path, `${shown(value)} is not one of ${of.join(', ')}`),
  }
}

/** Any mapping, such as a queue's arguments. */
export const table: Shape<Readonly<Record<string, unknown>>> = {
  schema: { type: 'object' },
  read: (value, path, refuse) =>
    isMapping(value) ? value : refuse(path, `a mapping is expected here, not ${described(value)}`),
}

const units = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 } as const
const durationPattern = /^(\d+(?:\.\d+)?) ?(ms|s|min|h)$/

/** In ms. */
export const duration = text('a time such as 5 s, 200 ms or 2 min', durationPattern, (value) => {
  const [, count, unit] = durationPattern.exec(value)!
  return Number(count) * units[unit as keyof typeof units]
})

const widths = {
  'B/s': 1,
  'kB/s': 1e3,
  'MB/s': 1e6,
  'GB/s': 1e9,
  'kbit/s': 125,
  'Mbit/s': 125e3,
  'Gbit/s': 125e6,
}
const widthPattern = /^(\d+(?:\.\d+)?) ?([kMG]?B\/s|[kMG]bit\/s)$/

/** Bytes per second. */
export const bandwidth = text('a bandwidth such as 10 MB/s or 100 Mbit/s', widthPattern, (value) => {
  const [, count, unit] = widthPattern.exec(value)!
  return Number(count) * widths[unit as keyof typeof widths]
})

function sortOf(value: unknown): Sort | 'other' {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return 'number'
  if (Array.isArray(value)) return 'list'
  return isMapping(value) ? 'mapping' : 'other'
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const longest = 120

/** A value in a sentence: on one line, and not longer than people read. */
export function shown(value: unknown): string {
  const said = JSON.stringify(value) ?? String(value)
  return said.length > longest ? `${said.slice(0, longest)}…` : said
}

function described(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return isMapping(value) ? 'a mapping' : shown(value)
}
