// A campaign is a row of worlds, each with its own cluster and inputs, all derived from one seed: world 17 of seed 5 is the
// same wherever and whenever it is run. What goes wrong in a world becomes a finding that needs no seed any more.

import { Chance } from './chance.ts'
import { conversation } from './corpus.ts'
import type { Coverage } from './coverage.ts'
import { World } from './drive.ts'
import { withinTime } from './guard.ts'
import type { Finding, Input, Setup } from './input.ts'
import { mutate } from './mutate.ts'

/** Inputs that one cluster meets. */
const inputsPerWorld = 64

/** No world takes a hundredth of this, but on a machine that has much else to do. */
const worldLimitMs = 60_000

export interface WorldPlan {
  readonly setup: Setup
  readonly inputs: readonly Input[]
}

/** What world `number` of campaign `seed` consists of. */
export function planWorld(seed: number, number: number): WorldPlan {
  const chance = new Chance(seed, `world ${number}`)
  const setup: Setup = {
    nodes: chance.weighted([
      [65, 1],
      [8, 2],
      [27, 3],
    ]),
    seed: chance.int(0x7fff_ffff),
    timings: chance.hit(40) ? 'immediate' : 'observed',
    partitionHandling: chance.weighted([
      [6, 'ignore'],
      [2, 'autoheal'],
      [2, 'pause_minority'],
    ]),
  }
  const inputs = Array.from({ length: inputsPerWorld }, () => mutate(conversation(chance, setup), chance))
  return { setup, inputs }
}

export interface WorldOutcome {
  /** Inputs that got past the protocol header. */
  readonly entered: number
  readonly slowestMs: number
  readonly finding: Finding | null
}

/** As `runWorld`, but errors are made without their stacks, which cost much; a world with a finding is run again. */
export function runWorldFast(plan: WorldPlan, coverage: Coverage | null): WorldOutcome {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    const outcome = runWorld(plan, coverage)
    Error.stackTraceLimit = limit
    if (outcome.finding === null) return outcome
    const again = runWorld(plan)
    return again.finding === null ? outcome : again
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** Runs a whole world; what goes wrong comes back as a finding with the inputs up to it. */
export function runWorld({ setup, inputs }: WorldPlan, coverage: Coverage | null = null): WorldOutcome {
  let entered = 0
  let slowestMs = 0
  let at = 0
  try {
    withinTime(worldLimitMs, () => {
      const world = new World(setup, coverage)
      for (; at < inputs.length; at++) {
        const began = performance.now()
        world.run(inputs[at]!)
        entered = world.entered
        slowestMs = Math.max(slowestMs, performance.now() - began)
      }
      world.finish()
    })
    return { entered, slowestMs, finding: null }
  } catch (error) {
    const finding = { ...described(error), setup, inputs: inputs.slice(0, at + 1) }
    return { entered, slowestMs, finding }
  }
}

function described(error: unknown): { what: string; stack: string } {
  if (!(error instanceof Error)) return { what: String(error), stack: '' }
  const frames = (error.stack ?? '').split('\n').slice(1, 7)
  // Only our own files' names: findings are kept, and must read alike on every machine.
  const stack = frames
    .map((line) => line.trim().replace(/\(?(?:file:\/\/)?\/.*\/([^/)]+)\)?$/, '$1'))
    .join('\n')
  return { what: `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}`, stack }
}

/** Carries out a finding's inputs again: what goes wrong now, or null. */
export function replay(
  { setup, inputs }: Pick<Finding, 'setup' | 'inputs'>,
  limitMs = worldLimitMs,
): string | null {
  try {
    withinTime(limitMs, () => {
      const world = new World(setup)
      for (const input of inputs) world.run(input)
      world.finish()
    })
    return null
  } catch (error) {
    return described(error).what
  }
}
