// Requests to the admin port: valid ones, broken in path, query, headers and body, and sometimes broken off in their bytes.
// The server must answer each, without a mistake of its own, or drop a connection that is no HTTP.

import { request } from 'node:http'
import { connect } from 'node:net'
import { resources } from '../admin-ui/api/index.ts'
import { exportDefinitions } from '../admin-ui/definitions/export.ts'
import { Chance } from './chance.ts'
import { Broken } from './drive.ts'
import { definitions } from './files.ts'
import { LiveTarget } from './sockets.ts'
import { keys, queues } from './values.ts'

/** What stands for a parameter of a path. */
const places: Readonly<Record<string, readonly string[]>> = {
  vhost: ['%2F', '%2F', 'v1', 'nov'],
  in: ['%2F', '%2F', 'v1', 'nov'],
  user: ['guest', 'u1', 'u1'],
  of: ['v1', 'u1', '%2F'],
  name: ['q1', 'q2', 'x1', 'p', 'u1', 'v1', 'amq.topic', 'amq.default', 'rabbit@node1'],
  node: ['rabbit@node1', 'rabbit@node2', 'rabbit@node9'],
  source: ['x1', 'amq.topic', 'amq.default'],
  destination: ['q1', 'x1', 'q2'],
  kind: ['q', 'e', 'queue', 'exchange'],
  verb: ['kill', 'stop', 'start', 'freeze', 'thaw'],
  from: ['rabbit@node1', 'rabbit@node2', 'rabbit@node9'],
  to: ['rabbit@node2', 'rabbit@node3'],
  props: ['a.b', '~', 'k'],
  limit: ['max-queues', 'max-connections', 'max-channels'],
  component: ['operator_policy', 'vhost-limits', 'federation'],
  port: ['1', '5672', 'x'],
}
const anything = ['1', 'x', 'q1', '-1', '%2F']

/** Of every resource there is, and of some that there are not. */
const templates = [
  ...resources.flatMap(({ path }) => [`/api${path}`, `/api${path}`, `/node/rabbit@node2/api${path}`]),
  '/api/queues?page=1&page_size=5&name=q&use_regex=true&sort=name',
  '/api/queues?disable_stats=true&enable_queue_totals=true',
  '/api/overview?lengths_age=60&lengths_incr=5&msg_rates_age=60&msg_rates_incr=5',
  '/api/definitions/v1?download=x',
  '/api/nosuch',
  '/warren/nodes',
  '/warren/links',
  '/warren/openapi.json',
  '/warren/policies/preview',
  '/warren/policies/preview?node=rabbit@node2',
  '/warren/policies/explain/%2F/queue/q1',
  '/warren/policies/explain/%2F/exchange/amq.topic',
  '/index.html',
]

