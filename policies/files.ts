/**
 * Policy files: a YAML or JSON list of policies, as text. The command line and the cluster's start read them and
 * the admin pages write them; reading the disk is the caller's business. A file with one fault is refused whole,
 * and the message names the file, the line and the key.
 */
import {
  constructFromEvents,
  dump,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  YAMLException,
} from 'js-yaml'
import { policyKeys } from './keys.ts'
import { compilePattern, PatternError } from './pattern.ts'
import { definitionFault, isRecord, type Policy, sortedDefinition } from './policy.ts'

/** A refused file. The message is one sentence: `policies.yaml:7: definition.ha-mode: "some" is not …`. */
export class PolicyFileError extends Error {
  readonly fileName: string
  /** Counted from 1. */
  readonly line: number

  constructor(fileName: string, line: number, complaint: string) {
    super(`${fileName}:${line}: ${complaint}`)
    this.name = 'PolicyFileError'
    this.fileName = fileName
    this.line = line
  }
}

const ENTRY_KEYS = ['name', 'pattern', 'apply-to', 'priority', 'definition', 'vhost']
const REQUIRED_KEYS = ['name', 'pattern', 'definition']
const DEFAULT_VHOST = '/'

/**
 * The policies of a file, in its order. `text` is YAML, of which JSON is a part; `fileName` is only for messages.
 * Every entry has `name`, `pattern`, `definition` and may have `apply-to` (all), `priority` (0), `vhost` (/).
 * Unlike a PUT, a file may not hold keys of an entry that mean nothing. Throws PolicyFileError.
 */
export function parsePolicyFile(text: string, fileName: string): Policy[] {
  const { value, lineOf } = parseYaml(text, fileName)
  const refuse: Refuse = (path, complaint) => {
    throw new PolicyFileError(fileName, lineOf(path), complaint)
  }
  if (!Array.isArray(value)) return refuse([], `a list of policies is expected here, not ${described(value)}`)
  const policies = value.map((entry, index) => parseEntry(entry, index, refuse))
  refuseDuplicates(policies, refuse)
  return policies
}

/** The policies as a YAML file that `parsePolicyFile` reads back equal. */
export function dumpPolicies(policies: Iterable<Policy>): string {
  const entries = [...policies].map((policy) => ({
    name: policy.name,
    ...(policy.vhost === DEFAULT_VHOST ? {} : { vhost: policy.vhost }),
    pattern: policy.pattern,
    'apply-to': policy.applyTo,
    priority: policy.priority,
    definition: policy.definition,
  }))
  return dump(entries, { noRefs: true, lineWidth: -1 })
}

type Path = readonly (string | number)[]
type Refuse = (path: Path, complaint: string) => never

function parseEntry(entry: unknown, index: number, refuse: Refuse): Policy {
  if (!isRecord(entry)) return refuse([index], `a policy is expected here, not ${described(entry)}`)
  for (const key of Object.keys(entry)) {
    if (ENTRY_KEYS.includes(key)) continue
    refuse([index, key], `${key}: not a key of a policy, which has ${ENTRY_KEYS.join(', ')}`)
  }
  for (const key of REQUIRED_KEYS) {
    if (!Object.hasOwn(entry, key)) refuse([index], `${key}: missing in this policy`)
  }
  const {
    name,
    pattern,
    definition,
    priority = 0,
    'apply-to': applyTo = 'all',
    vhost = DEFAULT_VHOST,
  } = entry
  for (const [key, value] of Object.entries({ name, vhost })) {
    if (typeof value !== 'string' || value === '')
      refuse([index, key], `${key}: ${shown(value)} is not a name`)
  }
  if (applyTo !== 'all' && applyTo !== 'queues' && applyTo !== 'exchanges') {
    return refuse(
      [index, 'apply-to'],
      `apply-to: ${shown(applyTo)} is neither "queues", "exchanges" nor "all"`,
    )
  }
  if (typeof priority !== 'number' || !Number.isFinite(priority)) {
    return refuse([index, 'priority'], `priority: ${shown(priority)} is not a number`)
  }
  return Object.freeze({
    vhost: vhost as string,
    name: name as string,
    pattern: checkedPattern(pattern, [index, 'pattern'], refuse),
    applyTo,
    priority,
    definition: checkedDefinition(definition, [index, 'definition'], refuse),
  })
}

function checkedPattern(pattern: unknown, path: Path, refuse: Refuse): string {
  if (typeof pattern !== 'string')
    return refuse(path, `pattern: ${shown(pattern)} is not a regular expression`)
  try {
    compilePattern(pattern)
    return pattern
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    const where = `${error.complaint} at character ${error.at}`
    return refuse(path, `pattern: ${shown(pattern)} is not a regular expression (${where})`)
  }
}

