/**
 * One queue in a preview: where it stands, where it comes to stand, and what of that is worth telling. `preview` asks for what
 * has not happened yet, `comparison` for what has.
 */
import { effectiveDefinition, type QueueSettings } from './effective.ts'
import { settingsUnder } from './in-force.ts'
import { droppedBy } from './preview-dropped.ts'
import { type Course, courseOf, type Placement, type Start, startOf } from './preview-placement.ts'
import type { FromTo, QueueChange, SyncNeed } from './preview-result.ts'
import { risksOf } from './preview-risk.ts'
import type { InForce, QueueSnapshot } from './snapshot.ts'

/** A queue before and after. */
export interface Prospect {
  readonly queue: QueueSnapshot
  readonly inForce: FromTo<InForce>
  readonly settings: FromTo<QueueSettings>
  readonly placement: Placement
  /** What it holds then, and how many of these survive a restart. */
  readonly messages: number
  readonly persistent: number
  /** To the end; and, only where mirrors are to be filled, before any of them is. */
  readonly course: Course
  readonly unfilled: Course
  /** Null when its leader does nothing at all, because its settings are what they were or it has no leader. */
  readonly steps: Steps | null
}

interface Steps {
  readonly start: Start
  readonly dropped: QueueChange['dropped']
  /** Mirrors filled on the way, and how many messages with each. */
  readonly fills: { readonly mirrors: number; readonly messages: number; readonly about: boolean }
}

/** What the queue's leader will do when these policies come into force. */
export function prospectOf(
  queue: QueueSnapshot,
  from: InForce,
  to: InForce,
  running: readonly string[],
): Prospect {
  const placement: Placement = { leader: queue.leader ?? '', mirrors: queue.mirrors, chosen: null }
  const still: Course = { placements: [placement], leaders: [], fills: 0, fillsVary: false }
  const before = settingsUnder(queue, from)
  const unchanged = follows(from, to)
  const after = unchanged ? before : settingsUnder(queue, to)
  const common = { queue, inForce: { from, to }, settings: { from: before, to: after }, placement }
  const { messages, persistent } = queue
  const led = queue.state === 'running' && queue.leader !== null
  const moves = led && !unchanged && JSON.stringify(before) !== JSON.stringify(after)
  if (!moves) return { ...common, messages, persistent, course: still, unfilled: still, steps: null }
  const { course, ...steps } = stepsOf(queue, after, running)
  const { start } = steps
  const unfilled = course.fills === 0 ? course : courseOf(after, start, running, false)
  // Nobody knows which of them are dropped: as many of one sort as of the other.
  const kept = messages === 0 ? 0 : Math.round((persistent * start.messages) / messages)
  return {
    ...common,
    messages: start.messages,
    persistent: kept,
    course,
    unfilled,
    steps,
  }
}

/** Whether both are the same policies, not merely equal ones. */
export const follows = (from: InForce, to: InForce) =>
  from.policy === to.policy && from.operatorPolicy === to.operatorPolicy

/** What its leader does, and what a limit drops. */
function stepsOf(
  queue: QueueSnapshot,
  settings: QueueSettings,
  running: readonly string[],
): Steps & { readonly course: Course } {
  const walk = (ready: number) => {
    const dropped = droppedBy(settings, queue, ready)
    const start = startOf(queue, dropped?.messages ?? 0)
    return { course: courseOf(settings, start, running), start, dropped }
  }
  const { messages, ready = messages } = queue
  const first = walk(ready)
  // A leader that hands over takes back what consumers hold, and the limit counts that too; mirrors are filled before.
  const last = ready === messages || first.course.leaders.length === 0 ? first : walk(messages)
  const { fills, fillsVary } = first.course
  const about = fillsVary || first.start.messages !== last.start.messages
  return { ...last, fills: { mirrors: fills, messages: first.start.messages, about } }
}

/** Null when there is nothing to tell. */
export function changeOf(prospect: Prospect, running: readonly string[]): QueueChange | null {
  const { queue, inForce, settings, placement: from, course, unfilled, steps } = prospect
  if (steps === null && follows(inForce.from, inForce.to) && course.placements[0] === from) return null
  const definition = definitions(inForce)
  const policy = names(inForce.from.policy, inForce.to.policy)
  const operatorPolicy = names(inForce.from.operatorPolicy, inForce.to.operatorPolicy)
  const moved = course.placements.length > 1 || !same(from, course.placements[0])
  if (
    !moved &&
    steps?.dropped == null &&
    [definition, policy, operatorPolicy].every(({ from, to }) => same(from, to))
  )
    return null
  const { vhost, name, state } = queue
  return {
    vhost,
    name,
    state,
    policy,
    operatorPolicy,
    definition,
    placement: moved ? { from, to: course.placements } : null,
    leaders: course.leaders,
    starts: moved ? inAll(course.placements.map((to) => started(from, to))) : [],
    stops: moved ? inAll(course.placements.map((to) => started(to, from))) : [],
    sync: steps === null ? null : syncNeed(prospect, settings.to, steps),
    dropped: steps?.dropped ?? null,
    risks: steps === null ? [] : risksOf({ queue, ...settings, ...steps, course, unfilled, running }),
  }
}

/** Nodes with a mirror in the one that have nothing of the queue in the other. */
function started(without: Placement, within: Placement): string[] {
  const known = new Set([without.leader, ...without.mirrors.map(({ node }) => node)])
  return within.mirrors.map(({ node }) => node).filter((node) => !known.has(node))
}

function inAll([first = [], ...others]: readonly string[][]): string[] {
  return first.filter((node) => others.every((other) => other.includes(node)))
}

function syncNeed(
  { queue, messages, course }: Prospect,
  { haMode, haSyncMode }: QueueSettings,
  { fills }: Steps,
): SyncNeed | null {
  if (haMode === null) return null
  const { mirrors, chosen } = course.placements[0]!
  const late = mirrors.filter(({ synced }) => !synced).length
  const chosenLate = chosen === null || chosen.synced ? 0 : chosen.count
  const need =
    haSyncMode === 'automatic' ? fills : { mirrors: late + chosenLate, messages, about: course.fillsVary }
  const total = need.mirrors * need.messages
  if (total === 0) return null
  const bytes = Math.round((total * queue.messageBytes) / queue.messages)
  return { how: haSyncMode, mirrors: need.mirrors, messages: total, bytes, about: need.about }
}

const definitions = ({ from, to }: FromTo<InForce>) => ({
  from: effectiveDefinition(from.policy, from.operatorPolicy),
  to: effectiveDefinition(to.policy, to.operatorPolicy),
})

export const names = (
  from: { readonly name: string } | null,
  to: { readonly name: string } | null,
): FromTo<string | null> => ({ from: from?.name ?? null, to: to?.name ?? null })

export const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b)
