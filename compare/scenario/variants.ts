// The variants of a scenario: the modes that have names, with their knobs, and those that a file describes by policies of its
// own. Used by `parse` and by the command's --variant; it knows what a mode means in policies and nothing else.

import { readPolicies } from '../../policies/file-entries.ts'
import { parsePolicyFile } from '../../policies/files.ts'
import type { Definition, Policy } from '../../policies/policy.ts'
import {
  choice,
  either,
  list,
  made,
  maybe,
  name,
  optional,
  type Refuse,
  record,
  text,
  whole,
  words,
} from './shape.ts'
import { mostNodes, node, partitionHandling } from './shape-nodes.ts'
import type { NodeNumber, PartitionHandling, Variant } from './types.ts'

const modePattern = /^(single|ordinary|mirrored-all|mirrored-nodes|mirrored-exactly-[1-9])$/

/** The modes by name; exactly takes any number of copies. */
export const modeNames = [
  'single',
  'ordinary',
  'mirrored-all',
  'mirrored-exactly-2',
  'mirrored-nodes',
] as const

const mode = text<string>(
  `one of ${modeNames.join(', ')} (or another number after exactly)`,
  modePattern,
  (value) => value,
)

/** The policies of both kinds, as a list in a policy file's form or the name of such a file. */
export interface Policies {
  readonly policies: readonly Policy[]
  readonly operatorPolicies: readonly Policy[]
}

export const noPolicies: Policies = { policies: [], operatorPolicies: [] }

/** A list of policies in place; its own reader says what is wrong with an entry. */
export const policyList = {
  schema: { type: 'array', items: { $ref: '#/$defs/policy' } },
  read: (value: unknown, path: readonly (string | number)[], refuse: Refuse): Policies =>
    readPolicies(value, (inner, complaint) => refuse([...path, ...inner], complaint)),
}

const described = record('a variant', {
  name: maybe(name, 'Its name in reports and assertions; by default the mode.'),
  mode: maybe(mode, 'The mode that it starts from; without one, policies say all.'),
  sync: maybe(choice('manual', 'automatic'), 'ha-sync-mode; automatic by default.'),
  'promote-on-shutdown': maybe(choice('when-synced', 'always'), 'ha-promote-on-shutdown.'),
  'promote-on-failure': maybe(choice('when-synced', 'always'), 'ha-promote-on-failure.'),
  on: optional(list('a list of nodes', node, 1), [1, 2], 'The nodes of mirrored-nodes.'),
  nodes: maybe(whole(1, mostNodes), "How many nodes; by default the scenario's, for single 1."),
  'partition-handling': maybe(partitionHandling, "By default the scenario's."),
  policies: optional(policyList, noPolicies, 'Policies of this variant.'),
  'policy-file': maybe(words, 'A policy file beside this one, instead of policies.'),
})

type Described = ReturnType<(typeof described)['read']>

const bare = (word: string): Described => ({
  ...{ name: null, mode: word, sync: null, 'promote-on-shutdown': null, 'promote-on-failure': null },
  ...{ on: [1, 2], nodes: null, 'partition-handling': null, policies: noPolicies, 'policy-file': null },
})

export const variantEntry = either<Described>('a mode or a mapping', {
  text: made(mode, bare),
  mapping: described,
})

export const defaultVariants: readonly Described[] = ['single', 'ordinary', 'mirrored-all'].map(bare)

/** What all variants of a scenario share. */
export interface Common {
  readonly nodes: number
  readonly partitionHandling: PartitionHandling
  readonly policies: Policies
  /** The text of a policy file; throws when it cannot be read. */
  readonly readFile: (path: string) => string
}

/** The variant that an entry describes; `refuse` is told by key. */
export function variantOf(entry: Described, common: Common, refuse: Refuse): Variant {
  const { mode, policies: inPlace, 'policy-file': file } = entry
  const name = entry.name ?? mode
  if (name === null) return refuse([], 'a variant has a mode or a name')
  if (/[\s/,]/.test(name)) refuse(['name'], 'a name of a variant has no spaces, commas or slashes')
  if (file !== null && inPlace !== noPolicies) refuse(['policy-file'], 'either policies or policy-file')
  const own = file === null ? inPlace : parsePolicyFile(readText(file, common, refuse), file)
  const ha = mode === null ? null : mirroring(mode, entry)
  if (ha === null)
    for (const key of ['sync', 'promote-on-shutdown', 'promote-on-failure'] as const)
      if (entry[key] !== null) refuse([key], `${key} goes with a mirrored mode`)
  const given = [...common.policies.policies, ...own.policies]
  return {
    name,
    mode: mode === null ? 'custom' : sortOf(mode),
    nodes: entry.nodes ?? (mode === 'single' ? 1 : common.nodes),
    partitionHandling: entry['partition-handling'] ?? common.partitionHandling,
    policies: ha === null ? given : withMirrors(given, ha),
    operatorPolicies: [...common.policies.operatorPolicies, ...own.operatorPolicies],
  }
}

/** A mode by its name alone, or null: what --variant may add to a file's own. */
export function namedVariant(word: string, common: Common): Variant | null {
  if (!modePattern.test(word)) return null
  return variantOf(bare(word), common, (_, complaint) => {
    throw new RangeError(complaint)
  })
}

const sortOf = (mode: string) => (mode === 'single' || mode === 'ordinary' ? mode : 'mirrored')

function readText(file: string, { readFile }: Common, refuse: Refuse): string {
  try {
    return readFile(file)
  } catch (error) {
    return refuse(['policy-file'], `cannot read ${file} (${(error as Error).message})`)
  }
}

/** The keys of a mirrored mode; null for the others. */
function mirroring(mode: string, entry: Described): Definition | null {
  if (sortOf(mode) !== 'mirrored') return null
  const exactly = /^mirrored-exactly-(\d)$/.exec(mode)?.[1]
  const { sync, 'promote-on-shutdown': shutdown, 'promote-on-failure': failure } = entry
  return {
    ...(exactly !== undefined && { 'ha-mode': 'exactly', 'ha-params': Number(exactly) }),
    ...(mode === 'mirrored-all' && { 'ha-mode': 'all' }),
    ...(mode === 'mirrored-nodes' && { 'ha-mode': 'nodes', 'ha-params': entry.on.map(nodeName) }),
    'ha-sync-mode': sync ?? 'automatic',
    ...(shutdown !== null && { 'ha-promote-on-shutdown': shutdown }),
    ...(failure !== null && { 'ha-promote-on-failure': failure }),
  }
}

/** Only one policy applies to a queue: those for queues get the mirrors too, and a last one is for all other queues. */
function withMirrors(given: readonly Policy[], ha: Definition): Policy[] {
  const mirrored = given.map((policy) =>
    policy.applyTo === 'exchanges' || 'ha-mode' in policy.definition
      ? policy
      : { ...policy, definition: { ...policy.definition, ...ha } },
  )
  const priority = Math.min(0, ...given.map((policy) => policy.priority)) - 1
  const last: Policy = {
    vhost: '/',
    name: 'warren-mirrors',
    pattern: '',
    applyTo: 'queues',
    priority,
    definition: ha,
  }
  return [...mirrored, last]
}

/** How policies call a node, whatever its target does. */
export const nodeName = (number: NodeNumber) => `rabbit@node${number}`
