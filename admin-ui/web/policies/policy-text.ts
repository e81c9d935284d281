// A policy file's text as its editor sees it: what may stand at a place, and what is known of the word there. Pure, for completion
// and help; it reads lines as people write them and judges nothing, which is the server's business.

import { type PolicyKey, policyKey, policyKeys } from '../../../policies/keys.ts'

/** What somebody may write at a place. */
export interface Suggestion {
  readonly label: string
  /** Behind the label: the kind of value it wants. */
  readonly detail: string
  readonly help: string
  /** What is written for it. */
  readonly insert: string
}

export interface Place {
  /** Where the word at the place begins, as an offset in its line. */
  readonly from: number
  readonly suggestions: readonly Suggestion[]
}

interface EntryKey {
  readonly key: string
  readonly help: string
  readonly values?: readonly string[]
}

/** The keys of a policy in a file. */
const entryKeys: readonly EntryKey[] = [
  { key: 'name', help: 'Unique among the policies of its virtual host.' },
  {
    key: 'pattern',
    help: 'A regular expression of names; it matches anywhere in a name unless it begins with ^.',
  },
  { key: 'apply-to', help: 'The kind of objects it is for.', values: ['all', 'queues', 'exchanges'] },
  {
    key: 'priority',
    help: 'Of the policies that match an object the one with the highest priority applies, and it alone.',
  },
  { key: 'definition', help: 'What holds for the objects that it matches.' },
  { key: 'vhost', help: 'The virtual host it belongs to; / by default.' },
  {
    key: 'operator',
    help: 'Makes it an operator policy: limits only, which applications cannot exceed.',
    values: ['true', 'false'],
  },
]

/** The key of a line, its value, and where both begin. A list's dash counts as indentation. */
interface Line {
  readonly indent: number
  readonly key: string | null
  readonly valueAt: number
}

function read(text: string): Line {
  const found = /^(\s*(?:-\s+)*)(?:(["']?)([\w-]+)\2\s*:(?:\s+|$))?/.exec(text)!
  return { indent: found[1]!.length, key: found[3] ?? null, valueAt: found[0].length }
}

/** The key that the lines above `at` put a line with this indentation into; null at the top of a policy. */
function parentOf(lines: readonly string[], at: number, indent: number): string | null {
  for (let i = at - 1; i >= 0; i--) {
    const text = lines[i]!
    if (/^\s*(#.*)?$/.test(text)) continue
    const line = read(text)
    if (line.key !== null && line.indent < indent) return line.key
    // The dash of the policy itself: nothing above it is of this policy.
    if (/^-\s/.test(text)) return null
  }
  return null
}

/** What may stand at `column` (from 0) of the line `at`; null where nothing is known, as within a name or a comment. */
export function placeAt(
  lines: readonly string[],
  at: number,
  column: number,
  nodes: readonly string[],
): Place | null {
  const text = lines[at] ?? ''
  const before = text.slice(0, column)
  if (/(^|\s)#/.test(before)) return null
  const line = read(text)
  if (line.key !== null && column >= line.valueAt) return valuePlace(lines, at, column, line, nodes)
  if (/^\s*-\s+[^\s:]*$/.test(before) && parentOf(lines, at, line.indent) === 'ha-params')
    return { from: wordStart(before), suggestions: nodes.map(nodeSuggestion) }
  if (!/^\s*(-\s+)?[\w-]*$/.test(before)) return null
  const inner = parentOf(lines, at, line.indent)
  const from = wordStart(before)
  if (inner === 'definition') return { from, suggestions: definitionKeys(lines, at) }
  if (inner !== null) return null
  return {
    from,
    suggestions: entryKeys.map(({ key, help }) => ({
      label: key,
      detail: '',
      help,
      insert: key === 'definition' ? 'definition:\n    ' : `${key}: `,
    })),
  }
}

const wordStart = (before: string) => before.length - /[\w@.-]*$/.exec(before)![0].length

function valuePlace(
  lines: readonly string[],
  at: number,
  column: number,
  { key, indent }: Line,
  nodes: readonly string[],
): Place | null {
  const from = wordStart(lines[at]!.slice(0, column))
  if (parentOf(lines, at, indent) !== 'definition') {
    const values = entryKeys.find((row) => row.key === key)?.values ?? []
    return values.length === 0 ? null : { from, suggestions: values.map(valueSuggestion) }
  }
  const row = policyKey(key!)
  if (row?.value.type === 'choice')
    return { from, suggestions: row.value.of.map((value) => valueSuggestion(String(value))) }
  if (row?.value.type === 'copies') return { from, suggestions: nodes.map(nodeSuggestion) }
  return null
}

const valueSuggestion = (value: string): Suggestion => ({
  label: value,
  detail: '',
  help: '',
  insert: value,
})

const nodeSuggestion = (node: string): Suggestion => ({ ...valueSuggestion(node), detail: 'node' })

/** All keys but those that the definition around the line has. */
function definitionKeys(lines: readonly string[], at: number): Suggestion[] {
  const own = read(lines[at] ?? '').indent
  const taken = new Set<string>()
  const gather = (step: 1 | -1) => {
    for (let i = at + step; i >= 0 && i < lines.length; i += step) {
      const line = read(lines[i]!)
      if (line.key === null) continue
      if (line.indent < own) return
      if (line.indent === own) taken.add(line.key)
    }
  }
  gather(-1)
  gather(1)
  return policyKeys
    .filter(({ key }) => !taken.has(key))
    .map((row) => ({ label: row.key, detail: valueText(row), help: row.help, insert: `${row.key}: ` }))
}

/** The values that a key takes, in a few words. */
export function valueText({ value }: PolicyKey): string {
  switch (value.type) {
    case 'choice':
      return value.of.join(' | ')
    case 'integer':
      return value.most === undefined
        ? `number from ${value.least}`
        : `number from ${value.least} to ${value.most}`
    case 'copies':
      return 'number or list of nodes'
    case 'text':
      return 'text'
  }
}

/** What is known of the key of a line, for help; null where there is none. */
export function helpAt(
  lines: readonly string[],
  at: number,
): { readonly key: string; readonly detail: string; readonly help: string } | null {
  const { key, indent } = read(lines[at] ?? '')
  if (key === null) return null
  if (parentOf(lines, at, indent) === 'definition') {
    const row = policyKey(key)
    return row === undefined ? null : { key, detail: valueText(row), help: row.help }
  }
  const row = entryKeys.find((one) => one.key === key)
  return row === undefined ? null : { key, detail: row.values?.join(' | ') ?? '', help: row.help }
}
