/**
 * The whole of a preview from its queues and exchanges: what changes, node by node, and in sums. Called by `preview` and
 * `comparison`; it looks nothing up.
 */
import { lossesOf } from './preview-loss.ts'
import type { Placement } from './preview-placement.ts'
import { changeOf, type Prospect } from './preview-queue.ts'
import type {
  ExchangeChange,
  LaterChange,
  NodeChange,
  Preview,
  PreviewTotals,
  QueueChange,
} from './preview-result.ts'
import { bodiesPerPublish } from './preview-traffic.ts'

export function wholeOf(
  prospects: readonly Prospect[],
  exchanges: readonly ExchangeChange[],
  later: readonly LaterChange[],
  running: readonly string[],
): Preview {
  const queues = prospects.flatMap((prospect) => changeOf(prospect, running) ?? [])
  return {
    totals: totalsOf(queues, exchanges),
    queues,
    exchanges,
    later,
    nodes: nodesOf(prospects, queues, running),
    bodiesPerSecond: {
      from: bodies(prospects, running, ({ placement }) => placement),
      to: bodies(prospects, running, ({ course }) => course.placements[0]!),
    },
    losses: lossesByNode(prospects, running),
  }
}

function totalsOf(queues: readonly QueueChange[], exchanges: readonly ExchangeChange[]): PreviewTotals {
  const sum = (count: (queue: QueueChange) => number) =>
    queues.reduce((total, queue) => total + count(queue), 0)
  const chosen = ({ placement }: QueueChange) => placement?.to[0]?.chosen?.count ?? 0
  const synced = (how: 'automatic' | 'manual') => ({
    messages: sum(({ sync }) => (sync?.how === how ? sync.messages : 0)),
    bytes: sum(({ sync }) => (sync?.how === how ? sync.bytes : 0)),
  })
  return {
    queues: queues.length,
    exchanges: exchanges.length,
    leaderMoves: sum(({ leaders }) => (leaders.length > 0 ? 1 : 0)),
    leadersWaiting: sum(({ risks }) => (risks.some(({ kind }) => kind === 'leader-waits') ? 1 : 0)),
    mirrorsStarted: sum((queue) => queue.starts.length + chosen(queue)),
    mirrorsStopped: sum(({ stops }) => stops.length),
    messagesDropped: sum(({ dropped }) => dropped?.messages ?? 0),
    automatic: synced('automatic'),
    manual: synced('manual'),
  }
}

function nodesOf(
  prospects: readonly Prospect[],
  queues: readonly QueueChange[],
  running: readonly string[],
): NodeChange[] {
  const leaders = (placement: (prospect: Prospect) => Placement) =>
    tally(prospects.filter(({ queue }) => queue.state === 'running').map((one) => placement(one).leader))
  const from = leaders(({ placement }) => placement)
  const to = leaders(({ course }) => course.placements[0]!)
  const started = tally(queues.flatMap(({ starts }) => starts))
  const stopped = tally(queues.flatMap(({ stops }) => stops))
  const possible = tally(queues.flatMap(({ placement }) => placement?.to[0]?.chosen?.of ?? []))
  return running.map((node) => ({
    node,
    leaders: { from: from.get(node) ?? 0, to: to.get(node) ?? 0 },
    mirrorsStarted: started.get(node) ?? 0,
    mirrorsStopped: stopped.get(node) ?? 0,
    mirrorsPossible: possible.get(node) ?? 0,
  }))
}

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function bodies(
  prospects: readonly Prospect[],
  running: readonly string[],
  placement: (prospect: Prospect) => Placement,
): number {
  const total = prospects.reduce((sum, prospect) => {
    const { publishRate } = prospect.queue
    return publishRate === 0 ? sum : sum + publishRate * bodiesPerPublish(placement(prospect), running.length)
  }, 0)
  return Math.round(total * 10) / 10
}

function lossesByNode(prospects: readonly Prospect[], running: readonly string[]): Preview['losses'] {
  const before = lossesOf(
    prospects.map(({ queue, settings, placement }) => ({
      queue,
      settings: settings.from,
      placement,
      messages: queue.messages,
      persistent: queue.persistent,
    })),
    running,
  )
  const later = (placement: (prospect: Prospect) => Placement) =>
    lossesOf(
      prospects.map((prospect) => ({
        queue: prospect.queue,
        settings: prospect.settings.to,
        placement: placement(prospect),
        messages: prospect.messages,
        persistent: prospect.persistent,
      })),
      running,
    )
  const meanwhile = later(({ unfilled }) => unfilled.placements[0]!)
  const after = later(({ course }) => course.placements[0]!)
  return running.map((node, i) => ({
    node,
    before: before[i]!,
    meanwhile: meanwhile[i]!,
    after: after[i]!,
  }))
}
