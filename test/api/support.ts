// A cluster of three with its HTTP port, and requests to it as tests want them. Used by the tests of test/api and test/ui.

import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { onTestFinished } from 'vitest'
import { type RunningCluster, type StartOptions, startCluster } from '../../index.ts'
import { type ChannelModel, connect } from '../support/clients.ts'

/** Decoded JSON, which tests may look into as they like. */
export type Json = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly body: Json
  readonly headers: Headers
}

export interface Site {
  readonly cluster: RunningCluster
  readonly url: string
  /** A request as guest; an object body is sent as JSON, a text as it is. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** The body of a GET that must succeed. */
  get(path: string): Promise<Json>
  /** A client of node `number`, closed when the test ends. */
  client(number: number): Promise<ChannelModel>
}

export const asGuest = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }

/** A cluster that ends with the test. */
export async function site(options: StartOptions = {}): Promise<Site> {
  const cluster = await startCluster({ nodes: 3, port: 0, adminPort: 0, ...options })
  onTestFinished(() => cluster.stop())
  return siteOf(cluster)
}

export function siteOf(cluster: RunningCluster): Site {
  const url = cluster.adminUrl!
  const ask: Site['ask'] = (method, path, body, headers = {}) =>
    send(url + path, method, body, { ...asGuest, ...headers })
  return {
    cluster,
    url,
    ask,
    get: async (path) => {
      const { status, body } = await ask('GET', path)
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
      return body
    },
    client: async (number) => {
      const client = await connect(cluster.urls[number - 1]!)
      onTestFinished(() => client.close().catch(() => {}))
      return client
    },
  }
}

/** One request without fetch's rules about headers: Origin and Host go out as given. */
export function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const received = new Headers()
        for (const [name, value] of Object.entries(incoming.headers)) received.set(name, String(value))
        resolve({
          status: incoming.statusCode!,
          body: text === '' ? '' : JSON.parse(text),
          headers: received,
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  })
}

/** What a real RabbitMQ 3.10.8 answered. */
export function recorded(name: string): Json {
  return JSON.parse(readFileSync(new URL(`../data/api/${name}.json`, import.meta.url), 'utf8'))
}

export const objectNotFound = { error: 'Object Not Found', reason: 'Not Found' }
