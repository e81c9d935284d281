/**
 * Matches names against the tree of a pattern. A pattern becomes a small program whose every state is visited at most once
 * per position, and every lookaround is answered at most once per position, so that no pattern can take long: the work is
 * bounded by states × length, or × length² within lookarounds, and the number of states by `largestProgram`. It must never recurse over a name.
 */
import { wordBytes } from './pattern-bytes.ts'
import { PatternError, type PatternNode, type Place } from './pattern-syntax.ts'

/** Nodes that a pattern may unfold to; a name of 255 bytes is then judged in some ten milliseconds. */
const largestProgram = 20_000
/** Those of them in lookarounds and atomic groups, which may be begun at every position. */
const largestNested = 1_000

export type Step =
  | { readonly op: 'byte'; readonly set: Uint8Array }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'place'; readonly place: Place }
  | { readonly op: 'look'; readonly program: Program; readonly width: number; readonly negative: boolean }
  | { readonly op: 'atomic'; readonly program: Program }
  | { readonly op: 'accept' }

interface Program {
  readonly steps: readonly Step[]
  /** Its place in the list of answers of a match. */
  readonly id: number
}

/** A compiled pattern. `programs` counts the main one and those of lookarounds and atomic groups. */
export interface Machine {
  readonly main: Program
  readonly programs: number
}

/** Throws PatternError when the pattern is too large. `length` is the pattern's, for the error. */
export function assemble(tree: PatternNode, length: number): Machine {
  let work = 0
  let nestedWork = 0
  let programs = 0
  const tooLarge = () => new PatternError('regular expression is too large', length)

  const build = (node: PatternNode): Program => {
    const steps: Step[] = []
    const id = programs++
    const before = work
    emit(node, steps)
    if (id > 0) nestedWork += work - before
    if (nestedWork > largestNested) throw tooLarge()
    steps.push({ op: 'accept' })
    return { steps, id }
  }

  const emit = (node: PatternNode, steps: Step[]): void => {
    if (++work > largestProgram) throw tooLarge()
    if (node.kind === 'set') steps.push({ op: 'byte', set: node.set })
    else if (node.kind === 'place') steps.push({ op: 'place', place: node.place })
    else if (node.kind === 'sequence') for (const part of node.parts) emit(part, steps)
    else if (node.kind === 'choice') emitChoice(node.parts, steps)
    else if (node.kind === 'repeat') emitRepeat(node, steps)
    else if (node.kind === 'atomic') steps.push({ op: 'atomic', program: build(node.part) })
    else steps.push({ op: 'look', program: build(node.part), width: node.width, negative: node.negative })
  }

  const emitChoice = (parts: readonly PatternNode[], steps: Step[]): void => {
    const jumps: { to: number }[] = []
    for (const [i, part] of parts.entries()) {
      if (i === parts.length - 1) {
        emit(part, steps)
        continue
      }
      const split = { op: 'split', first: steps.length + 1, second: 0 } as const satisfies Step
      const open: { op: 'split'; first: number; second: number } = { ...split }
      steps.push(open)
      emit(part, steps)
      const jump = { op: 'jump' as const, to: 0 }
      steps.push(jump)
      jumps.push(jump)
      open.second = steps.length
    }
    for (const jump of jumps) jump.to = steps.length
  }

  const emitRepeat = (node: Extract<PatternNode, { kind: 'repeat' }>, steps: Step[]): void => {
    const { part, min, max, lazy } = node
    for (let i = 0; i < min; i++) emit(part, steps)
    const open = () => {
      const step: { op: 'split'; first: number; second: number } = { op: 'split', first: 0, second: 0 }
      if (lazy) step.second = steps.length + 1
      else step.first = steps.length + 1
      steps.push(step)
      return (exit: number) => {
        if (lazy) step.first = exit
        else step.second = exit
      }
    }
    if (max === Number.POSITIVE_INFINITY) {
      const start = steps.length
      const close = open()
      emit(part, steps)
      steps.push({ op: 'jump', to: start })
      close(steps.length)
      return
    }
    const closings: ((exit: number) => void)[] = []
    for (let i = min; i < max; i++) {
      closings.push(open())
      emit(part, steps)
    }
    for (const close of closings) close(steps.length)
  }

  const main = build(tree)
  return { main, programs }
}

/** Does the pattern match anywhere in `name`? */
export function matches(machine: Machine, name: Uint8Array): boolean {
  const match = new Match(machine, name)
  for (let start = 0; start <= name.length; start++) if (match.end(machine.main, start) >= 0) return true
  return false
}

/** Not asked yet. */
const unknown = -2

/** One name against one machine, with what has been found out so far. */
class Match {
  private readonly name: Uint8Array
  private readonly seen: Uint8Array
  private readonly main: Program
  private readonly answers: (Int32Array | undefined)[]

  constructor({ main, programs }: Machine, name: Uint8Array) {
    this.name = name
    this.main = main
    this.answers = new Array(programs)
    this.seen = new Uint8Array(main.steps.length * (name.length + 1))
  }

  /** Where `program`, begun at `start`, ends by its first way; -1 when it does not match. */
  end(program: Program, start: number): number {
    // Only whether the main program matches matters: what one start has tried in vain need not be tried by the next.
    if (program === this.main) return this.run(program, start, this.seen)
    const width = this.name.length + 1
    let answers = this.answers[program.id]
    if (answers === undefined) this.answers[program.id] = answers = new Int32Array(width).fill(unknown)
    if (answers[start] === unknown)
      answers[start] = this.run(program, start, new Uint8Array(program.steps.length * width))
    return answers[start]!
  }

  private run({ steps }: Program, start: number, seen: Uint8Array): number {
    const { name } = this
    const width = name.length + 1
    const waiting = [start]
    for (;;) {
      const state = waiting.pop()
      if (state === undefined) return -1
      let pc = Math.floor(state / width)
      let at = state % width
      for (;;) {
        const index = pc * width + at
        if (seen[index] === 1) break
        seen[index] = 1
        const step = steps[pc]!
        pc++
        if (step.op === 'accept') return at
        if (step.op === 'byte') {
          if (at === name.length || step.set[name[at]!] === 0) break
          at++
        } else if (step.op === 'split') {
          waiting.push(step.second * width + at)
          pc = step.first
        } else if (step.op === 'jump') pc = step.to
        else if (step.op === 'place') {
          if (!this.isAt(step.place, at)) break
        } else if (step.op === 'look') {
          const found = at >= step.width && this.end(step.program, at - step.width) >= 0
          if (found === step.negative) break
        } else {
          at = this.end(step.program, at)
          if (at < 0) break
        }
      }
    }
  }

  private isAt(place: Place, at: number): boolean {
    const { name } = this
    const { length } = name
    switch (place) {
      case 'start':
        return at === 0
      case 'lineStart':
        return at === 0 || (name[at - 1] === 0x0a && at < length)
      case 'end':
        return at === length
      case 'endOrNewline':
        return at === length || (at === length - 1 && name[at] === 0x0a)
      case 'lineEnd':
        return at === length || name[at] === 0x0a
      default: {
        const before = at > 0 && wordBytes[name[at - 1]!] === 1
        const after = at < length && wordBytes[name[at]!] === 1
        return (before !== after) === (place === 'wordBoundary')
      }
    }
  }
}
