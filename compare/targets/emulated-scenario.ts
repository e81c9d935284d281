// The emulator as the target of a scenario: a cluster in virtual time whose links, disks and policies are the opening's. Opened
// by `scenario/run`; virtual time moves only in `run`, and what happened is read from the cluster's trace.

import type { Cluster } from '../../nodes/cluster.ts'
import { shapeLink } from '../../nodes/cluster-links.ts'
import { linkKinds } from '../../nodes/link.ts'
import { cancelSynchronisation, synchronise } from '../../nodes/node-synchronise.ts'
import { observed, type Timings } from '../../nodes/timings.ts'
import type { TraceEvent } from '../../nodes/trace.ts'
import { workOf } from '../calibrate/file.ts'
import { calibrationFor } from '../calibrate/source.ts'
import type { Clock, Network } from '../line.ts'
import type {
  ClusterCondition,
  Evidence,
  Holding,
  LinkUse,
  Opening,
  OpenTarget,
  PlainAction,
  QueueState,
  Target,
} from '../scenario/target.ts'
import type { NodeNumber } from '../scenario/types.ts'
import { nodeName } from '../scenario/variants.ts'
import { defaultCalibrationText } from './default-calibration.ts'
import { EmulatedTarget } from './emulated.ts'
import { Journeys } from './emulated-journeys.ts'
import { becomeWhole } from './emulated-repair.ts'

/** A condition that no event tells is looked at this often, in ms of virtual time. */
const lookMs = 10
/** The process has a turn of its own after so many steps. */
const stepsBetween = 100
/** More messages than this leave no record of each of their steps. */
const mostTraced = 50_000

export const openEmulated: OpenTarget = async (opening) => new EmulatedScenario(opening)

export class EmulatedScenario implements Target {
  readonly kind = 'emulated'
  readonly network: Network
  readonly clock: Clock
  protected readonly broker: EmulatedTarget
  private readonly cluster: Cluster
  private readonly events: TraceEvent[] = []
  private readonly watched = new Set<(event: TraceEvent) => void>()
  private readonly journeys: Journeys | null

  constructor(opening: Opening) {
    const broker = brokerOf(opening)
    const { cluster } = broker
    this.broker = broker
    this.cluster = cluster
    this.network = broker
    this.clock = broker
    this.journeys = opening.messages <= mostTraced ? new Journeys(cluster, opening.messages) : null
    cluster.trace.onEvent = (event) => {
      this.events.push(event)
      for (const seen of [...this.watched]) seen(event)
    }
    shapeLinks(cluster, opening)
    for (const policy of opening.policies) cluster.setPolicy(nodeName(1), policy)
    for (const policy of opening.operatorPolicies) cluster.setPolicy(nodeName(1), policy, 'operatorPolicies')
  }

