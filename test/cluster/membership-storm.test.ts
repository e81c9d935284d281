// Seeded histories in which nodes join, leave, are forgotten and are made to start, between kills and cuts and under load; then
// calm, and one cluster again. Whatever happened, it must come to rest whole. A failure names its seed.
import { describe, expect, test } from 'vitest'
import { leftBehind, mirrorFaults, queueFaults } from '../../fuzz/invariants.ts'
import * as membership from '../../nodes/cluster-membership.ts'
import { randomStream } from '../../nodes/loop.ts'
import { nodeName } from './scene.ts'
import { complaints, leftovers, queues } from './storm.ts'
import type { VirtualClient } from './virtual-client.ts'
import { World } from './world.ts'

const numbers = [1, 2, 3, 4]

/** Does it, if the node's state allows. */
function attempt(verb: () => unknown): boolean {
  try {
    verb()
    return true
  } catch (error) {
    if (error instanceof membership.MembershipError) return false
    throw error
  }
}

function storm(seed: number): World {
  const world = new World({ seed })
  const { cluster } = world
  const chance = randomStream(seed, 'membership')
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)]!
  cluster.start(cluster.addMember().name)
  world.run(5000)
  const mode = pick([{ 'ha-mode': 'all' }, { 'ha-mode': 'exactly', 'ha-params': 2 }])
  world.policy({ ...mode, 'ha-sync-mode': 'automatic' }, { pattern: '^m' })
  const clients = new Map<number, VirtualClient>()
  for (let step = 0; step < 120; step++) {
    const [node, other] = [nodeName(pick(numbers)), nodeName(pick(numbers))]
    const verbs = [
      () => membership.stopApp(cluster, node),
      () => membership.startApp(cluster, node),
      () => membership.startApp(cluster, node),
      () => membership.reset(cluster, node),
      () => membership.forceReset(cluster, node),
      () => membership.joinCluster(cluster, node, other, pick(['disc', 'ram'])),
      () => membership.joinCluster(cluster, node, other),
      () => membership.forgetNode(cluster, node, other, chance() < 0.2),
      () => membership.forceBoot(cluster, node),
      () => membership.updateNodes(cluster, node, other),
      () => cluster.kill(node),
      () => cluster.stop(node),
      () => cluster.start(node),
      () => cluster.start(node),
      () => cluster.partition([[node]]),
      () => cluster.heal(),
    ]
    if (chance() < 0.6) attempt(pick(verbs))
    for (const up of numbers) {
      if (world.state(up) !== 'running') clients.delete(up)
      else if (!clients.has(up) || clients.get(up)?.refusal() !== undefined) {
        clients.get(up)?.drop()
        const client = world.client(up).confirming()
        client.beginDeclare(pick(queues))
        client.beginConsume(pick(queues), '')
        clients.set(up, client)
      } else {
        const client = clients.get(up)!
        for (let i = 0; i < 3; i++) client.publish(pick(queues), `${step}`, { durable: chance() < 0.5 })
        if (chance() < 0.5) client.ack(0, true)
      }
    }
    world.run(chance() < 0.2 ? 5000 * chance() : 100 * chance())
  }
  for (const client of clients.values()) client.drop()
  return world
}

/** Mends and starts everything, and makes all nodes members of one cluster: that of the first that serves. */
function gather(world: World): void {
  const { cluster } = world
  cluster.heal()
  for (const { name } of cluster.members) {
    if (cluster.member(name).state !== 'running') attempt(() => membership.forceBoot(cluster, name))
    cluster.start(name)
    world.run(6000)
  }
  const first = cluster.members.find(({ state }) => state === 'running')!
  for (const { name, state } of cluster.members) {
    if (name === first.name || (cluster.member(name).island === first.island && state === 'running')) continue
    if (state === 'stopped') wake(world, name)
    attempt(() => membership.stopApp(cluster, name))
    world.run(1000)
    attempt(() => membership.forceReset(cluster, name))
    attempt(() => membership.forgetNode(cluster, first.name, name))
    membership.joinCluster(cluster, name, first.name)
    membership.startApp(cluster, name)
    world.run(20_000)
  }
}

/** A process that cannot come up as what it remembers is given a new disk. */
function wake(world: World, name: string): void {
  const member = world.cluster.member(name)
  member.disk = null
  member.ranWith = []
  world.cluster.start(name)
  world.run(6000)
}

describe('after a storm of joining, leaving and forgetting', () => {
  test.each(Array.from({ length: 40 }, (_, i) => i + 1))(
    'all nodes make one whole cluster, seed %i',
    (seed) => {
      const world = storm(seed)
      gather(world)
      const { cluster } = world
      expect(new Set(world.history().map((line) => line.split(' ')[1]))).toContain('node-joined')
      expect(cluster.members.map(({ state }) => state)).toEqual(numbers.map(() => 'running'))
      expect(cluster.islands.length).toBe(1)
      expect([...cluster.islands[0]!.definitions.nodes.keys()].sort()).toEqual(numbers.map(nodeName))
      world.run(30_000)
      expect(leftovers(world)).toEqual([])
      expect(queues.flatMap((queue) => complaints(world, queue))).toEqual([])
      expect([...queueFaults(cluster), ...leftBehind(cluster, new Set()), ...mirrorFaults(cluster)]).toEqual(
        [],
      )
      const client = world.client(4).confirming()
      for (const queue of queues) {
        client.declare(queue)
        client.fill(queue, ['last'])
        expect(client.drain(queue).at(-1)).toMatch(/^last\*?$/)
      }
    },
  )
})
