// The requests that were once made of a real RabbitMQ 3.10.8, made of Warren in the same order: status, body, and the
// headers that matter must be the same.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '../../index.ts'
import { type ChannelModel, connect, consume, put } from '../support/clients.ts'
import { type Answer, asGuest, recorded, send } from './support.ts'

type Recording = [
  status: number,
  body: unknown,
  challenge: string | null,
  allow: string | null,
  location: string | null,
]

/** Of resources that Warren answers; messages over HTTP and definitions are not among them. */
const served =
  /^\/(overview|queues|exchanges|bindings|connections|whoami|foo|vhosts|users|permissions|vhost-limits)\b(?!.*\/(get|publish)$)/
const others = [
  '401 no tag',
  'mon GET',
  'mon GET queues no perm',
  'del conn',
  'del conn again',
  'defq',
  'get vhost',
]

const recordings = Object.entries(recorded('http_status') as Record<string, Recording>).flatMap(
  ([title, answer]) => {
    const [, label, method, path, body] = /^([^:]+): ([A-Z]+) (\S+) ?(.*)$/s.exec(title) ?? []
    if (label === undefined || method === undefined || path === undefined) return []
    if (!served.test(path) || others.includes(label)) return []
    // A node of the recorded cluster has another name here.
    const text = body?.replace('r3@localhost', 'rabbit@node3') ?? ''
    return [{ title, label, method, path, body: text, answer }]
  },
)

/** Hashes of arguments have RabbitMQ's form, not its value. */
const comparable = (value: unknown) =>
  JSON.stringify(value ?? null)
    .replaceAll(/~[\w-]{6}/g, '~HASH')
    .replaceAll(/("password_hash":)"[^"]{48}"/g, '$1"HASH"')
    .replaceAll('r3@localhost', 'rabbit@node3')

let cluster: RunningCluster
let client: ChannelModel

beforeAll(async () => {
  cluster = await startCluster({ nodes: 3, port: 0, adminPort: 0 })
  client = await connect(cluster.urls[0]!)
  const channel = await client.createConfirmChannel()
  await channel.assertQueue('u1')
  await put(channel, 'u1', 'one')
  await channel.assertQueue('plain')
  await consume(channel, 'plain')
})

afterAll(async () => {
  await client?.close()
  await cluster?.stop()
})

const header = ({ headers }: Answer, name: string) => headers.get(name)

test('most of what was recorded is served', () => {
  expect(recordings.length).toBeGreaterThan(40)
})

test.each(recordings)('$title', async ({ label, method, path, body, answer }) => {
  const [status, expected, challenge, allow, location] = answer
  const login: Record<string, string> =
    label === '401 none' ? {} : label === '401 bad' ? { authorization: 'Basic eDp5' } : asGuest
  // A body that was not JSON was recorded as a JSON text.
  const payload = body === '' ? undefined : body.startsWith('"') ? (JSON.parse(body) as string) : body
  const headers = { ...login, 'content-type': 'application/json' }
  const got = await send(`${cluster.adminUrl}/api${path}`, method, payload, headers)
  expect(got.status).toBe(status)
  expect(comparable(got.body)).toBe(comparable(expected))
  expect(header(got, 'www-authenticate')).toBe(challenge)
  expect(header(got, 'allow')).toBe(allow)
  expect(comparable(header(got, 'location'))).toBe(comparable(location))
  expect(header(got, 'content-type')).toBe(expected === '' ? null : 'application/json')
})
