// What an island does about nodes it has lost: queues whose leader went are promoted elsewhere, go down, wait or are
// deleted, as their mode says (docs/observed.md §2, §4). Called by `cluster` when a loss is noticed.

import type { LossCause, Outcome } from '../policies/loss.ts'
import type { Cluster } from './cluster.ts'
import type { Island } from './cluster-member.ts'
import type { QueueRecord } from './definitions.ts'
import { modeOf } from './modes/index.ts'
import { viewOf } from './node-replicas.ts'
import { pick } from './timings.ts'

/** The island's members have noticed that `lost` are gone. */
export function handleLoss(
  cluster: Cluster,
  island: Island,
  lost: readonly string[],
  cause: LossCause,
): void {
  const nodes = cluster.nodesOf(island)
  // They are all gone at once: what the loss of one leads to is told after that of the others.
  for (const name of lost)
    for (const node of nodes) cluster.trace.event(cluster.loop.now, 'peer-down', node.name, name)
  for (const name of lost) for (const node of nodes) node.peerLost(name)
  for (const record of running(island)) {
    if (lost.includes(record.leader)) loseLeader(cluster, island, record, cause)
    else if (cause === 'partition') settleSide(cluster, island, record)
  }
}

/**
 * The members have noticed the loss and are about to pause: consumers of ordinary queues out of reach are still cancelled.
 * Those of mirrored ones are told nothing.
 */
export function loseOrdinary(cluster: Cluster, island: Island, lost: readonly string[]): void {
  for (const record of running(island))
    if (record.settings.haMode === null && lost.includes(record.leader))
      loseLeader(cluster, island, record, 'partition')
}

/** As `loseOrdinary`, for one member alone: the others still see those it has lost. */
export function loseOrdinaryAt(
  cluster: Cluster,
  island: Island,
  name: string,
  lost: readonly string[],
): void {
  for (const record of running(island))
    if (record.settings.haMode === null && lost.includes(record.leader))
      cluster.member(name).node?.queueChanged(record, 'down')
}

/**
 * The members pause, and no client is left: mirrors still take over, which matters when nobody else goes on
 * (docs/observed.md §19.2).
 */
export function promoteUnseen(cluster: Cluster, island: Island, lost: readonly string[]): void {
  for (const record of running(island)) {
    if (record.settings.haMode === null || !lost.includes(record.leader)) continue
    const mirrors = record.mirrors.filter((mirror) => island.members.has(mirror.node))
    const view = { ...viewOf(record), replicas: { leader: record.leader, mirrors } }
    const outcome = modeOf(record.settings, cluster.size).lose(view, 'partition')
    if (outcome.to === 'promote')
      cluster.member(outcome.node).node?.replicas.promote(record, [...island.members])
  }
}

/** Queues that have a leader, one after the other: what becomes of one may end a client, and another queue with it. */
function* running({ definitions }: Island): IterableIterator<QueueRecord> {
  for (const record of [...definitions.queues.values()])
    if (record.state === 'running' && definitions.queuesById.has(record.id)) yield record
}

/** An island was divided while a queue changed its leader: the heir may be on the other side, where it leads from now on. */
function settleSide(cluster: Cluster, island: Island, record: QueueRecord): void {
  if (!island.members.has(record.leader)) return loseLeader(cluster, island, record, 'partition')
  if (cluster.member(record.leader).node?.leaders.has(record.id)) return
  record.mirrors = record.mirrors.filter((mirror) => island.members.has(mirror.node))
  passOn(cluster, island, record)
}