  async run(until: () => boolean, limitMs: number, stepMs = 100): Promise<void> {
    for (let steps = 1; !until() && this.clock.now < limitMs; steps++) {
      this.broker.runUntil(Math.min(limitMs, this.clock.now + stepMs))
      // So that a signal is heard: virtual time leaves the process no turn of its own.
      if (steps % stepsBetween === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  inflict(action: PlainAction, done: () => void): void {
    const { cluster } = this
    switch (action.do) {
      case 'kill':
      case 'stop':
      case 'start':
      case 'freeze':
      case 'thaw':
        cluster[action.do](nodeName(action.node))
        break
      case 'cut':
        cluster.partition(action.groups.map((group) => group.map(nodeName)))
        break
      case 'silence':
        cluster.silence(action.groups.map((group) => group.map(nodeName)))
        break
      case 'cut-link':
        cluster.cutLink(nodeName(action.between[0]), nodeName(action.between[1]))
        break
      case 'deafen':
        cluster.deafen(nodeName(action.node), action.to.map(nodeName))
        break
      case 'heal':
        cluster.heal()
        break
      case 'delay-link':
        for (const [from, to] of bothWays(action.between))
          if (cluster.hasMember(from) && cluster.hasMember(to))
            shapeLink(cluster, from, to, { delayMs: action.delayMs })
        break
      case 'sync':
      case 'cancel-sync':
        this.synchronise(action.queue, action.do === 'sync')
    }
    done()
  }

  look(queue: string, answer: (state: QueueState | null) => void): void {
    answer(this.stateOf(queue))
  }

  watch(condition: ClusterCondition, then: () => void): void {
    // Not within the cluster's own turn: whoever waits may take nodes away.
    const soon = () => this.clock.after(0, then)
    if (condition.is === 'holds') {
      const { queue, atLeast } = condition
      const look = () => {
        if (this.broker.depth(queue) >= atLeast) then()
        else this.clock.after(lookMs, look)
      }
      return look()
    }
    const seen = (event: TraceEvent) => {
      if (!tells(event, condition)) return
      this.watched.delete(seen)
      soon()
    }
    this.watched.add(seen)
  }

  repair(done: () => void): void {
    becomeWhole(this.cluster, this.clock, done)
  }

  async evidence(): Promise<Evidence> {
    return {
      events: this.events,
      links: this.linkUse(),
      holdings: this.holdings(),
      journeys: this.journeys === null ? null : (messages) => this.journeys!.of(messages),
    }
  }

  async close(): Promise<void> {}

  // ---- inside

  private stateOf(queue: string): QueueState | null {
    const records = this.cluster.islands.flatMap(({ definitions }) => definitions.queue('/', queue) ?? [])
    const record = records.find(({ state }) => state === 'running') ?? records[0]
    if (record === undefined) return null
    const { leader, mirrors, state } = record
    return {
      leader: state === 'running' ? numberOf(leader) : null,
      mirrors: mirrors.map(({ node }) => numberOf(node)),
      synchronised: mirrors.filter(({ synced }) => synced).map(({ node }) => numberOf(node)),
      messages: this.broker.depth(queue),
    }
  }

  private synchronise(queue: string, begin: boolean): void {
    const leader = this.stateOf(queue)?.leader
    const node = leader == null ? null : this.cluster.member(nodeName(leader)).node
    for (const held of node?.leaders.values() ?? [])
      if (held.identity.name === queue && node !== null)
        if (begin) synchronise(node, held)
        else cancelSynchronisation(node, held)
  }

  private linkUse(): LinkUse[] {
    return [...this.cluster.allLinks()].flatMap((link) =>
      linkKinds
        .filter((kind) => link.meters[kind].packets > 0 || link.meters[kind].bytes > 0)
        .map((kind) => ({
          ...{ from: numberOf(link.from), to: numberOf(link.to), kind },
          ...{ bodies: link.meters[kind].bodies, bytes: link.meters[kind].bytes },
        })),
    )
  }

  private holdings(): Holding[] {
    return this.cluster.members.flatMap(({ name, node }) => {
      const queues = [...(node?.leaders.values() ?? [])]
      const mirrors = [...(node?.replicas.mirrors.entries() ?? [])]
      return [
        ...queues.map((queue) => ({
          ...{ queue: queue.identity.name, node: numberOf(name), leads: true },
          ...{ inMemory: queue.depth, onDisk: queue.disk.count },
        })),
        ...mirrors.map(([id, mirror]) => ({
          ...{ queue: node?.definitions.queuesById.get(id)?.name ?? '', node: numberOf(name), leads: false },
          ...{ inMemory: mirror.depth, onDisk: mirror.depth },
        })),
      ]
    })
  }
}

const numberOf = (name: string): NodeNumber => Number(/\d+$/.exec(name)![0])

const bothWays = ([a, b]: readonly [NodeNumber, NodeNumber]) =>
  [
    [nodeName(a), nodeName(b)],
    [nodeName(b), nodeName(a)],
  ] as const

function tells({ kind, node, subject }: TraceEvent, condition: ClusterCondition): boolean {
  switch (condition.is) {
    case 'synchronising':
      return kind === 'sync-started' && subject === condition.queue
    case 'synchronised':
      return kind === 'mirror-synced' && subject === condition.queue
    case 'promoted':
      return kind === 'promoted' && subject === condition.queue
    case 'running':
      return kind === 'node-started' && node === nodeName(condition.node)
    case 'down':
      return (
        ['node-killed', 'node-stopped', 'node-paused'].includes(kind) && node === nodeName(condition.node)
      )
    case 'holds':
      return false
  }
}

function brokerOf({
  nodes,
  seed,
  partitionHandling: handling,
  netTickMs,
  links,
  disk,
  costs,
  readFile,
}: Opening): EmulatedTarget {
  const calibration = calibrationFor(costs, { defaultText: defaultCalibrationText, readFile })
  const timings: Partial<Timings> = {
    netTick: { minMs: 0.75 * netTickMs, maxMs: 1.25 * netTickMs },
    linkDelayMs: links.delayMs ?? observed.linkDelayMs,
    ...(calibration !== null && { commit: calibration.flush }),
    ...(disk.flushMs !== null && { commit: { minMs: disk.flushMs, maxMs: disk.flushMs } }),
  }
  const partitionHandling =
    typeof handling === 'string' ? handling : { ...handling, nodes: handling.nodes.map(nodeName) }
  return new EmulatedTarget(nodes, seed, {
    ...{ ...timings, partitionHandling },
    ...(calibration !== null && { work: workOf(calibration) }),
  })
}

function shapeLinks(cluster: Cluster, { links }: Opening): void {
  const bytesPerMs = (bandwidth: number | null) =>
    bandwidth === null ? {} : { bytesPerMs: bandwidth / 1000 }
  for (const { from, to } of cluster.allLinks()) {
    const pair = links.pairs.find(({ between }) => {
      const names = between.map(nodeName)
      return names.includes(from) && names.includes(to)
    })
    shapeLink(cluster, from, to, {
      ...bytesPerMs(pair?.bandwidth ?? links.bandwidth),
      ...(pair?.delayMs != null && { delayMs: pair.delayMs }),
    })
  }
}
