// Runs the workload on one variant of a cluster, or on all three, with or without the fault, in virtual time: the same seed
// gives the same result, byte for byte. Called by `command` and by tests; it prints nothing.

import { observed } from '../nodes/timings.ts'
import type { Work } from '../nodes/work.ts'
import type { Definition } from '../policies/policy.ts'
import { type ByKind, bodiesOf, bytesOf, expectedBodies } from './cost.ts'
import { type Fault, faultsOf, type Scenario, schedule } from './faults.ts'
import { Recorder } from './recorder.ts'
import { EmulatedTarget } from './targets/emulated.ts'
import { judge, type Verdict } from './verdict.ts'
import { connectClients, declareQueue, defaultWorkload, type Placement, type Workload } from './workload.ts'

/** One of the clusters that are compared. */
export interface Variant {
  readonly name: string
  readonly nodes: number
  /** A policy for the queue, or null. */
  readonly policy: Definition | null
}

export const variants = {
  single: { name: 'single', nodes: 1, policy: null },
  ordinary: { name: 'ordinary', nodes: 3, policy: null },
  mirrored: {
    name: 'mirrored',
    nodes: 3,
    policy: { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' },
  },
} as const satisfies Record<string, Variant>

export interface RunOptions {
  readonly seed: number
  readonly scenario: Scenario
  readonly workload?: Partial<Workload>
  /** Instead of the scenario's. */
  readonly faults?: readonly Fault[]
  /** By default the leader, the publisher and the consumer are on nodes 1, 2 and 3, or all on the only one. */
  readonly placement?: Placement
  /** One direction of a link between nodes; by default as on loopback, 0.05 ms. */
  readonly linkDelayMs?: number
  /** What work costs; nothing by default. */
  readonly work?: Work
}

export interface VariantResult extends Verdict {
  readonly name: string
  readonly linkBodies: ByKind
  readonly linkBytes: ByKind
  /** Bodies that one message must send over links while all is well, by arithmetic. */
  readonly healthyBodies: number
  /** Copies of the queue when all is over: its leader and its mirrors. */
  readonly copies: number
  /** The nodes of these copies. */
  readonly replicas: readonly string[]
  /** Virtual time of the whole run. */
  readonly endedMs: number
}

/** Time for the queue to be declared and the clients to connect before the first publish. */
const settleMs = 1000
/** The run is over when nothing has moved for this long with everything up. */
const quietMs = 5000
/** No run is longer than this beyond its workload. */
const patienceMs = 120_000

/** Runs `variant` until it has come to rest; what has not moved two minutes after the work is judged as it stands. */
export function runVariant(variant: Variant, options: RunOptions): VariantResult {
  const workload = { ...defaultWorkload, ...options.workload }
  const { linkDelayMs = observed.linkDelayMs } = options
  const target = new EmulatedTarget(variant.nodes, options.seed, variant.policy, {
    linkDelayMs,
    work: options.work,
  })
  const placement = options.placement ?? defaultPlacement(target.nodes)
  declareQueue(workload.queue, placement.leader, target, target)
  target.runUntil(settleMs)
  const recorder = new Recorder()
  const { publisher, consumer } = connectClients(workload, placement, target, target, recorder)
  target.runUntil(2 * settleMs)
  const replicas = target.replicas(workload.queue)
  publisher.start()
  const faults = options.faults ?? faultsOf(options.scenario, placement.leader, workload.durationMs, target)
  schedule(faults, target, target)
  const worked = 2 * settleMs + workload.durationMs
  target.runUntil(worked)
  const atRest = () =>
    publisher.done &&
    consumer.working === 0 &&
    target.nodes.every((node) => target.isRunning(node)) &&
    target.depth(workload.queue) === 0
  let quietSince = target.now
  let moved = recorder.deliveries.length
  while ((!atRest() || target.now - quietSince < quietMs) && target.now < worked + patienceMs) {
    target.runUntil(target.now + 100)
    if (atRest() && recorder.deliveries.length === moved) continue
    quietSince = target.now
    moved = recorder.deliveries.length
  }
  const meters = target.meters()
  const copies = target.replicas(workload.queue)
  return {
    name: variant.name,
    ...judge(recorder),
    linkBodies: bodiesOf(meters),
    linkBytes: bytesOf(meters),
    healthyBodies: expectedBodies({ ...placement, replicas }),
    copies: copies.length,
    replicas: copies,
    endedMs: target.now,
  }
}

/** All three variants under the same seed, workload and fault. */
export function runAll(options: RunOptions): VariantResult[] {
  return Object.values(variants).map((variant) => runVariant(variant, options))
}

function defaultPlacement(nodes: readonly string[]): Placement {
  const [leader = '', publisher = leader, consumer = publisher] = nodes
  return { leader, publisher, consumer }
}
