// Requests to the admin port: valid ones, broken in path, query, headers and body, and sometimes broken off in their bytes.
// The server must answer each, without a mistake of its own, or drop a connection that is no HTTP.

import { request } from 'node:http'
import { connect } from 'node:net'
import type { Chance } from './chance.ts'
import { Broken } from './drive.ts'
import { definitions } from './files.ts'
import type { LiveTarget } from './sockets.ts'
import { keys, queues } from './values.ts'

const paths = [
  '/api/overview',
  '/api/nodes',
  '/api/nodes/rabbit@node1',
  '/api/vhosts',
  '/api/vhosts/v1',
  '/api/queues',
  '/api/queues?page=1&page_size=5&name=q&use_regex=true&sort=name',
  '/api/queues/%2F/q1',
  '/api/queues/%2F/q1/contents',
  '/api/queues/%2F/q1/get',
  '/api/queues/%2F/q1/bindings',
  '/api/exchanges/%2F/x1',
  '/api/exchanges/%2F/x1/publish',
  '/api/bindings/%2F/e/x1/q/q1',
  '/api/bindings/%2F/e/amq.topic/q/q1/a.b',
  '/api/connections',
  '/api/channels',
  '/api/policies/%2F/p',
  '/api/operator-policies/%2F/p',
  '/api/users/u1',
  '/api/permissions/%2F/u1',
  '/api/topic-permissions/%2F/u1',
  '/api/vhost-limits/v1/max-queues',
  '/api/user-limits/u1/max-channels',
  '/api/definitions',
  '/api/definitions',
  '/api/definitions/v1?download=x',
  '/api/parameters/operator_policy/v1/o',
  '/api/global-parameters/g',
  '/node/rabbit@node2/api/queues',
  '/warren/nodes',
  '/warren/links',
  '/warren/events?since=0',
  '/warren/partition',
  '/warren/policies/preview',
  '/warren/policies/preview?node=rabbit@node2',
  '/warren/policies/explain/%2F/queue/q1',
  '/warren/policies/explain/%2F/exchange/amq.topic',
  '/index.html',
]

const bodies: readonly unknown[] = [
  { durable: true, auto_delete: false, arguments: { 'x-message-ttl': 1000 } },
  { type: 'topic', durable: true, internal: false, arguments: {} },
  { pattern: '^q', definition: { 'max-length': 5 }, priority: 1, 'apply-to': 'queues' },
  { routing_key: 'k', arguments: { a: 1 } },
  { properties: {}, routing_key: 'q1', payload: 'x', payload_encoding: 'string' },
  { count: 2, ackmode: 'ack_requeue_true', encoding: 'auto', truncate: 10 },
  { password: 'p', tags: 'management' },
  { configure: '.*', write: '(a+)+$', read: '' },
  { value: 5 },
  { groups: [] },
  definitions,
  {
    set: [{ name: 'p', pattern: '^q', definition: { 'ha-mode': 'all' } }],
    clear: [{ vhost: '/', name: 'p' }],
  },
  { replace: [{ name: 'o', vhost: 'v1', pattern: 'x$', definition: { expires: 1 }, operator: true }] },
  { value: { pattern: '^q', definition: { 'max-length': 5 }, priority: 1 } },
  [],
  'text',
  null,
]

const fragments = [
  '%2F',
  '%00',
  '%',
  '%ff',
  '..',
  '//',
  '?',
  '#',
  '__proto__',
  'constructor',
  "'",
  '<',
  'ä',
  '*',
  '%C0%AF',
]

/** Sends `count` requests; returns the count. Throws what was reported as our own mistake, and Broken for no answer. */
export async function fuzzHttp(target: LiveTarget, chance: Chance, count: number): Promise<number> {
  const { hostname, port } = new URL(target.admin.url)
  for (let i = 0; i < count; i++) {
    if (chance.hit(10)) {
      await rawRequest(hostname, Number(port), chance)
      continue
    }
    const method = chance.pick(['GET', 'GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'])
    const path = pathOf(chance)
    const body = method === 'GET' ? '' : bodyOf(chance)
    target.note(`${method} ${path} ${body.slice(0, 300)}`)
    const status = await ask(hostname, Number(port), method, path, headersOf(chance, body), body)
    // The real one answers some requests with a bare 500; a mistake of our own is reported besides.
    if (status >= 500) target.checkBugs()
  }
  return count
}