function checkedDefinition(definition: unknown, path: Path, refuse: Refuse): Policy['definition'] {
  if (!isRecord(definition))
    return refuse(path, `definition: ${described(definition)} is not a mapping of policy keys`)
  const unknown = Object.keys(definition).find((key) => !policyKeys.some((row) => row.key === key))
  if (unknown !== undefined) {
    return refuse([...path, unknown], `definition.${unknown}: not a recognised policy setting`)
  }
  const fault = definitionFault(definition)
  if (!fault) return sortedDefinition(definition)
  if (fault.key === null) return refuse(path, `definition: ${fault.text}`)
  return refuse([...path, fault.key], `definition.${fault.key}: ${withoutBinaries(fault.text)}`)
}

function refuseDuplicates(policies: readonly Policy[], refuse: Refuse): void {
  const seen = new Map<string, number>()
  policies.forEach((policy, index) => {
    const id = JSON.stringify([policy.vhost, policy.name])
    const first = seen.get(id)
    if (first !== undefined) {
      const place = `policy ${first + 1} of the file has this name in vhost ${shown(policy.vhost)} already`
      refuse([index, 'name'], `name: ${shown(policy.name)} is taken, ${place}`)
    }
    seen.set(id, index)
  })
}

/** RabbitMQ's `<<"some">>` as people write it: `"some"`. */
function withoutBinaries(text: string): string {
  return text.replace(/<<("(?:[^"\\]|\\.)*")>>/g, '$1').replaceAll('<<>>', '""')
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}

function described(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a mapping' : shown(value)
}

interface Yaml {
  readonly value: unknown
  /** Line of the innermost known part of a path. */
  readonly lineOf: (path: Path) => number
}

function parseYaml(text: string, fileName: string): Yaml {
  try {
    const events = parseEvents(text, { filename: fileName })
    const documents = constructFromEvents(events, { source: text, filename: fileName })
    const positions = positionsOf(text, events)
    if (documents.length === 0)
      throw new PolicyFileError(fileName, 1, 'the file is empty, a list of policies is expected')
    if (documents.length > 1) {
      const line = lineAt(text, secondDocumentAt(text, events[0]))
      throw new PolicyFileError(
        fileName,
        line,
        'a second YAML document begins here, one list of policies is expected',
      )
    }
    const lineOf = (path: Path): number => {
      const position = positions.get(pathId(path))
      if (position !== undefined || path.length === 0) return lineAt(text, position ?? 0)
      return lineOf(path.slice(0, -1))
    }
    return { value: documents[0], lineOf }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    throw new PolicyFileError(fileName, (error.mark?.line ?? 0) + 1, `not valid YAML, ${error.reason}`)
  }
}

/** Where each key and list item begins, by path, from one walk over the parser's events. */
function positionsOf(text: string, events: readonly Event[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>()
  let next = 0
  let read = 0
  const walk = (path: Path): void => {
    const event = events[next++]
    if (event?.type === EVENT_ID.SCALAR) read = Math.max(read, event.valueEnd)
    if (event?.type === EVENT_ID.SEQUENCE) {
      for (let index = 0; events[next]?.type !== EVENT_ID.POP; index++) {
        note([...path, index])
        walk([...path, index])
      }
      next++
    } else if (event?.type === EVENT_ID.MAPPING) {
      while (events[next]?.type !== EVENT_ID.POP) {
        const key = events[next]
        const inner = [...path, key?.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : '']
        note(inner)
        next++
        walk(inner)
      }
      next++
    }
  }
  const note = (path: Path): void => {
    const position = positionOf(events[next])
    positions.set(pathId(path), position < 0 ? emptyItemAt(text, read) : position)
    read = Math.max(read, positions.get(pathId(path)) ?? 0) + 1
  }
  next++
  note([])
  walk([])
  return positions
}

/** The marker between the first document and the second; an empty one has no other trace. */
function secondDocumentAt(text: string, first: Event | undefined): number {
  const markers = [...text.matchAll(/^(?:---|\.\.\.)(?=\s|$)/gm)]
  const own = first?.type === EVENT_ID.DOCUMENT && first.explicitStart ? 1 : 0
  return markers[own]?.index ?? 0
}

/** A dash with nothing after it: the parser gives no position for an empty item. */
function emptyItemAt(text: string, from: number): number {
  const found = text.slice(from).search(/^[ \t]*-[ \t]*(?:#.*)?$/m)
  return from + Math.max(found, 0)
}

function positionOf(event: Event | undefined): number {
  switch (event?.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start
    case EVENT_ID.ALIAS:
      return event.anchorStart
    default:
      return -1
  }
}

function pathId(path: Path): string {
  return JSON.stringify(path)
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split(/\r\n|\r|\n/).length
}
