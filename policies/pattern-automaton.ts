/**
 * The same answers as `pattern-program`, many times faster, for patterns that look neither ahead nor behind: which states a
 * match may be in after a byte is worked out once and remembered. Kept by a `Pattern`; used where thousands of names meet
 * hundreds of policies. It must never answer what it cannot decide: then it says nothing and the program is asked.
 */
import type { Machine, Step } from './pattern-program.ts'

/** Sets of states remembered for one pattern; one that needs more has no automaton any more. */
const mostStates = 64
/** Larger programs are not worth it. */
const mostSteps = 500

/** What ends a line within a name. */
const newline = 0x0a

/** A state is where its row of next states begins, one for each byte. */
const row = 256

/** States that need no look: nothing can match any more, and the pattern has matched whatever follows. */
const dead = 0
const matched = row
const notYet = -1
const tooMany = -2

/** Places that an automaton knows; in a name without a newline both ends are one. */
const places: ReadonlySet<string> = new Set(['start', 'end', 'endOrNewline'])

export class Automaton {
  private readonly steps: readonly Step[]
  /** By state: the steps that wait for a byte or for the end. */
  private readonly waiting: (readonly number[])[] = []
  /** By state: it matches if the name ends there. */
  private readonly atEnd: boolean[] = []
  /** By state and byte: the next state. */
  private next = new Int16Array(4 * row)
  private readonly numbers = new Map<string, number>()
  private readonly first: number

  private constructor(steps: readonly Step[]) {
    this.steps = steps
    this.add([], false)
    this.add([], true)
    this.first = this.stateOf([0], true)
  }

  /** Null when the pattern is none for an automaton. */
  static of({ main: { steps } }: Machine): Automaton | null {
    const fits = steps.every(
      (step) => step.op !== 'look' && step.op !== 'atomic' && (step.op !== 'place' || places.has(step.place)),
    )
    return fits && steps.length <= mostSteps ? new Automaton(steps) : null
  }

  /** Does the pattern match anywhere in the name that is `bytes` from `start` to `end`? Null: it cannot say. */
  test(bytes: Uint8Array, start: number, end: number): boolean | null {
    let state = this.first
    let { next } = this
    for (let i = start; i < end && state > matched; i++) {
      const byte = bytes[i]!
      const from = state
      state = next[from + byte]!
      if (state < 0) {
        if (state === notYet) state = this.follow(from, byte)
        if (state === tooMany) return null
        next = this.next
      }
    }
    return this.atEnd[state / row]!
  }

  /** Where `byte` leads from `state`: what waited for it goes on, and the pattern may begin after it. */
  private follow(state: number, byte: number): number {
    const begun = this.waiting[state / row]!.filter((at) => {
      const step = this.steps[at]!
      return step.op === 'byte' && step.set[byte] === 1
    })
    const next = this.stateOf([...begun.map((at) => at + 1), 0], false)
    this.next[state + byte] = next
    return next
  }

  private stateOf(from: readonly number[], atStart: boolean): number {
    const waiting = this.reach(from, atStart, false)
    if (waiting === null) return matched
    if (waiting.length === 0) return dead
    const name = waiting.join()
    const known = this.numbers.get(name)
    // The first state is one of its own: at the start of a name its end may be reached by other ways.
    if (known !== undefined && !atStart) return known
    if (this.atEnd.length >= mostStates) return tooMany
    if (!atStart) this.numbers.set(name, this.atEnd.length * row)
    return this.add(waiting, this.reach(waiting, atStart, true) === null)
  }

  private add(waiting: readonly number[], atEnd: boolean): number {
    const state = this.atEnd.length * row
    this.waiting.push(waiting)
    this.atEnd.push(atEnd)
    if (state + row > this.next.length) {
      const { next } = this
      this.next = new Int16Array(next.length * 2)
      this.next.set(next)
    }
    this.next.fill(notYet, state, state + row)
    // A line may end there, and the pattern with it: the program knows.
    this.next[state + newline] = tooMany
    return state
  }

  /** The steps that wait when all is done that needs no byte; null: the pattern has matched. */
  private reach(from: readonly number[], atStart: boolean, atEnd: boolean): number[] | null {
    const seen = new Set<number>()
    const open = [...from]
    const waiting: number[] = []
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      const step = this.steps[at]!
      if (step.op === 'accept') return null
      if (step.op === 'jump') open.push(step.to)
      else if (step.op === 'split') open.push(step.first, step.second)
      else if (step.op === 'byte') waiting.push(at)
      else if (step.op === 'place') {
        const here = step.place === 'start' ? atStart : atEnd
        if (here) open.push(at + 1)
        else if (step.place !== 'start') waiting.push(at)
      }
    }
    return waiting.sort((a, b) => a - b)
  }
}
