// The control API: faults on demand, and what became of them. It acts on the cluster from outside, as a hand on the power
// switch and the cables would; it asks for the same login as the HTTP API, and administrators only may act.

import express, { type Request, type Response, type Router } from 'express'
import { anyDefinitions, login, refuseForeignOrigin, requireLevel } from '../access.ts'
import { objectNotFound, writeError, writeJson } from '../http-error.ts'
import { parseBody, readBody } from '../resource.ts'
import type { Context } from '../view.ts'
import { clientRoutes } from './clients.ts'
import { clockRoutes } from './clock.ts'
import { comparisonRoutes } from './comparison-routes.ts'
import { costRoutes } from './cost.ts'
import { eventRoutes } from './events.ts'
import { linkRoutes } from './links.ts'
import { memoryLimitRoutes } from './memory-limit.ts'
import { messageRoutes } from './messages.ts'
import { nodeRoutes } from './nodes.ts'
import { describedBy } from './openapi.ts'
import { partitionHandlingRoutes } from './partition-handling.ts'
import { policyRoutes } from './policies.ts'
import { policyEditingRoutes } from './policy-editing-routes.ts'
import { queueRoutes } from './queues.ts'
import { rebalanceRoutes } from './rebalance.ts'
import { type Route, streamed } from './route.ts'

const routes = describedBy([
  ...nodeRoutes,
  ...costRoutes,
  ...linkRoutes,
  ...partitionHandlingRoutes,
  ...memoryLimitRoutes,
  ...clientRoutes,
  ...clockRoutes,
  ...eventRoutes,
  ...messageRoutes,
  ...policyRoutes,
  ...policyEditingRoutes,
  ...queueRoutes,
  ...rebalanceRoutes,
  ...comparisonRoutes,
])

export function controlRouter(context: Context): Router {
  const served = express.Router({ caseSensitive: true })
  for (const route of routes) {
    const method = route.method.toLowerCase() as 'get' | 'put' | 'post' | 'delete'
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    served[method](path, readBody, (req, res) => void serve(context, route, req, res))
  }
  served.use((req, res) => void serve(context, nowhere, req, res))
  return served
}

const nowhere: Route = {
  method: 'GET',
  path: '',
  summary: '',
  handle: () => {
    throw objectNotFound()
  },
}

async function serve(context: Context, route: Route, req: Request, res: Response): Promise<void> {
  try {
    refuseForeignOrigin(req)
    const user = login(req, anyDefinitions(context.live.cluster))
    requireLevel(user, route.level ?? (route.method === 'GET' ? 'management' : 'administrator'))
    res.setHeader('Cache-Control', 'no-cache')
    const result = await route.handle({
      context,
      user,
      params: req.params as Record<string, string>,
      query: new URL(req.originalUrl, 'http://localhost').searchParams,
      json: () => parseBody(req.body),
      req,
      res,
    })
    if (result !== streamed) writeJson(res, result === undefined ? 204 : 200, result ?? null)
  } catch (error) {
    writeError(res, error)
  }
}
