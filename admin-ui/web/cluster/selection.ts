// What is looked at on the cluster page: a node, a link or a queue; its details are shown below the map. And the groups that
// a partition is to have, while they are chosen.

import { signal } from '@preact/signals'

export type Selected =
  | { readonly kind: 'node'; readonly name: string }
  /** Both directions. */
  | { readonly kind: 'link'; readonly a: string; readonly b: string }
  | { readonly kind: 'queue'; readonly vhost: string; readonly name: string }

export const selected = signal<Selected | null>(null)

/** Selects it, or nothing when it is selected already. */
export function toggle(what: Selected): void {
  selected.value = JSON.stringify(selected.value) === JSON.stringify(what) ? null : what
}

export const isSelected = (what: Selected): boolean => JSON.stringify(selected.value) === JSON.stringify(what)

/** The group of each node, while a partition is being chosen; else null. */
export const groups = signal<ReadonlyMap<string, number> | null>(null)

export const groupNames = ['A', 'B', 'C', 'D']
export const groupOf = (name: string): number => groups.value?.get(name) ?? 0

/** The groups that have nodes, in order. */
export function chosenGroups(nodes: readonly string[]): string[][] {
  const chosen = groupNames.map((_, group) => nodes.filter((name) => groupOf(name) === group))
  return chosen.filter((group) => group.length > 0)
}
