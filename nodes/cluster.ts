// The whole cluster: members, links and islands, and the verbs that change them: start, stop, kill, cut, heal, policies.
// Synchronous; every delay is an event of the loop. Faults edit links and member states here and nowhere else.

import type { Policy } from '../policies/policy.ts'
import { MemberDoor } from './cluster-door.ts'
import { schedulePromotion } from './cluster-failover.ts'
import { cutLink, heal, partition } from './cluster-links.ts'
import { type Island, Member, type NodeState } from './cluster-member.ts'
import { mend } from './cluster-partition.ts'
import { clearPolicy, setPolicy } from './cluster-policies.ts'
import {
  deafen,
  endFrozen,
  freeze,
  isHeldUp,
  noticeSilence,
  type Silence,
  silence,
  thaw,
} from './cluster-silence.ts'
import { comeUp, firstDefinitions } from './cluster-start.ts'
import { type EndState, end, shutDown } from './cluster-stop.ts'
import { type DefinitionChange, definitionBytes } from './costs.ts'
import type { QueueRecord } from './definitions.ts'
import { clusterName, firstClusterName } from './definitions-parameters.ts'
import { Link, type LinkKind } from './link.ts'
import { Mesh } from './link-mesh.ts'
import { Loop } from './loop.ts'
import type { PartitionHandling } from './membership.ts'
import { Memory } from './memory.ts'
import type { Node } from './node.ts'
import { heldBytes } from './node-memory.ts'
import type { NodeConnection, Peers, QueueChange } from './node-peers.ts'
import type { PeerMessage } from './protocol.ts'
import { MemoryStore } from './store/memory.ts'
import { observed, pick, type Timings } from './timings.ts'
import { Trace } from './trace.ts'
import { Machines, type Work } from './work.ts'

export interface ClusterOptions {
  /** How many nodes: 1 to 64. They are named rabbit@node1, rabbit@node2, … */
  readonly nodes: number
  /** Of every random stream; equal seeds give equal runs in a simulation. */
  readonly seed?: number
  readonly timings?: Timings
  readonly partitionHandling?: PartitionHandling
  /** In bytes: publishing stops before as much memory is used. None by default. */
  readonly memoryLimit?: number
  /** How long a delivery may stay unacknowledged, in ms; 0: for ever. 30 minutes by default. */
  readonly consumerTimeoutMs?: number
  /** Where the cluster's time starts, in ms since the Unix epoch. */
  readonly now?: number
  /** What work costs; by default nothing takes time that is only work. */
  readonly work?: Work
  /** Told of mistakes in Warren itself; by default they are thrown. */
  readonly onBug?: (error: unknown) => void
}

/** The two tables of policies: an operator's caps what a policy may set (docs/observed.md §1.4). */
export type PolicyKind = 'policies' | 'operatorPolicies'

export class Cluster implements Peers {
  readonly loop: Loop
  readonly trace = new Trace()
  readonly timings: Timings
  /** Every node there is, of this cluster or not: see `addMember`. */
  readonly members: Member[] = []
  /** Changed by setPartitionHandling alone. */
  partitionHandling: PartitionHandling
  readonly consumerTimeoutMs: number | undefined
  readonly memory: Memory
  /** Null where work takes no time. */
  readonly machines: Machines | null
  islands: Island[] = []
  /** Told when a member's state changes: listeners open and close. */
  onState: ((member: Member) => void) | null = null
  /** Told when the memory alarm begins or ends. */
  onAlarm: ((alarm: boolean) => void) | null = null
  /** Connections that have broken and were not noticed yet: a quick repair does not undo that. */
  readonly broken = new Set<string>()
  /** Links of these that have been mended meanwhile: they carry again once the break has been noticed. */
  readonly mended = new Set<Link<PeerMessage>>()
  /** Links that have fallen silent and were not noticed yet. */
  readonly muted = new Map<Link<PeerMessage>, Silence>()
  /** What waits for the end of a silence. */
  private readonly held: (() => void)[] = []
  private readonly links = new Mesh<PeerMessage>()
  private readonly byName = new Map<string, Member>()
  private readonly onBug: (error: unknown) => void
  private lastId = 0

  constructor(options: ClusterOptions) {
    this.loop = new Loop(options.seed ?? 1, options.now ?? 0)
    this.timings = options.timings ?? observed
    this.partitionHandling = options.partitionHandling ?? 'ignore'
    this.machines = options.work === undefined ? null : new Machines(this.loop, options.work)
    this.memory = new Memory(
      options.memoryLimit ?? Infinity,
      () => this.members.reduce((sum, { node }) => sum + (node === null ? 0 : heldBytes(node)), 0),
      (alarm) => this.alarmChanged(alarm),
    )
    this.consumerTimeoutMs = options.consumerTimeoutMs
    this.onBug =
      options.onBug ??
      ((error) => {
        throw error
      })
    for (let i = 0; i < options.nodes; i++) this.addMember()
    const first = firstDefinitions(this.members.map(({ name }) => name))
    for (const member of this.members) {
      member.disk = first
      comeUp(this, member)
    }
    this.loop.drain()
  }

