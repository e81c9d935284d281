// How a node goes: cleanly or as by SIGKILL, with its process or only its application. Its memory is gone, its disk is kept,
// and the others notice. Called by `cluster`; what the others make of it is `cluster-partition`'s.

import type { LossCause } from '../policies/loss.ts'
import type { Cluster } from './cluster.ts'
import { endAcross } from './cluster-across.ts'
import type { Island, Member } from './cluster-member.ts'
import { lose, mend } from './cluster-partition.ts'
import { connectionForced } from './errors.ts'
import { modeOf } from './modes/index.ts'
import type { Node } from './node.ts'
import { viewOf } from './node-replicas.ts'
import { pick } from './timings.ts'

/** How a node ends: with its process, or only its application. */
export type EndState = 'stopped' | 'app-stopped' | 'paused'

/** A clean stop: clients get 320. A node that does not serve loses what it was about to become. */
export function shutDown(cluster: Cluster, member: Member, state: EndState): void {
  const { loop, timings, trace } = cluster
  if (member.node === null || member.state !== 'running') {
    const alive = ['starting', 'waiting', 'paused', 'app-stopped'].includes(member.state)
    if (alive) cluster.become(member, state === 'app-stopped' ? state : 'stopped')
    return
  }
  cluster.become(member, 'stopping')
  trace.event(loop.now, state === 'paused' ? 'node-paused' : 'node-stopped', member.name)
  const shutdown = connectionForced("broker forced connection closure with reason 'shutdown'")
  for (const connection of [...member.node.connections.values()]) connection.shut(shutdown)
  loop.at(loop.now + pick(timings.stop, loop.chance('timings')), () => {
    if (member.state !== 'stopping') return
    end(cluster, member, 'shutdown', state)
    if (state === 'paused') mend(cluster)
  })
}

/** The node ends: memory gone, disk kept, the others notice. */
export function end(cluster: Cluster, member: Member, cause: LossCause, state: EndState): void {
  const { loop, timings } = cluster
  const { node, island } = member
  if (node === null || island === null) return
  for (const other of cluster.members)
    if (other !== member) {
      const links = [cluster.link(member.name, other.name), cluster.link(other.name, member.name)]
      // A dead peer's connections break without the network being cut: they are whole again when it returns.
      for (const link of links) if (link?.state !== 'cut') link?.interrupt()
    }
  const connections = [...node.connections.values()]
  member.mirrored = new Set(node.replicas.mirrors.keys())
  member.lacking = lackingOf(node)
  node.forgetAll()
  if (cause === 'shutdown') member.store.stop()
  else member.store.crash()
  island.members.delete(member.name)
  member.ranWith = [...island.members]
  member.disk = island.definitions.copy(true)
  if (cause === 'shutdown' && state !== 'paused') noteHeirs(cluster, member, island)
  member.node = null
  member.island = null
  if (island.members.size === 0) cluster.islands = cluster.islands.filter((other) => other !== island)
  cluster.become(member, state)
  for (const connection of connections) connection.end()
  if (island.members.size === 0 && member.hears.size === 0) return
  const delay = cause === 'shutdown' ? 0 : pick(timings.notice, loop.chance('timings'))
  loop.at(loop.now + delay, () => {
    endAcross(cluster, member, cause)
    const theirs = cluster.islands.filter((i) => [...i.members].some((name) => island.members.has(name)))
    for (const current of theirs) {
      const members = [...current.members].map((name) => cluster.member(name))
      // Who stands still knows nothing of it yet.
      if (members.every(({ state: now }) => now === 'frozen'))
        for (const { givenUpBy } of members) givenUpBy.add(member.name)
      else lose(cluster, current, [member.name], cause)
    }
  })
}

/** What a promotion will cost, told by the event of it; only of queues with mirrors that lack something. */
function lackingOf(node: Node): Map<number, Map<string, number>> {
  const lacking = new Map<number, Map<string, number>>()
  for (const [id, { replication }] of node.leaders) {
    const behind = replication.followers.filter(({ missing }) => missing > 0)
    if (behind.length > 0) lacking.set(id, new Map(behind.map((one) => [one.node, one.missing])))
  }
  return lacking
}

/** A node that stops cleanly still learns who takes over from it: it will not take itself for the leader (docs/observed.md §18). */
function noteHeirs(cluster: Cluster, member: Member, island: Island): void {
  for (const record of member.disk?.queues.values() ?? []) {
    const mirrors = record.mirrors.filter(({ node }) => island.members.has(node))
    record.mirrors = mirrors
    if (record.leader !== member.name || record.state !== 'running') continue
    const view = { ...viewOf(record), replicas: { leader: member.name, mirrors } }
    const fate = modeOf(record.settings, cluster.size).lose(view, 'shutdown')
    if (fate.to !== 'promote') continue
    record.leader = fate.node
    record.mirrors = mirrors.filter(({ node }) => node !== fate.node)
  }
}
