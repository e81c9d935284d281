// One request to a running Warren's HTTP port and its decoded answer. Called by ctl's session alone; a port that does not
// answer becomes a Failure that says how to start a Warren, and no status is judged here.

import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { exitCodes, Failure } from './failure.ts'

export interface Answer {
  readonly status: number
  /** The decoded JSON body, its text when it is not JSON, or null when there is none. */
  readonly body: unknown
}

export type Headers = Readonly<Record<string, string>>

/** `timeoutMs` 0 waits for ever. Credentials are those of the URL, otherwise guest's. */
export function request(
  base: URL,
  method: string,
  path: string,
  body: unknown,
  timeoutMs: number,
  headers: Headers = {},
): Promise<Answer> {
  const user = decodeURIComponent(base.username || 'guest')
  const password = decodeURIComponent(base.password || 'guest')
  const payload = body === undefined ? '' : JSON.stringify(body)
  // Of a throw-away certificate Node.js must be told by NODE_EXTRA_CA_CERTS.
  const secure = base.protocol === 'https:'
  const send = secure ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        host: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port || (secure ? 443 : 80),
        method,
        path: base.pathname.replace(/\/$/, '') + path,
        ...(headers['authorization'] === undefined && { auth: `${user}:${password}` }),
        headers: { ...(payload !== '' && { 'content-type': 'application/json' }), ...headers },
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', (error) => reject(unanswered(base, error)))
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: decoded(Buffer.concat(chunks).toString()) }),
        )
      },
    )
    outgoing.setTimeout(timeoutMs, () => {
      const text = `Error: operation timed out. Timeout value used: ${timeoutMs}\n`
      outgoing.destroy(new Failure(exitCodes.timedOut, text))
    })
    outgoing.on('error', (error) => reject(error instanceof Failure ? error : unanswered(base, error)))
    outgoing.end(payload)
  })
}

function decoded(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function unanswered(base: URL, error: NodeJS.ErrnoException): Failure {
  const start = base.port === '15672' ? 'warren start' : `warren start --admin-port ${base.port || 80}`
  const why = error.code === 'ECONNREFUSED' ? '' : ` (${error.message})`
  return new Failure(
    exitCodes.unavailable,
    `Error: no Warren answers at ${base.origin}${why}; start one with \`${start}\`.`,
  )
}
