// What the clients of a generated scenario do between two faults: one draw, one act of a step or two. Acts keep to what a real
// cluster answers in one way: one consumer a queue, one request at a time where the leader may be missing.

import {
  type AckPlan,
  bind,
  cancel,
  clearPolicy,
  close,
  consume,
  declare,
  drain,
  exchange,
  get,
  look,
  nodes,
  passive,
  policy,
  purge,
  remove,
  rest,
  settle,
  sync,
  type Table,
  unbind,
} from '../../../compare/steps.ts'
import type { Draft, DraftQueue } from './draft.ts'
import { listPolicy, newQueue, publishSome } from './queues.ts'

type Act = (draft: Draft, queue: DraftQueue) => void

const ordered = ['ack', 'requeue', 'hold'] as const

function attach(draft: Draft, queue: DraftQueue): void {
  const { chance } = draft
  const name = draft.nextName('c')
  const { on, as } = draft.through(queue)
  draft.add(
    consume(on, queue.name, name, {
      ...(as === undefined ? {} : { as }),
      ...(chance.hit(75) ? { prefetch: chance.between(1, 4) } : {}),
      acks: chance.weighted<AckPlan>([
        [50, 'none'],
        [20, 'each'],
        [12, 'auto'],
        [18, 1],
      ]),
      ...(chance.hit(12) ? { exclusive: true } : {}),
      ...(chance.hit(20) ? { arguments: { 'x-cancel-on-ha-failover': true } } : {}),
    }),
    rest(),
  )
  queue.consumer = name
}

function useConsumer(draft: Draft, queue: DraftQueue): void {
  const { chance } = draft
  const consumer = queue.consumer!
  // Whatever is on its way to the consumer has come.
  draft.add(rest())
  if (chance.hit(20)) {
    draft.add(chance.hit(50) ? cancel(consumer) : close(consumer), rest())
    queue.consumer = null
    return
  }
  const tag = chance.between(1, 4)
  const how = chance.weighted([
    [60, 'ack'],
    [25, 'requeue'],
    [15, 'reject'],
  ] as const)
  draft.add(settle(consumer, how, [tag], chance.hit(25)), rest())
}

/** A request that has to wait when nobody leads; then it is the queue's only one until the next fault. */
function request(draft: Draft, queue: DraftQueue): void {
  const { chance } = draft
  if (draft.mayWait(queue)) {
    if (queue.waiting || queue.consumer !== null) return draft.add(look(draft.someNode(), queue.name))
    queue.waiting = true
  }
  const { on, as } = draft.through(queue)
  const client = as === undefined ? {} : { as }
  if (queue.consumer === null && chance.hit(40)) return attach(draft, queue)
  const step = chance.weighted([
    [30, () => ({ ...get(on, queue.name, chance.between(1, 3), chance.pick(ordered)), ...client })],
    [14, () => ({ ...passive(on, queue.name), ...client })],
    [10, () => ({ ...drain(on, queue.name), ...client })],
    [8, () => ({ ...purge(on, queue.name), ...client })],
    [5, () => ({ ...declare(on, queue.name, { arguments: { ...queue.arguments } }), ...client })],
  ] as const)()
  draft.add(step, rest())
}

