// Who runs together with whom. An island is a set of nodes that run together and share one view of the definitions;
// noticing a lost peer splits it, healing a link does not merge it. The arithmetic of partitions and of the ways of
// handling them; `cluster` carries it out.

/** What a node does when it finds itself cut off (RabbitMQ's cluster_partition_handling); these need no further words. */
export const partitionHandlings = ['ignore', 'pause_minority', 'autoheal'] as const

/** A node pauses while it reaches none of `nodes`; names that the cluster does not have count for nothing. */
export interface PauseIfAllDown {
  readonly mode: 'pause_if_all_down'
  readonly nodes: readonly string[]
  /** What follows when several sides could go on. */
  readonly recover: 'ignore' | 'autoheal'
}

export type PartitionHandling = (typeof partitionHandlings)[number] | PauseIfAllDown

/** Whether a node goes on that reaches the nodes `alive`, itself included, of all nodes `all` (docs/observed.md §19). */
export function mayGoOn(
  handling: PartitionHandling,
  alive: readonly string[],
  all: readonly string[],
): boolean {
  if (handling === 'pause_minority') return !isMinority(alive, all.length)
  if (typeof handling === 'string') return true
  const preferred = handling.nodes.filter((name) => all.includes(name))
  return preferred.length === 0 || preferred.some((name) => alive.includes(name))
}

/** Whether the losing sides of a healed partition are restarted. */
export const restartsLosers = (handling: PartitionHandling): boolean =>
  handling === 'autoheal' || (typeof handling === 'object' && handling.recover === 'autoheal')

type Connected = (a: string, b: string) => boolean

/** The groups into which `members` fall when only some of them can reach one another, directly or through others. */
export function components(members: readonly string[], connected: Connected): string[][] {
  const groups: string[][] = []
  const left = new Set(members)
  for (const start of members) {
    if (!left.delete(start)) continue
    const group = [start]
    for (let i = 0; i < group.length; i++)
      for (const other of [...left])
        if (connected(group[i]!, other)) {
          left.delete(other)
          group.push(other)
        }
    groups.push(group.sort())
  }
  return groups
}

/** Those of `group` that cannot reach all of it: some see a node that others say is gone (a partial partition). */
export const partlyBlind = (group: readonly string[], connected: Connected): string[] =>
  group.filter((a) => group.some((b) => a !== b && !connected(a, b)))

/**
 * The groups into which `members` fall for good. Of two that have lost each other while a third sees both, one leaves the third
 * as well, and so on until every group is whole. On a real cluster that is whoever asks first, here the one whose name sorts
 * first (docs/observed.md §19.4).
 */
export function splitGroups(members: readonly string[], connected: Connected): string[][] {
  const left = new Set<string>()
  const linked: Connected = (a, b) => connected(a, b) && !left.has(`${a} ${b}`) && !left.has(`${b} ${a}`)
  const sorted = [...members].sort()
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const [i, a] of sorted.entries())
      for (const b of sorted.slice(i + 1))
        if (!linked(a, b))
          for (const third of sorted)
            if (third !== a && third !== b && linked(a, third) && linked(third, b)) left.add(`${a} ${third}`)
  }
  return components(members, linked)
}

/** Half of the cluster or less: pause_minority pauses it. */
export function isMinority(group: readonly string[], clusterSize: number): boolean {
  return group.length * 2 <= clusterSize
}

/**
 * The side that autoheal keeps: most client connections, then most nodes, then the one whose names, highest first, come later
 * (docs/observed.md §19.1).
 */
export function autohealWinner<
  I extends { readonly members: ReadonlySet<string>; readonly connections: number },
>(sides: readonly I[]): I | undefined {
  const names = (side: I) => [...side.members].sort().reverse().join(' ')
  return [...sides].sort(
    (a, b) =>
      b.connections - a.connections || b.members.size - a.members.size || (names(a) < names(b) ? 1 : -1),
  )[0]
}
