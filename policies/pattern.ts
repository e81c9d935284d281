/**
 * The patterns of policies and permissions. RabbitMQ's are PCRE over bytes; these are read and matched by the files beside
 * this one, in a time that no pattern can stretch. Called when a pattern is validated and for every match. It must never
 * accept a pattern and read it as something else: what is not emulated is refused in one sentence that names it.
 */
import { Automaton } from './pattern-automaton.ts'
import { parsePattern } from './pattern-parse.ts'
import { assemble, type Machine, matches } from './pattern-program.ts'

export { PatternError } from './pattern-syntax.ts'

const patternsKept = 1_000
const namesKept = 200
const compiled = new Map<string, Pattern>()

/** A compiled pattern, which remembers its latest answers. */
export class Pattern {
  private readonly machine: Machine
  private readonly answers = new Map<string, boolean>()
  /** Undefined until it is needed. */
  private automaton: Automaton | null | undefined

  constructor(pattern: string) {
    const bytes = Buffer.from(pattern)
    this.machine = assemble(parsePattern(bytes), bytes.length)
  }

  /** Does it match anywhere in `name`? */
  test(name: string): boolean {
    const known = this.answers.get(name)
    if (known !== undefined) return known
    const answer = this.testBytes(Buffer.from(name))
    if (this.answers.size >= namesKept) this.answers.clear()
    this.answers.set(name, answer)
    return answer
  }

  /** The same for the name that is these bytes, in UTF-8; no answer is remembered. For many names in a row. */
  testBytes(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    if (this.automaton === undefined) this.automaton = Automaton.of(this.machine)
    return this.automaton?.test(bytes, start, end) ?? matches(this.machine, bytes.subarray(start, end))
  }
}

/** The compiled pattern; it matches anywhere in a name unless it has anchors. Throws PatternError. */
export function compilePattern(pattern: string): Pattern {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const made = new Pattern(pattern)
  if (compiled.size >= patternsKept) compiled.clear()
  compiled.set(pattern, made)
  return made
}
