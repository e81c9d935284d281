/**
 * Policies in the order in which they are considered, and the search for the one in force when many names are looked up at
 * once: all queues after a change, or those of a preview. The answers are `matchPolicy`'s; nothing is kept of a name.
 */
import { suitsClassic } from './match.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import type { Policy } from './policy.ts'

type Kind = 'queue' | 'exchange'

/** The first that applies wins: by falling priority, then by name (see `matchPolicy`). */
export function inOrder(policies: Iterable<Policy>): Policy[] {
  return [...policies].sort(
    (a, b) => b.priority - a.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
}

/** Finds the policy in force for objects of one kind. `policies` are as they were when this was made. */
export class Finder {
  private readonly candidates = new Map<string, { policy: Policy; pattern: Pattern }[]>()

  constructor(policies: Iterable<Policy>, kind: Kind) {
    for (const policy of inOrder(policies)) {
      if (policy.applyTo !== 'all' && policy.applyTo !== `${kind}s`) continue
      if (kind === 'queue' && !suitsClassic(policy.definition)) continue
      const of = this.candidates.get(policy.vhost) ?? []
      of.push({ policy, pattern: compilePattern(policy.pattern) })
      this.candidates.set(policy.vhost, of)
    }
  }

  /** The policy in force for each of these names, null where there is none. */
  findAll(vhost: string, names: readonly string[]): (Policy | null)[] {
    const found = new Array<Policy | null>(names.length).fill(null)
    const bytes = Buffer.from(names.join(''))
    const starts = offsets(names)
    // Names for which no policy has been found yet; the first `count` of these.
    const open = Int32Array.from(names.keys())
    let count = open.length
    // One policy after the other, so that what matching it needs stays at hand.
    for (const { policy, pattern } of this.candidates.get(vhost) ?? []) {
      let left = 0
      for (let i = 0; i < count; i++) {
        const index = open[i]!
        if (pattern.testBytes(bytes, starts[index]!, starts[index + 1]!)) found[index] = policy
        else open[left++] = index
      }
      count = left
    }
    return found
  }
}

/** Where each name begins in the bytes of all, and where the last one ends. */
function offsets(names: readonly string[]): Int32Array {
  const starts = new Int32Array(names.length + 1)
  for (const [i, name] of names.entries()) starts[i + 1] = starts[i]! + Buffer.byteLength(name)
  return starts
}
