// Parsers for the values of the load tool's options: numbers, lists, key=value pairs, value:duration phases. Commander calls
// them and turns what they refuse into one sentence; they read nothing but the value.

import { InvalidArgumentError } from 'commander'
import type { Properties } from '../../nodes/amqp/content.ts'
import { type Table, tableFromPlain } from '../../nodes/amqp/fields.ts'
import type { Phase } from './pace.ts'

/** A number above 0, fractions allowed. */
export function positive(text: string): number {
  const value = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || !(value > 0))
    throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

export function trueOrFalse(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It must be true or false.')
  return text === 'true'
}

/** Adds to what earlier uses of the option, or commas within one, have named. */
export function listOf(
  known: readonly string[] | null,
): (text: string, before?: readonly string[]) => string[] {
  return (text, before = []) => {
    const words = text.split(',').map((word) => word.trim())
    for (const word of words)
      if (word === '' || (known !== null && !known.includes(word)))
        throw new InvalidArgumentError(
          known === null ? 'A name is missing between commas.' : `It must be ${known.join(' or ')}.`,
        )
    return [...before, ...words]
  }
}

/** `100:60`: a value and for how many seconds; each use of the option adds one. */
export function phase(least: number): (text: string, before?: readonly Phase[]) => Phase[] {
  return (text, before = []) => {
    const [, value, seconds] = /^(\d+):(\d+)$/.exec(text) ?? []
    if (value === undefined || Number(value) < least || !(Number(seconds) > 0))
      throw new InvalidArgumentError(`It must be VALUE:SECONDS, with a value from ${least}.`)
    return [...before, { value: Number(value), seconds: Number(seconds) }]
  }
}

/** `x-max-length=10,x-overflow=drop-head`: numbers and booleans as such, everything else as text. */
export function pairs(text: string): Record<string, string | number | boolean> {
  const members: [string, string | number | boolean][] = []
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=')
    if (at < 1)
      throw new InvalidArgumentError('It must be pairs such as x-max-length=10, separated by commas.')
    members.push([pair.slice(0, at).trim(), plainValue(pair.slice(at + 1).trim())])
  }
  return Object.fromEntries(members)
}

function plainValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}

export const table = (text: string): Table => tableFromPlain(pairs(text))

/** PerfTest's names of message properties; what is none of them becomes a header. */
export function messageProperties(text: string): Properties {
  const headers: Record<string, unknown> = {}
  const properties: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(pairs(text))) {
    const kind = known[name]
    if (kind === undefined) headers[name] = value
    else if (kind === 'number' && typeof value !== 'number')
      throw new InvalidArgumentError(`${name} must be a number.`)
    else properties[name] = kind === 'number' ? value : String(value)
  }
  if (Object.keys(headers).length > 0) properties['headers'] = tableFromPlain(headers)
  return properties
}

const known: Readonly<Record<string, 'text' | 'number'>> = {
  contentType: 'text',
  contentEncoding: 'text',
  deliveryMode: 'number',
  priority: 'number',
  correlationId: 'text',
  replyTo: 'text',
  expiration: 'text',
  messageId: 'text',
  timestamp: 'number',
  type: 'text',
  userId: 'text',
  appId: 'text',
  clusterId: 'text',
}
