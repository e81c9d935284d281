// Links that fall silent and nodes that stand still. Nobody is told: what is sent is held, and only the net tick lets the ends
// give one another up; if the silence ends before, everything held arrives (docs/observed.md §19.5). Called by `cluster`.

import type { Cluster } from './cluster.ts'
import { crossing, cut, groupText, linksBetween } from './cluster-links.ts'
import type { Member } from './cluster-member.ts'
import { lose, mend, reactToLinks } from './cluster-partition.ts'
import type { Link } from './link.ts'
import type { PeerMessage } from './protocol.ts'
import { pick } from './timings.ts'

/** Why and since when a link is silent. */
export interface Silence {
  /** Links that fell silent together are noticed together. */
  readonly id: number
  /** The link itself does not carry: it goes on doing so when its frozen ends come back. */
  readonly link: boolean
}

export function silence(cluster: Cluster, groups: readonly (readonly string[])[]): void {
  const crosses = crossing(cluster, groups)
  mute(
    cluster,
    [...cluster.allLinks()].filter((link) => crosses(link)),
    true,
  )
  cluster.trace.event(cluster.loop.now, 'silence', '', groupText(groups))
}

export function deafen(cluster: Cluster, node: string, from: readonly string[]): void {
  const links = from.map((name) => linksBetween(cluster, name, node)[0]!)
  mute(cluster, links, true)
  cluster.trace.event(cluster.loop.now, 'silence', node, from.join(','))
}

export function freeze(cluster: Cluster, member: Member): void {
  const { node } = member
  if (node === null || member.state !== 'running') return
  node.still = []
  cluster.become(member, 'frozen')
  cluster.trace.event(cluster.loop.now, 'node-frozen', member.name)
  const links = [...cluster.allLinks()].filter(({ from, to }) => [from, to].includes(member.name))
  mute(cluster, links, false)
}

export function thaw(cluster: Cluster, member: Member): void {
  const { node } = member
  if (node === null || member.state !== 'frozen') return
  const still = node.still ?? []
  node.still = null
  cluster.become(member, 'running')
  cluster.trace.event(cluster.loop.now, 'node-thawed', member.name)
  unmute(cluster, member)
  // Its sockets still hold what the others sent before they gave it up.
  for (const name of member.givenUpBy)
    for (const message of cluster.link(name, member.name)?.takeHeld() ?? []) node.receive(name, message)
  for (const receive of still) receive()
  for (const connection of node.connections.values()) connection.outputReady()
  learn(cluster, member)
  cluster.answer()
}

/** The process of a frozen node ends: its sockets close, and its links carry again for the next one. */
export function endFrozen(cluster: Cluster, member: Member): void {
  if (member.state !== 'frozen') return
  member.state = 'running'
  unmute(cluster, member)
  repair(cluster, member)
  member.givenUpBy.clear()
  cluster.answer()
}

function unmute(cluster: Cluster, member: Member): void {
  for (const [link, { link: itself }] of [...cluster.muted])
    if (!itself && concerns(link, member) && !standsStill(cluster, link)) {
      cluster.muted.delete(link)
      link.become('up')
    }
}

function repair(cluster: Cluster, { name, repairs }: Member): void {
  const others = [...repairs]
  repairs.clear()
  for (const other of others)
    for (const link of linksBetween(cluster, name, other)) {
      if (link.state === 'silent') link.become('cut')
      link.become('up')
    }
}

/** What was decided without it: it has lost those who gave it up, and hears them again before it has seen to that. */
function learn(cluster: Cluster, member: Member): void {
  const lost = [...member.givenUpBy]
  member.givenUpBy.clear()
  repair(cluster, member)
  if (lost.length > 0 && member.island !== null) lose(cluster, member.island, lost, 'partition')
  cluster.loop.at(cluster.loop.now, () => mend(cluster))
}

/** Whether somebody in the member's island does not answer, as a change of the definitions needs. */
export function isHeldUp(cluster: Cluster, member: Member): boolean {
  const { island } = member
  if (island === null) return false
  for (const { from, to } of cluster.muted.keys())
    if (island.members.has(from) && island.members.has(to)) return true
  return false
}

const concerns = ({ from, to }: Link<PeerMessage>, { name }: Member) => from === name || to === name

const standsStill = (cluster: Cluster, { from, to }: Link<PeerMessage>) =>
  [from, to].some((name) => standing(cluster, name) !== undefined)

function standing(cluster: Cluster, name: string): Member | undefined {
  const member = cluster.member(name)
  return member.state === 'frozen' ? member : undefined
}

function mute(cluster: Cluster, links: readonly Link<PeerMessage>[], itself: boolean): void {
  const { loop, muted, timings } = cluster
  const id = cluster.nextId()
  for (const link of links) {
    if (link.state === 'cut') continue
    const before = muted.get(link)
    muted.set(link, before === undefined ? { id, link: itself } : { ...before, link: before.link || itself })
    link.become('silent')
  }
  loop.at(loop.now + pick(timings.netTick, loop.chance('timings')), () => notice(cluster, id))
}

/** As if the net tick had passed: whatever is silent is noticed now. */
export function noticeSilence(cluster: Cluster): void {
  for (const id of new Set([...cluster.muted.values()].map((silence) => silence.id))) notice(cluster, id)
}

/** The net tick: the ends of what fell silent together give one another up; who stands still does not know yet. */
function notice(cluster: Cluster, id: number): void {
  const links = [...cluster.muted].filter(([, silence]) => silence.id === id)
  if (links.length === 0) return
  for (const [silent] of links)
    for (const link of linksBetween(cluster, silent.from, silent.to)) {
      const end = cluster.member(link.to)
      if (end.state === 'frozen' && link.state === 'silent') cluster.muted.delete(link)
      else cut(cluster, link)
    }
  for (const [{ from, to }, { link: itself }] of links)
    if (!itself)
      for (const name of [from, to]) standing(cluster, name)?.repairs.add(name === from ? to : from)
  reactToLinks(cluster)
  cluster.answer()
}
