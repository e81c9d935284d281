// The history of each queue, from the target's events: who led it from when to when, which mirrors it had, since when, and which
// of them were level. Used by `judge*` for causes. It knows what the events say and nothing else.

import type { TraceEvent } from '../../nodes/trace.ts'
import type { Matter } from './judge.ts'

/** One leader's time. */
export interface Term {
  readonly leader: string
  readonly ledAt: number
  /** How it came to lead. */
  readonly by: 'declared' | 'promoted' | 'recovered'
  /** When and how the leader before was lost; null for the first. */
  readonly lostAt: number | null
  readonly loss: string
}

/** A mirror's stay. */
export interface Stay {
  readonly node: string
  readonly from: number
  to: number
  /** When it was first level with the leader; Infinity when it never was. */
  syncedAt: number
}

export interface QueueHistory {
  readonly name: string
  readonly terms: readonly Term[]
  readonly stays: readonly Stay[]
  /** When nobody led it: from the loss to the next leader, or to the end (Infinity). */
  readonly leaderless: readonly { readonly from: number; to: number; readonly loss: string }[]
}

const lossKinds: Readonly<Record<string, string>> = {
  'node-killed': 'was killed',
  'node-stopped': 'was stopped',
  'node-paused': 'paused as a minority',
  'node-frozen': 'stood still',
  partition: 'was cut off',
  silence: 'was not heard any more',
}

/** By place in the topology. */
export function historyOf({ scenario, evidence }: Matter): QueueHistory[] {
  return scenario.topology.queues.map(({ name }) => ofQueue(name, evidence.events))
}

function ofQueue(name: string, events: readonly TraceEvent[]): QueueHistory {
  const terms: Term[] = []
  const stays: Stay[] = []
  const leaderless: { from: number; to: number; loss: string }[] = []
  let lastLoss: { at: number; loss: string } | null = null
  const leader = () => terms.at(-1)?.leader ?? ''
  const leads = (node: string, at: number, by: Term['by']) => {
    const lost = by === 'declared' ? null : lastLoss
    terms.push({ leader: node, ledAt: at, by, lostAt: lost?.at ?? null, loss: lost?.loss ?? '' })
    const open = leaderless.at(-1)
    if (open !== undefined && open.to === Infinity) open.to = at
    end(node, at)
  }
  const end = (node: string, at: number) => {
    for (const stay of stays) if (stay.node === node && stay.to === Infinity) stay.to = at
  }
  const lose = (at: number, loss: string) => {
    lastLoss = { at, loss }
    if (leaderless.at(-1)?.to !== Infinity) leaderless.push({ from: at, to: Infinity, loss })
  }
  for (const { at, kind, node, subject } of events) {
    const loss = lossKinds[kind]
    if (loss !== undefined) {
      const gone =
        kind === 'partition' || kind === 'silence'
          ? subject.includes(leader()) || node === leader()
          : node === leader()
      if (gone && leader() !== '' && kind.startsWith('node-')) lose(at, `${short(leader())} ${loss}`)
      else if (gone && leader() !== '') lastLoss = { at, loss: `${short(leader())} ${loss}` }
      if (kind === 'node-killed' || kind === 'node-stopped' || kind === 'node-paused') end(node, at)
      continue
    }
    if (subject !== name) continue
    if (kind === 'queue-declared') leads(node, at, 'declared')
    else if (kind === 'promoted') leads(node, at, 'promoted')
    else if (kind === 'queue-recovered') leads(node, at, 'recovered')
    else if (kind === 'mirror-added') stays.push({ node, from: at, to: Infinity, syncedAt: Infinity })
    else if (kind === 'mirror-dropped') end(node, at)
    else if (kind === 'mirror-synced')
      for (const stay of stays)
        if (stay.node === node && stay.to === Infinity) stay.syncedAt = Math.min(stay.syncedAt, at)
  }
  return { name, terms, stays, leaderless }
}

/** The term at a moment; undefined before the first. */
export const termAt = ({ terms }: QueueHistory, at: number): Term | undefined =>
  terms.findLast(({ ledAt }) => ledAt <= at)

/** `rabbit@node1` as `node1`. */
export const short = (name: string) => name.replace(/^rabbit@/, '')
