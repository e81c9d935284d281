/**
 * Reads a pattern in PCRE's syntax, as Erlang's `re` of RabbitMQ 3.10 takes it, into a tree. Called once per pattern; the
 * complaints and their offsets are PCRE's (docs/observed.md §16.3). What would need more than a set of states (back
 * references, recursion, conditions, verbs, Unicode properties) is refused by name, never read as something else.
 */
import { anyByte, foldCase, notNewline, single } from './pattern-bytes.ts'
import { ClassReader } from './pattern-class.ts'
import { readEscape } from './pattern-escape.ts'
import { PatternError, type PatternNode } from './pattern-syntax.ts'

/** Options that `(?imsxU)` switches; they hold until the end of the group they stand in. */
interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly x: boolean
  readonly U: boolean
  readonly J: boolean
}

const none: Flags = { i: false, m: false, s: false, x: false, U: false, J: false }
const deepest = 250

/** Throws PatternError. */
export function parsePattern(bytes: Buffer): PatternNode {
  return new Parser(bytes).whole()
}

class Parser {
  private readonly text: string
  private at = 0
  private depth = 0
  private flags: Flags = none
  private readonly names = new Set<string>()
  /** The first lookbehind of no fixed width: complained of when nothing else is wrong. */
  private varying: PatternError | null = null

  constructor(bytes: Buffer) {
    // One character per byte: PCRE without UTF mode knows no others.
    this.text = bytes.toString('latin1')
  }

  whole(): PatternNode {
    const node = this.choice()
    if (this.at < this.text.length) throw new PatternError('unmatched parentheses', this.at)
    if (this.varying !== null) throw this.varying
    return node
  }

