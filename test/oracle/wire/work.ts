// Does the work of one case on a stage and gives the bytes that it cost on each link. The same calls at the same pace for a
// real cluster and for Warren: nothing here knows which of them it is.

import { replicasOf, type WireCase, type Work } from './cases.ts'
import { type Client, type Links, linkNames, type Stage } from './stage.ts'

/** From one message to the next: slow enough that nothing travels together with its neighbour. */
const intervalMs = 10

/** One case on its stage: its queue's name and clients at its three places. */
interface Scene {
  readonly stage: Stage
  readonly wireCase: WireCase
  readonly queue: string
  readonly leader: Client
  readonly publisher: Client
  readonly consumer: Client
}

/** Prepares what is not measured and gives what is. */
type Preparation = (scene: Scene) => Promise<() => Promise<void>>

/** Bytes on each link for one unit of the case. */
export async function measure(stage: Stage, wireCase: WireCase, number: number): Promise<Links> {
  const { leader, publisher, consumer, count } = wireCase
  const scene: Scene = {
    stage,
    wireCase,
    queue: `q${String(number).padStart(3, '0')}`,
    leader: await stage.client(leader),
    publisher: await stage.client(publisher),
    consumer: await stage.client(consumer),
  }
  await mirror(scene)
  const act = await works[wireCase.work](scene)
  const before = await stage.quiet()
  await act()
  const after = await stage.quiet()
  for (const client of [scene.publisher, scene.consumer]) await client.close()
  await undo(scene)
  await scene.leader.close()
  return Object.fromEntries(linkNames.map((link) => [link, (after[link]! - before[link]!) / count]))
}

export const total = (links: Links) => Object.values(links).reduce((sum, bytes) => sum + bytes, 0)

/** Removes what the case has made, whatever that was. */
async function undo(scene: Scene): Promise<void> {
  const { stage, leader, wireCase } = scene
  const { work, count } = wireCase
  const names = Array.from({ length: count }, (_, i) => numbered(scene, i))
  for (const queue of queuesOf(scene)) await leader.deleteQueue(queue)
  if (work === 'exchange') for (const name of names) await leader.deleteExchange(name)
  if (work === 'policy') for (const name of names) await stage.clearPolicy(name)
  if (wireCase.copies > 0) await stage.clearPolicy('wire')
}

/** The policy that gives the case's queue its copies. */
async function mirror({ stage, wireCase, queue }: Scene): Promise<void> {
  if (wireCase.copies === 0) return
  const names = replicasOf(wireCase).map((node) => stage.nameOf(node))
  const which =
    wireCase.copies === 2
      ? { 'ha-mode': 'nodes', 'ha-params': names }
      : { 'ha-mode': 'exactly', 'ha-params': wireCase.copies }
  await stage.setPolicy('wire', `^${queue}`, { ...which, 'ha-sync-mode': 'automatic' })
}

const queuesOf = ({ wireCase: { work, count }, queue }: Scene): string[] => {
  const first = (n: number) => Array.from({ length: n }, (_, i) => `${queue}.${i}`)
  if (work === 'fan-out') return first(2)
  if (work === 'queue' || work === 'transient queue') return first(count)
  return work === 'dead letters' ? [queue, 'dead'] : [queue]
}

async function declared(scene: Scene, queue = scene.queue): Promise<void> {
  const { stage, wireCase, leader } = scene
  await leader.declare(queue)
  await stage.placed(queue, wireCase.leader, replicasOf(wireCase).length - 1, true)
}

/** Puts the case's messages into its queue. */
async function filled(scene: Scene, { leader, queue, wireCase } = scene): Promise<void> {
  await leader.confirming()
  for (let i = 0; i < wireCase.count; i++) leader.publish({ key: queue, bodyBytes: wireCase.bodyBytes })
  await leader.answered()
}

async function paced({ stage, wireCase }: Scene, one: (i: number) => unknown): Promise<void> {
  for (let i = 0; i < wireCase.count; i++) {
    await one(i)
    await stage.pause(intervalMs)
  }
}

/** A consumer waits, and messages come one by one. */
const flowing =
  (noAck: boolean, options: { global?: boolean; headers?: boolean; hasty?: boolean } = {}): Preparation =>
  async (scene) => {
    const { publisher, consumer, queue, wireCase } = scene
    const { global = false, headers = false, hasty = false } = options
    await declared(scene)
    await consumer.consume(queue, { noAck, prefetch: 100, global })
    if (!noAck) await publisher.confirming()
    const { bodyBytes, count } = wireCase
    const publish = () => publisher.publish({ key: queue, bodyBytes, persistent: !noAck, headers })
    return async () => {
      if (hasty)
        for (let i = 1; i <= count; i++) {
          publish()
          if (i % 100 === 0) await publisher.answered()
        }
      else await paced(scene, publish)
      if (!noAck) await publisher.answered()
      await consumer.delivered(count)
    }
  }

/** A consumer comes to a queue that is full. */
const draining =
  (noAck: boolean): Preparation =>
  async (scene) => {
    await declared(scene)
    await filled(scene)
    return async () => {
      await scene.consumer.consume(scene.queue, { noAck, prefetch: 100 })
      await scene.consumer.delivered(scene.wireCase.count)
    }
  }

