/**
 * How values are read from the entries of definitions.json: each by its kind, with a sentence that names the entry, the
 * key and the value when it is another. Called by `definitions-entries`; it knows no entry.
 */
import { isRecord } from './policy.ts'

/** A refused file. The message is one sentence: `policy 'ha' in vhost '/': <<"some">> is not a valid ha-mode value`. */
export class DefinitionsError extends Error {
  /** `reason` of RabbitMQ's HTTP answer, unescaped; the message where RabbitMQ has none. */
  readonly reason: unknown

  constructor(message: string, reason: unknown = message) {
    super(message)
    this.name = 'DefinitionsError'
    this.reason = reason
  }
}

export type Entry = Readonly<Record<string, unknown>>

export function definitionsFault(object: string, complaint: string, reason?: unknown): DefinitionsError {
  return new DefinitionsError(`${object}: ${complaint}`, reason)
}

/** The objects of a section; a section that is not there has none. */
export function sectionOf(file: Entry, section: string): Entry[] {
  const list = Object.hasOwn(file, section) ? file[section] : undefined
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) throw definitionsFault(section, `a list is expected, not ${shown(list)}`)
  return list.map((entry, index) => {
    if (isRecord(entry)) return entry
    throw definitionsFault(`${section}[${index}]`, `an object is expected, not ${shown(entry)}`)
  })
}

/** A value in a sentence: short, whatever somebody wrote. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

export const own = (entry: Entry, key: string): unknown =>
  Object.hasOwn(entry, key) ? entry[key] : undefined

/** Reads the values of one entry; `object` names it in refusals, once its name is known. */
export class Reading {
  readonly entry: Entry
  object: string

  constructor(entry: Entry, object: string) {
    this.entry = entry
    this.object = object
  }

  text(key: string, otherwise?: string): string {
    const value = own(this.entry, key) ?? otherwise
    if (typeof value === 'string') return value
    throw this.wrong(key, 'text', value)
  }

  textOrNull(key: string): string | null {
    return own(this.entry, key) === undefined ? null : this.text(key)
  }

  truth(key: string, otherwise?: boolean): boolean {
    const value = own(this.entry, key) ?? otherwise
    if (typeof value === 'boolean') return value
    throw this.wrong(key, 'true or false', value)
  }

  /** RabbitMQ's ctl writes an empty object as an empty list. */
  table(key: string, otherwise?: Entry): Entry {
    const value = own(this.entry, key) ?? otherwise
    if (Array.isArray(value) && value.length === 0) return {}
    if (isRecord(value)) return value
    throw this.wrong(key, 'an object', value)
  }

  /** Text joined by commas, or a list. */
  tags(key: string): readonly string[] {
    const value = own(this.entry, key)
    if (typeof value === 'string')
      return value
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '')
    if (Array.isArray(value) && value.every((tag) => typeof tag === 'string')) return value
    throw this.wrong(key, 'a list of tags', value)
  }

  limits(key: string, known: readonly string[]): Readonly<Record<string, number>> {
    const limits = this.table(key)
    for (const [name, value] of Object.entries(limits)) {
      if (!known.includes(name)) throw this.wrong(`${key}.${name}`, `one of ${known.join(', ')}`, value)
      if (!Number.isInteger(value)) throw this.wrong(`${key}.${name}`, 'a whole number', value)
    }
    return limits as Readonly<Record<string, number>>
  }

  wrong(key: string, expected: string, value: unknown): DefinitionsError {
    return definitionsFault(this.object, `${key}: ${expected} is expected, not ${shown(value)}`)
  }
}