  // ---- looking

  /** As clients see it; parted islands may have come to differ. */
  get clusterName(): string {
    return String(this.islands[0]?.definitions.globalParameters.get(clusterName) ?? firstClusterName)
  }

  get size(): number {
    return this.members.length
  }

  /** A further node, stopped and brand-new: a cluster of its own until it joins another (cluster-membership). */
  addMember(): Member {
    const name = `rabbit@node${this.members.length + 1}`
    const member = new Member(name, new MemoryStore(this.loop, this.timings, this.loop.chance('disks')))
    for (const other of this.members) {
      this.addLink(other.name, member)
      this.addLink(name, other)
    }
    this.members.push(member)
    this.byName.set(name, member)
    return member
  }

  /** Undoes `addMember`, for the last one only: it could not be given a port. */
  dropMember(member: Member): void {
    if (this.members.at(-1) !== member || member.state !== 'stopped') return
    this.members.pop()
    this.byName.delete(member.name)
    this.links.drop(member.name)
  }

  /** Throws when there is no such node. */
  member(name: string): Member {
    const member = this.byName.get(name)
    if (member === undefined)
      throw new RangeError(`unknown node '${name}'; the nodes are ${[...this.byName.keys()].join(', ')}`)
    return member
  }

  hasMember(name: string): boolean {
    return this.byName.has(name)
  }

  nodesOf(island: Island): Node[] {
    return this.members.filter((m) => island.members.has(m.name)).flatMap((m) => m.node ?? [])
  }

  runningWith(name: string): readonly string[] {
    const island = this.member(name).island
    return island === null ? [] : this.members.filter((m) => island.members.has(m.name)).map((m) => m.name)
  }

  connectionsWith(name: string): NodeConnection[] {
    return this.runningWith(name).flatMap((other) => [
      ...(this.member(other).node?.connections.values() ?? []),
    ])
  }

  /** Nodes that run and can be reached, yet belong to another island: what RabbitMQ lists as `partitions`. */
  partitionsSeenBy(name: string): string[] {
    const { island } = this.member(name)
    return this.members
      .filter((m) => m.state === 'running' && m.island !== island && this.connected(name, m.name))
      .filter((m) => island?.definitions.nodes.has(m.name) && m.island?.definitions.nodes.has(name))
      .map((m) => m.name)
  }

  /** Whether two nodes can hear each other. */
  connected(a: string, b: string): boolean {
    return a === b || (this.link(a, b)?.state === 'up' && this.link(b, a)?.state === 'up')
  }

  /** Whether two nodes have not lost each other: a link that is silent still counts as one. */
  joined(a: string, b: string): boolean {
    return a === b || (this.link(a, b)?.state !== 'cut' && this.link(b, a)?.state !== 'cut')
  }

  link(from: string, to: string): Link<PeerMessage> | undefined {
    return this.links.find(from, to)
  }

  allLinks(): Iterable<Link<PeerMessage>> {
    return this.links
  }

  // ---- faults

  /** As SIGKILL: sockets reset, what was not yet on the disk is gone. No effect on a node that does not run. */
  kill(name: string): void {
    const member = this.member(name)
    if (member.node === null) {
      if (member.state !== 'stopped') this.become(member, 'stopped')
      return
    }
    this.trace.event(this.loop.now, 'node-killed', name)
    endFrozen(this, member)
    member.crashed = true
    end(this, member, 'crash', 'stopped')
  }

  /** A clean stop: clients get 320, the disk is complete, mirrors take over what they may. */
  stop(name: string): void {
    this.shutDown(this.member(name), 'stopped')
  }

  /** Starts a node that does not run; it joins whom it can reach, or waits. */
  start(name: string): void {
    const member = this.member(name)
    if (!['stopped', 'app-stopped', 'paused'].includes(member.state)) return
    member.appOnly = member.state === 'app-stopped'
    member.refusal = null
    this.become(member, 'starting')
    const start = ++member.starts
    // A node that was never up, or is alone, has nothing to catch up with.
    const delay = pick(this.timings.restart, this.loop.chance('timings'))
    this.loop.at(this.loop.now + delay, () => {
      if (member.state !== 'starting' || member.starts !== start) return
      comeUp(this, member)
      mend(this)
    })
  }

  /**
   * Cuts all links between the groups and joins those within; nodes not named form a group of their own. Throws when a
   * node is unknown or named twice.
   */
  partition(groups: readonly (readonly string[])[]): void {
    partition(this, groups)
  }

  /** Cuts the one connection between two nodes: a partial partition (docs/observed.md §19.4). */
  cutLink(a: string, b: string): void {
    cutLink(this, a, b)
  }

