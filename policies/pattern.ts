/**
 * The patterns of policies and permissions. RabbitMQ's are PCRE over bytes; these are read and matched by the files beside
 * this one, in a time that no pattern can stretch. Called when a pattern is validated and for every match. It must never
 * accept a pattern and read it as something else: what is not emulated is refused in one sentence that names it.
 */
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

  constructor(pattern: string) {
    const bytes = Buffer.from(pattern)
    this.machine = assemble(parsePattern(bytes), bytes.length)
  }

  /** Does it match anywhere in `name`? */
  test(name: string): boolean {
    const known = this.answers.get(name)
    if (known !== undefined) return known
    const answer = matches(this.machine, Buffer.from(name))
    if (this.answers.size >= namesKept) this.answers.clear()
    this.answers.set(name, answer)
    return answer
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
