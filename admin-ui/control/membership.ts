// Joining, leaving and forgetting over HTTP: POST /warren/nodes for a new node, POST /warren/nodes/NAME/VERB for rabbitmqctl's
// verbs of membership. It reads bodies and words refusals; the verbs themselves are the core's.

import { MembershipError, type RefusalKind } from '../../nodes/cluster-membership.ts'
import type { NodeType } from '../../nodes/definitions.ts'
import { type MembershipVerbs, membershipVerbs } from '../../nodes/live-membership.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest, HttpError } from '../http-error.ts'
import type { Context } from '../view.ts'
import { nodeStates } from './node-states.ts'

type Body = Readonly<Record<string, unknown>>

/** Each takes the body of the request; what it returns is the answer's. */
const verbs: Readonly<Record<string, (node: MembershipVerbs, body: Body) => Promise<unknown>>> = {
  stop_app: (node) => node.stopApp(),
  start_app: (node) => node.startApp(),
  join_cluster: async (node, body) => ({ joined: await node.joinCluster(nodeOf(body), typeOf(body)) }),
  reset: (node) => node.reset(),
  force_reset: (node) => node.forceReset(),
  force_boot: (node) => node.forceBoot(),
  forget_cluster_node: (node, body) =>
    node.forgetClusterNode(nodeOf(body), { offline: body['offline'] === true }),
  update_cluster_nodes: (node, body) => node.updateClusterNodes(nodeOf(body)),
  change_cluster_node_type: (node, body) => node.changeClusterNodeType(typeOf(body)),
}

/** Undefined when there is no such verb. Throws 409 or 503 with rabbitmqctl's text, 400 for a body that makes no sense. */
export function membershipVerb(
  context: Context,
  name: string,
  verb: string,
  given: unknown,
): Promise<unknown> | undefined {
  const perform = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (perform === undefined) return undefined
  const body = given ?? {}
  if (!isRecord(body)) throw badRequest('The body must be an object.')
  const listener = context.ports.plain.find((candidate) => candidate.member.name === name)
  return perform(
    membershipVerbs(context.live, name, () => listener?.isOpen ?? true),
    body,
  ).catch((error: unknown) => {
    throw error instanceof MembershipError ? refusal(error) : error
  })
}

/** A brand-new node, running and a cluster of its own: as GET /warren/nodes shows it. */
export async function addNode(context: Context): Promise<unknown> {
  try {
    const { name } = await context.ports.addNode()
    return nodeStates(context).find((state) => state.name === name)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new HttpError(409, { error: 'port_taken', reason: message })
  }
}

const statuses: Partial<Record<RefusalKind, number>> = { node_down: 503 }

function refusal({ kind, node, message }: MembershipError): HttpError {
  return new HttpError(statuses[kind] ?? 409, { error: kind, reason: message, node })
}

function nodeOf(body: Body): string {
  if (typeof body['node'] !== 'string') throw badRequest('The body must be {"node": NAME}.')
  return body['node']
}

function typeOf({ type = 'disc' }: Body): NodeType {
  if (type !== 'disc' && type !== 'ram') throw badRequest("The type must be 'disc' or 'ram'.")
  return type
}
