// How a scenario file names nodes, and what is said of the cluster as a whole: nodes, links, partitions. Used by `parse*`.

import {
  bandwidth,
  choice,
  duration,
  either,
  list,
  made,
  maybe,
  name,
  optional,
  record,
  required,
  text,
  whole,
} from './shape.ts'
import type { ClusterShape, Links, NodeNumber, NodeRef, PartitionHandling } from './types.ts'

export const mostNodes = 9

const nodePattern = /^node([1-9])$/

export const node = text<NodeNumber>('a node such as node1', nodePattern, (value) => Number(value.slice(4)))

const roles = { leader: 'leaderOf', mirror: 'mirrorOf' } as const
const refPattern = /^(?:node([1-9])|(leader|mirror) of (\S+))$/

export const nodeRef = text<NodeRef>(
  'a node such as node1, "leader of QUEUE" or "mirror of QUEUE"',
  refPattern,
  (value) => {
    const [, number, role, queue] = refPattern.exec(value) ?? []
    if (number !== undefined) return Number(number)
    return role === 'leader' ? { [roles.leader]: queue! } : { mirrorOf: queue! }
  },
)

/** Two different nodes. */
export function between<T>(one: typeof node | typeof nodeRef) {
  return made(list<T>('a list of two nodes', one as never, 2), (pair, path, refuse) => {
    const [a, b] = pair
    if (pair.length !== 2 || a === b) return refuse(path, 'two different nodes are expected here')
    return [a, b] as readonly [T, T]
  })
}

export const partitionHandling = either<PartitionHandling>(
  'one of ignore, pause_minority, autoheal or a mapping with mode, nodes and recover',
  {
    text: choice('ignore', 'pause_minority', 'autoheal'),
    mapping: record('pause_if_all_down', {
      mode: required(choice('pause_if_all_down'), 'Nodes pause while none of `nodes` can be reached.'),
      nodes: required(list('a list of nodes', node, 1), 'The nodes that count.'),
      recover: optional(choice('ignore', 'autoheal'), 'ignore', 'What follows when several sides went on.'),
    }),
  },
)

const link = {
  delay: maybe(duration, 'One direction; by default as on loopback.'),
  bandwidth: maybe(bandwidth, 'In each direction; by default unlimited.'),
}

const links = made(
  record('links', {
    ...link,
    pairs: optional(
      list(
        'a list of links',
        record('a link', { between: required(between<NodeNumber>(node), 'Its two nodes.'), ...link }),
      ),
      [],
      'Links that are otherwise.',
    ),
  }),
  ({ delay, bandwidth, pairs }): Links => ({
    delayMs: delay,
    bandwidth,
    pairs: pairs.map((pair) => ({ between: pair.between, delayMs: pair.delay, bandwidth: pair.bandwidth })),
  }),
)

export const noLinks: Links = { delayMs: null, bandwidth: null, pairs: [] }

export const wholeCluster: ClusterShape = {
  nodes: 3,
  partitionHandling: 'ignore',
  netTickMs: 60_000,
  links: noLinks,
  disk: { flushMs: null },
  costs: 'none',
}

export const cluster = made(
  record('cluster', {
    nodes: optional(whole(1, mostNodes), 3, 'How many nodes.'),
    'partition-handling': optional(partitionHandling, 'ignore', 'What nodes do when they lose each other.'),
    'net-ticktime': optional(
      duration,
      60_000,
      'How long a silent link takes to be noticed, a quarter more or less.',
    ),
    links: optional(links, noLinks, 'Delay and bandwidth of the links between nodes.'),
    disk: optional(
      record('disk', { flush: maybe(duration, 'One flush to the disk; by default as observed.') }),
      { flush: null },
      "The nodes' disks.",
    ),
    costs: optional(
      name,
      'none',
      'What work costs: none, default, or the path of a calibration file beside this file.',
    ),
  }),
  (read): ClusterShape => ({
    nodes: read.nodes,
    partitionHandling: read['partition-handling'],
    netTickMs: read['net-ticktime'],
    links: read.links,
    disk: { flushMs: read.disk.flush },
    costs: read.costs,
  }),
)
