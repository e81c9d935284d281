// Every node as the control API shows it, above any one node's view. Asked by its routes and by the live feed.

import type { Cluster } from '../../nodes/cluster.ts'
import { knownTo } from '../../nodes/cluster-membership.ts'
import type { Context } from '../view.ts'
import { list, number, record, type Schema, text } from './schema.ts'

export const nodeSchema: Schema = record({
  name: text(),
  state: text('stopped, app-stopped, waiting, starting, running, frozen, stopping or paused'),
  url: text('amqp:// URL for clients on this machine'),
  port: number(),
  api: text("path of the HTTP API in this node's view"),
  island: list(text(), 'the nodes that run together with it, itself included; none while it does not run'),
  cluster: list(text(), 'the nodes it knows as members of its cluster'),
  partitions: list(text(), 'nodes that run and can be reached, yet belong to another island'),
  connections: number(),
  leaders: number('queues led here'),
  mirrors: number('queues mirrored here'),
})

/** Every node, whether it runs or not. */
export function nodeStates({ live, ports }: Context) {
  const { cluster } = live
  const mirrors = mirrorCounts(cluster)
  return cluster.members.map((member) => {
    const port = ports.plain.find((listener) => listener.member === member)?.port ?? 0
    return {
      name: member.name,
      state: member.state,
      url: `amqp://127.0.0.1:${port}`,
      port,
      api: `/node/${member.name}/api`,
      island: cluster.runningWith(member.name),
      cluster: [...knownTo(member).keys()],
      partitions: member.state === 'running' ? cluster.partitionsSeenBy(member.name) : [],
      connections: member.node?.connections.size ?? 0,
      leaders: member.node?.leaders.size ?? 0,
      mirrors: mirrors.get(member.name) ?? 0,
    }
  })
}

/** How many queues each node mirrors in the view of its own island. */
function mirrorCounts(cluster: Cluster): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { members, definitions } of cluster.islands)
    for (const { mirrors } of definitions.queues.values())
      for (const { node } of mirrors) if (members.has(node)) counts.set(node, (counts.get(node) ?? 0) + 1)
  return counts
}
