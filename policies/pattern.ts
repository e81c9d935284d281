/**
 * Compiles the regular expression of a policy. RabbitMQ uses PCRE; this turns the PCRE spellings that JavaScript
 * lacks into its own where both mean the same, and refuses the rest. Called when a policy is validated and for
 * every match; it must never accept a pattern that JavaScript would silently read as something else.
 */
import { erlangString } from './erlang.ts'

/** A pattern that cannot be compiled. `complaint` is in PCRE's words, `at` the offset in characters. */
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

const CACHE_LIMIT = 1_000
const compiled = new Map<string, RegExp>()

/**
 * The pattern as a RegExp without the `g` flag, so `test` may be called on it at will. It matches anywhere in a
 * name unless it has anchors. Throws PatternError. Compiled patterns are cached.
 */
export function compilePattern(pattern: string): RegExp {
  const known = compiled.get(pattern)
  if (known) return known
  const expression = compile(pattern)
  if (compiled.size >= CACHE_LIMIT) compiled.clear()
  compiled.set(pattern, expression)
  return expression
}

function compile(pattern: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(pattern)
  const start = flags ? flags[0].length : 0
  const source = translate(pattern, start)
  try {
    return new RegExp(source, flags ? [...new Set(flags[1])].join('') : '')
  } catch (error) {
    throw complain(pattern, error instanceof Error ? error.message : String(error))
  }
}

/** Escapes outside a class that JavaScript would take for plain letters. */
const ESCAPES = new Map([
  ['A', '(?<![^])'],
  ['z', '(?![^])'],
  ['Z', '(?=\\n?(?![^]))'],
  ['h', '[ \\t\\xa0]'],
  ['H', '[^ \\t\\xa0]'],
  ['R', '(?:\\r\\n|[\\n\\v\\f\\r\\x85])'],
  ['N', '[^\\n]'],
  ['a', '\\x07'],
  ['e', '\\x1b'],
])
/** Letters whose escape means the same in both. */
const SHARED = /[bBdDfknrsStvwWxc]/

const POSIX = new Map([
  ['alnum', 'a-zA-Z0-9'],
  ['alpha', 'a-zA-Z'],
  ['blank', ' \\t'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['digit', '0-9'],
  ['graph', '!-~'],
  ['lower', 'a-z'],
  ['print', ' -~'],
  ['punct', '!-\\/:-@\\[-`{-~'],
  ['space', '\\s'],
  ['upper', 'A-Z'],
  ['word', '\\w'],
  ['xdigit', '0-9a-fA-F'],
])

function translate(pattern: string, start: number): string {
  let source = ''
  let at = start
  while (at < pattern.length) {
    const [piece, next] = translatePiece(pattern, at)
    source += piece
    at = next
  }
  return source
}

/** One token from `at` on: its JavaScript spelling and where the next one starts. */
function translatePiece(pattern: string, at: number): [string, number] {
  const character = pattern[at] as string
  if (character === '\\') return translateEscape(pattern, at)
  if (character === '[') return translateClass(pattern, at)
  if (pattern.startsWith('(?P<', at)) return ['(?<', at + 4]
  if (pattern.startsWith('(?#', at)) {
    const end = pattern.indexOf(')', at)
    if (end < 0) throw new PatternError('missing ) after comment', pattern.length)
    return ['', end + 1]
  }
  return [character, at + 1]
}

function translateEscape(pattern: string, at: number): [string, number] {
  const letter = pattern[at + 1]
  if (letter === undefined) throw new PatternError('\\ at end of pattern', at + 1)
  if (letter === 'Q') {
    const found = pattern.indexOf('\\E', at + 2)
    const end = found < 0 ? pattern.length : found
    const literal = pattern.slice(at + 2, end).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    return [literal, found < 0 ? end : end + 2]
  }
  if (letter === 'E') return ['', at + 2]
  const code = /^x\{([0-9a-fA-F]{1,4})\}/.exec(pattern.slice(at + 1, at + 8))
  if (code) return [`\\u${(code[1] as string).padStart(4, '0')}`, at + 1 + code[0].length]
  if (/^(x\{|k[^<])/.test(pattern.slice(at + 1, at + 3))) {
    throw new PatternError(`\\${letter} is not supported in this form`, at + 2)
  }
  const other = ESCAPES.get(letter)
  if (other !== undefined) return [other, at + 2]
  if (/[a-zA-Z]/.test(letter) && !SHARED.test(letter)) {
    throw new PatternError(`\\${letter} is not supported`, at + 2)
  }
  return [`\\${letter}`, at + 2]
}

function translateClass(pattern: string, start: number): [string, number] {
  let source = '['
  let at = start + 1
  if (pattern[at] === '^') source += pattern[at++]
  // In PCRE a bracket right after the opening one is a member; JavaScript would end the class there.
  if (pattern[at] === ']') {
    source += '\\]'
    at++
  }
  while (pattern[at] !== ']') {
    const character = pattern[at]
    if (character === undefined) throw new PatternError('missing terminating ] for character class', at)
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(pattern.slice(at))
    if (posix) {
      const members = POSIX.get(posix[2] as string)
      if (members === undefined || posix[1]) throw new PatternError('unknown POSIX class name', at)
      source += members
      at += posix[0].length
    } else if (character === '\\') {
      const [piece, next] = classEscape(pattern, at)
      source += piece
      at = next
    } else {
      source += character
      at++
    }
  }
  return [`${source}]`, at + 1]
}

function classEscape(pattern: string, at: number): [string, number] {
  const letter = pattern[at + 1]
  if (letter === undefined) throw new PatternError('\\ at end of pattern', at + 1)
  if (letter === 'h') return [' \\t\\xa0', at + 2]
  if (letter === 'a' || letter === 'e') return [letter === 'a' ? '\\x07' : '\\x1b', at + 2]
  if (pattern.startsWith('x{', at + 1) || (/[a-zA-Z]/.test(letter) && !/[bdDfnrsStvwWxc]/.test(letter))) {
    throw new PatternError(`\\${letter} is not supported in a character class`, at + 2)
  }
  return [`\\${letter}`, at + 2]
}

/** JavaScript's complaint, in PCRE's words. Offsets are exact for groups, else the end of the pattern. */
function complain(pattern: string, message: string): PatternError {
  if (/Unterminated group/.test(message)) return new PatternError('missing )', pattern.length)
  if (/Unmatched '\)'/.test(message)) return new PatternError('unmatched parentheses', unmatchedAt(pattern))
  if (/Nothing to repeat/.test(message)) return new PatternError('nothing to repeat', repeatAt(pattern))
  if (/numbers out of order/.test(message)) {
    return new PatternError('numbers out of order in {} quantifier', pattern.length)
  }
  if (/Range out of order/.test(message)) {
    return new PatternError('range out of order in character class', pattern.length)
  }
  if (/Invalid group/.test(message)) {
    return new PatternError('unrecognized character after (? or (?-', Math.max(pattern.indexOf('(?'), 0) + 2)
  }
  return new PatternError(message.replace(/^.*: /, '').toLowerCase(), pattern.length)
}

function unmatchedAt(pattern: string): number {
  let depth = 0
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === '(') depth++
    else if (pattern[at] === ')' && --depth < 0) return at
  }
  return pattern.length
}

function repeatAt(pattern: string): number {
  const found = /(?:^|[(|]|[*+?}][*+?])[*+?]/.exec(pattern.replace(/\\./g, '__'))
  return found ? found.index + found[0].length - 1 : pattern.length
}
