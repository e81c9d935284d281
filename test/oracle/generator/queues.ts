// The queues of a generated scenario: how one is declared, and how policies come to mirror it. Mirrors are added one at a time,
// since a real cluster takes several of one change in any order (docs/observed.md §1.6).

import { declare, look, type NodeNumber, policy, publish, type Table, until } from '../../../compare/steps.ts'
import type { Draft, DraftQueue } from './draft.ts'

/** What a queue may be besides plain. Nothing that depends on how fast the steps follow each other. */
const kinds: readonly (readonly [weight: number, Table])[] = [
  [40, {}],
  [8, { 'x-max-length': 3 }],
  [6, { 'x-max-length': 3, 'x-overflow': 'reject-publish' }],
  [8, { 'x-max-priority': 3 }],
  [6, { 'x-queue-mode': 'lazy' }],
  [6, { 'x-message-ttl': 3_600_000 }],
  [5, { 'x-single-active-consumer': true }],
  [8, { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }],
  [5, { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead', 'x-max-length': 2 }],
  [4, { 'x-max-length-bytes': 6 }],
]

const promotions: readonly (readonly [weight: number, Table])[] = [
  [30, {}],
  [12, { 'ha-promote-on-failure': 'when-synced' }],
  [12, { 'ha-promote-on-shutdown': 'always' }],
  [6, { 'ha-promote-on-failure': 'when-synced', 'ha-promote-on-shutdown': 'always' }],
  [24, { 'ha-sync-mode': 'automatic' }],
  [6, { 'ha-sync-mode': 'automatic', 'ha-promote-on-failure': 'when-synced' }],
]

/** A `nodes` policy with the queue's own rules of promotion and synchronisation. */
export const listPolicy = (queue: DraftQueue, nodes: readonly NodeNumber[]): Table => ({
  'ha-mode': 'nodes',
  'ha-params': nodes.map((node) => `node${node}`),
  ...queue.promotion,
})

/** Declares a queue of some kind, and often mirrors it, before or after its first messages. */
export function newQueue(
  draft: Draft,
  more: { readonly name?: string; readonly plain?: boolean } = {},
): DraftQueue {
  const { chance } = draft
  const exclusive = !more.plain && chance.hit(8)
  const queue: DraftQueue = {
    name: more.name ?? draft.nextName('q'),
    home: chance.pick([...draft.running]),
    durable: !exclusive && (more.plain === true || chance.hit(80)),
    autoDelete: !more.plain && chance.hit(10),
    exclusive,
    arguments: more.plain ? {} : chance.weighted(kinds),
    replicas: new Set(),
    wanted: [],
    promotion: chance.weighted(promotions),
    synchronised: false,
    consumer: null,
    waiting: false,
  }
  draft.queues.push(queue)
  draft.add(
    declare(queue.home, queue.name, {
      ...(queue.durable ? {} : { durable: false }),
      ...(queue.autoDelete ? { autoDelete: true } : {}),
      ...(exclusive ? { exclusive: true, as: 'owner' } : {}),
      ...(Object.keys(queue.arguments).length > 0 ? { arguments: queue.arguments } : {}),
    }),
  )
  const late = chance.hit(45)
  if (late && chance.hit(85)) publishSome(draft, queue)
  if (!exclusive && draft.running.size === 3 && draft.apart.length === 0 && chance.hit(65))
    mirror(draft, queue, late)
  if (!late && chance.hit(85)) publishSome(draft, queue)
  return queue
}

/** Mirrors `queue` on one or two further nodes, one after the other. */
function mirror(draft: Draft, queue: DraftQueue, late: boolean): void {
  const { chance } = draft
  const others = [1, 2, 3].filter((node) => node !== queue.home)
  if (chance.hit(50)) others.reverse()
  const mirrors = others.slice(0, chance.hit(65) ? 2 : 1)
  for (let count = 1; count <= mirrors.length; count++)
    draft.add(
      policy(
        queue.home,
        `p${queue.name}`,
        `^${queue.name}$`,
        listPolicy(queue, [queue.home, ...mirrors.slice(0, count)]),
      ),
      until(queue.home, queue.name, { leader: queue.home, mirrors: mirrors.slice(0, count) }),
    )
  queue.wanted = [queue.home, ...mirrors]
  queue.replicas = new Set(queue.wanted)
  queue.synchronised = !late || queue.promotion['ha-sync-mode'] === 'automatic'
  if (late) draft.add(look(queue.home, queue.name))
}

/** Publishes a few messages to one queue, or to all that the exchange leads to. */
export function publishSome(draft: Draft, queue: DraftQueue): void {
  const { chance } = draft
  const on = draft.someNode()
  const options = {
    body: draft.nextBody(),
    ...(chance.hit(25) ? { persistent: chance.hit(60) ? ('alternate' as const) : false } : {}),
    ...(chance.hit(20) ? { mandatory: true } : {}),
    ...(queue.arguments['x-max-priority'] !== undefined && chance.hit(60) ? { priority: chance.int(4) } : {}),
    ...(chance.hit(6) ? { expiration: '3600000' } : {}),
  }
  if (draft.exchange && chance.hit(30))
    draft.add(publish(on, '', chance.between(1, 3), { ...options, exchange: 'x' }))
  else if (chance.hit(10))
    draft.add(publish(on, queue.name, chance.between(1, 4), { body: options.body, confirms: false }), {
      do: 'rest',
    })
  else draft.add(publish(on, queue.name, chance.between(1, 6), options))
}
