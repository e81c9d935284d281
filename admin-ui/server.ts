// The admin port: RabbitMQ's HTTP API, the control API and the page, for all nodes of the cluster on one port. Started by
// `index`; it acts on the cluster through `live` only.

import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { dirname, join } from 'node:path'
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { listenAll } from '../nodes/listener.ts'
import type { TlsIdentity } from '../nodes/listener-tls.ts'
import type { Live } from '../nodes/live.ts'
import { resources } from './api/index.ts'
import { Comparisons } from './control/comparisons.ts'
import { controlRouter } from './control/router.ts'
import { writeError } from './http-error.ts'
import { Rates } from './rates.ts'
import { router } from './resource.ts'
import { sampledIn } from './sampled.ts'
import { Statistics } from './statistics.ts'
import { type Context, firstView, type NodePorts, viewOf } from './view.ts'

export interface AdminOptions {
  readonly live: Live
  readonly ports: NodePorts
  readonly host: string
  readonly port: number
  /** Null: plain HTTP. Clients are never asked for a certificate here. */
  readonly tls: TlsIdentity | null
  /** How often the sampler looks, in ms. */
  readonly statisticsMs: number
}

export interface Admin {
  readonly url: string
  close(): Promise<void>
}

/** Where the built page is: where the bundled command has it, beside this file, or in dist/ when this is run from source. */
const webFolders = ['admin-ui/web', '../admin-ui/web', '../dist/admin-ui/web'].map((folder) =>
  join(import.meta.dirname, folder),
)

const pageRules = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Opens the port (0: any); rejects with the system's error when it is taken. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { live, ports, host, tls } = options
  const scheme = tls === null ? 'http' : 'https'
  let bound = options.port
  const statistics: Statistics = new Statistics(live, options.statisticsMs, () => sampledIn(context))
  const comparisons = new Comparisons()
  const context: Context = {
    ...{ live, ports, rates: new Rates(), statistics, comparisons, scheme },
    port: () => bound,
  }
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((_req, res, next) => {
    res.setHeader('X-Content-Type-Options', 'nosniff')
    res.setHeader('Content-Security-Policy', pageRules)
    next()
  })
  app.use(
    '/api',
    router(context, resources, () => firstView(context)),
  )
  app.use(
    '/node/:node/api',
    router(context, resources, (req) => viewOf(context, String(req.params['node']))),
  )
  app.use('/warren', controlRouter(context))
  app.use(pageFiles())
  app.use((_req: Request, res: Response) => void res.status(404).type('text').send('Not Found'))
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => writeError(res, error))
  const serve = () =>
    tls === null ? createServer(app) : createTlsServer({ cert: tls.cert, key: tls.key }, app)
  const { port, servers } = await listenAll(serve, host, options.port).catch((error) => {
    statistics.stop()
    throw error
  })
  bound = port
  return {
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: async () => {
      statistics.stop()
      await comparisons.close()
      return closeAll(servers as Server[])
    },
  }
}

/** Files of assets/ are named after what is in them, and so may be kept for ever. */
function pageFiles(): RequestHandler {
  const folder = webFolders.find((candidate) => existsSync(join(candidate, 'assets')))
  if (folder === undefined) return (_req, _res, next) => next()
  return express.static(folder, {
    cacheControl: false,
    setHeaders: (res, path) => {
      const kept = dirname(path).endsWith('assets')
      res.setHeader('Cache-Control', kept ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    }),
  )
}
