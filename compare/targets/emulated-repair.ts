// Makes an emulated cluster whole after a scenario's work, as an administrator would: links healed, nodes thawed and started,
// and of two sides that went on by themselves the smaller one restarted. Used by `emulated-scenario`.

import type { Cluster } from '../../nodes/cluster.ts'
import type { Clock } from '../line.ts'

const lookMs = 100
/** Between attempts with nodes that will not come up, and before a side is restarted: partition handling goes first. */
const againMs = 5000

/** `done` when every node serves in one cluster. */
export function becomeWhole(cluster: Cluster, clock: Clock, done: () => void): void {
  for (const { name, state } of cluster.members) if (state === 'frozen') cluster.thaw(name)
  const hurt = [...cluster.allLinks()].some(({ state }) => state !== 'up')
  if (hurt) cluster.heal()
  start(cluster)
  let next = clock.now + againMs
  const look = () => {
    if (isWhole(cluster)) return done()
    if (clock.now >= next) {
      next = clock.now + againMs
      if (!start(cluster)) restartSmaller(cluster)
    }
    clock.after(lookMs, look)
  }
  look()
}

const isWhole = (cluster: Cluster) =>
  cluster.islands.length === 1 && cluster.members.every(({ state }) => state === 'running')

/** False when no node was to be started. */
function start(cluster: Cluster): boolean {
  const down = cluster.members.filter(({ state }) => state === 'stopped')
  for (const { name } of down) cluster.start(name)
  return down.length > 0
}

/** The largest side goes on, of equal ones that of the first node. */
function restartSmaller(cluster: Cluster): void {
  const running = cluster.members.filter(({ state }) => state === 'running')
  if (running.length < cluster.members.length) return
  const sizes = cluster.islands.map(({ members }) => members.size)
  const winner = cluster.islands[sizes.indexOf(Math.max(...sizes))]
  for (const { name } of running) if (!winner?.members.has(name)) cluster.stop(name)
}
