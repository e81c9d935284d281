/**
 * What a backslash and what follows it mean in a pattern, outside a class and for single bytes also within one. Called by
 * the two readers of pattern syntax; complaints and offsets are PCRE's.
 */
import { anyByte, escapeSets, negated, notNewline, single } from './pattern-bytes.ts'
import { PatternError, type PatternNode } from './pattern-syntax.ts'

export interface Escape {
  /** A number is the byte it stands for, to which the case option applies; null: nothing. */
  readonly node: PatternNode | number | null
  /** Where the text goes on. */
  readonly end: number
}

const controls: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }

const places: Readonly<Record<string, PatternNode>> = {
  A: { kind: 'place', place: 'start' },
  // All matching begins at the first byte.
  G: { kind: 'place', place: 'start' },
  z: { kind: 'place', place: 'end' },
  Z: { kind: 'place', place: 'endOrNewline' },
  b: { kind: 'place', place: 'wordBoundary' },
  B: { kind: 'place', place: 'notWordBoundary' },
}

/** \R: a line end, taken whole. */
const lineEnd: PatternNode = {
  kind: 'atomic',
  part: {
    kind: 'choice',
    parts: [
      {
        kind: 'sequence',
        parts: [
          { kind: 'set', set: single(13) },
          { kind: 'set', set: single(10) },
        ],
      },
      { kind: 'set', set: escapeSets.get('v')! },
    ],
  },
}

/** The escape whose backslash is at `at`, outside a class; \Q and \E are the caller's. */
export function readEscape(text: string, at: number): Escape {
  const letter = text[at + 1]
  const end = at + 2
  if (letter === undefined) throw new PatternError('\\ at end of pattern', at + 1)
  const set = setOf(letter)
  if (set !== null) return { node: { kind: 'set', set }, end }
  const place = places[letter]
  if (place !== undefined) return { node: place, end }
  if (letter === 'R') return { node: lineEnd, end }
  if (letter === 'N' && !/^\{(?!\d+(,\d*)?\})/.test(text.slice(end, end + 20)))
    return { node: { kind: 'set', set: notNewline }, end }
  if (letter === 'C') return { node: { kind: 'set', set: anyByte }, end }
  // Where a match begins is nobody's concern here.
  if (letter === 'K') return { node: null, end }
  refuseForeign(letter, at)
  if (/[1-7]/.test(letter) && !/^[0-7]{2}/.test(text.slice(at + 1, at + 3))) throw backReference(text, at)
  return byteEscape(text, at)
}

/** The set of \d, \W and the like; null for any other letter. */
export function setOf(letter: string): Uint8Array | null {
  const set = escapeSets.get(letter.toLowerCase())
  if (set === undefined) return null
  return letter === letter.toLowerCase() ? set : negated(set)
}

function refuseForeign(letter: string, at: number): void {
  if (letter === 'p' || letter === 'P' || letter === 'X')
    throw new PatternError(`Unicode properties such as \\${letter} are not emulated`, at + 1)
  if (letter === 'g' || letter === 'k')
    throw new PatternError(`back references such as \\${letter} are not emulated`, at + 1)
}

const backReference = (text: string, at: number) =>
  new PatternError(`back references such as \\${text[at + 1]} are not emulated`, at + 1)

/** An escape that stands for one byte. Throws for what PCRE refuses. */
export function byteEscape(text: string, at: number): { readonly node: number; readonly end: number } {
  const letter = text[at + 1]!
  const control = controls[letter]
  if (control !== undefined) return { node: control, end: at + 2 }
  if (/[0-7]/.test(letter)) {
    const digits = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))![0]
    return { node: Number.parseInt(digits, 8) & 0xff, end: at + 1 + digits.length }
  }
  if (letter === 'x') return hexadecimal(text, at)
  if (letter === 'o') {
    if (text[at + 2] !== '{') throw new PatternError('missing opening brace after \\o', at + 1)
    return braced(text, at, 8)
  }
  if (letter === 'c') {
    const named = text[at + 2]
    if (named === undefined) throw new PatternError('\\c at end of pattern', at + 2)
    return { node: (named.toUpperCase().charCodeAt(0) & 0xff) ^ 0x40, end: at + 3 }
  }
  if (/[uUlLN]/.test(letter))
    throw new PatternError('PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u', at + 1)
  return { node: letter.charCodeAt(0), end: at + 2 }
}

function hexadecimal(text: string, at: number): { readonly node: number; readonly end: number } {
  if (text[at + 2] === '{') return braced(text, at, 16)
  const digits = /^[0-9a-fA-F]{0,2}/.exec(text.slice(at + 2, at + 4))![0]
  return { node: digits === '' ? 0 : Number.parseInt(digits, 16), end: at + 2 + digits.length }
}

function braced(text: string, at: number, base: 8 | 16): { readonly node: number; readonly end: number } {
  const digits = (base === 16 ? /^[0-9a-fA-F]*/ : /^[0-7]*/).exec(text.slice(at + 3))![0]
  const close = at + 3 + digits.length
  if (text[close] !== '}' || digits === '')
    throw new PatternError(
      base === 16
        ? 'non-hex character in \\x{} (closing brace missing?)'
        : 'non-octal character in \\o{} (closing brace missing?)',
      close,
    )
  const value = Number.parseInt(digits, base)
  if (value > 0xff) throw new PatternError('character value in \\x{} or \\o{} is too large', close)
  return { node: value, end: close + 1 }
}
