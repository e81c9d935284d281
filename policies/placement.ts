/**
 * Where the leader and the mirrors of a queue belong: the arithmetic of ha-mode and of the master locator, on
 * plain data. Queue modes call it with the live state and previews with a snapshot; it changes nothing and keeps
 * nothing. It never plans a hand-over to a mirror that lacks messages.
 */
import type { QueueSettings } from './effective.ts'

/** Who holds a queue. Mirrors are in the order in which they joined, oldest first. */
export interface Replicas {
  readonly leader: string
  readonly mirrors: readonly { readonly node: string; readonly synced: boolean }[]
}

/** A source of chance: uniform in [0, 1). */
export type Chance = () => number

/** What placement needs to know of the cluster when a queue is declared. */
export interface Declaration {
  readonly declaringNode: string
  readonly running: readonly string[]
  /** Leaders per node; a node that is missing has none. */
  readonly leaders: ReadonlyMap<string, number>
}

/** One move. After `handover` the former leader holds no copy any more. */
export type Step =
  | { readonly do: 'add'; readonly node: string }
  | { readonly do: 'drop'; readonly node: string }
  | { readonly do: 'handover'; readonly to: string }

/**
 * The node on which a new queue's leader starts.
 *
 * A `nodes` policy decides alone: the declaring node if it is listed, else the running listed node with the
 * lowest name, whatever the list's order. Otherwise the locator does; ties of `min-masters` fall by chance.
 * Source: docs/observed.md §1.5, §1.6, §11.
 */
export function placeLeader(s: QueueSettings, at: Declaration, chance: Chance): string {
  if (s.haMode === 'nodes') {
    const listed = at.running.filter((node) => s.haNodes.includes(node)).sort()
    return listed.includes(at.declaringNode) ? at.declaringNode : (listed[0] ?? at.declaringNode)
  }
  if (s.masterLocator === 'random') return anyOf(at.running, chance) ?? at.declaringNode
  if (s.masterLocator === 'min-masters') {
    const { leaders } = at
    const count = (node: string) => leaders.get(node) ?? 0
    const fewest = Math.min(...at.running.map(count))
    const emptiest = at.running.filter((node) => count(node) === fewest)
    return anyOf(emptiest, chance) ?? at.declaringNode
  }
  return at.declaringNode
}

/**
 * The leader and the mirrors that the policy asks for, given who holds the queue now. New mirrors come in the order of
 * `running` or of the policy's list, or of its names while no mirror is synchronised (docs/observed.md §21); chance is
 * drawn only where `exactly` has to choose new nodes.
 *
 * The answer depends on which mirrors are synchronised, so it must be asked again whenever that changes.
 * Source: docs/observed.md §0.7, §1.6, §3, §11.
 */
export function wantedReplicas(
  s: QueueSettings,
  r: Replicas,
  running: readonly string[],
  chance: Chance,
): { leader: string; mirrors: string[] } {
  const present = r.mirrors.map((mirror) => mirror.node).filter((node) => running.includes(node))
  const absent = running.filter((node) => node !== r.leader && !present.includes(node))
  switch (s.haMode) {
    case null:
      return { leader: r.leader, mirrors: [] }
    case 'all':
      return { leader: r.leader, mirrors: [...present, ...absent] }
    case 'exactly': {
      const kept = present.slice(0, s.haCount - 1)
      return { leader: r.leader, mirrors: [...kept, ...someOf(absent, s.haCount - 1 - kept.length, chance)] }
    }
    case 'nodes':
      return wantedOfList(s.haNodes, r, running)
  }
}

function wantedOfList(
  list: readonly string[],
  r: Replicas,
  running: readonly string[],
): { leader: string; mirrors: string[] } {
  const listed = [...new Set(list)].filter((node) => running.includes(node))
  if (listed.length === 0) return { leader: r.leader, mirrors: [] }
  const synced = r.mirrors.filter((mirror) => mirror.synced && running.includes(mirror.node))
  const oldest = synced[0]
  if (oldest === undefined) listed.sort()
  // Nobody else has every message: the leader stays, listed or not, until one of them has.
  if (listed.includes(r.leader) || oldest === undefined) {
    return { leader: r.leader, mirrors: listed.filter((node) => node !== r.leader) }
  }
  const leader = listed.find((node) => synced.some((mirror) => mirror.node === node)) ?? oldest.node
  return { leader, mirrors: listed.filter((node) => node !== leader) }
}

/**
 * The next single move towards the wanted replicas, or null when there is none. Ask again after each move, and
 * whenever a mirror becomes synchronised, a node comes or goes, or the policy changes.
 *
 * First mirrors are added, then surplus ones dropped, then the leader hands over to the oldest synchronised
 * mirror of the wanted ones: the order RabbitMQ logs (docs/observed.md §3.3, §3.4). A leader that no policy
 * wants may so pass by a node that is not wanted either, and moves on when a wanted one is synchronised.
 */
export function nextStep(
  s: QueueSettings,
  r: Replicas,
  running: readonly string[],
  chance: Chance,
): Step | null {
  const wanted = wantedReplicas(s, r, running, chance)
  const holders = new Set([wanted.leader, ...wanted.mirrors])
  const added = wanted.mirrors.find((node) => node !== r.leader && !holds(r, node))
  if (added !== undefined) return { do: 'add', node: added }
  const surplus = r.mirrors.find((mirror) => !holders.has(mirror.node))
  if (surplus) return { do: 'drop', node: surplus.node }
  if (wanted.leader === r.leader) return null
  const heir = r.mirrors.find((mirror) => mirror.synced && holders.has(mirror.node))
  return heir ? { do: 'handover', to: heir.node } : null
}

function holds(r: Replicas, node: string): boolean {
  return r.mirrors.some((mirror) => mirror.node === node)
}

function anyOf(nodes: readonly string[], chance: Chance): string | undefined {
  return nodes[Math.floor(chance() * nodes.length)]
}

function someOf(nodes: readonly string[], count: number, chance: Chance): string[] {
  const left = [...nodes]
  const chosen: string[] = []
  while (chosen.length < count && left.length > 0) {
    chosen.push(...left.splice(Math.floor(chance() * left.length), 1))
  }
  return chosen
}
