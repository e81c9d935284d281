// A schedule that breaks an assertion, made as simple as it can be: fewer moves, fewer ends, round times, fewer messages, fewer
// clients, and the seed that `warren compare` takes by itself. Used by `explore`; pure but for the player it is given.

import { type Candidates, least, settled, simplest } from '../least.ts'
import { messagesOf } from '../scenario/run.ts'
import type { Scenario } from '../scenario/types.ts'
import { faultsOf, type Move } from './moves.ts'
import type { Trial } from './trial.ts'

/** Whether a trial still breaks the same assertion. */
export type Shows = (trial: Trial) => Promise<boolean>

/** `shows` is asked at most `mostTrials` times. */
export async function shrink(found: Trial, shows: Shows, mostTrials = 400): Promise<Trial> {
  let left = mostTrials
  const asked: Shows = async (trial) => left-- > 0 && (await shows(trial))
  let best = found
  for (let before = ''; before !== key(best) && left > 0; ) {
    before = key(best)
    for (const simpler of passes) best = await simpler(best, asked)
  }
  return best
}

const key = ({ scenario, moves, seed }: Trial) => JSON.stringify([scenario.workload, moves, seed])

type Pass = (trial: Trial, shows: Shows) => Promise<Trial>

/** A pass that tries other values of one part of a trial. */
const pass =
  <T>(candidates: (trial: Trial) => Candidates<T>, put: (trial: Trial, value: T) => Trial): Pass =>
  async (trial, shows) =>
    put(trial, await settled(candidates(trial), (value) => shows(put(trial, value))))

const putMoves = (trial: Trial, moves: readonly Move[]): Trial => ({ ...trial, moves })

/** Each move in turn by what `simpler` offers. */
const eachMove =
  (simpler: (move: Move) => readonly Move[]): Pass =>
  async (trial, shows) => {
    let best = trial
    for (let i = 0; i < best.moves.length; i++) {
      const at = best
      best = await pass(
        ({ moves }) => simplest(moves[i]!, simpler(moves[i]!)),
        (_, move: Move) => putMoves(at, at.moves.with(i, move)),
      )(at, shows)
    }
    return best
  }

const passes: readonly Pass[] = [
  pass(({ moves }) => least(moves), putMoves),
  eachMove((move) => (move.lastsMs === null ? [] : [{ ...move, lastsMs: null }])),
  pass(
    ({ scenario }) => simplest(scenario, fewerMessages(scenario)),
    (trial, scenario) => ({ ...trial, scenario }),
  ),
  fewerClients,
  eachMove(rounder),
  pass(
    ({ seed }) => simplest(seed, seed === 1 ? [] : [1]),
    (trial, seed) => ({ ...trial, seed }),
  ),
]

/** The same move at rounder times, the roundest first. */
function rounder(move: Move): Move[] {
  const { begins, lastsMs } = move
  const times = 'atMs' in begins ? rounded(begins.atMs).map((atMs) => ({ ...move, begins: { atMs } })) : []
  const delays =
    'when' in begins
      ? rounded(begins.delayMs).map((delayMs) => ({ ...move, begins: { ...begins, delayMs } }))
      : []
  const lengths = lastsMs === null ? [] : rounded(lastsMs).map((shorter) => ({ ...move, lastsMs: shorter }))
  // Both at once first: where a move ends may depend on where it begins.
  const both = times.flatMap((one) => rounded(lastsMs ?? 0).map((shorter) => ({ ...one, lastsMs: shorter })))
  return [...(lastsMs === null ? [] : both.slice(0, 8)), ...times, ...delays, ...lengths]
}

const roundings = [10_000, 5000, 1000, 500, 100, 10]

function rounded(ms: number): number[] {
  const found = roundings.map((step) => Math.round(ms / step) * step)
  // Only what is rounder than it is already.
  const already = roundings.findIndex((step) => ms % step === 0)
  const useful = already < 0 ? found : found.slice(0, already)
  return [...new Set(useful)].filter((one) => one !== ms && (one > 0 || ms < 10))
}

const few = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** Every publisher sends no more than so many. */
function fewerMessages(scenario: Scenario): Scenario[] {
  const most = messagesOf(scenario)
  return few
    .filter((messages) => messages < most)
    .map((messages) =>
      withWorkload(scenario, {
        publishers: scenario.workload.publishers.map((one) =>
          one.messages !== null && one.messages <= messages ? one : { ...one, messages },
        ),
      }),
    )
    .filter((fewer) => messagesOf(fewer) < most)
}

const withWorkload = (scenario: Scenario, workload: Partial<Scenario['workload']>): Scenario => ({
  ...scenario,
  workload: { ...scenario.workload, ...workload },
})

async function fewerClients(trial: Trial, shows: Shows): Promise<Trial> {
  const consumers = await pass(
    ({ scenario }) => least(scenario.workload.consumers),
    (at, some: Scenario['workload']['consumers']) => ({
      ...at,
      scenario: withWorkload(at.scenario, { consumers: some }),
    }),
  )(trial, shows)
  const { publishers } = consumers.scenario.workload
  if (publishers.length < 2) return consumers
  return pass(
    () => least(publishers),
    (at, some: Scenario['workload']['publishers']) =>
      some.length === 0 ? at : { ...at, scenario: withWorkload(at.scenario, { publishers: some }) },
  )(consumers, shows)
}

/** How many faults a trial has, as people count them. */
export const faultCount = ({ moves }: Trial): number => faultsOf(moves).length