const getting =
  (then: 'ack' | 'requeue' | 'auto', full = true): Preparation =>
  async (scene) => {
    await declared(scene)
    if (full) await filled(scene)
    return () => paced(scene, () => scene.consumer.get(scene.queue, then))
  }

/** The same change of the definitions, so often; `before` is done first and not measured. */
const changing =
  (
    change: (scene: Scene, i: number) => Promise<void>,
    before: (scene: Scene, i: number) => Promise<void> = async () => {},
  ): Preparation =>
  async (scene) => {
    for (let i = 0; i < scene.wireCase.count; i++) await before(scene, i)
    return async () => {
      for (let i = 0; i < scene.wireCase.count; i++) await change(scene, i)
    }
  }

const numbered = (scene: Scene, i: number) => `${scene.queue}.${i}`
const declaring = (scene: Scene, i: number) => scene.publisher.declare(numbered(scene, i))
const setting = ({ stage, queue }: Scene, i: number) =>
  stage.setPolicy(`${queue}.${i}`, '^nothing', { 'max-length': 5 })
const once = (act: (scene: Scene) => Promise<void>) => (scene: Scene, i: number) =>
  i === 0 ? act(scene) : Promise.resolve()

const works: Readonly<Record<Work, Preparation>> = {
  confirmed: flowing(false),
  hasty: flowing(false, { hasty: true }),
  headers: flowing(false, { headers: true }),
  'global prefetch': flowing(false, { global: true }),
  auto: flowing(true),
  drain: draining(false),
  'auto drain': draining(true),
  get: getting('ack'),
  'get auto': getting('auto'),
  'get nothing': getting('ack', false),
  requeue: getting('requeue'),
  'dead letters': async (scene) => {
    const { leader, publisher, consumer, queue, wireCase } = scene
    await publisher.declare('dead')
    await leader.declare(queue, { durable: true, deadLetterKey: 'dead' })
    await filled(scene)
    return async () => {
      await consumer.consume(queue, { noAck: false, prefetch: 1 }, true)
      await consumer.delivered(wireCase.count)
    }
  },
  unroutable: async (scene) => {
    await declared(scene)
    await scene.publisher.confirming()
    const { bodyBytes } = scene.wireCase
    return () => paced(scene, () => scene.publisher.publish({ key: 'nowhere', bodyBytes }))
  },
  'fan-out': async (scene) => {
    for (const i of [0, 1]) {
      await declared(scene, numbered(scene, i))
      await scene.leader.bind(numbered(scene, i), 'amq.fanout', '')
    }
    await scene.publisher.confirming()
    const { bodyBytes } = scene.wireCase
    return async () => {
      await paced(scene, () => scene.publisher.publish({ exchange: 'amq.fanout', key: '', bodyBytes }))
      await scene.publisher.answered()
    }
  },
  sync: async (scene) => {
    const { stage, queue, wireCase } = scene
    await stage.clearPolicy('wire')
    await scene.leader.declare(queue)
    await filled(scene)
    await stage.setPolicy('wire', `^${queue}`, {
      'ha-mode': 'nodes',
      'ha-params': replicasOf(wireCase).map((node) => stage.nameOf(node)),
    })
    await stage.placed(queue, wireCase.leader, wireCase.copies - 1, false)
    return () => stage.synchronise(queue, wireCase.leader)
  },
  queue: changing(declaring),
  'transient queue': changing((scene, i) => scene.publisher.declare(numbered(scene, i), { durable: false })),
  'queue deleted': changing((scene, i) => scene.publisher.deleteQueue(numbered(scene, i)), declaring),
  binding: changing(
    ({ publisher, queue }, i) => publisher.bind(queue, 'amq.direct', `k${i}`),
    once((scene) => declared(scene)),
  ),
  'topic binding': changing(
    ({ publisher, queue }, i) => publisher.bind(queue, 'amq.topic', `a.b.k${i}`),
    once((scene) => declared(scene)),
  ),
  unbinding: changing(
    ({ publisher, queue }, i) => publisher.unbind(queue, 'amq.direct', `k${i}`),
    async (scene, i) => {
      if (i === 0) await declared(scene)
      await scene.publisher.bind(scene.queue, 'amq.direct', `k${i}`)
    },
  ),
  exchange: changing((scene, i) => scene.publisher.declareExchange(numbered(scene, i), 'direct')),
  'exchange deleted': changing(
    (scene, i) => scene.publisher.deleteExchange(numbered(scene, i)),
    (scene, i) => scene.publisher.declareExchange(numbered(scene, i), 'direct'),
  ),
  policy: changing(setting),
  'policy cleared': changing(({ stage, queue }, i) => stage.clearPolicy(`${queue}.${i}`), setting),
  consumer: changing(
    async ({ consumer, queue }) => {
      await consumer.consume(queue, { noAck: false, prefetch: 100 })
    },
    once((scene) => declared(scene)),
  ),
  'consumer cancelled': async (scene) => {
    await declared(scene)
    const tags: string[] = []
    for (let i = 0; i < scene.wireCase.count; i++)
      tags.push(await scene.consumer.consume(scene.queue, { noAck: false, prefetch: 100 }))
    return async () => {
      for (const tag of tags) await scene.consumer.cancel(tag)
    }
  },
}
