// The cluster as one of its nodes sees it: what `/api` and `/node/NAME/api` answer from. Reads the core, and changes it
// only through `act`. It must never look past the node's own island, or both sides of a partition would look alike.

import type { Cluster } from '../nodes/cluster.ts'
import type { Member } from '../nodes/cluster-member.ts'
import { Connection } from '../nodes/connection.ts'
import type { Definitions, QueueRecord } from '../nodes/definitions.ts'
import type { Listener } from '../nodes/listener.ts'
import type { Live } from '../nodes/live.ts'
import type { Node } from '../nodes/node.ts'
import type { Queue } from '../nodes/queue.ts'
import type { Comparisons } from './control/comparisons.ts'
import { HttpError, nodeDown } from './http-error.ts'
import { noRanges, type RangeKind, type Ranges } from './ranges.ts'
import type { Rates } from './rates.ts'
import type { Counters, Statistics } from './statistics.ts'

/** The ports of the nodes; both lists grow with `addNode`. */
export interface NodePorts {
  readonly plain: readonly Listener[]
  readonly tls: readonly Listener[]
  addNode(): Promise<Member>
}

/** What the whole port shares. */
export interface Context {
  readonly live: Live
  readonly ports: NodePorts
  readonly rates: Rates
  readonly statistics: Statistics
  readonly comparisons: Comparisons
  /** What the admin port speaks. */
  readonly scheme: 'http' | 'https'
  /** The admin port itself. */
  readonly port: () => number
}

export class View {
  readonly context: Context
  readonly member: Member
  readonly node: Node
  /** What the request wants to see of the past. */
  ranges: Ranges = noRanges

  constructor(context: Context, member: Member, node: Node) {
    this.context = context
    this.member = member
    this.node = node
  }

  get cluster(): Cluster {
    return this.context.live.cluster
  }

  get definitions(): Definitions {
    return this.node.definitions
  }

  get now(): number {
    return this.cluster.loop.now
  }

  /** `{name: value, name_details: {rate}}` of each counter of `of`, with samples where the request wants them. */
  details(of: object, counters: Counters, kind: RangeKind = 'msg_rates'): Record<string, unknown> {
    return this.context.statistics.details(of, counters, this.ranges, kind)
  }

  /** Changes something, immediate consequences included. */
  act<T>(action: () => T): T {
    return this.context.live.act(action)
  }

  /** The names of the nodes that run in this view. */
  get running(): readonly string[] {
    return this.cluster.runningWith(this.node.name)
  }

  /** The nodes that run in this view, lowest number first. */
  get nodes(): Node[] {
    return this.running.flatMap((name) => this.cluster.member(name).node ?? [])
  }

  /** The queue's leader, when it runs in this view; null while there is none. */
  leaderOf(record: QueueRecord): Queue | null {
    if (record.state !== 'running' || !this.running.includes(record.leader)) return null
    return this.cluster.member(record.leader).node?.leaders.get(record.id) ?? null
  }

  /** The open connections of all nodes of this view. */
  get connections(): Connection[] {
    return this.nodes.flatMap((node) =>
      [...node.connections.values()].filter((connection) => connection instanceof Connection),
    )
  }

  /** The AMQP port of a node. */
  portOf(node: string): number {
    return this.context.ports.plain.find((listener) => listener.member.name === node)?.port ?? 0
  }
}

/** The view of the lowest-numbered running node. Throws 503 when none runs. */
export function firstView(context: Context): View {
  for (const member of context.live.cluster.members)
    if (member.state === 'running' && member.node !== null) return new View(context, member, member.node)
  throw nodeDown('no node is running')
}

/** The view of the node called `name`. Throws 404 when there is none, 503 while it does not run. */
export function viewOf(context: Context, name: string): View {
  const { cluster } = context.live
  if (!cluster.hasMember(name))
    throw new HttpError(404, { error: 'unknown_node', reason: `there is no node '${name}'` })
  const member = cluster.member(name)
  if (member.node === null || member.state !== 'running') throw nodeDown(`node '${name}' is ${member.state}`)
  return new View(context, member, member.node)
}
