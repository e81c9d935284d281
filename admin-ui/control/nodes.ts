// Nodes over HTTP: what each does, and the verbs that kill, stop, start, freeze and thaw one; those of membership are
// `membership`'s. It waits for a stop or start to end, so that the next request finds the node as asked.

import type { Member } from '../../nodes/cluster-member.ts'
import { HttpError, objectNotFound } from '../http-error.ts'
import type { Context } from '../view.ts'
import { addNode, membershipVerb } from './membership.ts'
import { nodeSchema, nodeStates } from './node-states.ts'
import { type ControlCall, type Route, requireNode } from './route.ts'
import { list, type Schema } from './schema.ts'

/** How long a node may take to stop or start before the request gives up. */
const patienceMs = 10_000

const verbBody: Schema = {
  type: 'object',
  description: 'Of the verbs of membership: `node`, `type`, `offline`, as rabbitmqctl takes them.',
}

export const nodeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/nodes',
    summary: 'Every node, whether it runs or not.',
    answer: list(nodeSchema),
    handle: ({ context }) => nodeStates(context),
  },
  {
    method: 'POST',
    path: '/nodes',
    summary: 'A brand-new node, running and a cluster of its own until it joins another.',
    answer: nodeSchema,
    handle: ({ context }) => addNode(context),
  },
  {
    method: 'POST',
    path: '/nodes/{name}/{verb}',
    summary:
      'kill, stop, start, freeze, thaw; or a verb of membership: stop_app, start_app, join_cluster, reset, force_reset, ' +
      'force_boot, forget_cluster_node, update_cluster_nodes, change_cluster_node_type. pause and resume are other names ' +
      'of freeze and thaw.',
    body: verbBody,
    handle: nodeVerb,
  },
]

const faults: Readonly<Record<string, 'kill' | 'freeze' | 'thaw'>> = {
  kill: 'kill',
  freeze: 'freeze',
  thaw: 'thaw',
  pause: 'freeze',
  resume: 'thaw',
}

async function nodeVerb(call: ControlCall): Promise<unknown> {
  const { context, params } = call
  const { name = '', verb = '' } = params
  requireNode(context, name)
  const { live } = context
  const { cluster } = live
  const member = cluster.member(name)
  const fault = Object.hasOwn(faults, verb) ? faults[verb] : undefined
  if (fault !== undefined) live.act(() => cluster[fault](name))
  else if (verb === 'stop') {
    live.act(() => cluster.stop(name))
    await settled(context, member, () => member.state !== 'stopping')
  } else if (verb === 'start') {
    live.act(() => cluster.start(name))
    const listener = context.ports.plain.find((candidate) => candidate.member === member)
    const serves = () => member.state === 'running' && (listener?.isOpen ?? true)
    await settled(context, member, () => serves() || !['running', 'starting'].includes(member.state))
    const { refusal: reason } = member
    if (reason !== null) throw new HttpError(409, { error: 'refused', reason, node: name })
  } else return membershipVerb(context, name, verb, call.json()) ?? noSuchVerb()
  return undefined
}

function noSuchVerb(): never {
  throw objectNotFound()
}

/** Waits until `done`; a node that takes too long is a 503 that says so. */
async function settled({ live }: Context, member: Member, done: () => boolean): Promise<void> {
  try {
    await live.until(done, patienceMs, member.name)
  } catch {
    const reason = `Node '${member.name}' is still ${member.state} after ${patienceMs / 1000} seconds.`
    throw new HttpError(503, { error: 'timeout', reason })
  }
}
