// How an island falls apart when connections break and how its parts find together again, by the cluster's partition
// handling (docs/observed.md §8). Called by `cluster`; who belongs together and who wins is `membership`'s arithmetic.

import type { LossCause } from '../policies/loss.ts'
import type { Cluster } from './cluster.ts'
import { handleLoss, loseOrdinary } from './cluster-failover.ts'
import type { Island, Member } from './cluster-member.ts'
import { comeUp } from './cluster-start.ts'
import { autohealWinner, isMinority, splitGroups } from './membership.ts'
import { pick } from './timings.ts'

/** Links have changed: both ends notice after a moment, and what has come apart or together reacts. */
export function noticeLinks(cluster: Cluster): void {
  const { loop, timings } = cluster
  loop.at(loop.now + pick(timings.notice, loop.chance('timings')), () => reactToLinks(cluster))
}

/** What has come apart or together reacts now. */
export function reactToLinks(cluster: Cluster): void {
  for (const island of [...cluster.islands]) split(cluster, island)
  cluster.broken.clear()
  for (const link of cluster.mended) link.become('up')
  cluster.mended.clear()
  mend(cluster)
}

/** The members of `side` have noticed that `lost` are gone: they go on without them, or pause. */
export function lose(cluster: Cluster, side: Island, lost: readonly string[], cause: LossCause): void {
  // Nodes that were killed look like nodes cut off: who is left with half of the cluster or less pauses either way.
  if (cluster.partitionHandling !== 'pause_minority' || !isMinority([...side.members], cluster.size))
    return handleLoss(cluster, side, lost, cause)
  loseOrdinary(cluster, side, lost)
  // What consumers are told of that leaves before their connections are closed.
  cluster.loop.at(cluster.loop.now, () => {
    for (const name of [...side.members]) cluster.shutDown(cluster.member(name), 'paused')
  })
}

function split(cluster: Cluster, island: Island): void {
  const { broken } = cluster
  const whole = (a: string, b: string) =>
    cluster.joined(a, b) && !broken.has(`${a} ${b}`) && !broken.has(`${b} ${a}`)
  const groups = splitGroups([...island.members], whole)
  if (groups.length < 2) return
  const all = [...island.members]
  cluster.islands = cluster.islands.filter((other) => other !== island)
  const sides = groups.map((group, i): Island => {
    const definitions = i === 0 ? island.definitions : island.definitions.copy()
    return { members: new Set(group), definitions }
  })
  for (const side of sides) {
    cluster.addIsland(side)
    for (const name of side.members) {
      const member = cluster.member(name)
      member.island = side
      if (member.node !== null) member.node.definitions = side.definitions
    }
  }
  for (const side of sides)
    lose(
      cluster,
      side,
      all.filter((name) => !side.members.has(name)),
      'partition',
    )
}

/** Links or nodes came back: paused nodes return, autoheal restarts the losers, waiting nodes look again. */
export function mend(cluster: Cluster): void {
  for (const member of cluster.members) if (member.state === 'waiting') comeUp(cluster, member)
  // Only with a majority that is whole: nodes that are paused themselves count, those that are down do not.
  const alive = cluster.members.filter(({ state }) => state !== 'stopped').map(({ name }) => name)
  for (const group of splitGroups(alive, (a, b) => cluster.connected(a, b)))
    if (!isMinority(group, cluster.size))
      for (const name of group) if (cluster.member(name).state === 'paused') cluster.start(name)
  if (cluster.partitionHandling === 'autoheal') autoheal(cluster)
}

function autoheal(cluster: Cluster): void {
  const sides = cluster.islands.filter((island) =>
    [...island.members].some((name) => cluster.partitionsSeenBy(name).length > 0),
  )
  if (sides.length < 2) return
  const counted = sides.map((island) => ({
    members: island.members,
    connections: cluster.nodesOf(island).reduce((sum, node) => sum + node.connections.size, 0),
  }))
  const winner = autohealWinner(counted)
  for (const side of counted)
    if (side !== winner) for (const name of [...side.members]) restart(cluster, cluster.member(name))
}

function restart(cluster: Cluster, member: Member): void {
  const { loop, timings } = cluster
  cluster.shutDown(member, 'stopped')
  const poll = () => {
    if (member.state === 'stopped') cluster.start(member.name)
    else if (member.state === 'stopping') loop.at(loop.now + timings.stop.maxMs + 1, poll)
  }
  loop.at(loop.now + timings.stop.maxMs + 1, poll)
}
