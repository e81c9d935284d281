// One Prometheus port for each node, as RabbitMQ's plugin opens it: no login, GET only. A node that does not serve answers 503, which
// a scrape takes for being down. Started by `index`; it only reads.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Member } from '../../nodes/cluster-member.ts'
import { listenAll } from '../../nodes/listener.ts'
import type { Live } from '../../nodes/live.ts'
import { metricsAt } from './endpoints.ts'
import { Scrapes } from './scrapes.ts'

const compress = promisify(gzip)
const contentType = 'text/plain; version=0.0.4'

export interface Metrics {
  /** http:// URL of each node's metrics, in the order of the nodes. */
  readonly urls: readonly string[]
  /** Opens the port of a further node; rejects with the system's error when it is taken. */
  add(member: Member): Promise<void>
  close(): void
}

/** Node i listens on `port` + i - 1, or on any free port when it is 0. Rejects with the system's error when one is taken. */
export async function startMetrics(live: Live, host: string, port: number): Promise<Metrics> {
  const servers: Server[] = []
  const urls: string[] = []
  const metrics: Metrics = {
    urls,
    add: async (member) => {
      const at = live.cluster.members.indexOf(member)
      const scrapes = new Scrapes()
      const make = () => createServer((req, res) => void answer(live, member, scrapes, req, res))
      const opened = await listenAll(make, host, port === 0 ? 0 : port + at)
      servers.push(...(opened.servers as Server[]))
      urls.push(`http://${host.includes(':') ? `[${host}]` : host}:${opened.port}/metrics`)
    },
    close: () => {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
  try {
    for (const member of live.cluster.members) await metrics.add(member)
    return metrics
  } catch (error) {
    metrics.close()
    throw error
  }
}

async function answer(
  live: Live,
  member: Member,
  scrapes: Scrapes,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  res.setHeader('Content-Type', 'text/plain')
  try {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://localhost')
    if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405, 'Only GET is answered here.')
    const { node } = member
    if (node === null || member.state !== 'running')
      return refuse(res, 503, `Node ${member.name} is ${member.state}.`)
    const began = performance.now()
    const told = metricsAt(pathname, searchParams, { live, node })
    if (told === null)
      return refuse(res, 404, 'Metrics are at /metrics, /metrics/per-object and /metrics/detailed?family=…')
    const text = told + scrapes.text()
    res.setHeader('Content-Type', contentType)
    const packs = /\bgzip\b/.test(req.headers['accept-encoding'] ?? '')
    const body = packs ? await compress(text) : Buffer.from(text)
    if (packs) res.setHeader('Content-Encoding', 'gzip')
    scrapes.add(pathname, (performance.now() - began) / 1000, text.length, packs ? body.length : null)
    res.setHeader('Content-Length', body.length)
    res.end(req.method === 'HEAD' ? undefined : body)
  } catch (error) {
    console.error('warren: internal error, please report:', error)
    if (res.headersSent) res.destroy()
    else refuse(res, 500, 'internal error')
  }
}

function refuse(res: ServerResponse, status: number, sentence: string): void {
  res.statusCode = status
  res.end(`${sentence}\n`)
}
