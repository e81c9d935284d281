// Three nodes in virtual time with one durable queue, `work`, led by node 1, and clients over lines that take their time. Used by
// tests of this folder about what clients saw before and after a leader's loss; it asserts nothing.

import { Client, type ClientEvents } from '../../compare/client.ts'
import { declareTopology } from '../../compare/scenario/setup.ts'
import { EmulatedTarget } from '../../compare/targets/emulated.ts'
import { type Definition, parsePolicy } from '../../policies/policy.ts'
import { nodeName } from './scene.ts'

/** `definition`: a policy for the queue, or null. Some 100 ms have passed. */
export function targetWithQueue(seed: number, definition: Definition | null): EmulatedTarget {
  const target = new EmulatedTarget(3, seed)
  if (definition !== null) {
    const policy = parsePolicy('/', 'p', { pattern: '', definition, 'apply-to': 'queues' })
    target.cluster.setPolicy(nodeName(1), policy)
  }
  const queue = { name: 'work', leader: 1, durable: true, arguments: {} }
  declareTopology({ exchanges: [], queues: [queue], bindings: [] }, 3, target, target, (refusal) => {
    if (refusal !== null) throw new Error(refusal)
  })
  target.runUntil(100)
  return target
}

const nothing = () => {}

/** A client that dials `node`; what it is told goes to `events`, the rest is ignored. */
export function clientOf(target: EmulatedTarget, node: string, events: Partial<ClientEvents>): Client {
  const client = new Client(`client of ${node}`, node, target, target, {
    ...{ opened: nothing, lost: nothing, answered: nothing, confirmed: nothing },
    ...{ delivered: nothing, cancelled: nothing, channelClosed: nothing },
    ...events,
  })
  client.connect()
  return client
}
