// Queues that one side of a mended partition waits for while their leader, on the other side, can be heard again. A real node
// asks the process that its own table names, wherever it is, so such a queue serves both sides until one of them restarts
// (docs/observed.md §21). Called by `cluster-partition` and `cluster-stop`; it must never join what definitions have parted.

import type { LossCause } from '../policies/loss.ts'
import type { Cluster } from './cluster.ts'
import { handleLoss } from './cluster-failover.ts'
import type { Island, Member } from './cluster-member.ts'

/** Links have been mended, or nodes have come: whoever waits for a leader on another side has it again. */
export function reachAcross(cluster: Cluster): void {
  if (cluster.islands.length < 2) return
  for (const island of cluster.islands)
    for (const record of [...island.definitions.queues.values()]) {
      if (record.state === 'down' || !leadsElsewhere(cluster, island, record.leader, record.id)) continue
      // A mirror of this side is about to take over: what was lost on the way to the old leader is asked of that one.
      if (record.state === 'running' && hasMirror(cluster, island, record.id)) continue
      const leader = cluster.member(record.leader)
      for (const name of island.members) {
        leader.hears.add(name)
        cluster.member(name).hears.add(leader.name)
      }
      // Whoever has come to this side meanwhile hears the leader too.
      if (record.state === 'running') continue
      record.state = 'running'
      island.definitions.version++
      cluster.announceIn(island, record, 'recovered')
    }
}

/** Of the nodes of this side, not as its table has it: one that has been away may still be listed. */
const hasMirror = (cluster: Cluster, island: Island, queue: number): boolean =>
  cluster.nodesOf(island).some((node) => node.replicas.mirrors.has(queue))

function leadsElsewhere(cluster: Cluster, island: Island, name: string, queue: number): boolean {
  if (island.members.has(name) || !cluster.hasMember(name)) return false
  const { node, state } = cluster.member(name)
  return (
    state === 'running' &&
    node?.leaders.has(queue) === true &&
    [...island.members].every((member) => cluster.connected(member, name))
  )
}

/** Links have been cut: those of different sides that no longer hear each other lose what they had of one another. */
export function partAcross(cluster: Cluster): void {
  const losses = cluster.members.flatMap((member) =>
    [...member.hears]
      .filter((name) => !cluster.joined(member.name, name))
      .map((name) => ({ gone: cluster.member(name), member })),
  )
  // Either end loses the other.
  for (const { gone, member } of losses) loseAcross(cluster, gone, member, 'partition')
}

/** A node has ended: those of other sides that heard it lose it. */
export function endAcross(cluster: Cluster, gone: Member, cause: LossCause): void {
  for (const name of [...gone.hears]) loseAcross(cluster, gone, cluster.member(name), cause)
}

function loseAcross(cluster: Cluster, gone: Member, member: Member, cause: LossCause): void {
  gone.hears.delete(member.name)
  member.hears.delete(gone.name)
  if (member.island !== null && !member.island.members.has(gone.name))
    handleLoss(cluster, member.island, [gone.name], cause)
}