/** Decides and carries out what becomes of a queue without leader. */
function loseLeader(cluster: Cluster, island: Island, record: QueueRecord, cause: LossCause): void {
  const { loop, trace } = cluster
  const view = viewOf(record)
  const mirrors = record.mirrors.filter((mirror) => island.members.has(mirror.node))
  const mode = modeOf(record.settings, cluster.size)
  const fate = mode.lose({ ...view, replicas: { leader: record.leader, mirrors } }, cause)
  // Nobody waits for a node that the cluster has forgotten meanwhile.
  const forgotten = !island.definitions.nodes.has(record.leader)
  const outcome: Outcome = forgotten && fate.to !== 'promote' ? { to: 'delete' } : fate
  island.definitions.version++
  switch (outcome.to) {
    case 'promote':
      return schedulePromotion(cluster, record.id, record.leader, outcome.node, cause)
    case 'down':
      record.state = 'down'
      trace.event(loop.now, 'queue-down', record.leader, record.name)
      return cluster.announceIn(island, record, 'down')
    case 'wait':
      record.state = 'waiting'
      record.leaderStopped = cause === 'shutdown'
      // Told to promote, a leader that stops cleanly leaves its mirrors alive; otherwise it takes them with it.
      if (record.leaderStopped && record.settings.haPromoteOnShutdown !== 'always') record.mirrors = []
      // The mirror that may not take over stops; others live on and hold publishes that nobody orders (§13).
      record.waitNacks = Math.min(mirrors.length, record.mirrors.length) < 2
      trace.event(loop.now, 'queue-waiting', record.leader, record.name)
      return cluster.announceIn(island, record, 'waiting')
    case 'delete':
      island.definitions.removeQueue(record)
      island.definitions.changed('queueDelete')
      // By those who are left: the other side of a cut may still have it.
      trace.event(loop.now, 'queue-deleted', [...island.members][0] ?? record.leader, record.name)
      cluster.announceIn(island, record, 'deleted')
  }
}

/** The mirror on `node` takes over from `from` after the time that takes; should it be gone by then, ask again. */
export function schedulePromotion(
  cluster: Cluster,
  id: number,
  from: string,
  node: string,
  cause: LossCause,
): void {
  const { loop, timings } = cluster
  loop.at(loop.now + pick(timings.promotion, loop.chance('timings')), () => {
    const island = cluster.member(node).island
    const record = island?.definitions.queuesById.get(id)
    if (island === null || record === undefined) return retry(cluster, id, from, node, cause)
    if (record.leader !== from || record.state !== 'running') return
    // The heir has come to an island where the leader never went.
    if (island.members.has(from) && cluster.member(from).node?.leaders.has(id)) return
    const promoted = cluster.member(node).node?.replicas.promote(record, [...island.members]) ?? false
    if (!promoted) return retry(cluster, id, from, node, cause)
    island.definitions.changed('mirror')
    cluster.trace.event(loop.now, 'promoted', node, record.name, record.term)
    const lost = cluster.member(from).lacking.get(id)?.get(node) ?? 0
    if (lost > 0 && (cause === 'crash' || cause === 'shutdown'))
      cluster.trace.event(loop.now, 'messages-lost', node, record.name, lost)
    cluster.announceIn(island, record, 'promoted')
    cluster.member(node).node?.replicas.place(record)
  })
}

/** The heir `failed` is gone, or never became a mirror: whoever still waits for a leader decides once more. */
function retry(cluster: Cluster, id: number, from: string, failed: string, cause: LossCause): void {
  for (const island of cluster.islands) {
    const record = island.definitions.queuesById.get(id)
    if (record === undefined || record.leader !== from || record.state !== 'running') continue
    const left = record.mirrors.filter(({ node }) => island.members.has(node) && node !== failed)
    if (!island.members.has(from)) {
      record.mirrors = left
      loseLeader(cluster, island, record, cause)
    } else if (cause === 'handover' || !cluster.member(from).node?.leaders.has(id)) {
      record.mirrors = left
      passOn(cluster, island, record)
    }
  }
}

/** The leader has resigned and its heir is lost: another mirror takes over, or else it leads on from its disk. */
function passOn(cluster: Cluster, island: Island, record: QueueRecord): void {
  const heir = record.mirrors.find((mirror) => mirror.synced) ?? record.mirrors[0]
  if (heir !== undefined) return schedulePromotion(cluster, record.id, record.leader, heir.node, 'handover')
  const { node } = cluster.member(record.leader)
  if (node === null) return
  node.replicas.recover(record, false)
  cluster.trace.event(cluster.loop.now, 'queue-recovered', record.leader, record.name, 0)
  cluster.announceIn(island, record, 'recovered')
  node.replicas.place(record)
}