/** The policy of one queue changes: never so that two mirrors come at once. Gives the definition; null clears it. */
function newDefinition(draft: Draft, queue: DraftQueue): Table | null {
  const { chance } = draft
  const held = queue.replicas.size > 0 ? [...queue.replicas] : [queue.home]
  const missing = [1, 2, 3].filter((node) => !held.includes(node))
  const unmirrored = (definition: Table | null) => {
    queue.wanted = []
    queue.replicas.clear()
    return definition
  }
  return chance.weighted<() => Table | null>([
    [15, () => unmirrored(null)],
    [12, () => unmirrored({ 'max-length': chance.between(2, 4) })],
    [
      held.length >= 2 ? 20 : 0,
      () => {
        const three = chance.hit(50)
        if (three ? held.length < 3 : held.length > 2) queue.synchronised = false
        queue.wanted = [1, 2, 3]
        const all = three && chance.hit(50)
        return {
          ...(all ? { 'ha-mode': 'all' } : { 'ha-mode': 'exactly', 'ha-params': three ? 3 : 2 }),
          ...queue.promotion,
        }
      },
    ],
    [
      50,
      () => {
        const grows = missing.length > 0 && (held.length === 1 || chance.hit(60))
        const list = grows ? [...held, chance.pick(missing)] : held.slice(0, -1)
        queue.wanted = list
        queue.replicas = new Set(list)
        queue.synchronised = false
        return listPolicy(queue, list)
      },
    ],
  ])()
}

function changePolicy(draft: Draft, queue: DraftQueue): void {
  if (draft.apart.length > 0 || queue.exclusive) return request(draft, queue)
  const on = draft.chance.pick([...draft.running])
  const definition = newDefinition(draft, queue)
  const name = `p${queue.name}`
  draft.add(definition === null ? clearPolicy(on, name) : policy(on, name, `^${queue.name}$`, definition))
  draft.add(look(on, queue.name))
}

function bindAll(draft: Draft, queue: DraftQueue): void {
  const on = draft.someNode()
  if (!draft.exchange) {
    draft.exchange = true
    draft.add(exchange(on, 'x', 'fanout'))
    for (const other of draft.queues) if (!other.exclusive) draft.add(bind(on, other.name, 'x'))
    return
  }
  const { as } = draft.through(queue)
  const client = as === undefined ? {} : { as }
  draft.add({ ...(draft.chance.hit(60) ? bind : unbind)(on, queue.name, 'x'), ...client })
}

function deleteQueue(draft: Draft, queue: DraftQueue): void {
  if (draft.mayWait(queue)) return request(draft, queue)
  const { on, as } = draft.through(queue)
  const rule = draft.chance.pick([{}, { ifUnused: true }, { ifEmpty: true }] as const)
  draft.add({ ...remove(on, queue.name, rule), ...(as === undefined ? {} : { as }) }, rest())
}

const acts: readonly (readonly [weight: number, Act])[] = [
  [30, publishSome],
  [26, request],
  [16, (draft, queue) => (queue.consumer === null ? request(draft, queue) : useConsumer(draft, queue))],
  [12, (draft, queue) => draft.add(look(draft.someNode(), queue.name))],
  [9, changePolicy],
  [5, (draft, queue) => draft.add(sync(draft.someNode(), queue.name), look(draft.someNode(), queue.name))],
  [5, bindAll],
  [3, deleteQueue],
  [2, (draft) => draft.add(nodes())],
  [4, (draft) => void (draft.queues.length < 4 && draft.running.size > 0 && newQueue(draft))],
]

/** After healing under `ignore` a node's management adds up what both sides report (docs/observed.md §13): AMQP alone is asked. */
const healedActs: readonly (readonly [weight: number, Act])[] = [
  [40, publishSome],
  [30, (draft, queue) => draft.add(passive(draft.someNode(), queue.name))],
  [30, (draft, queue) => draft.add(get(draft.someNode(), queue.name, 2))],
]

/** One act of somebody. */
export function act(draft: Draft): void {
  const { chance } = draft
  const queue = chance.pick(draft.queues)
  chance.weighted(draft.healed ? healedActs : acts)(draft, queue)
}

/** The last look at everything: what each queue is, and what it still holds. */
export function finish(draft: Draft): void {
  const on = draft.chance.pick([...draft.running])
  for (const queue of draft.queues) draft.add(look(on, queue.name))
  for (const queue of draft.queues)
    if (!queue.exclusive && !(draft.mayWait(queue) && queue.consumer !== null))
      draft.add(drain(on, queue.name))
}