function pathOf(chance: Chance): string {
  let path = chance.pick(paths)
  for (
    let n = chance.weighted([
      [60, 0],
      [30, 1],
      [10, 3],
    ] as const);
    n > 0;
    n--
  ) {
    const at = chance.between(1, path.length)
    path = chance.weighted<() => string>([
      [3, () => path.slice(0, at) + chance.pick(fragments) + path.slice(at)],
      [2, () => path.slice(0, at)],
      [1, () => `${path}/${chance.pick([...queues, ...keys])}`],
      [
        1,
        () =>
          `${path}?${chance.pick(['page', 'sort', 'columns', 'name', 'since', 'x'])}=${chance.pick(fragments)}`,
      ],
      [1, () => path.slice(0, at) + 'a'.repeat(chance.pick([300, 9000])) + path.slice(at)],
    ])()
  }
  // A path that Node.js would not send is no request.
  return encodeURI(path).replaceAll('%25', '%').replaceAll('#', '%23') || '/'
}

function bodyOf(chance: Chance): string {
  const body = chance.pick(bodies)
  let text = JSON.stringify(
    typeof body === 'object' && body !== null && chance.hit(40) ? changed(chance, body) : body,
  )
  if (chance.hit(20)) {
    const at = chance.int(text.length + 1)
    text =
      text.slice(0, at) +
      chance.pick(['{', '"', ',', '\\u0000', '[[[[', '1e999', 'x']) +
      text.slice(at + chance.int(3))
  }
  return text
}

/** The body with one value replaced by one of another kind. */
function changed(chance: Chance, body: object): unknown {
  const entries = Object.entries(body)
  if (entries.length === 0) return [null]
  const [name] = chance.pick(entries)
  const value = chance.pick<unknown>([
    null,
    -1,
    1.5,
    1e300,
    '',
    'x',
    [],
    [[]],
    {},
    { a: { b: [] } },
    true,
    '(?<',
    '[',
  ])
  return { ...body, [chance.hit(90) ? name : '__proto__']: value }
}

function headersOf(chance: Chance, body: string): Record<string, string> {
  const login = chance.hit(92) ? 'guest:guest' : chance.pick(['guest:x', ':', 'ä:ä', 'nobody:'])
  const headers: Record<string, string> = {
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': 'application/json',
  }
  if (chance.hit(97)) headers['Authorization'] = `Basic ${Buffer.from(login).toString('base64')}`
  if (chance.hit(3)) headers['Authorization'] = chance.pick(['Basic', 'Basic !', 'Bearer x', ''])
  if (chance.hit(5)) headers['Origin'] = chance.pick(['http://evil.example', 'null', 'x'])
  if (chance.hit(10))
    headers['Content-Type'] = chance.pick([
      'text/plain',
      'application/json; charset=x',
      'multipart/form-data; boundary=x',
      '',
    ])
  if (chance.hit(3)) headers['Content-Encoding'] = chance.pick(['gzip', 'br', 'x'])
  return headers
}

function ask(
  host: string,
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, headers, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
    })
    sent.setTimeout(10_000, () => reject(new Broken(`no answer to ${method} ${path}`)))
    sent.on('error', () => resolve(0))
    sent.end(body)
  })
}

/** Bytes that are hardly HTTP, and a hang-up. */
function rawRequest(host: string, port: number, chance: Chance): Promise<void> {
  const text = `${chance.pick(['GET', 'PUT', 'X'])} ${chance.pick(paths)} HTTP/1.1\r\nHost: x\r\nContent-Length: ${chance.pick(['5', '-1', '99999999999', 'x'])}\r\n\r\n`
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      const bytes = Buffer.concat([Buffer.from(text), chance.bytes(chance.int(20))])
      socket.end(bytes.subarray(0, chance.int(bytes.length + 1)))
    })
    socket.setTimeout(200, () => socket.destroy())
    socket.resume()
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })
}
