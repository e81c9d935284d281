/**
 * The Policy record, and the judgement of a PUT body in RabbitMQ's words. The HTTP API, the control tool and
 * policy files come here before anything is stored. A policy that has passed is frozen and never judged again;
 * nothing here knows whether the virtual host exists.
 */
import { erlangPairs, erlangTerm } from './erlang.ts'
import { type PolicyKey, policyKeys } from './keys.ts'
import { compilePattern, PatternError } from './pattern.ts'

export type Definition = Readonly<Record<string, unknown>>

export interface Policy {
  readonly vhost: string
  readonly name: string
  /** A regular expression that may match anywhere in a name. */
  readonly pattern: string
  readonly applyTo: 'all' | 'queues' | 'exchanges'
  /** Any number; the highest wins. */
  readonly priority: number
  /** Keys in alphabetical order, as RabbitMQ shows them. */
  readonly definition: Definition
}

/** A refused policy. `reason` is that of RabbitMQ's HTTP body before any HTML escaping; empty with status 500. */
export class PolicyError extends Error {
  readonly reason: string
  readonly status: number

  /** `ours`: what is wrong, where the real one does not say. */
  constructor(reason: string, status = 400, ours = 'the policy makes the broker fail') {
    super(reason.trim() || ours)
    this.name = 'PolicyError'
    this.reason = reason
    this.status = status
  }
}

/** What is wrong with a definition: the first failing key, or none of them when the fault is the whole. */
export interface Fault {
  readonly key: string | null
  readonly text: string
  readonly status: number
}

/** The keys that an operator policy may hold. */
export const operatorKeys: readonly PolicyKey[] = policyKeys.filter((row) => row.operator)

/**
 * Judges the decoded JSON body of `PUT /api/policies/VHOST/NAME`.
 * Pass undefined for a body that is not JSON. Throws PolicyError. Source: docs/observed.md §1.2.
 */
export function parsePolicy(vhost: string, name: string, body: unknown): Policy {
  return parse(vhost, name, body, policyKeys)
}

/** The same for `PUT /api/operator-policies/VHOST/NAME`, which knows fewer keys (docs/observed.md §1.1). */
export function parseOperatorPolicy(vhost: string, name: string, body: unknown): Policy {
  return parse(vhost, name, body, operatorKeys)
}

function parse(vhost: string, name: string, body: unknown, rows: readonly PolicyKey[]): Policy {
  if (!isRecord(body)) throw new PolicyError('not_json')
  const missing = ['pattern', 'definition'].filter((key) => body[key] === undefined)
  if (missing.length > 0) throw new PolicyError(`[${missing.map((key) => `{key_missing,${key}}`).join(',')}]`)
  const { pattern, definition, priority = 0, 'apply-to': applyTo = 'all' } = body
  if (!isRecord(definition)) throw new PolicyError('', 500, 'the definition must be an object')
  const faults = fieldFaults({ pattern, definition, priority, applyTo }, rows)
  const crash = faults.find(({ status }) => status === 500)
  if (crash !== undefined) throw new PolicyError('', 500, crash.text)
  if (faults.length > 0)
    throw new PolicyError(`Validation failed\n\n${faults.map(({ text }) => text).join('\n')}\n`)
  return Object.freeze({
    vhost,
    name,
    pattern: pattern as string,
    applyTo: applyTo as Policy['applyTo'],
    priority: priority as number,
    definition: sortedDefinition(definition),
  })
}

/** What a body's fields hold. */
export interface PolicyFields {
  readonly pattern: unknown
  readonly definition: Definition
  readonly priority: unknown
  readonly applyTo: unknown
}

/** A fault, and the field of the body that has it. */
export interface FieldFault extends Fault {
  readonly field: 'definition' | 'apply-to' | 'pattern' | 'priority'
}

/**
 * Every faulty field, in RabbitMQ's words and order: the last one checked comes first, and of the definition one key. `rows`:
 * `operatorKeys` for an operator policy. A `status` of 500 is what the real broker says nothing about; the text is ours then.
 */
export function fieldFaults(
  { pattern, definition, priority, applyTo }: PolicyFields,
  rows: readonly PolicyKey[] = policyKeys,
): FieldFault[] {
  const inDefinition = definitionFault(definition, rows)
  const faults: FieldFault[] = inDefinition === null ? [] : [{ field: 'definition', ...inDefinition }]
  const add = (field: FieldFault['field'], text: string | null) => {
    if (text !== null) faults.push({ field, key: null, text, status: 400 })
  }
  add('apply-to', applyToFault(applyTo))
  add('pattern', patternFault(pattern))
  add('priority', priorityFault(priority))
  return faults
}

/** The first fault of a definition in RabbitMQ's order, or null. Unknown keys are reported last and together. */
export function definitionFault(
  definition: Definition,
  rows: readonly PolicyKey[] = policyKeys,
): Fault | null {
  const keys = Object.keys(definition).sort()
  if (keys.length === 0) return { key: null, text: 'no policy provided', status: 400 }
  for (const row of rows) {
    if (!Object.hasOwn(definition, row.key)) continue
    const text = row.validate(definition[row.key], definition)
    if (text !== null) return { key: row.key, text, status: row.crashes?.(definition[row.key]) ? 500 : 400 }
  }
  const unknown = keys.filter((key) => !rows.some((row) => row.key === key))
  if (unknown.length === 0) return null
  const pairs = unknown.map((key) => [key, definition[key]] as const)
  return {
    key: unknown[0] as string,
    text: `${erlangPairs(pairs)} are not recognised policy settings`,
    status: 400,
  }
}

/** A frozen copy with its keys in alphabetical order. */
export function sortedDefinition(definition: Definition): Definition {
  const keys = Object.keys(definition).sort()
  return Object.freeze(Object.fromEntries(keys.map((key) => [key, definition[key]])))
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function applyToFault(value: unknown): string | null {
  if (value === 'all' || value === 'queues' || value === 'exchanges') return null
  const shown = typeof value === 'string' ? value : erlangTerm(value)
  return `apply-to '${shown}' unrecognised; should be 'queues', 'exchanges' or 'all'`
}

function patternFault(value: unknown): string | null {
  if (typeof value !== 'string') return `pattern should be a binary but was ${erlangTerm(value)}`
  try {
    compilePattern(value)
    return null
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return `pattern should be regular expression but is invalid: ${error.term}`
  }
}

function priorityFault(value: unknown): string | null {
  return typeof value === 'number' ? null : `priority should be a number, actually was ${erlangTerm(value)}`
}
