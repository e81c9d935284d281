// The wall clock's side of the loop: a cluster that was idle lives in the present when something arrives.

import { expect, it } from 'vitest'
import { Cluster } from '../../nodes/cluster.ts'
import { Live } from '../../nodes/live.ts'
import { immediate } from '../../nodes/timings.ts'

/** A live cluster whose last event lies `idleMs` back. */
function idleCluster(idleMs: number): Live {
  const cluster = new Cluster({ nodes: 1, timings: immediate, now: Date.now() })
  const live = new Live(cluster)
  cluster.loop.now -= idleMs
  cluster.loop.peerNow -= idleMs
  return live
}

it('input after a long idle time is handled at the present, not at the time of the last event', () => {
  const live = idleCluster(60_000)
  live.schedule()
  const { now, peerNow } = live.cluster.loop
  live.stop()
  expect(Math.abs(now - Date.now())).toBeLessThan(30_000)
  expect(Math.abs(peerNow - Date.now())).toBeLessThan(30_000)
})

it('an action after a long idle time happens at the present', () => {
  const live = idleCluster(60_000)
  const at = live.act(() => live.cluster.loop.peerNow)
  live.stop()
  expect(Math.abs(at - Date.now())).toBeLessThan(30_000)
})
