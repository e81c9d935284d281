// The bookkeeping of losses on histories made by hand: which loss a recorded cause explains, and that one without is told.
import { describe, expect, test } from 'vitest'
import type { HistoryEvent, Published } from '../../simulate/history.ts'
import { losses } from '../../simulate/invariants/losses.ts'
import { queueKinds } from '../../simulate/kinds.ts'
import { type Plan, planOf } from '../../simulate/plan.ts'

const [durable] = queueKinds
const plan: Plan = { ...planOf(1), queues: [{ name: 'q', kind: durable!, half: 'a', fanout: false }] }

const cluster = (at: number, what: string, node: string, subject = ''): HistoryEvent =>
  ({ at, what, node, subject, value: 0 }) as HistoryEvent
const said = (at: number, node = 'n1') => ({ at, user: 'p', session: 1, node })
const sent = (at: number, message: number, more: Partial<Published> = {}): HistoryEvent => ({
  ...said(at),
  what: 'published',
  message,
  targets: ['q'],
  tag: message,
  confirms: true,
  persistent: true,
  priority: 0,
  held: false,
  ...more,
})
const confirmed = (at: number, message: number): HistoryEvent => ({ ...said(at), what: 'confirmed', message })

/** Two nodes; n1 leads q, and n2 mirrors it from `mirroredAt` on. */
function start(mirroredAt: number | null = null): HistoryEvent[] {
  const events = [
    cluster(0, 'node-started', 'n1'),
    cluster(0, 'node-started', 'n2'),
    cluster(0, 'peer-up', 'n1', 'n2'),
    cluster(1, 'queue-declared', 'n1', 'q'),
  ]
  return mirroredAt === null ? events : [...events, cluster(mirroredAt, 'mirror-added', 'n2', 'q')]
}

const killed = (at: number) => [cluster(at, 'node-killed', 'n1'), cluster(at + 10, 'peer-down', 'n2', 'n1')]
const end = cluster(60_000, 'policy-set', 'n2')

describe('a message is told', () => {
  test('when it was confirmed and its leader does not have it', () => {
    const { faults } = losses(plan, [...start(), sent(5000, 1), confirmed(5001, 1), end])
    expect(faults).toEqual(['message 1 is gone from q, led by n1, which must have it'])
  })

  test('when it was not confirmed, arrived without trouble, and its leader does not have it', () => {
    const { faults } = losses(plan, [...start(), sent(5000, 1, { confirms: false }), end])
    expect(faults).toEqual(['message 1 is gone from q, led by n1, which must have it'])
  })

  test('when a mirror that had it leads', () => {
    const history = [
      ...start(10),
      sent(5000, 1),
      confirmed(5001, 1),
      ...killed(5002),
      cluster(5200, 'promoted', 'n2', 'q'),
    ]
    expect(losses(plan, [...history, end]).faults).toHaveLength(1)
  })

  test('when it was persistent and its node is back', () => {
    const back = [cluster(9000, 'node-started', 'n1'), cluster(9000, 'peer-up', 'n2', 'n1')]
    const history = [...start(), sent(5000, 1), confirmed(5001, 1), ...killed(5002), ...back]
    expect(losses(plan, [...history, cluster(9000, 'queue-recovered', 'n1', 'q'), end]).faults).toHaveLength(
      1,
    )
  })

  test('when nothing at all explains it', () => {
    const { faults } = losses(plan, [...start(), sent(5000, 1, { held: true, confirms: false }), end])
    expect(faults).toEqual(['message 1 is gone from q for no recorded cause'])
  })
})

describe('a message is explained', () => {
  const causesOf = (history: HistoryEvent[]) => {
    const { faults, causes } = losses(plan, [...history, end])
    expect(faults).toEqual([])
    return [...causes.keys()]
  }

  test('by a mirror that joined after it and leads', () => {
    const before = [sent(5000, 1), confirmed(5001, 1), cluster(6000, 'mirror-added', 'n2', 'q')]
    expect(causesOf([...start(), ...before, ...killed(7000), cluster(7200, 'promoted', 'n2', 'q')])).toEqual([
      'its copy is on n1, which is away',
    ])
  })

  test('by the end of its node, when it was transient', () => {
    const back = [cluster(9000, 'node-started', 'n1'), cluster(9000, 'queue-recovered', 'n1', 'q')]
    const transient = [sent(5000, 1, { persistent: false }), confirmed(5001, 1)]
    expect(causesOf([...start(), ...transient, ...killed(7000), ...back])).toEqual(['node-killed n1'])
  })

  test('by the deletion of its queue', () => {
    expect(
      causesOf([...start(), sent(5000, 1), confirmed(5001, 1), cluster(6000, 'queue-deleted', 'n1', 'q')]),
    ).toEqual(['queue-deleted'])
  })

  test('by a queue that was out of reach', () => {
    const history = [...start(), ...killed(4000), sent(8000, 1, { node: 'n2' }), confirmed(8001, 1)]
    expect(causesOf(history)).toEqual(['its queue was out of reach'])
  })

  test('by its connection', () => {
    const history = [...start(), sent(5000, 1), { ...said(5000), what: 'lost' } satisfies HistoryEvent]
    expect(causesOf(history)).toEqual(['its connection broke'])
  })
})
