// Mirrored queues that nobody leads, met by a node that starts and is to mirror them: its mirror finds the leader dead and takes
// over with nothing, or may not and ends, or waits with everybody (docs/observed.md §21). Called by `cluster-start`.

import type { Cluster } from './cluster.ts'
import type { Island, Member } from './cluster-member.ts'
import type { QueueRecord } from './definitions.ts'
import { modeOf } from './modes/index.ts'
import type { Node } from './node.ts'
import { viewOf } from './node-replicas.ts'

/** `node` has joined `island`: what it becomes to the queues that wait there for a leader. */
export function meetLeaderless(cluster: Cluster, member: Member, node: Node, island: Island): void {
  for (const record of [...island.definitions.queues.values()]) {
    if (record.state !== 'waiting' || !isToMirror(cluster, record, member.name)) continue
    if (leaderMayReturn(record)) {
      // Its mirror lives, and keeps publishes that nobody orders.
      record.waitNacks = false
      addMirror(cluster, record, member.name)
    } else if (record.settings.haPromoteOnFailure === 'always') takeOver(cluster, record, node, island)
    else addMirror(cluster, record, member.name)
    island.definitions.version++
  }
}

/** A leader that took its mirrors with it, when it stopped cleanly, has left nobody behind who could be missed. */
const leaderMayReturn = ({ leaderStopped, settings }: QueueRecord) =>
  leaderStopped && settings.haPromoteOnShutdown !== 'always'

/** Among the nodes that have it, the leader's included, and this one. */
function isToMirror(cluster: Cluster, record: QueueRecord, name: string): boolean {
  const { leader, mirrors, settings } = record
  if (settings.haMode === null || leader === name || mirrors.some(({ node }) => node === name)) return false
  const possible = [leader, ...mirrors.map(({ node }) => node), name]
  const step = modeOf(settings, cluster.size).place(
    viewOf(record),
    possible,
    cluster.loop.chance('placement'),
  )
  return step?.do === 'add' && step.node === name
}

function addMirror({ loop, trace }: Cluster, record: QueueRecord, name: string): void {
  record.mirrors.push({ node: name, synced: false })
  trace.event(loop.now, 'mirror-added', name, record.name)
}

/** It asks for no further mirrors: nodes that come up later join it themselves. */
function takeOver(cluster: Cluster, record: QueueRecord, node: Node, island: Island): void {
  record.leader = node.name
  node.replicas.recover(record, true)
  island.definitions.changed('mirror')
  cluster.trace.event(cluster.loop.now, 'promoted', node.name, record.name, record.term)
  cluster.announceIn(island, record, 'promoted')
}
