// Schedules of faults as `explore` thinks of them: moves, each with its beginning and perhaps its end (a node that is killed and
// started again, links that are cut and healed). Drawn from a seed, made into the faults of a scenario. Pure.

import { randomStream } from '../../nodes/loop.ts'
import { durationOf } from '../scenario/needs.ts'
import type {
  Condition,
  FaultAction,
  NodeNumber,
  PlannedFault,
  Scenario,
  Trigger,
} from '../scenario/types.ts'

export const moveKinds = ['kill', 'stop', 'cut', 'cut-link', 'freeze', 'silence', 'deafen'] as const
export type MoveKind = (typeof moveKinds)[number]

/** Silent links are noticed after a net tick only, a minute as a rule: they are looked for when asked. */
export const usualKinds: readonly MoveKind[] = ['kill', 'stop', 'cut', 'cut-link', 'freeze']

export interface Move {
  readonly action: FaultAction
  /** What undoes it. */
  readonly end: FaultAction
  /** After the work's beginning, or as soon as a condition holds. */
  readonly begins: { readonly atMs: number } | { readonly when: Condition; readonly delayMs: number }
  /** From its beginning to its end; null: it is undone only when the work is over. */
  readonly lastsMs: number | null
}

export interface Drawing {
  readonly kinds: readonly MoveKind[]
  /** 1 to this many moves. */
  readonly mostMoves: number
}

/** Moves by chance: equal seeds draw equal schedules. Times are within the work and some seconds of its aftermath. */
export function drawMoves(scenario: Scenario, seed: number, { kinds, mostMoves }: Drawing): Move[] {
  const chance = randomStream(seed, 'explore')
  const upTo = (most: number) => Math.floor(chance() * most)
  const one = <T>(of: readonly T[]) => of[upTo(of.length)]!
  const { nodes } = scenario.cluster
  const fitting = kinds.filter(
    (kind) =>
      nodes >= (kind === 'cut-link' ? 3 : kind === 'kill' || kind === 'stop' || kind === 'freeze' ? 1 : 2),
  )
  if (fitting.length === 0) return []
  const horizonMs = durationOf({ ...scenario, faults: [] }) + aftermathMs
  const moves: Move[] = []
  let freeAt = 0
  for (let left = 1 + upTo(mostMoves); left > 0; left--) {
    const lastsMs = chance() < 0.2 ? null : grain(gap(chance), chance)
    const atMs = grain(chance() < 0.6 ? freeAt + gap(chance) : chance() * horizonMs, chance)
    const begins =
      chance() < 0.2
        ? {
            when: condition(scenario, one(['synchronising', 'promoted'] as const), chance),
            delayMs: chance() < 0.5 ? 0 : grain(200 * chance(), chance),
          }
        : { atMs }
    moves.push({ ...actionOf(one(fitting), nodes, upTo), begins, lastsMs })
    freeAt = Math.min(horizonMs, atMs + (lastsMs ?? 0))
  }
  return moves
}

/** A node that starts again needs some seconds, and what happens then is of interest too. */
const aftermathMs = 10_000

/** 50 ms to 20 s, short ones as often as long ones. */
const gap = (chance: () => number) => 50 * 400 ** chance()

/** Half of all times are round, the others hit any millisecond of a message's life. */
function grain(ms: number, chance: () => number): number {
  const step = chance() < 0.5 ? 100 : 1
  return Math.round(ms / step) * step
}

function condition(
  { topology }: Scenario,
  is: 'synchronising' | 'promoted',
  chance: () => number,
): Condition {
  return { is, queue: topology.queues[Math.floor(chance() * topology.queues.length)]!.name }
}

function actionOf(
  kind: MoveKind,
  nodes: number,
  upTo: (most: number) => number,
): Pick<Move, 'action' | 'end'> {
  const node: NodeNumber = 1 + upTo(nodes)
  const other = 1 + ((node + upTo(nodes - 1)) % nodes)
  switch (kind) {
    case 'kill':
    case 'stop':
      return { action: { do: kind, node }, end: { do: 'start', node } }
    case 'freeze':
      return { action: { do: 'freeze', node }, end: { do: 'thaw', node } }
    case 'cut':
    case 'silence':
      // All nodes that are not named are the other side.
      return { action: { do: kind, groups: [side(nodes, upTo)] }, end: { do: 'heal' } }
    case 'cut-link':
      return { action: { do: kind, between: [node, other] }, end: { do: 'heal' } }
    case 'deafen':
      return { action: { do: kind, node, to: [other] }, end: { do: 'heal' } }
  }
}

/** Some of the nodes, and not all. */
function side(nodes: number, upTo: (most: number) => number): NodeNumber[] {
  const bits = 1 + upTo(2 ** nodes - 2)
  return Array.from({ length: nodes }, (_, i) => i + 1).filter((node) => (bits & (1 << (node - 1))) !== 0)
}

/** The faults of a scenario that carry out the moves, in order of time where it is known. */
export function faultsOf(moves: readonly Move[]): PlannedFault[] {
  const fault = (trigger: Trigger, action: FaultAction): PlannedFault => ({ name: '', trigger, action })
  const timed = moves.flatMap(({ begins, action, end, lastsMs }) => {
    if (!('atMs' in begins)) return []
    const { atMs } = begins
    return [{ atMs, action }, ...(lastsMs === null ? [] : [{ atMs: atMs + lastsMs, action: end }])]
  })
  timed.sort((a, b) => a.atMs - b.atMs)
  const faults = timed.map(({ atMs, action }) => fault({ kind: 'at', atMs }, action))
  for (const { begins, action, end, lastsMs } of moves) {
    if ('atMs' in begins) continue
    const { when, delayMs } = begins
    const index = faults.push(fault({ kind: 'when', condition: when, delayMs }, action)) - 1
    if (lastsMs !== null) faults.push(fault({ kind: 'after', fault: index, delayMs: lastsMs }, end))
  }
  return faults
}
