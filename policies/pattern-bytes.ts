/**
 * Sets of bytes, and the named ones of PCRE as Erlang builds it: without UTF mode a character is a byte, and letters are
 * those of Latin-1 (docs/observed.md §16.3). Used by the parser of patterns only; nothing here knows any syntax.
 */

/** One flag per byte value. */
export type ByteSet = Uint8Array

/** From inclusive ranges. */
export function ranges(...bounds: readonly (readonly [number, number])[]): ByteSet {
  const set = new Uint8Array(256)
  for (const [from, to] of bounds) set.fill(1, from, to + 1)
  return set
}

export const single = (byte: number): ByteSet => ranges([byte, byte])

export const negated = (set: ByteSet): ByteSet => set.map((member) => 1 - member)

/** Adds the members of `other` to `set`. */
export function include(set: ByteSet, other: ByteSet): void {
  for (let byte = 0; byte < 256; byte++) if (other[byte] === 1) set[byte] = 1
}

/** Adds the other case of each letter in `set`. */
export function foldCase(set: ByteSet): ByteSet {
  for (let byte = 0; byte < 256; byte++) if (set[byte] === 1) set[otherCase(byte)] = 1
  return set
}

function otherCase(byte: number): number {
  const isUpper = (b: number) => (b >= 0x41 && b <= 0x5a) || (b >= 0xc0 && b <= 0xde && b !== 0xd7)
  if (isUpper(byte)) return byte + 0x20
  return isUpper(byte - 0x20) ? byte - 0x20 : byte
}

const latinLetters = [
  [0xaa, 0xaa],
  [0xb5, 0xb5],
  [0xba, 0xba],
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0xff],
] as const
const digits = [0x30, 0x39] as const
const [upper, lower] = [[0x41, 0x5a] as const, [0x61, 0x7a] as const]
const word = ranges(digits, upper, [0x5f, 0x5f], lower, ...latinLetters)
const space = ranges([0x09, 0x0d], [0x20, 0x20])

/** Letters of escapes that stand for a set; the capital stands for all other bytes. */
export const escapeSets: ReadonlyMap<string, ByteSet> = new Map([
  ['d', ranges(digits)],
  ['w', word],
  ['s', space],
  ['h', ranges([0x09, 0x09], [0x20, 0x20], [0xa0, 0xa0])],
  ['v', ranges([0x0a, 0x0d], [0x85, 0x85])],
])

export const wordBytes: ByteSet = word
export const anyByte: ByteSet = ranges([0, 255])
export const notNewline: ByteSet = negated(single(0x0a))

/** The classes of `[[:name:]]`. */
export const posixSets: ReadonlyMap<string, ByteSet> = new Map([
  ['alpha', ranges(upper, lower, ...latinLetters)],
  ['lower', ranges(lower, [0xaa, 0xaa], [0xb5, 0xb5], [0xba, 0xba], [0xdf, 0xf6], [0xf8, 0xff])],
  ['upper', ranges(upper, [0xc0, 0xd6], [0xd8, 0xde])],
  ['alnum', ranges(digits, upper, lower, ...latinLetters)],
  ['ascii', ranges([0, 255])],
  ['blank', ranges([0x09, 0x09], [0x20, 0x20])],
  ['cntrl', ranges([0, 0x1f], [0x7f, 0x9f])],
  ['digit', ranges(digits)],
  ['graph', ranges([0x21, 0x7e], [0xa0, 0xff])],
  ['print', ranges([0x20, 0x7e], [0xa0, 0xff])],
  [
    'punct',
    ranges(
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
      [0xa0, 0xa9],
      [0xab, 0xb4],
      [0xb6, 0xb9],
      [0xbb, 0xbf],
      [0xd7, 0xd7],
      [0xf7, 0xf7],
    ),
  ],
  ['space', space],
  ['word', word],
  ['xdigit', ranges(digits, [0x41, 0x46], [0x61, 0x66])],
])
