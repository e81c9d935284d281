/**
 * What is at risk while a queue's replicas move, each in one sentence with the figures of that queue. Asked by previews; the
 * facts have been worked out before.
 */
import type { QueueSettings } from './effective.ts'
import { lossOf } from './preview-loss.ts'
import type { Course, Start } from './preview-placement.ts'
import type { QueueChange, Risk } from './preview-result.ts'
import type { QueueSnapshot } from './snapshot.ts'

export interface RiskFacts {
  readonly queue: QueueSnapshot
  readonly from: QueueSettings
  readonly to: QueueSettings
  readonly start: Start
  /** To the end, and before any mirror is filled. */
  readonly course: Course
  readonly unfilled: Course
  readonly running: readonly string[]
  readonly dropped: QueueChange['dropped']
}

export function risksOf(facts: RiskFacts): Risk[] {
  return [
    ...dropRisk(facts),
    ...expiryRisk(facts),
    ...leaderRisks(facts),
    ...lossRisk(facts),
    ...busyRisk(facts),
  ]
}

function dropRisk({ dropped, to }: RiskFacts): Risk[] {
  if (dropped === null) return []
  const count = `${dropped.about ? 'about ' : ''}${counted(dropped.messages, 'message')}`
  const fate =
    to.deadLetterExchange === null
      ? 'lost'
      : `dead-lettered to exchange ${JSON.stringify(to.deadLetterExchange)}`
  return [{ kind: 'messages-dropped', text: `The new limit drops ${count} from the head at once: ${fate}.` }]
}

function expiryRisk({ from, to }: RiskFacts): Risk[] {
  if (to.expiresMs === null || to.expiresMs === from.expiresMs) return []
  return [
    {
      kind: 'queue-expires',
      text: `The queue is deleted with all it holds after ${to.expiresMs} ms without use.`,
    },
  ]
}

function leaderRisks({ course, start, to, running }: RiskFacts): Risk[] {
  const last = course.leaders.at(-1)
  if (last !== undefined)
    return [
      {
        kind: 'leader-moves',
        text:
          `The leader moves from ${start.leader} to ${[...course.leaders].join(', then to ')}; what consumers hold ` +
          'unacknowledged is delivered again, and those with x-cancel-on-ha-failover are cancelled.',
      },
    ]
  if (to.haMode !== 'nodes' || to.haNodes.includes(start.leader)) return []
  const listed = to.haNodes.filter((node) => running.includes(node))
  if (listed.length === 0)
    return [
      {
        kind: 'nowhere',
        text: `None of the nodes that the policy names runs, so the queue stays on ${start.leader} without mirrors.`,
      },
    ]
  return [
    {
      kind: 'leader-waits',
      text:
        `The leader stays on ${start.leader}, which the policy does not name, until a mirror is synchronised: ` +
        'it hands over to none that lacks messages.',
    },
  ]
}

/** The crash of the leader's node before the mirrors are filled, or afterwards when nobody fills them. */
function lossRisk({ queue, to, start, unfilled }: RiskFacts): Risk[] {
  const placement = unfilled.placements[0]!
  const { messages } = start
  const { available, messages: lost } = lossOf({
    queue,
    settings: to,
    placement,
    messages,
    persistent: queue.persistent,
  })
  const until =
    to.haSyncMode === 'automatic' ? 'until the mirrors are filled' : 'until somebody synchronises the queue'
  if (to.haMode === null || placement.mirrors.length + (placement.chosen?.count ?? 0) === 0) {
    if (start.mirrors.length === 0) return []
    return [
      { kind: 'one-copy', text: `Only ${placement.leader} holds the queue; without it nobody can use it.` },
    ]
  }
  if (lost > 0 && available)
    return [
      {
        kind: 'unsynchronised',
        text: `A crash of ${placement.leader} ${until} promotes a mirror that lacks ${counted(lost, 'message')}.`,
      },
    ]
  if (available) return []
  return [
    {
      kind: 'unsynchronised',
      text: `A crash of ${placement.leader} ${until} leaves the queue without a leader: no mirror may be promoted.`,
    },
  ]
}

function busyRisk({ course, start }: RiskFacts): Risk[] {
  if (course.fills === 0 || start.messages === 0) return []
  return [
    {
      kind: 'busy',
      text: `While its mirrors are filled with ${counted(start.messages, 'message')}, the queue does nothing else.`,
    },
  ]
}

export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
