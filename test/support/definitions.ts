// Definitions as sets: what two exports of definitions.json have in common, whatever order their entries and keys are in.
// Used by the tests of import and export, of Warren and of a real broker.

import { readFileSync } from 'node:fs'

type Entry = Record<string, unknown>

/** Decoded definitions.json. */
export type Definitions = Record<string, Entry[]>

/** What a real RabbitMQ 3.10.8 exported, with every kind of object: over HTTP, of one vhost, and by rabbitmqctl. */
export function recordedText(name: 'cluster' | 'vhost' | 'rabbitmqctl'): string {
  return readFileSync(new URL(`../data/definitions/${name}.json`, import.meta.url), 'utf8')
}

export const recordedDefinitions = (name: Parameters<typeof recordedText>[0] = 'cluster'): Definitions =>
  JSON.parse(recordedText(name))

/** Keys in alphabetical order at every depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** One line for each entry, in alphabetical order; equal for equal sets. */
export function asSets(definitions: Definitions): Record<string, string[] | unknown> {
  return Object.fromEntries(
    Object.entries(definitions).map(([section, entries]) => [
      section,
      Array.isArray(entries) ? entries.map((entry) => JSON.stringify(sorted(entry))).sort() : entries,
    ]),
  )
}

/** Every entry of `wanted` that `found` has not. */
export function lost(wanted: Definitions, found: Definitions): string[] {
  const [ours, theirs] = [asSets(wanted), asSets(found)]
  return Object.entries(ours).flatMap(([section, entries]) => {
    if (!Array.isArray(entries)) return []
    const there = new Set((theirs[section] as string[] | undefined) ?? [])
    return entries.filter((entry) => !there.has(entry)).map((entry) => `${section} ${entry}`)
  })
}
