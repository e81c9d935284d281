// The control API: faults on demand, and what became of them. It acts on the cluster from outside, as a hand on the power
// switch and the cables would; it asks for the same login as the HTTP API, and administrators only may act.

import express, { type Request, type Response, type Router } from 'express'
import type { Member } from '../../nodes/cluster-member.ts'
import type { User } from '../../nodes/definitions-access.ts'
import { anyDefinitions, login, refuseForeignOrigin, requireLevel } from '../access.ts'
import { badRequest, HttpError, objectNotFound, writeError, writeJson } from '../http-error.ts'
import { parseBody, readBody } from '../resource.ts'
import type { Context } from '../view.ts'
import { partition, silence } from './link-faults.ts'
import { addNode, membershipVerb } from './membership.ts'
import { explainObject, lintPolicies, previewChange, viewFor } from './policies.ts'
import { rebalanceQueues } from './rebalance.ts'
import { eventsSince, linkStates, messagesSince, nodeStates } from './state.ts'

/** How long a node may take to stop or start before the request gives up. */
const patienceMs = 10_000

export function controlRouter(context: Context): Router {
  const routes = express.Router({ caseSensitive: true })
  const { live } = context
  const { cluster } = live
  const guarded =
    (work: (req: Request, user: User) => unknown, change = false) =>
    async (req: Request, res: Response) => {
      try {
        refuseForeignOrigin(req)
        const user = login(req, anyDefinitions(cluster))
        if (change) requireLevel(user, 'administrator')
        const result = await work(req, user)
        res.setHeader('Cache-Control', 'no-cache')
        writeJson(res, result === undefined ? 204 : 200, result ?? null)
      } catch (error) {
        writeError(res, error)
      }
    }
  const changing = (work: (req: Request) => unknown) => guarded(work, true)

  routes.get(
    '/nodes',
    guarded(() => nodeStates(context)),
  )
  routes.get(
    '/links',
    guarded(() => linkStates(context)),
  )
  routes.get(
    '/events',
    guarded((req) => eventsSince(context, sinceOf(req))),
  )
  routes.get(
    '/messages',
    guarded((req) => messagesSince(context, sinceOf(req), parameter(req, 'queue'))),
  )
  routes.put(
    '/partition',
    readBody,
    changing((req) => partition(context, parseBody(req.body))),
  )
  routes.put(
    '/silence',
    readBody,
    changing((req) => silence(context, parseBody(req.body))),
  )
  routes.delete(
    '/partition',
    changing(() => live.act(() => cluster.heal())),
  )
  routes.post(
    '/nodes',
    changing(() => addNode(context)),
  )
  routes.post(
    '/nodes/:name/:verb',
    readBody,
    changing((req) => nodeVerb(context, req)),
  )
  routes.post(
    '/rebalance',
    readBody,
    changing((req) => rebalanceQueues(context, parseBody(req.body))),
  )
  routes.post(
    '/policies/preview',
    readBody,
    guarded((req, user) =>
      previewChange(viewFor(context, parameter(req, 'node')), user, parseBody(req.body)),
    ),
  )
  routes.get(
    '/policies/explain/:vhost/:kind/:name',
    guarded((req, user) =>
      explainObject(viewFor(context, parameter(req, 'node')), user, req.params as Record<string, string>),
    ),
  )
  routes.get(
    '/policies/lint',
    guarded((req, user) => lintPolicies(viewFor(context, parameter(req, 'node')), user)),
  )
  routes.use(
    guarded(() => {
      throw objectNotFound()
    }),
  )
  return routes
}

async function nodeVerb(context: Context, req: Request): Promise<unknown> {
  const { live } = context
  const { cluster } = live
  const { name = '', verb = '' } = req.params as Record<string, string>
  if (!cluster.hasMember(name)) {
    const names = cluster.members.map((member) => member.name).join(', ')
    throw new HttpError(404, {
      error: 'not_found',
      reason: `There is no node '${name}'; the nodes are ${names}.`,
    })
  }
  const member = cluster.member(name)
  if (verb === 'kill' || verb === 'freeze' || verb === 'thaw') live.act(() => cluster[verb](name))
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
  } else return membershipVerb(context, name, verb, parseBody(req.body)) ?? noSuchVerb()
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

/** The `since` of a query, 0 when absent. Throws 400 unless it is a whole number from 0 on. */
function sinceOf(req: Request): number {
  const text = parameter(req, 'since') ?? '0'
  if (!/^\d{1,15}$/.test(text)) throw badRequest("The parameter 'since' must be a whole number from 0 on.")
  return Number(text)
}

function parameter(req: Request, name: string): string | undefined {
  return new URL(req.originalUrl, 'http://localhost').searchParams.get(name) ?? undefined
}
