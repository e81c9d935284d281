// Valid conversations: up to three clients on nodes of a cluster, each with a few scenes, their frames interleaved; faults
// and policies in between where the cluster has several nodes. The mutators start from these.

import type { Chance } from './chance.ts'
import type { Input, Setup, Step } from './input.ts'
import { scenes } from './scenes.ts'
import { Talk } from './talk.ts'

export function conversation(chance: Chance, setup: Setup): Input {
  const clients = chance.weighted([
    [80, 1],
    [17, 2],
    [3, 3],
  ])
  const polite = chance.hit(80)
  const talks = Array.from({ length: clients }, (_, actor) => talkOf(actor, chance, setup.seed, polite))
  const steps = interleave(
    talks.map((talk) => talk.steps),
    chance,
  )
  if (setup.nodes > 1 && chance.hit(6)) sprinkle(steps, faultSteps(chance, setup.nodes), chance)
  else if (setup.nodes > 1 && chance.hit(4)) sprinkle(steps, [policyStep(chance)], chance)
  return { polite, actors: talks.map(() => chance.between(1, setup.nodes)), steps }
}

function talkOf(actor: number, chance: Chance, worldSeed: number, polite: boolean): Talk {
  const talk = new Talk(actor, chance, worldSeed, polite)
  talk.connect()
  talk.channel()
  for (let i = chance.between(1, 2); i > 0; i--) chance.weighted(scenes)(talk, chance)
  if (chance.hit(20)) for (const channel of [...talk.open]) talk.closeChannel(channel)
  if (chance.hit(15)) talk.steps.push({ do: 'drop', actor })
  else if (chance.hit(30)) talk.closeConnection()
  if (chance.hit(2)) talk.wait(chance.pick([2000, 12_000, 70_000]))
  return talk
}

/** Runs of each client's steps in turns; the order within a client stays. */
function interleave(lists: readonly Step[][], chance: Chance): Step[] {
  if (lists.length === 1) return lists[0]!
  const ats = lists.map(() => 0)
  const all: Step[] = []
  for (;;) {
    const left = lists.flatMap((list, i) => (ats[i]! < list.length ? [i] : []))
    if (left.length === 0) return all
    const i = chance.pick(left)
    for (let run = chance.between(1, 8); run > 0 && ats[i]! < lists[i]!.length; run--)
      all.push(lists[i]![ats[i]!++]!)
  }
}

/** Puts `extra`, in order, at chosen places. */
function sprinkle(steps: Step[], extra: readonly Step[], chance: Chance): void {
  let at = 0
  for (const step of extra) {
    at = chance.between(at, steps.length)
    steps.splice(at++, 0, step)
  }
}

function policyStep(chance: Chance): Step {
  const definition = chance.weighted<Record<string, unknown>>([
    [4, { 'ha-mode': 'all' }],
    [2, { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }],
    [2, { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic' }],
    [1, { 'ha-mode': 'nodes', 'ha-params': ['rabbit@node2'] }],
    [1, { 'ha-mode': 'all', 'ha-promote-on-failure': 'when-synced' }],
    [1, { 'message-ttl': 5, 'max-length': 3 }],
    [1, { 'dead-letter-exchange': '', 'dead-letter-routing-key': 'q2', 'max-length': 1 }],
    [1, { expires: 50 }],
    [3, {}],
  ])
  return { do: 'policy', definition }
}

function faultSteps(chance: Chance, nodes: number): Step[] {
  const steps: Step[] = []
  if (chance.hit(60)) steps.push(policyStep(chance))
  for (let i = chance.between(1, 3); i > 0; i--) {
    const node = chance.between(1, nodes)
    chance.weighted<() => void>([
      [4, () => steps.push({ do: 'kill', node }, { do: 'wait', ms: chance.pick([0, 1, 20, 300]) })],
      [2, () => steps.push({ do: 'stop', node }, { do: 'wait', ms: chance.pick([0, 50, 300]) })],
      [2, () => steps.push({ do: 'start', node }, { do: 'wait', ms: chance.pick([0, 5000]) })],
      [1, () => steps.push({ do: 'cut', groups: [[node]] }, { do: 'wait', ms: chance.pick([0, 10, 2000]) })],
      [1, () => steps.push({ do: 'heal' })],
    ])()
    if (chance.hit(50)) steps.push({ do: 'start', node }, { do: 'wait', ms: chance.pick([0, 5000]) })
  }
  return steps
}