  /** Alternatives, up to a closing parenthesis or the end. */
  private choice(): PatternNode {
    if (++this.depth > deepest) throw new PatternError('parentheses are too deeply nested', this.at)
    const outer = this.flags
    const parts = [this.sequence()]
    while (this.text[this.at] === '|') {
      this.at++
      parts.push(this.sequence())
    }
    this.flags = outer
    this.depth--
    return parts.length === 1 ? parts[0]! : { kind: 'choice', parts }
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = []
    // Whether a quantifier may follow: not after an anchor, another quantifier or at the beginning.
    let repeatable = false
    while (this.at < this.text.length) {
      const character = this.text[this.at]!
      if (character === '|' || character === ')') break
      if (this.skipped(character)) continue
      const bounds = this.bounds(character)
      if (bounds !== null) {
        const last = parts.pop()
        if (!repeatable || last === undefined) throw new PatternError('nothing to repeat', bounds.at)
        parts.push(this.repeated(last, bounds.min, bounds.max))
        repeatable = false
        continue
      }
      const before = this.at
      const node = this.item(character)
      if (node === null) {
        // Options leave nothing to repeat; a remark or an empty quotation is not there at all.
        if (this.text[before] === '(') repeatable = false
        continue
      }
      parts.push(...(Array.isArray(node) ? node : [node]))
      repeatable = Array.isArray(node) ? node.length > 0 : node.kind !== 'place'
    }
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts }
  }

  /** Comments, and blanks when `x` is on. */
  private skipped(character: string): boolean {
    if (this.text.startsWith('(?#', this.at)) {
      const end = this.text.indexOf(')', this.at)
      if (end < 0) throw new PatternError('missing ) after comment', this.text.length)
      this.at = end + 1
      return true
    }
    if (!this.flags.x) return false
    if (/[\t-\r ]/.test(character)) this.at++
    else if (character === '#') {
      const end = this.text.indexOf('\n', this.at)
      this.at = end < 0 ? this.text.length : end + 1
    } else return false
    return true
  }

  /** A quantifier here, read; null when there is none. A brace that is no quantifier is a letter. */
  private bounds(character: string): { min: number; max: number; at: number } | null {
    const { at } = this
    const simple = { '*': [0, Number.POSITIVE_INFINITY], '+': [1, Number.POSITIVE_INFINITY], '?': [0, 1] }[
      character
    ]
    if (simple !== undefined) {
      this.at++
      return { min: simple[0]!, max: simple[1]!, at }
    }
    if (character !== '{') return null
    const found = /^\{(\d+)(,?)(\d*)\}/.exec(this.text.slice(at, at + 64))
    if (found === null || (found[2] === '' && found[3] !== '')) return null
    const end = at + found[0].length - 1
    const min = Number(found[1])
    const max = found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])
    if (min > 65_535 || (max > 65_535 && max !== Number.POSITIVE_INFINITY))
      throw new PatternError('number too big in {} quantifier', end)
    if (max < min) throw new PatternError('numbers out of order in {} quantifier', end)
    this.at = end + 1
    return { min, max, at: end }
  }

  private repeated(part: PatternNode, min: number, max: number): PatternNode {
    const mark = this.text[this.at]
    if (mark === '+' || mark === '?') this.at++
    const lazy = (mark === '?') !== this.flags.U
    if (mark === '+') return { kind: 'atomic', part: { kind: 'repeat', part, min, max, lazy: false } }
    return { kind: 'repeat', part, min, max, lazy }
  }

  /** One item; several for a quoted stretch, null for what leaves no trace. */
  private item(character: string): PatternNode | PatternNode[] | null {
    const { flags, text } = this
    if (character === '(') return this.group()
    if (character === '[') {
      const reader = new ClassReader(text, this.at, flags.i)
      const set = reader.read()
      this.at = reader.at
      return { kind: 'set', set }
    }
    if (character === '\\') return this.escape()
    this.at++
    if (character === '^') return { kind: 'place', place: flags.m ? 'lineStart' : 'start' }
    if (character === '$') return { kind: 'place', place: flags.m ? 'lineEnd' : 'endOrNewline' }
    if (character === '.') return { kind: 'set', set: flags.s ? anyByte : notNewline }
    return this.literal(character)
  }

  private literal(character: string): PatternNode {
    const set = single(character.charCodeAt(0))
    return { kind: 'set', set: this.flags.i ? foldCase(set) : set }
  }

  private escape(): PatternNode | PatternNode[] | null {
    const { text, at } = this
    if (text[at + 1] === 'Q') {
      const found = text.indexOf('\\E', at + 2)
      const end = found < 0 ? text.length : found
      this.at = found < 0 ? end : end + 2
      const letters = [...text.slice(at + 2, end)].map((letter) => this.literal(letter))
      return letters.length === 0 ? null : letters
    }
    if (text[at + 1] === 'E') {
      this.at += 2
      return null
    }
    const { node, end } = readEscape(text, at)
    this.at = end
    if (typeof node === 'number') return this.literal(String.fromCharCode(node))
    return node
  }

  // ---- groups

  private group(): PatternNode | null {
    const { text, at } = this
    if (/^\(\*[A-Z:]/.test(text.slice(at, at + 3))) {
      const verb = /^\(\*[^)]*\)?/.exec(text.slice(at))![0]
      throw new PatternError(`verbs such as ${verb} are not emulated`, at + 2)
    }
    this.at++
    if (text[this.at] !== '?') return this.closed(this.choice())
    this.at++
    const rest = text.slice(this.at, this.at + 3)
    for (const [opening, make] of openings)
      if (rest.startsWith(opening)) {
        this.at += opening.length
        const made = make(this.choice())
        if (made === null) this.varying ??= new PatternError(notFixed, this.at)
        return this.closed(made ?? { kind: 'sequence', parts: [] })
      }
    if (/^(<|'|P<)/.test(rest)) return this.named()
    this.refuseForeign(rest)
    return this.options()
  }

  private closed(node: PatternNode): PatternNode {
    if (this.text[this.at] !== ')') throw new PatternError('missing )', this.text.length)
    this.at++
    // A group may be repeated whatever is in it, and its alternatives are its own.
    const own = node.kind === 'place' || node.kind === 'choice'
    return own ? { kind: 'sequence', parts: [node] } : node
  }

  private named(): PatternNode {
    const { text } = this
    if (text[this.at] === 'P') this.at++
    const close = text[this.at] === "'" ? "'" : '>'
    this.at++
    const first = text[this.at]
    if (first !== undefined && /\d/.test(first))
      throw new PatternError('group name must start with a non-digit', this.at)
    const name = /^\w*/.exec(text.slice(this.at))![0]
    if (name === '' && text[this.at - 2] !== 'P')
      throw new PatternError(`unrecognized character after (?<`, this.at)
    this.at += name.length
    if (text[this.at] !== close)
      throw new PatternError('syntax error in subpattern name (missing terminator)', this.at)
    if (this.names.has(name) && !this.flags.J)
      throw new PatternError('two named subpatterns have the same name', this.at)
    this.names.add(name)
    this.at++
    return this.closed(this.choice())
  }

  private refuseForeign(rest: string): void {
    const { at } = this
    if (/^P?[>&=]|^R|^[+-]?\d/.test(rest))
      throw new PatternError(
        rest.startsWith('P=')
          ? 'back references such as (?P=name) are not emulated'
          : 'recursion and calls of groups such as (?R) are not emulated',
        at,
      )
    if (rest.startsWith('(')) throw new PatternError('conditions such as (?(1)a|b) are not emulated', at)
    if (rest.startsWith('C')) throw new PatternError('callouts such as (?C) are not emulated', at)
    if (rest.startsWith('P')) throw new PatternError('unrecognized character after (?P', at + 1)
  }

  /** `(?i)` for the rest of the group around it, `(?i:…)` for a group of its own. */
  private options(): PatternNode | null {
    const next: Record<string, boolean> = { ...this.flags }
    let on = true
    for (; ; this.at++) {
      const letter = this.text[this.at]
      if (letter === '-') on = false
      else if (letter !== undefined && Object.hasOwn(next, letter)) next[letter] = on
      else if (letter === ')') {
        this.at++
        this.flags = next as unknown as Flags
        return null
      } else if (letter === ':') {
        this.at++
        const outer = this.flags
        this.flags = next as unknown as Flags
        const node = this.choice()
        this.flags = outer
        return this.closed(node)
      } else throw new PatternError('unrecognized character after (? or (?-', this.at)
    }
  }
}

const notFixed = 'lookbehind assertion is not fixed length'

/** Makes the node of a group; null when it may not be as it is. */
type Opening = (part: PatternNode) => PatternNode | null

const ahead =
  (negative: boolean): Opening =>
  (part) => ({ kind: 'look', part, width: 0, negative })

/** Each alternative has a width of its own, which must be fixed. */
const behind =
  (negative: boolean): Opening =>
  (part) => {
    const looks: PatternNode[] = []
    for (const alternative of part.kind === 'choice' ? part.parts : [part]) {
      const width = widthOf(alternative)
      if (width === null) return null
      looks.push({ kind: 'look', part: alternative, width, negative })
    }
    if (looks.length === 1) return looks[0]!
    return negative ? { kind: 'sequence', parts: looks } : { kind: 'choice', parts: looks }
  }

const openings: readonly (readonly [string, Opening])[] = [
  [':', (part) => part],
  ['|', (part) => part],
  ['>', (part) => ({ kind: 'atomic', part })],
  ['=', ahead(false)],
  ['!', ahead(true)],
  ['<=', behind(false)],
  ['<!', behind(true)],
]

/** How many bytes a node always takes; null when that varies. */
function widthOf(node: PatternNode): number | null {
  if (node.kind === 'set') return 1
  if (node.kind === 'place' || node.kind === 'look') return 0
  if (node.kind === 'atomic') return widthOf(node.part)
  if (node.kind === 'repeat') {
    const width = widthOf(node.part)
    return width === null || node.min !== node.max ? null : width * node.min
  }
  const widths = node.parts.map(widthOf)
  if (node.kind === 'choice') return widths.every((width) => width === widths[0]) ? widths[0]! : null
  return widths.reduce((sum, width) => (sum === null || width === null ? null : sum + width), 0)
}
