// The faults of a comparison: what is done to which node at which time of the work. `run` carries them out; they are drawn
// before the run from a random stream of their own, so that every variant meets the same ones.

import type { Clock } from './line.ts'

export interface Fault {
  /** After the first publish, in virtual ms. */
  readonly atMs: number
  readonly do: 'kill' | 'stop' | 'start'
  readonly node: string
}

/** Whoever can be harmed: a target. */
export interface Victim {
  /** As SIGKILL: sockets reset, what is not on the disk is gone. */
  kill(node: string): void
  /** A clean stop. */
  stop(node: string): void
  start(node: string): void
}

/** What happens to the queue's owner: nothing, or SIGKILL half way through the work and a start some seconds later. */
export const scenarios = ['no-fault', 'owner-killed'] as const
export type Scenario = (typeof scenarios)[number]

/** From the kill to the order to start again, in ms; the start itself takes some seconds more. */
export const downMs = 10_000
/** The kill falls by chance within so many ms after the half, so that seeds hit different moments of a message's life. */
const jitterMs = 20

/** The faults of `scenario` for a queue led by `owner` and work that lasts `durationMs`. */
export function faultsOf(scenario: Scenario, owner: string, durationMs: number, clock: Clock): Fault[] {
  if (scenario === 'no-fault') return []
  const killedMs = durationMs / 2 + jitterMs * clock.chance('faults')()
  return [
    { atMs: killedMs, do: 'kill', node: owner },
    { atMs: killedMs + downMs, do: 'start', node: owner },
  ]
}

/** Puts `faults` on the clock, counted from now. */
export function schedule(faults: readonly Fault[], victim: Victim, clock: Clock): void {
  for (const { atMs, do: verb, node } of faults) clock.after(atMs, () => victim[verb](node))
}
