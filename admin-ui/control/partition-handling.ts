// How nodes handle a partition, over HTTP: what holds, and another way from now on. A real cluster reads it from its
// configuration at the start; here it may be changed while the cluster runs, to see what difference it makes.

import { setPartitionHandling } from '../../nodes/cluster-partition.ts'
import { type PartitionHandling, partitionHandlings } from '../../nodes/membership.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'
import type { ControlCall, Route } from './route.ts'
import { list, oneOf, record, text } from './schema.ts'
import { refuseUnknown } from './shape.ts'

const modes = [...partitionHandlings, 'pause_if_all_down'] as const

const handlingSchema = record(
  { mode: oneOf(...modes) },
  { nodes: list(text(), 'of pause_if_all_down'), recover: oneOf('ignore', 'autoheal') },
)

export const partitionHandlingRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/partition-handling',
    summary: 'What nodes do when they lose sight of each other.',
    answer: handlingSchema,
    handle: ({ context }) => shown(context.live.cluster.partitionHandling),
  },
  {
    method: 'PUT',
    path: '/partition-handling',
    summary: 'Changes it; partitions there are already are handled anew by it.',
    body: handlingSchema,
    answer: handlingSchema,
    handle: (call) => {
      const { live } = call.context
      const handling = wanted(call)
      live.act(() => setPartitionHandling(live.cluster, handling))
      return shown(live.cluster.partitionHandling)
    },
  },
]

const shown = (handling: PartitionHandling) => (typeof handling === 'string' ? { mode: handling } : handling)

/** Throws 400 for a body that makes no sense. */
function wanted({ context, json }: ControlCall): PartitionHandling {
  const body = json()
  const { cluster } = context.live
  if (!isRecord(body)) throw badRequest(`The body must be {"mode": ${modes.join(' | ')}}.`)
  const { mode, nodes, recover = 'ignore' } = body
  const simple = partitionHandlings.find((one) => one === mode)
  if (simple !== undefined) {
    refuseUnknown(`The mode ${simple}`, body, ['mode'])
    return simple
  }
  if (mode !== 'pause_if_all_down') throw badRequest(`'mode' must be one of ${modes.join(', ')}.`)
  refuseUnknown(`The mode ${mode}`, body, ['mode', 'nodes', 'recover'])
  if (!Array.isArray(nodes) || nodes.length === 0 || nodes.some((name) => typeof name !== 'string'))
    throw badRequest("'nodes' must be a list of at least one node name.")
  const unknown = nodes.find((name) => !cluster.hasMember(name))
  if (unknown !== undefined) throw badRequest(`There is no node '${unknown}'.`)
  if (recover !== 'ignore' && recover !== 'autoheal')
    throw badRequest("'recover' must be 'ignore' or 'autoheal'.")
  return { mode, nodes: nodes as string[], recover }
}
