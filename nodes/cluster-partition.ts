// How an island falls apart when connections break and how its parts find together again, by the cluster's partition
// handling (docs/observed.md §8). Called by `cluster`; who belongs together and who wins is `membership`'s arithmetic.

import type { LossCause } from '../policies/loss.ts'
import type { Cluster } from './cluster.ts'
import { partAcross, reachAcross } from './cluster-across.ts'
import { handleLoss, loseOrdinary, loseOrdinaryAt, promoteUnseen } from './cluster-failover.ts'
import type { Island, Member } from './cluster-member.ts'
import { knownTo } from './cluster-membership.ts'
import { comeUp } from './cluster-start.ts'
import {
  autohealWinner,
  components,
  mayGoOn,
  type PartitionHandling,
  partlyBlind,
  restartsLosers,
  splitGroups,
} from './membership.ts'
import { pick } from './timings.ts'

/** From now on; who paused and need not any more returns, and who must be restarted is. */
export function setPartitionHandling(cluster: Cluster, handling: PartitionHandling): void {
  cluster.partitionHandling = handling
  const { loop, trace } = cluster
  trace.event(loop.now, 'partition-handling-set', '', typeof handling === 'string' ? handling : handling.mode)
  mend(cluster)
}

/** Links have changed: both ends notice after a moment, and what has come apart or together reacts. */
export function noticeLinks(cluster: Cluster): void {
  const { loop, timings } = cluster
  loop.at(loop.now + pick(timings.notice, loop.chance('timings')), () => reactToLinks(cluster))
}

/** What has come apart or together reacts now. */
export function reactToLinks(cluster: Cluster): void {
  for (const island of [...cluster.islands]) split(cluster, island)
  partAcross(cluster)
  cluster.broken.clear()
  for (const link of cluster.mended) link.become('up')
  cluster.mended.clear()
  mend(cluster)
}

/** Which of the nodes that run with `name` would pause if it were gone. */
export function pausingWithout(cluster: Cluster, name: string): string[] {
  const { island } = cluster.member(name)
  if (island === null) return []
  const alive = aliveWith(cluster, island).filter((other) => other !== name)
  const rest = [...island.members].filter((other) => other !== name)
  return mayGoOn(cluster.partitionHandling, alive, [...island.definitions.nodes.keys()]) ? [] : rest
}

/** The members of `side` have noticed that `lost` are gone: they go on without them, or pause. */
export function lose(cluster: Cluster, side: Island, lost: readonly string[], cause: LossCause): void {
  if (canDoWithout(cluster, side, lost)) return handleLoss(cluster, side, lost, cause)
  loseOrdinary(cluster, side, lost)
  // Whoever stands still pauses when it goes on.
  for (const name of side.members) {
    const { state, givenUpBy } = cluster.member(name)
    if (state === 'frozen') for (const other of lost) givenUpBy.add(other)
  }
  pause(cluster, [...side.members], () => promoteUnseen(cluster, side, lost))
}

/** Asked for each of `lost` alone, as they are noticed; nodes that were killed look like nodes cut off. */
function canDoWithout(cluster: Cluster, side: Island, lost: readonly string[]): boolean {
  const all = [...side.definitions.nodes.keys()]
  const alive = aliveWith(cluster, side)
  // Of a node that pauses or has stopped its application only the application is lost.
  const gone = lost.filter((name) => cluster.member(name).node !== null)
  return [null, ...gone].every((name) =>
    mayGoOn(
      cluster.partitionHandling,
      alive.filter((other) => other !== name),
      all,
    ),
  )
}

/**
 * The nodes whose process a side can talk to, its own included: those that are paused or start count too, and those of another
 * side that a node hears again before it has noticed that it had lost them (docs/observed.md §19.5).
 */
