// How fast: values that change by the clock, and the allowance that a rate gives. Producers ask it how many messages are
// due, consumers how many they may deal with. It reads no clock and sets no timer.

/** A value and for how many seconds it holds. */
export interface Phase {
  readonly value: number
  readonly seconds: number
}

/** The value at a time in seconds since the start: each phase in turn, then from the first again. */
export function valueAt(phases: readonly Phase[], seconds: number): number {
  const [only] = phases
  if (only === undefined) throw new RangeError('no phases')
  if (phases.length === 1) return only.value
  const round = phases.reduce((sum, phase) => sum + phase.seconds, 0)
  let at = seconds % round
  for (const { value, seconds: lasts } of phases) {
    if (at < lasts) return value
    at -= lasts
  }
  return only.value
}

/** What never changes. */
export const always = (value: number): readonly Phase[] => [{ value, seconds: Number.POSITIVE_INFINITY }]

/** A rate per second, infinite for no limit, at a time in seconds since the start. */
export type Rate = (seconds: number) => number

/** The allowance of one producer or consumer. Times are seconds since the start of the run and never go back. */
export class Pace {
  readonly #rate: Rate
  /** For how long an allowance that is not used adds up. */
  readonly #keepSeconds: number
  #credit: number
  #at = 0

  /** @param credit 0 to 1: how much of the first one is due at the start, so that many producers do not fall into step. */
  constructor(rate: Rate, keepSeconds: number, credit = 0) {
    this.#rate = rate
    this.#keepSeconds = keepSeconds
    this.#credit = credit
  }

  /** How many are due now; infinity without a limit. */
  due(seconds: number): number {
    const rate = this.#rate(seconds)
    if (rate === Number.POSITIVE_INFINITY) return rate
    const most = Math.max(1, rate * this.#keepSeconds)
    this.#credit = Math.min(most, this.#credit + rate * Math.max(0, seconds - this.#at))
    this.#at = seconds
    return Math.floor(this.#credit + 1e-9)
  }

  /** `count` of those that were due are done. */
  take(count: number): void {
    this.#credit -= count
  }

  /** Milliseconds until one more is due, from the time `due` was last asked for; a rate of 0 is looked at again soon. */
  get waitMs(): number {
    const rate = this.#rate(this.#at)
    if (rate === Number.POSITIVE_INFINITY) return 0
    if (rate <= 0) return 100
    return Math.min(100, Math.max(0, ((1 - this.#credit) / rate) * 1000))
  }
}
