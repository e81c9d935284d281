/**
 * How deep values of people's files and requests may nest. Whoever has asked here may then walk over them by functions that call
 * themselves, as JSON.stringify does: at some ten thousand levels these fail.
 */

/** As deep as Warren's field tables. */
export const DEEPEST = 128

export function isDeeper(value: unknown, depth = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1))
}