  /** As `partition`, but the links fall silent: nobody is told before the net tick (docs/observed.md §19.5). */
  silence(groups: readonly (readonly string[])[]): void {
    silence(this, groups)
  }

  /** What the nodes `from` send no longer reaches `node`; what it sends arrives. Throws when one is unknown. */
  deafen(node: string, from: readonly string[]): void {
    deafen(this, node, from)
  }

  /** Mends every link. Islands stay apart unless the partition handling says otherwise (docs/observed.md §8.2). */
  heal(): void {
    heal(this)
  }

  /** As SIGSTOP: the node's sockets stay open and mute. No effect on a node that does not run. */
  freeze(name: string): void {
    freeze(this, this.member(name))
  }

  /** As SIGCONT: a frozen node goes on, and learns what the others have decided meanwhile. */
  thaw(name: string): void {
    thaw(this, this.member(name))
  }

  /** As if the net tick had passed: whatever is silent is noticed now. */
  noticeSilence(): void {
    noticeSilence(this)
  }

  /** True while a node that runs with `node` does not answer: definitions cannot be changed (docs/observed.md §19.5). */
  unanswering(node: string): boolean {
    return this.muted.size > 0 && isHeldUp(this, this.member(node))
  }

  /** Calls `task` when silence has ended or been noticed somewhere. */
  onAnswer(task: () => void): void {
    this.held.push(task)
  }

  /** Silence has ended or been noticed: what waited for it tries again. */
  answer(): void {
    for (const task of this.held.splice(0)) task()
  }

  // ---- policies

  /** Sets a policy in the view of `node`'s island; every reachable leader has been told when this returns. */
  setPolicy(node: string, policy: Policy, kind: PolicyKind = 'policies'): void {
    setPolicy(this, node, policy, kind)
  }

  /** False when there is no such policy. */
  clearPolicy(node: string, vhost: string, name: string, kind: PolicyKind = 'policies'): boolean {
    return clearPolicy(this, node, vhost, name, kind)
  }

  /** The process uses `bytes` of memory; on every node an alarm begins or ends with that (docs/observed.md §15). */
  memoryUsed(bytes: number): void {
    this.memory.report(bytes)
  }

  // ---- what nodes and the files of this room need

  nextId(): number {
    return ++this.lastId
  }

  meter(from: string, to: string, kind: LinkKind, packets: number, bodies: number, bytes: number): void {
    this.link(from, to)?.meter(kind, packets, bodies, bytes)
  }

  report(error: unknown): void {
    this.onBug(error)
  }

  announce(node: string, record: QueueRecord, change: QueueChange): void {
    const { island } = this.member(node)
    if (island !== null) this.announceIn(island, record, change)
  }

  announceIn(island: Island, record: QueueRecord, change: QueueChange): void {
    for (const node of this.nodesOf(island)) node.queueChanged(record, change)
  }

  handOver(record: QueueRecord, to: string): void {
    this.member(record.leader).node?.replicas.resign(record, to)
    schedulePromotion(this, record.id, record.leader, to, 'handover')
  }

  become(member: Member, state: NodeState): void {
    member.state = state
    this.onState?.(member)
  }

  addIsland(island: Island): void {
    island.definitions.onChange = (change, origin) => this.meterDefinitions(island, change, origin)
    this.islands.push(island)
  }

  private alarmChanged(alarm: boolean): void {
    this.trace.event(this.loop.now, alarm ? 'memory-alarm' : 'memory-alarm-cleared', '')
    if (!alarm)
      for (const { node } of this.members)
        for (const connection of [...(node?.connections.values() ?? [])]) connection.unblock()
    this.onAlarm?.(alarm)
  }

  /** The island of a running node. Throws when it does not run. */
  islandOf(node: string): Island {
    const { island } = this.member(node)
    if (island === null) throw new RangeError(`node '${node}' is not running`)
    return island
  }

  private addLink(from: string, to: Member): void {
    const end = this.machines === null ? to : new MemberDoor(to, this.machines)
    const link = new Link<PeerMessage>(this.loop, from, to.name, end)
    link.delayMs = this.timings.linkDelayMs
    link.sender = this.machines?.of(from) ?? null
    this.links.add(link)
  }

  /** Stops a node cleanly; one that is `paused` comes back by itself when it can reach a majority. */
  shutDown(member: Member, state: EndState): void {
    shutDown(this, member, state)
  }

  /** A change of the definitions goes from one node to every other, and is answered (docs/costs.md §4). */
  private meterDefinitions(island: Island, change: DefinitionChange, at: string | undefined): void {
    const names = this.members.filter((m) => island.members.has(m.name)).map((m) => m.name)
    const origin = at ?? names[0]
    const { there, back, among } = definitionBytes[change]
    for (const from of names)
      for (const to of names)
        if (from !== to)
          this.meter(from, to, 'definitions', 1, 0, from === origin ? there : to === origin ? back : among)
  }
}
