// The verbs that cut and mend links: a partition between groups, one link alone, everything whole again. Called by `cluster`;
// what nodes make of it is `cluster-partition`'s business, and links that fall silent are `cluster-silence`'s.

import type { Cluster } from './cluster.ts'
import { noticeLinks } from './cluster-partition.ts'
import type { Link } from './link.ts'
import type { PeerMessage } from './protocol.ts'

type PeerLink = Link<PeerMessage>

/**
 * Whether a link crosses from one of `groups` to another; nodes not named form a group of their own. Throws when a node is
 * unknown or named twice.
 */
export function crossing(
  cluster: Cluster,
  groups: readonly (readonly string[])[],
): (link: PeerLink) => boolean {
  const groupOf = new Map<string, number>()
  for (const [i, group] of groups.entries())
    for (const name of group) {
      if (groupOf.has(name)) throw new RangeError(`node '${name}' is named in two groups`)
      groupOf.set(cluster.member(name).name, i)
    }
  return ({ from, to }) => (groupOf.get(from) ?? -1) !== (groupOf.get(to) ?? -1)
}

export function partition(cluster: Cluster, groups: readonly (readonly string[])[]): void {
  const crosses = crossing(cluster, groups)
  for (const link of cluster.allLinks()) {
    if (crosses(link)) cut(cluster, link)
    else mendLink(cluster, link)
  }
  cluster.trace.event(cluster.loop.now, 'partition', '', groupText(groups))
  noticeLinks(cluster)
}

export const groupText = (groups: readonly (readonly string[])[]): string =>
  groups.map((group) => group.join(',')).join(' | ')

export function cutLink(cluster: Cluster, a: string, b: string): void {
  for (const link of linksBetween(cluster, a, b)) cut(cluster, link)
  cluster.trace.event(cluster.loop.now, 'partition', a, b)
  noticeLinks(cluster)
}

export function heal(cluster: Cluster): void {
  for (const link of cluster.allLinks()) mendLink(cluster, link)
  cluster.trace.event(cluster.loop.now, 'healed', '')
  cluster.answer()
  noticeLinks(cluster)
}

/** Mends the one connection between two nodes. Throws when there is none. */
export function mendBetween(cluster: Cluster, a: string, b: string): void {
  for (const link of linksBetween(cluster, a, b)) mendLink(cluster, link)
  cluster.trace.event(cluster.loop.now, 'healed', a, b)
  cluster.answer()
  noticeLinks(cluster)
}

/** How long what is sent takes, and how many bytes a second pass; what is under way already keeps its time. */
export interface LinkShape {
  readonly delayMs?: number
  readonly bytesPerMs?: number
}

/** Throws when there is no such link. */
export function shapeLink(cluster: Cluster, from: string, to: string, shape: LinkShape): void {
  const link = linksBetween(cluster, from, to)[0]!
  const { delayMs = link.delayMs, bytesPerMs = link.bytesPerMs } = shape
  if (delayMs === link.delayMs && bytesPerMs === link.bytesPerMs) return
  link.delayMs = delayMs
  link.bytesPerMs = bytesPerMs
  cluster.trace.event(cluster.loop.now, 'link-shaped', from, to, delayMs)
}

/** The connection's two directions. Throws when there is none between `a` and `b`. */
export function linksBetween(cluster: Cluster, a: string, b: string): PeerLink[] {
  return [cluster.link(a, b), cluster.link(b, a)].map((link) => {
    if (link === undefined) throw new RangeError(`no link between '${a}' and '${b}'`)
    return link
  })
}

/** Breaks the link; both ends are to notice. */
export function cut(cluster: Cluster, link: PeerLink): void {
  if (link.state !== 'cut') link.become('cut')
  cluster.muted.delete(link)
  cluster.mended.delete(link)
  cluster.broken.add(`${link.from} ${link.to}`)
  for (const [name, other] of endsOf(link)) cluster.member(name).repairs.delete(other)
}

const endsOf = ({ from, to }: PeerLink) =>
  [
    [from, to],
    [to, from],
  ] as const

/** The link is whole again; as long as one of its ends stands still that shows nowhere. */
function mendLink(cluster: Cluster, link: PeerLink): void {
  const still = endsOf(link).filter(([name]) => cluster.member(name).state === 'frozen')
  if (link.state === 'cut') for (const [name, other] of still) cluster.member(name).repairs.add(other)
  if (still.length > 0) return
  // What is sent before its ends have noticed the break must not overtake what the break has lost.
  if (cluster.broken.has(`${link.from} ${link.to}`)) cluster.mended.add(link)
  else link.become('up')
  cluster.muted.delete(link)
}
