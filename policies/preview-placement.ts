/**
 * Where a queue's leader and mirrors come to be under other settings, step by step as its leader takes them: the same steps
 * as `placement`, with the filling of mirrors between them. Asked by previews for every queue whose settings change; it draws
 * no chance, and where chance or the order of events decides it names what is possible.
 */
import type { QueueSettings } from './effective.ts'
import { nextStep, type Replicas } from './placement.ts'
import type { MirrorSnapshot, QueueSnapshot } from './snapshot.ts'

/** Who holds a queue, once nothing moves any more. */
export interface Placement {
  readonly leader: string
  /** Oldest first. */
  readonly mirrors: readonly MirrorSnapshot[]
  /** Mirrors that start on nodes chosen by chance, in any order, after those above; null when none do. */
  readonly chosen: Chosen | null
}

export interface Chosen {
  readonly count: number
  readonly of: readonly string[]
  readonly synced: boolean
}

/** What becomes of a queue's replicas. */
export interface Course {
  /** Usually one. Several: it depends on the moment at which a mirror is filled, or on which messages a limit drops. */
  readonly placements: readonly Placement[]
  /** The nodes that lead one after the other, the first excluded, on the way to the first placement. */
  readonly leaders: readonly string[]
  /** Mirrors filled on the way, one count per mirror and filling. */
  readonly fills: number
  /** It may be other mirrors, or one more that is dropped right afterwards: filling goes on while others start and stop. */
  readonly fillsVary: boolean
}

/** The queue as the change finds it. */
export interface Start extends Replicas {
  readonly mirrors: readonly MirrorSnapshot[]
  /** Messages it holds, unacknowledged ones included, after limits have dropped theirs. */
  readonly messages: number
  /** Whether the messages that were dropped may have been all that a mirror lacked. */
  readonly uncertain: boolean
}

/** `fill`: false shows the queue as it is before any mirror has been filled. */
export function courseOf(
  settings: QueueSettings,
  start: Start,
  running: readonly string[],
  fill = settings.haMode !== null && settings.haSyncMode === 'automatic',
): Course {
  const starts = start.uncertain ? [start, { ...start, mirrors: start.mirrors.map(filled) }] : [start]
  const courses = starts.flatMap((one) =>
    fillMoments(settings, one, fill).map((moment) => walk(settings, one, running, fill, moment)),
  )
  const [first] = courses as [Course]
  const placements = new Map(
    courses.flatMap((course) => course.placements).map((placement) => [JSON.stringify(placement), placement]),
  )
  const fillsVary = courses.some((course) => course.fillsVary || course.fills !== first.fills)
  return { ...first, placements: [...placements.values()], fillsVary }
}

/** No queue takes more steps than this beyond two for each node. */
const spareSteps = 8

/**
 * After how many steps mirrors that were there before may turn out to be filled. It matters only where the leader is to move
 * to one of them: filling goes on beside the starting of new mirrors, and either may be first.
 */
function fillMoments(settings: QueueSettings, { leader, mirrors }: Start, fill: boolean): number[] {
  const late = mirrors.some((mirror) => !mirror.synced)
  if (!fill || !late || settings.haMode !== 'nodes' || settings.haNodes.includes(leader)) return [Infinity]
  const most = 2 * (settings.haNodes.length + mirrors.length) + spareSteps
  return [Infinity, ...Array.from({ length: most }, (_, i) => i)]
}

/** Takes steps until there are none; `moment`: after that many, mirrors of the beginning are filled. */
function walk(
  settings: QueueSettings,
  start: Start,
  running: readonly string[],
  fill: boolean,
  moment: number,
): Course {
  if (settings.haMode === 'exactly') return walkExactly(settings, start, running, fill)
  let at: Omit<Placement, 'chosen'> = { leader: start.leader, mirrors: start.mirrors }
  const early = new Set(start.mirrors.filter(({ synced }) => !synced).map(({ node }) => node))
  const leaders: string[] = []
  let fills = 0
  for (let steps = 0; ; steps++) {
    if (steps === moment) {
      fills += at.mirrors.filter(({ node, synced }) => !synced && early.has(node)).length
      at = { ...at, mirrors: at.mirrors.map((mirror) => (early.has(mirror.node) ? filled(mirror) : mirror)) }
    }
    const step = nextStep(settings, at, running, noChance)
    if (step === null) {
      const lacking = at.mirrors.filter((mirror) => !mirror.synced).length
      if (!fill || lacking === 0) break
      fills += lacking
      at = { ...at, mirrors: at.mirrors.map(filled) }
    } else if (step.do === 'handover') {
      leaders.push(step.to)
      at = { leader: step.to, mirrors: at.mirrors.filter(({ node }) => node !== step.to) }
    } else if (step.do === 'drop')
      at = { ...at, mirrors: at.mirrors.filter(({ node }) => node !== step.node) }
    else at = { ...at, mirrors: [...at.mirrors, begun(step.node, start.messages)] }
  }
  const left = new Set(at.mirrors.map(({ node }) => node))
  const fillsVary = fill && [...early].some((node) => !left.has(node))
  return { placements: [{ ...at, chosen: null }], leaders, fills, fillsVary }
}

/** Chance picks new mirrors here, and the leader stays: no step need be taken to know where it ends. */
function walkExactly(
  { haCount }: QueueSettings,
  { leader, mirrors, messages }: Start,
  running: readonly string[],
  fill: boolean,
): Course {
  const present = mirrors.filter(({ node }) => running.includes(node))
  const kept = present.slice(0, Math.max(0, haCount - 1))
  const absent = running.filter((node) => node !== leader && !present.some((mirror) => mirror.node === node))
  const count = Math.max(0, Math.min(haCount - 1 - kept.length, absent.length))
  const empty = messages === 0
  const lacking = kept.filter(({ synced }) => !synced).length + (empty ? 0 : count)
  return {
    placements: [
      {
        leader,
        mirrors: fill ? kept.map(filled) : kept,
        chosen: count === 0 ? null : { count, of: absent, synced: fill || empty },
      },
    ],
    leaders: [],
    fills: fill ? lacking : 0,
    fillsVary: fill && present.slice(kept.length).some(({ synced }) => !synced),
  }
}

const begun = (node: string, messages: number): MirrorSnapshot => ({
  node,
  synced: messages === 0,
  missing: messages,
})

const filled = ({ node }: MirrorSnapshot): MirrorSnapshot => ({ node, synced: true, missing: 0 })

function noChance(): number {
  throw new Error('a preview draws no chance')
}

/** The queue as a snapshot shows it, when it loses `dropped` messages to a limit. */
export function startOf(queue: QueueSnapshot, dropped: number): Start {
  const leader = queue.leader ?? ''
  const messages = queue.messages - dropped
  // What is dropped are the oldest ready messages, and a mirror lacks the oldest.
  const certain = (queue.ready ?? queue.messages) === queue.messages && !('x-max-priority' in queue.arguments)
  const mirrors = queue.mirrors.map((mirror) => {
    const { node, synced, missing = queue.messages } = mirror
    if (synced || dropped === 0) return mirror
    const left = certain ? Math.max(0, missing - dropped) : Math.min(missing, messages)
    return { node, synced: left === 0, missing: left }
  })
  const uncertain = dropped > 0 && !certain && mirrors.some((mirror) => !mirror.synced)
  return { leader, mirrors, messages, uncertain }
}