/** Learnt from the server's own description: what the control API answers. */
async function controlPaths(target: LiveTarget): Promise<string[]> {
  const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` }
  const answer = await fetch(`${target.admin.url}/warren/openapi.json`, { headers })
  const { paths } = (await answer.json()) as { readonly paths: Readonly<Record<string, unknown>> }
  // Streams have no end to wait for.
  const streams = /event|feed|pulse|stream/
  return Object.keys(paths)
    .filter((path) => !streams.test(path))
    .map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'))
}

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
  { users: ['u1', 'nobody'] },
  { action: 'sync' },
  { name: 'some' },
  { exchange: 'amq.topic', write: '.*', read: '.*' },
  { groups: [] },
  { groups: [['rabbit@node1'], ['rabbit@node2', 'rabbit@node3']] },
  { delay_ms: 5, bytes_per_second: 100_000 },
  { state: 'silent' },
  { speed: 2 },
  { ms: 1000 },
  definitions,
  {
    set: [{ name: 'p', pattern: '^q', definition: { 'ha-mode': 'all' } }],
    clear: [{ vhost: '/', name: 'p' }],
  },
  { replace: [{ name: 'o', vhost: 'v1', pattern: 'x$', definition: { expires: 600_000 }, operator: true }] },
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

/**
 * Sends `count` requests; returns the count. Throws what was reported as our own mistake, and Broken for no answer and for
 * a 5xx, unless it is a 503 that says what is not well. With `whole` also when a refused request has changed something.
 */
export async function fuzzHttp(
  target: LiveTarget,
  chance: Chance,
  count: number,
  whole = false,
): Promise<number> {
  const { hostname, port } = new URL(target.admin.url)
  const control = await controlPaths(target)
  for (let i = 0; i < count; i++) {
    if (chance.hit(whole ? 2 : 10)) {
      await rawRequest(hostname, Number(port), chance)
      continue
    }
    const method = chance.pick(['GET', 'GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'])
    const path = pathOf(chance, chance.hit(15) ? control : templates)
    const body = method === 'GET' ? '' : bodyOf(chance)
    const said = `${method} ${path} ${body.slice(0, 300)}`
    target.note(said)
    const before = whole ? stateOf(target) : ''
    const { status, text } = await ask(hostname, Number(port), method, path, headersOf(chance, body), body)
    target.checkBugs()
    // A HEAD shows no reason.
    const reasoned = method === 'HEAD' || /"status":"failed"|"error":"node_down"/.test(text)
    if (status >= 500 && !(status === 503 && reasoned)) throw new Broken(`${status} for ${said}`)
    const refused = (status >= 400 && !stopsHalfWay.test(path)) || method === 'GET'
    if (whole && refused && stateOf(target) !== before)
      throw new Broken(`${status}, and yet something has changed, for ${said}`)
    if (status < 300 && disturbs.test(`${method} ${path}`)) target.disturbed = true
    // What a valid request to the control API has broken is made anew by the caller.
    if (target.disturbed || !target.cluster.members.every(({ state }) => state === 'running')) return i + 1
  }
  return count
}

/** What, done as asked, may leave nobody to talk to: faults, a clock that stands, witnesses without their connection or vhost. */
const disturbs = /^(PUT|POST|DELETE) .*(\/warren\/|connections|vhosts|reset|users|permissions)/

/** A real RabbitMQ works through this list up to the first name that it does not know, and so do we. */
const stopsHalfWay = /bulk-delete/

/** What a refused request must leave as it is. */
const stateOf = ({ cluster }: LiveTarget): string =>
  JSON.stringify(
    cluster.members.map(({ state, island }) => [
      state,
      island === null ? null : exportDefinitions(island.definitions),
    ]),
  )

/**
 * `count` requests with every check, each some thousands on a cluster of their own; `say` hears how far it has come. Returns
 * what went wrong, or null.
 */
export async function fuzzRequests(
  seed: number,
  count: number,
  say: (line: string) => void,
): Promise<string | null> {
  let target = await LiveTarget.open(seed)
  let [sent, told] = [0, 0]
  try {
    for (let part = 0; sent < count; part++) {
      const chance = new Chance(seed, `requests ${part}`)
      sent += await fuzzHttp(target, chance, Math.min(2000, count - sent), true)
      await target.close()
      target = await LiveTarget.open(seed + part + 1)
      if (sent - told >= 10_000) say(`${(told = sent)} requests`)
    }
    return null
  } catch (error) {
    return `${(error as Error).message}\nthe last requests:\n${target.recent.slice(-5).join('\n')}`
  } finally {
    await target.close()
  }
}

function pathOf(chance: Chance, from: readonly string[]): string {
  let path = chance
    .pick(from)
    .replaceAll(/:(\w+)/g, (_, name: string) => chance.pick(places[name] ?? anything))
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
          `${path}?${chance.pick(['page', 'sort', 'columns', 'name', 'since', 'lengths_age', 'if-unused', 'x'])}=${chance.pick(fragments)}`,
      ],
      [1, () => path.slice(0, at) + 'a'.repeat(chance.pick([300, 9000])) + path.slice(at)],
    ])()
  }
  // A path that Node.js would not send is no request.
  return encodeURI(path).replaceAll('%25', '%').replaceAll('#', '%23') || '/'
}

/** Stands for lists in lists, deeper than JSON.stringify can follow. */
const deepMark = 'deep'

function bodyOf(chance: Chance): string {
  const body = chance.pick(bodies)
  let text = JSON.stringify(
    typeof body === 'object' && body !== null && chance.hit(40) ? changed(chance, body) : body,
  ).replace(`"${deepMark}"`, '['.repeat(20_000) + ']'.repeat(20_000))
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
    deepMark,
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
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const nothing = () => resolve({ status: 0, text: '' })
    const sent = request({ host, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString().slice(0, 500) }),
      )
      response.on('error', nothing)
    })
    sent.setTimeout(10_000, () => reject(new Broken(`no answer to ${method} ${path}`)))
    sent.on('error', nothing)
    sent.end(body)
  })
}

/** Bytes that are hardly HTTP, and a hang-up. */
function rawRequest(host: string, port: number, chance: Chance): Promise<void> {
  const text = `${chance.pick(['GET', 'PUT', 'X'])} ${chance.pick(templates)} HTTP/1.1\r\nHost: x\r\nContent-Length: ${chance.pick(['5', '-1', '99999999999', 'x'])}\r\n\r\n`
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
