/**
 * What aliases of a YAML text unfold to: a value may hold itself then, nest without end or become as many values as no memory
 * holds. Called by `files-yaml` for texts with aliases, before anybody walks over the value.
 */
import type { Path } from './file-entries.ts'

const mostValues = 1_000_000
/** As the parser has it for what nests without aliases. */
const deepest = 100

/** The first thing that is wrong, and the path to where; null when a walk over the value comes to an end. */
export function aliasFault(document: unknown): { readonly path: Path; readonly complaint: string } | null {
  let values = 0
  const above = new Set<unknown>()
  const walk = (value: unknown, path: Path): { path: Path; complaint: string } | null => {
    if (++values > mostValues)
      return { path, complaint: `aliases make more than ${mostValues} values of this` }
    if (typeof value !== 'object' || value === null) return null
    if (above.has(value)) return { path, complaint: 'this alias stands inside of what it stands for' }
    if (path.length > deepest) return { path, complaint: `aliases make this nest deeper than ${deepest}` }
    above.add(value)
    const inside: Iterable<[string | number, unknown]> = Array.isArray(value)
      ? value.entries()
      : Object.entries(value)
    for (const [key, inner] of inside) {
      const fault = walk(inner, [...path, key])
      if (fault !== null) return fault
    }
    above.delete(value)
    return null
  }
  return walk(document, [])
}
