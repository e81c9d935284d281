// Links over HTTP: what has crossed each, how slow and narrow it is, and whether it carries at all. Cuts between groups and
// silences are `link-faults`'. A link that is cut is so in both directions, as one connection is.

import { mendBetween, shapeLink } from '../../nodes/cluster-links.ts'
import { type LinkState, linkKinds } from '../../nodes/link.ts'
import { isRecord } from '../../policies/policy.ts'
import { badRequest, notFound } from '../http-error.ts'
import type { Context } from '../view.ts'
import { groupsSchema, partition, silence, silenceSchema } from './link-faults.ts'
import { act, type ControlCall, type Route, requireNode } from './route.ts'
import { list, number, oneOf, orNull, record, text } from './schema.ts'
import { refuseUnknown, type Shape, shapeIn, shapeMembers } from './shape.ts'

const meterSchema = record({ packets: number(), bodies: number('of messages'), bytes: number() })

export const linkSchema = record({
  from: text(),
  to: text(),
  state: oneOf('up', 'cut', 'silent'),
  delay_ms: number(),
  bytes_per_second: orNull(number('null: as many as come')),
  meters: record(Object.fromEntries(linkKinds.map((kind) => [kind, meterSchema]))),
})

const directionText = "'one' (as named), or 'both'; 'one' by default"

export const linkRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/links',
    summary: 'Every directed link, with what a real cluster would have sent over it by kind of traffic.',
    answer: list(linkSchema),
    handle: ({ context }) => linkStates(context),
  },
  {
    method: 'PUT',
    path: '/links/{from}/{to}',
    summary:
      'Makes a link slow, narrow, cut or silent; what is not named stays. A cut is in both directions.',
    query: { direction: directionText },
    body: record({}, { ...shapeMembers, state: oneOf('up', 'cut', 'silent') }),
    handle: changeLink,
  },
  {
    method: 'DELETE',
    path: '/links/{from}/{to}',
    summary: 'Makes a link whole: it carries, at once, and as much as comes.',
    query: { direction: directionText },
    handle: (call) => {
      const { linkDelayMs: delayMs } = call.context.live.cluster.timings
      change(call, { delayMs, bytesPerMs: Infinity, state: 'up' })
    },
  },
  {
    method: 'PUT',
    path: '/partition',
    summary: 'Cuts all links between groups of nodes, or the one link between two.',
    body: groupsSchema,
    handle: (call) => partition(call.context, call.json()),
  },
  {
    method: 'DELETE',
    path: '/partition',
    summary: 'Mends every link; what the nodes make of that is up to the partition handling.',
    handle: ({ context: { live } }) => live.act(() => live.cluster.heal()),
  },
  {
    method: 'PUT',
    path: '/silence',
    summary: 'Lets links fall silent: nobody is told before the net tick.',
    body: silenceSchema,
    handle: (call) => silence(call.context, call.json()),
  },
]

/** Every directed link with what has crossed it, by kind, as a real cluster would have sent it. */
export function linkStates({ live }: Context) {
  return [...live.cluster.allLinks()].map(({ from, to, state, delayMs, bytesPerMs, meters }) => ({
    from,
    to,
    state,
    delay_ms: delayMs,
    bytes_per_second: bytesPerMs === Infinity ? null : bytesPerMs * 1000,
    meters,
  }))
}

interface LinkChange extends Shape {
  readonly state?: LinkState
}

/** Throws 400 for a body that makes no sense; then nothing has changed. */
function changeLink(call: ControlCall): void {
  const body = call.json()
  if (!isRecord(body))
    throw badRequest('The body must be an object with delay_ms, bytes_per_second or state.')
  refuseUnknown('A link', body, [...Object.keys(shapeMembers), 'state'])
  const { state } = body
  if (state !== undefined && !isState(state)) throw badRequest("'state' must be 'up', 'cut' or 'silent'.")
  change(call, { ...shapeIn(body), ...(state !== undefined && { state }) })
}

const isState = (value: unknown): value is LinkState => ['up', 'cut', 'silent'].includes(value as string)

function change({ context, params, query }: ControlCall, { state, ...shape }: LinkChange): void {
  const { from = '', to = '' } = params
  for (const name of [from, to]) requireNode(context, name)
  if (from === to) throw notFound('A node has no link to itself.')
  const direction = query.get('direction') ?? 'one'
  if (direction !== 'one' && direction !== 'both')
    throw badRequest("The parameter 'direction' must be 'one' or 'both'.")
  const { cluster } = context.live
  act(context, () => {
    shapeLink(cluster, from, to, shape)
    if (direction === 'both') shapeLink(cluster, to, from, shape)
    if (state === 'cut') cluster.cutLink(from, to)
    else if (state === 'silent') {
      cluster.deafen(to, [from])
      if (direction === 'both') cluster.deafen(from, [to])
    } else if (state === 'up') mendBetween(cluster, from, to)
  })
}
