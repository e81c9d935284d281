/**
 * Reads a class in brackets of a pattern into a set of bytes. Called by `pattern-parse` at an opening bracket; complaints
 * and offsets are PCRE's.
 */
import { type ByteSet, foldCase, include, negated, posixSets } from './pattern-bytes.ts'
import { byteEscape, setOf } from './pattern-escape.ts'
import { PatternError } from './pattern-syntax.ts'

/** One member: a byte, which may begin or end a range, or a set, which may not. */
type ClassMember = number | ByteSet

export class ClassReader {
  /** Where the text goes on after `read`. */
  at: number
  private readonly text: string
  private readonly ignoreCase: boolean
  private quoting = false

  constructor(text: string, at: number, ignoreCase: boolean) {
    this.text = text
    this.at = at
    this.ignoreCase = ignoreCase
  }

  read(): ByteSet {
    const { text } = this
    this.refuseOutside()
    this.at++
    const negative = text[this.at] === '^'
    if (negative) this.at++
    const set = new Uint8Array(256)
    // A bracket right after the opening one is a member.
    for (let first = true; first || !this.atEnd(); first = false) {
      const from = this.member()
      if (from === null) continue
      if (typeof from !== 'number') include(set, from)
      else set.fill(1, from, this.rangeEnd(from) + 1)
    }
    this.at++
    if (this.ignoreCase) foldCase(set)
    return negative ? negated(set) : set
  }

  private atEnd(): boolean {
    if (this.at >= this.text.length) throw this.unterminated()
    return !this.quoting && this.text[this.at] === ']'
  }

  /** The member here, read; null for \Q, \E and the like. */
  private member(): ClassMember | null {
    const { text, at } = this
    const character = text[at]
    if (character === undefined) throw this.unterminated()
    if (text.startsWith('\\E', at) || (!this.quoting && text.startsWith('\\Q', at))) {
      this.quoting = text[at + 1] === 'Q'
      this.at += 2
      return null
    }
    if (!this.quoting && character === '[') {
      const posix = this.posix()
      if (posix !== null) return posix
    }
    if (!this.quoting && character === '\\') return this.escape()
    this.at++
    return character.charCodeAt(0)
  }

  private posix(): ByteSet | null {
    const { text, at } = this
    const found = /^\[([:.=])(\^?)([^\]\\]*?)\1\]/.exec(text.slice(at, at + 64))
    if (found === null) return null
    const [whole, sign, not, name] = found
    if (sign !== ':') throw new PatternError('POSIX collating elements are not supported', at)
    const set = posixSets.get(name!)
    if (set === undefined) throw new PatternError('unknown POSIX class name', at + 2)
    this.at += whole.length
    // The option to ignore case makes both cases one class.
    const folded = this.ignoreCase && (name === 'upper' || name === 'lower') ? posixSets.get('alpha')! : set
    return not === '^' ? negated(folded) : folded
  }

  private escape(): ClassMember {
    const { text, at } = this
    const letter = text[at + 1]
    if (letter === undefined) throw new PatternError('\\ at end of pattern', at + 1)
    const set = setOf(letter)
    if (set !== null) {
      this.at += 2
      return set
    }
    if (letter === 'p' || letter === 'P')
      throw new PatternError(`Unicode properties such as \\${letter} are not emulated`, at + 1)
    if (letter === 'N') throw new PatternError('\\N is not supported in a class', at + 1)
    const { node, end } = letter === 'b' ? { node: 8, end: at + 2 } : byteEscape(text, at)
    this.at = end
    return node
  }

  /** The last byte of the range that `from` begins; `from` itself when it begins none. */
  private rangeEnd(from: number): number {
    const { text } = this
    if (this.quoting || text[this.at] !== '-' || text[this.at + 1] === ']') return from
    const hyphen = this.at
    this.at++
    const start = this.at
    let last = this.member()
    while (last === null) last = this.member()
    if (typeof last !== 'number')
      throw new PatternError('invalid range in character class', text[start] === '\\' ? start + 1 : start)
    if (last < from) throw new PatternError('range out of order in character class', hyphen + 1)
    return last
  }

  /** `[:alpha:]` outside a class is a mistake that PCRE points out. */
  private refuseOutside(): void {
    const found = /^\[([:.=])[^\]\\]*\1\]/.exec(this.text.slice(this.at, this.at + 64))
    if (found !== null)
      throw new PatternError('POSIX named classes are supported only within a class', this.at)
  }

  private unterminated(): PatternError {
    return new PatternError('missing terminating ] for character class', this.text.length)
  }
}