function aliveWith(cluster: Cluster, side: Island): string[] {
  const own = [...side.members]
  return cluster.members
    .filter(({ name, state }) => state !== 'stopped' && !side.members.has(name))
    .map(({ name }) => name)
    .filter((name) => side.definitions.nodes.has(name) && own.some((member) => cluster.joined(member, name)))
    .concat(own)
}

function split(cluster: Cluster, island: Island): void {
  const { broken } = cluster
  const whole = (a: string, b: string) =>
    cluster.joined(a, b) && !broken.has(`${a} ${b}`) && !broken.has(`${b} ${a}`)
  const members = [...island.members]
  // Whoever finds out that a fellow is seen by others pauses, instead of leaving them too (docs/observed.md §19.4).
  const pauses = cluster.partitionHandling === 'pause_minority'
  const groups = (pauses ? components : splitGroups)(members, whole)
  if (groups.length > 1) divide(cluster, island, groups)
  if (!pauses) return
  for (const group of groups) {
    const blind = partlyBlind(group, whole)
    for (const name of blind) {
      const lost = group.filter((other) => other !== name && !whole(name, other))
      loseOrdinaryAt(cluster, cluster.member(name).island ?? island, name, lost)
      cluster.member(name).untilWhole = cluster.member(name).state === 'running'
    }
    pause(cluster, blind)
  }
}

/** What consumers are told before that leaves before their connections are closed. */
function pause(cluster: Cluster, names: readonly string[], then: () => void = () => {}): void {
  cluster.loop.at(cluster.loop.now, () => {
    for (const name of names) cluster.shutDown(cluster.member(name), 'paused')
    then()
  })
}

function divide(cluster: Cluster, island: Island, groups: readonly (readonly string[])[]): void {
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
  for (const side of sides) {
    const lost = all.filter((name) => !side.members.has(name))
    const members = [...side.members].map((name) => cluster.member(name))
    // Whoever stands still, with nobody about, knows nothing of it yet.
    if (members.every(({ state }) => state === 'frozen'))
      for (const { givenUpBy } of members) for (const name of lost) givenUpBy.add(name)
    else lose(cluster, side, lost, 'partition')
  }
}

/** Links or nodes came back: paused nodes return, autoheal restarts the losers, waiting nodes look again. */
export function mend(cluster: Cluster): void {
  for (const member of cluster.members) if (member.state === 'waiting') comeUp(cluster, member)
  for (const member of cluster.members)
    if (member.state === 'paused' && mayReturn(cluster, member)) {
      member.untilWhole = false
      cluster.start(member.name)
    }
  if (restartsLosers(cluster.partitionHandling)) autoheal(cluster)
  else reachAcross(cluster)
}

/** Nodes that are paused themselves count as reached, those that are down do not. */
function mayReturn(cluster: Cluster, member: Member): boolean {
  const all = [...knownTo(member).keys()]
  const reached = all.filter(
    (other) => cluster.member(other).state !== 'stopped' && cluster.connected(member.name, other),
  )
  // It cannot join those who run with somebody it does not reach.
  const half = cluster.islands.some(({ members }) => {
    const names = [...members]
    // Nodes that have joined meanwhile it does not know, but can reach.
    return (
      names.some((name) => reached.includes(name)) &&
      !names.every((name) => cluster.connected(member.name, name))
    )
  })
  if (half) return false
  return member.untilWhole ? reached.length === all.length : mayGoOn(cluster.partitionHandling, reached, all)
}

/** Only once all nodes run and reach one another; until then it is not asked for (docs/observed.md §19.1). */
function autoheal(cluster: Cluster): void {
  const sides = cluster.islands.filter((island) =>
    [...island.members].some((name) => cluster.partitionsSeenBy(name).length > 0),
  )
  const all = sides.flatMap(({ definitions }) => [...definitions.nodes.keys()])
  const whole = all.every(
    (name) =>
      cluster.member(name).state === 'running' && all.every((other) => cluster.connected(name, other)),
  )
  if (sides.length < 2 || !whole) return
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
