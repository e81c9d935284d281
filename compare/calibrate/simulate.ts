// What the cost model predicts for a shape: the same load as on a real cluster, run on the emulated one in virtual time. Called by
// calibrate while it fits, by predictions and by tests; equal questions get equal answers.

import type { ServiceTimes } from '../../nodes/work.ts'
import { parsePolicy } from '../../policies/policy.ts'
import { EmulatedTarget } from '../targets/emulated.ts'
import type { Costs } from './file.ts'
import { Load, type Measured } from './load.ts'
import { nodesOf, type Shape } from './shape.ts'

/** Virtual time, in ms: between two looks, and at most. */
const lengths = { step: 200, most: 20_000 } as const
/** How many windows of messages pass before and during the count. */
const windows = { settle: 3, count: 12 } as const
const queue = 'calibrate'

export const nodeName = (node: number): string => `rabbit@node${node}`

/** Throws when the load does not run, which is a mistake in the model. */
export function simulate(shape: Shape, costs: Costs, machines: 'shared' | 'own' = 'shared'): Measured {
  const { publisher, leader, consumer, mirrors } = shape
  const nodes = Math.max(publisher, leader, consumer ?? 1, ...mirrors)
  const target = new EmulatedTarget(nodes, 1, {
    commit: costs.flush,
    work: { times: costs.times, speed: 1, machines },
  })
  if (mirrors.length > 0) {
    const definition = { 'ha-mode': 'nodes', 'ha-params': nodesOf(shape).map(nodeName) }
    const policy = parsePolicy('/', 'calibrate', { pattern: '', definition, 'apply-to': 'queues' })
    target.cluster.setPolicy(nodeName(leader), policy)
  }
  const load = new Load(shape, queue, target, target, nodeName)
  load.start()
  const passed = (count: number) => {
    for (let waited = 0; load.counted < count * shape.window && waited < lengths.most; waited += lengths.step)
      target.runUntil(target.now + lengths.step)
  }
  passed(windows.settle)
  load.count()
  passed(windows.count)
  return load.measured()
}

/** Milliseconds per message, for the fit. */
export const simulatedMs =
  (flush: Costs['flush']) =>
  (shape: Shape, times: ServiceTimes): number =>
    1000 / simulate(shape, { times, flush }).rate
