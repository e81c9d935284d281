// One seed from beginning to end: its world, its history and the judgement of it. Called by threads, replays and tests; it
// prints nothing, and the same seed gives the same outcome.

import { type HistoryEvent, hashOf } from './history.ts'
import { historyInvariants } from './invariants/index.ts'
import { losses } from './invariants/losses.ts'
import { afterAll, atRest } from './invariants/rest.ts'
import { type Plan, planOf } from './plan.ts'
import { World } from './world.ts'

export interface Outcome {
  readonly seed: number
  readonly plan: Plan
  /** One sentence each; none, if all is well. */
  readonly violations: readonly string[]
  readonly hash: string
  /** Methods that clients sent, but for those that open connections. */
  readonly operations: number
  /** Nodes and links lost, and links slowed down. */
  readonly disturbances: number
  readonly cells: Uint32Array
  /** Messages that are gone, by cause. */
  readonly causes: ReadonlyMap<string, number>
  readonly history: readonly HistoryEvent[]
}

export function runSeed(seed: number): Outcome {
  return runPlan(planOf(seed))
}

export function runPlan(plan: Plan): Outcome {
  const violations: string[] = []
  const world = new World(plan)
  try {
    world.work()
    world.calm()
    violations.push(...atRest(world.cluster, world.users).map((what) => `rest: ${what}`))
    const inspectors = world.empty()
    violations.push(...afterAll(world.cluster, inspectors).map((what) => `end: ${what}`))
  } catch (error) {
    violations.push(`thrown: ${(error as Error).stack}`)
  }
  const { history } = world
  const lost = losses(plan, history)
  violations.push(...lost.faults.map((what) => `losses: ${what}`))
  for (const [name, invariant] of Object.entries(historyInvariants))
    violations.push(...invariant(plan, history).map((what) => `${name}: ${what}`))
  return {
    seed: plan.seed,
    plan,
    violations,
    hash: hashOf(history),
    operations: operationsIn(history),
    disturbances: world.disturbances,
    cells: world.cells.counts,
    causes: lost.causes,
    history,
  }
}

function operationsIn(history: readonly HistoryEvent[]): number {
  return history.reduce(
    (count, { what }) => count + (['published', 'settled', 'asked'].includes(what) ? 1 : 0),
    0,
  )
}
