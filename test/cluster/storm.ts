// A storm over a cluster in virtual time: seeded kills, stops, starts, cuts and policy changes under load, the calm after
// it, and what may be wrong with a queue once all is at rest. Used by chaos.test.ts; it asserts nothing itself.

import { randomStream } from '../../nodes/loop.ts'
import type { PartitionHandling } from '../../nodes/membership.ts'
import { nodeName } from './scene.ts'
import type { VirtualClient } from './virtual-client.ts'
import { World } from './world.ts'

const policies = [
  { 'ha-mode': 'all' },
  { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic' },
  { 'ha-mode': 'nodes', 'ha-params': [nodeName(2), nodeName(3)] },
  { 'ha-mode': 'nodes', 'ha-params': [nodeName(1)], 'ha-sync-mode': 'automatic' },
  { 'ha-mode': 'all', 'ha-promote-on-failure': 'when-synced' },
  { 'ha-mode': 'exactly', 'ha-params': 1 },
]
/** m…: mirrored by the policy in force; p…: plain. */
export const queues = ['m0', 'm1', 'm2', 'p0', 'p1', 'p2']

/** 150 steps of load and faults, by the seed. */
export function storm(
  seed: number,
  partitionHandling: PartitionHandling,
): { world: World; clients: VirtualClient[] } {
  const world = new World({ seed, partitionHandling })
  const chance = randomStream(seed, 'storm')
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)]!
  const running = () => [1, 2, 3].filter((number) => world.state(number) === 'running')
  const clients = new Map<number, VirtualClient>()
  // Every other cluster has slow links among its links, so that messages overtake one another on their ways.
  if (seed % 2 === 0)
    for (const link of world.cluster.allLinks()) if (chance() < 0.5) link.delayMs = 40 * chance()
  world.policy(pick(policies), { pattern: '^m' })
  for (const [i, queue] of queues.entries()) {
    const client = world.client(1 + (i % 3))
    client.declare(queue)
    client.drop()
  }
  for (let step = 0; step < 150; step++) {
    const fault = chance()
    const number = pick([1, 2, 3])
    if (fault < 0.04) world.kill(number)
    else if (fault < 0.06) world.stop(number)
    else if (fault < 0.08) world.cut([number])
    else if (fault < 0.12) world.heal()
    else if (fault < 0.3) world.start(number)
    else if (fault < 0.36 && running().length > 0)
      world.policy(pick(policies), { pattern: '^m', through: pick(running()) })
    for (const up of [1, 2, 3]) {
      if (world.state(up) !== 'running') clients.delete(up)
      else if (chance() < 0.05 || !clients.has(up)) {
        clients.get(up)?.drop()
        const client = world.client(up).confirming()
        client.prefetch(3)
        client.beginConsume(pick(queues), '')
        clients.set(up, client)
      } else {
        const client = clients.get(up)!
        if (client.refusal() !== undefined) client.drop()
        for (let i = 0; i < 4; i++) client.publish(pick(queues), `${step}`, { durable: chance() < 0.5 })
        if (chance() < 0.5) client.ack(0, true)
      }
    }
    world.run(150 * chance() ** 2)
  }
  return { world, clients: [...clients.values()] }
}

/** Mends and starts everything; a split brain is ended by a restart of all but node 1. */
export function calm(world: World): void {
  world.heal()
  for (let round = 0; round < 3; round++) {
    for (const number of [1, 2, 3]) world.start(number)
    world.run(20_000)
  }
  if (world.cluster.islands.length > 1) {
    for (const number of [2, 3]) world.stop(number)
    world.run(1000)
    for (const number of [2, 3]) world.start(number)
    world.run(20_000)
  }
}

/** What is wrong with a queue at rest; nothing, if all is well. */
export function complaints(world: World, queue: string): string[] {
  const record = world.record(queue, 1)
  if (record === undefined) return []
  const found: string[] = []
  if (record.state !== 'running') return [`${queue} is ${record.state}`]
  const leader = world.cluster.member(record.leader).node?.leaders.get(record.id)
  if (leader === undefined) return [`nobody leads ${queue}`]
  if (record.syncing) found.push(`${queue} is still syncing`)
  for (const { node, synced } of record.mirrors) {
    const mirror = world.cluster.member(node).node?.replicas.mirrors.get(record.id)
    if (mirror === undefined) found.push(`${queue} has no mirror on ${node}`)
    else if (mirror.term !== record.term)
      found.push(`the mirror of ${queue} on ${node} follows another leader`)
    else if (synced && mirror.depth !== leader.depth)
      found.push(`the mirror of ${queue} on ${node} has ${mirror.depth} of ${leader.depth}`)
    else if (!synced && mirror.depth > leader.depth)
      found.push(`the mirror of ${queue} on ${node} has too many`)
  }
  for (const { node } of world.cluster.members) {
    if (node === null) continue
    if (node.leaders.has(record.id) && node.name !== record.leader)
      found.push(`${node.name} leads ${queue} too`)
    const wanted = record.mirrors.some((mirror) => mirror.node === node.name)
    if (node.replicas.mirrors.has(record.id) && !wanted) found.push(`${node.name} mirrors ${queue} unasked`)
  }
  return found
}

/** What is left of clients that are gone, on any node. */
export function leftovers(world: World): string[] {
  const found: string[] = []
  for (const { name, node } of world.cluster.members) {
    if (node === null) continue
    if (node.channels.size > 0) found.push(`${name} has ${node.channels.size} channels`)
    if (node.connections.size > 0) found.push(`${name} has ${node.connections.size} connections`)
    for (const { identity, consumers, outlets, replication } of node.leaders.values()) {
      const what = `${identity.name} on ${name}`
      if (consumers.all.length > 0) found.push(`${what} has ${consumers.all.length} consumers`)
      if (outlets.count > 0) found.push(`${what} has ${outlets.count} unacknowledged`)
      for (const { node: mirror, acked } of replication.followers)
        if (acked !== replication.position) found.push(`${what} waits for its mirror on ${mirror}`)
    }
  }
  return found
}
