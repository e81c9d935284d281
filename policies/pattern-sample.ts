/**
 * Names that a pattern matches, made from the pattern itself: for lint, when nobody knows which objects there will be. A
 * sample has been tried on the pattern, so it never claims too much; of a pattern that looks around itself there may be none.
 */
import { compilePattern } from './pattern.ts'
import { parsePattern } from './pattern-parse.ts'
import type { PatternNode } from './pattern-syntax.ts'

const samplesKept = 8
const likely = 'abcdefghijklmnopqrstuvwxyz0123456789.-_ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const longest = 255

/** Up to eight names that match, the simplest first. The pattern must be valid. */
export function samples(pattern: string): string[] {
  const compiled = compilePattern(pattern)
  const made = namesOf(treeOf(pattern)).filter((name) => Buffer.byteLength(name) <= longest)
  return [...new Set(made)].filter((name) => compiled.test(name))
}

/** Names of every sort. A pattern that matches all of them is taken to match any. */
const anything = [
  ...likely,
  ...[' ', '#', '/', ':', '@', '~', '\u00e9', '\u65e5'],
  ...['amq.topic', 'amq.gen-x1', 'orders', 'orders.eu.1', 'A b', 'x'.repeat(longest)],
]

/** Whether the pattern matches every name, as `.*`, `^` and the empty pattern do. */
export function matchesAnything(pattern: string): boolean {
  const compiled = compilePattern(pattern)
  return anything.every((name) => compiled.test(name))
}

/** Whether every way to match begins at the first character: each alternative has a `^` of its own. */
export function isAnchored(pattern: string): boolean {
  return beginsAtStart(treeOf(pattern))
}

function beginsAtStart(node: PatternNode): boolean {
  switch (node.kind) {
    case 'place':
      return node.place === 'start' || node.place === 'lineStart'
    case 'choice':
      return node.parts.every(beginsAtStart)
    case 'sequence': {
      const first = node.parts.find((part) => part.kind !== 'look')
      return first !== undefined && beginsAtStart(first)
    }
    case 'repeat':
      return node.min > 0 && beginsAtStart(node.part)
    case 'atomic':
      return beginsAtStart(node.part)
    default:
      return false
  }
}

const treeOf = (pattern: string) => parsePattern(Buffer.from(pattern))

function namesOf(node: PatternNode): string[] {
  switch (node.kind) {
    case 'set': {
      const byte = [...likely].find((letter) => node.set[letter.charCodeAt(0)] === 1)
      return byte === undefined ? [' '] : [byte]
    }
    case 'choice':
      return node.parts.flatMap(namesOf).slice(0, samplesKept)
    case 'repeat':
      return namesOf(node.part).map((name) => name.repeat(Math.min(node.min, longest)))
    case 'atomic':
      return namesOf(node.part)
    case 'sequence':
      return node.parts.reduce<string[]>(
        (before, part) => {
          const next = namesOf(part)
          return before.flatMap((name) => next.map((more) => name + more)).slice(0, samplesKept)
        },
        [''],
      )
    default:
      return ['']
  }
}
