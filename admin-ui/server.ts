// The admin port: RabbitMQ's HTTP API, the control API and the page, for all nodes of the cluster on one port. Started by
// `index`; it acts on the cluster through `live` only.

import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import express, { type NextFunction, type Request, type Response } from 'express'
import { listenAll } from '../nodes/listener.ts'
import type { Live } from '../nodes/live.ts'
import { resources } from './api/index.ts'
import { controlRouter } from './control/router.ts'
import { writeError } from './http-error.ts'
import { Rates } from './rates.ts'
import { router } from './resource.ts'
import { type Context, firstView, type NodePorts, viewOf } from './view.ts'

export interface AdminOptions {
  readonly live: Live
  readonly ports: NodePorts
  readonly host: string
  readonly port: number
}

export interface Admin {
  readonly url: string
  close(): Promise<void>
}

/** Where the page's files are: beside this one, where the bundled command has it, and compiled when this is run from source. */
const webFolders = [
  join(import.meta.dirname, 'web'),
  join(import.meta.dirname, '..', 'admin-ui', 'web'),
  join(import.meta.dirname, '..', 'dist', 'admin-ui', 'web'),
]

const pageRules = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Opens the port (0: any); rejects with the system's error when it is taken. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { live, ports, host } = options
  let bound = options.port
  const context: Context = { live, ports, rates: new Rates(), port: () => bound }
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
  for (const folder of webFolders) app.use(express.static(folder, { etag: true, cacheControl: false }))
  app.use((_req: Request, res: Response) => void res.status(404).type('text').send('Not Found'))
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => writeError(res, error))
  const { port, servers } = await listenAll(() => createServer(app), host, options.port)
  bound = port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () => closeAll(servers as Server[]),
  }
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
