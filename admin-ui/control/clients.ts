// Clients' sockets over HTTP: made slow or narrow, made whole, broken. A client is named by its number or by its connection's name.

import { Connection } from '../../nodes/connection.ts'
import { type Direction, directions, type Listener } from '../../nodes/listener.ts'
import { isRecord } from '../../policies/policy.ts'
import { isMonitor } from '../access.ts'
import { badRequest, notFound } from '../http-error.ts'
import { clientEntry, clientSchema, listenerOf } from './client-states.ts'
import type { ControlCall, Route } from './route.ts'
import { list, oneOf, record } from './schema.ts'
import { refuseUnknown, type Shape, shapeIn, shapeMembers } from './shape.ts'

const sides = { from_client: 'fromClient', to_client: 'toClient' } as const

export const clientRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/clients',
    summary: 'The open connections of clients, of all nodes.',
    query: { node: 'only of this node' },
    answer: list(clientSchema),
    handle: clients,
  },
  {
    method: 'PUT',
    path: '/clients/{client}',
    summary: "Makes a client's socket slow or narrow; what is not named stays.",
    body: record({}, { ...shapeMembers, direction: oneOf('both', 'from_client', 'to_client') }),
    handle: (call) => {
      const { fates, shape } = wanted(call.json())
      reshape(call, fates, shape)
    },
  },
  {
    method: 'DELETE',
    path: '/clients/{client}',
    summary: "Makes a client's socket whole: no delay, as much as comes.",
    handle: (call) => reshape(call, directions, { delayMs: 0, bytesPerMs: Infinity }),
  },
  {
    method: 'POST',
    path: '/clients/{client}/reset',
    summary: "Breaks a client's connection, as a failing network would: both ends see a reset.",
    handle: (call) => {
      const { connection, listener } = found(call)
      const { live } = call.context
      live.act(() => {
        live.cluster.trace.event(live.cluster.loop.now, 'client-reset', connection.node.name, connection.name)
        listener.resetClient(connection)
      })
    },
  },
]

function clients({ context, user, query }: ControlCall) {
  const node = query.get('node')
  return context.live.cluster.members
    .filter(({ name }) => node === null || name === node)
    .flatMap((member) => [...(member.node?.connections.values() ?? [])])
    .filter((connection) => connection instanceof Connection)
    .filter((connection) => isMonitor(user) || connection.user === user.name)
    .map((connection) => clientEntry(context, connection))
}

/** Throws 400 for a body that makes no sense. */
function wanted(body: unknown): { fates: readonly Direction[]; shape: Shape } {
  if (!isRecord(body)) throw badRequest('The body must be an object with delay_ms or bytes_per_second.')
  refuseUnknown("A client's socket", body, [...Object.keys(shapeMembers), 'direction'])
  const { direction = 'both' } = body
  const shape = shapeIn(body)
  if (direction === 'both') return { fates: directions, shape }
  if (typeof direction !== 'string' || !Object.hasOwn(sides, direction))
    throw badRequest("'direction' must be 'both', 'from_client' or 'to_client'.")
  return { fates: [sides[direction as keyof typeof sides]], shape }
}

function reshape(call: ControlCall, fates: readonly Direction[], shape: Shape): void {
  const { connection, listener } = found(call)
  const { cluster } = call.context.live
  const before = listener.shapeOf(connection)
  for (const direction of fates) listener.shape(connection, direction, { ...before?.[direction], ...shape })
  const { name, node } = connection
  cluster.trace.event(cluster.loop.now, 'client-shaped', node.name, name, shape.delayMs ?? 0)
}

/** Throws 404 when there is no such client. */
function found({ context, params }: ControlCall): { connection: Connection; listener: Listener } {
  const { client = '' } = params
  for (const { node } of context.live.cluster.members)
    for (const connection of node?.connections.values() ?? []) {
      if (!(connection instanceof Connection)) continue
      if (String(connection.id) !== client && connection.name !== client) continue
      const listener = listenerOf(context, connection)
      if (listener !== undefined) return { connection, listener }
    }
  throw notFound(`There is no client '${client}'.`)
}
