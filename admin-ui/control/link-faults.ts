// What a request wants done to links: which groups come apart, which link is cut alone, who falls silent. Used by `links`;
// refuses a body it does not understand with one sentence.

import { isRecord } from '../../policies/policy.ts'
import { badRequest } from '../http-error.ts'
import type { Context } from '../view.ts'
import { act } from './route.ts'
import { list, record, type Schema, text } from './schema.ts'

const names = list(text())

export const groupsSchema: Schema = {
  oneOf: [
    record({ groups: list(names, 'nodes not named form a group of their own') }),
    record({ between: list(text(), 'two nodes') }),
  ],
}

export const silenceSchema: Schema = {
  oneOf: [
    record({ groups: list(names) }),
    record({ node: text(), from: list(text(), 'whom it no longer hears') }),
  ],
}

/** Cuts all links between `groups`, or the one link `between` two nodes. Throws 400. */
export function partition(context: Context, body: unknown): void {
  const { live } = context
  const between = isRecord(body) ? body['between'] : undefined
  if (between === undefined) return act(context, () => live.cluster.partition(groupsOf(body)))
  const [a, b, ...more] = namesIn(between, "'between' must be a list of two node names.")
  if (b === undefined || more.length > 0) throw badRequest("'between' must be a list of two node names.")
  act(context, () => live.cluster.cutLink(a!, b))
}

/** Lets the links between `groups` fall silent, or those by which `node` hears the nodes `from`. Throws 400. */
export function silence(context: Context, body: unknown): void {
  const { live } = context
  const node = isRecord(body) ? body['node'] : undefined
  if (!isRecord(body) || node === undefined) return act(context, () => live.cluster.silence(groupsOf(body)))
  if (typeof node !== 'string') throw badRequest("'node' must be a node name.")
  const from = namesIn(body['from'], "'from' must be a list of node names.")
  act(context, () => live.cluster.deafen(node, from))
}

/** The `groups` of a body: lists of node names. Throws 400 with one sentence. */
function groupsOf(body: unknown): string[][] {
  if (!isRecord(body) || !Array.isArray(body['groups']))
    throw badRequest('The body must be {"groups": [[node, …], …]}, a list of lists of node names.')
  const { groups } = body as { groups: unknown[] }
  if (groups.length === 0) throw badRequest('There must be at least one group.')
  return groups.map((group) => namesIn(group, 'Each group must be a list of at least one node name.'))
}

function namesIn(list: unknown, refusal: string): string[] {
  if (!Array.isArray(list) || list.length === 0 || list.some((name) => typeof name !== 'string'))
    throw badRequest(refusal)
  return list as string[]
}
