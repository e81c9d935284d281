/**
 * What a pattern says, as a tree: the form between `pattern-parse`, which reads PCRE's syntax, and `pattern-program`,
 * which matches. Types and the one error of patterns; no behaviour.
 */
import { erlangString } from './erlang.ts'
import type { ByteSet } from './pattern-bytes.ts'

/** Places between bytes that an assertion of no width can ask for. */
export type Place =
  | 'start'
  | 'lineStart'
  | 'end'
  | 'endOrNewline'
  | 'lineEnd'
  | 'wordBoundary'
  | 'notWordBoundary'

export type PatternNode =
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly parts: readonly PatternNode[] }
  /** `max` may be Infinity. */
  | {
      readonly kind: 'repeat'
      readonly part: PatternNode
      readonly min: number
      readonly max: number
      readonly lazy: boolean
    }
  | { readonly kind: 'place'; readonly place: Place }
  /** Looks ahead, or behind by the fixed `width` of `part`. */
  | {
      readonly kind: 'look'
      readonly part: PatternNode
      readonly width: number
      readonly negative: boolean
    }
  /** Matches in one way only, the first: `(?>…)` and possessive quantifiers. */
  | { readonly kind: 'atomic'; readonly part: PatternNode }

/** A pattern that cannot be compiled. `complaint` is in PCRE's words, `at` the offset in bytes. */
export class PatternError extends Error {
  readonly complaint: string
  readonly at: number

  constructor(complaint: string, at: number) {
    super(`${complaint} at ${at}`)
    this.name = 'PatternError'
    this.complaint = complaint
    this.at = at
  }

  /** As Erlang prints it: `{"missing )",1}` (docs/observed.md §1.2). */
  get term(): string {
    return `{${erlangString(this.complaint)},${this.at}}`
  }
}
