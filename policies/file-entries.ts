/**
 * The entries of a policy file, as values: judged one by one and refused whole, and made anew from policies. Policy files
 * and changes over HTTP come here; where a value stands in a text is known to whoever passes `refuse`. It knows no YAML, so
 * that a cluster can start without the library that does.
 */
import { type PolicyKey, policyKeys } from './keys.ts'
import { applyToKnownElsewhere, keyKnownElsewhere } from './keys-elsewhere.ts'
import { compilePattern, PatternError } from './pattern.ts'
import { definitionFault, isRecord, operatorKeys, type Policy, sortedDefinition } from './policy.ts'

/** Keys and list indexes from the top of a file down. */
export type Path = readonly (string | number)[]

/** What a file holds, each kind in the file's order. */
export interface PolicyFile {
  readonly policies: readonly Policy[]
  readonly operatorPolicies: readonly Policy[]
}

const ENTRY_KEYS = ['name', 'pattern', 'apply-to', 'priority', 'definition', 'vhost', 'operator']
const REQUIRED_KEYS = ['name', 'pattern', 'definition']
const DEFAULT_VHOST = '/'

/** The policies of a decoded list, judged as those of a file; `refuse` throws whatever suits the caller. */
export function readPolicies(value: unknown, refuse: Refuse): PolicyFile {
  if (!Array.isArray(value)) return refuse([], `a list of policies is expected here, not ${described(value)}`)
  const entries = value.map((entry, index) => parseEntry(entry, index, refuse))
  refuseDuplicates(entries, refuse)
  const of = (operator: boolean) =>
    entries.filter((entry) => entry.operator === operator).map(({ policy }) => policy)
  return { policies: of(false), operatorPolicies: of(true) }
}

/** A policy as a file has it. */
export interface PolicyEntry {
  readonly name: string
  readonly operator?: boolean
  readonly vhost?: string
  readonly pattern: string
  readonly 'apply-to': Policy['applyTo']
  readonly priority: number
  readonly definition: Policy['definition']
}

/** The entries that say the same, policies first. */
export function entriesOf({ policies, operatorPolicies }: PolicyFile): PolicyEntry[] {
  const entry = ({ name, vhost, pattern, applyTo, priority, definition }: Policy, operator: boolean) => ({
    name,
    ...(operator && { operator }),
    ...(vhost !== DEFAULT_VHOST && { vhost }),
    ...{ pattern, 'apply-to': applyTo, priority, definition },
  })
  return [
    ...policies.map((policy) => entry(policy, false)),
    ...operatorPolicies.map((policy) => entry(policy, true)),
  ]
}

interface Entry {
  readonly policy: Policy
  readonly operator: boolean
}

/** Told where the fault is and what it is: `policy "ha", priority: "x" is not a number`. */
export type Refuse = (path: Path, complaint: string) => never

function parseEntry(entry: unknown, index: number, refuseAt: Refuse): Entry {
  if (!isRecord(entry)) return refuseAt([index], `a policy is expected here, not ${described(entry)}`)
  const who = typeof entry['name'] === 'string' ? `policy ${shown(entry['name'])}` : `policy ${index + 1}`
  const refuse: Refuse = (path, complaint) => refuseAt([index, ...path], `${who}, ${complaint}`)
  for (const key of Object.keys(entry)) {
    if (ENTRY_KEYS.includes(key)) continue
    refuse([key], `${key}: not a key of a policy, which has ${ENTRY_KEYS.join(', ')}${given(entry[key])}`)
  }
  for (const key of REQUIRED_KEYS) {
    if (!Object.hasOwn(entry, key)) refuse([], `${key}: missing in this policy`)
  }
  const { name, pattern, definition, priority = 0, vhost = DEFAULT_VHOST, operator = false } = entry
  const applyTo = entry['apply-to'] ?? 'all'
  for (const [key, value] of Object.entries({ name, vhost })) {
    if (typeof value !== 'string' || value === '') refuse([key], `${key}: ${shown(value)} is not a name`)
  }
  if (applyTo !== 'all' && applyTo !== 'queues' && applyTo !== 'exchanges')
    return refuse(
      ['apply-to'],
      `apply-to: ${shown(applyTo)} is neither "queues", "exchanges" nor "all"${applyToKnownElsewhere(applyTo)}`,
    )
  if (typeof priority !== 'number' || !Number.isFinite(priority))
    return refuse(['priority'], `priority: ${shown(priority)} is not a number`)
  if (typeof operator !== 'boolean')
    return refuse(['operator'], `operator: ${shown(operator)} is neither true nor false`)
  const policy = Object.freeze({
    vhost: vhost as string,
    name: name as string,
    pattern: checkedPattern(pattern, refuse),
    applyTo,
    priority,
    definition: checkedDefinition(definition, operator ? operatorKeys : policyKeys, refuse),
  })
  return { policy, operator }
}

function checkedPattern(pattern: unknown, refuse: Refuse): string {
  if (typeof pattern !== 'string')
    return refuse(['pattern'], `pattern: ${shown(pattern)} is not a regular expression`)
  try {
    compilePattern(pattern)
    return pattern
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    const where = `${error.complaint} at character ${error.at}`
    return refuse(['pattern'], `pattern: ${shown(pattern)} is not a regular expression (${where})`)
  }
}

function checkedDefinition(
  definition: unknown,
  rows: readonly PolicyKey[],
  refuse: Refuse,
): Policy['definition'] {
  const path = ['definition']
  if (!isRecord(definition))
    return refuse(path, `definition: ${described(definition)} is not a mapping of policy keys`)
  for (const [key, value] of Object.entries(definition)) {
    if (rows.some((row) => row.key === key)) continue
    const known = policyKeys.some((row) => row.key === key)
    const complaint = known ? 'not a setting that operator policies have' : 'not a recognised policy setting'
    refuse([...path, key], `definition.${key}: ${complaint}${keyKnownElsewhere(key)}${given(value)}`)
  }
  const fault = definitionFault(definition, rows)
  if (!fault) return sortedDefinition(definition)
  if (fault.key === null) return refuse(path, `definition: ${fault.text}`)
  const text = withoutBinaries(fault.text)
  const value = definition[fault.key]
  const more = text.includes(shown(value)) ? '' : given(value)
  return refuse([...path, fault.key], `definition.${fault.key}: ${text}${more}`)
}

function refuseDuplicates(entries: readonly Entry[], refuse: Refuse): void {
  const seen = new Map<string, number>()
  for (const [index, { policy, operator }] of entries.entries()) {
    const { vhost, name } = policy
    const id = JSON.stringify([operator, vhost, name])
    const first = seen.get(id)
    if (first !== undefined) {
      const place = `policy ${first + 1} of the file has this name in vhost ${shown(vhost)} already`
      refuse([index, 'name'], `policy ${shown(name)}, name: ${shown(name)} is taken, ${place}`)
    }
    seen.set(id, index)
  }
}

/** RabbitMQ's `<<"some">>` as people write it: `"some"`. */
function withoutBinaries(text: string): string {
  return text.replace(/<<("(?:[^"\\]|\\.)*")>>/g, '$1').replaceAll('<<>>', '""')
}

const given = (value: unknown) => ` (given: ${shown(value)})`

const longest = 200

/** A value in a sentence: on one line, and not longer than people read. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

function described(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a mapping' : shown(value)
}
