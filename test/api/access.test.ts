// Who is let in, and what this port does with requests that are not well meant or not well formed.

import { once } from 'node:events'
import { connect as openSocket } from 'node:net'
import { expect, test } from 'vitest'
import { asGuest, objectNotFound, send, site } from './support.ts'

const policy = { pattern: 'x', definition: { 'max-length': 1 } }
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

test('every path of both APIs wants a login, and says which kind', async () => {
  const { url } = await site()
  for (const path of ['/api/queues', '/node/rabbit@node2/api/queues', '/warren/nodes', '/api/whoami']) {
    const { status, body, headers } = await send(url + path, 'GET')
    expect([path, status, body]).toEqual([path, 401, ''])
    expect(headers.get('www-authenticate')).toBe('Basic realm="RabbitMQ Management"')
  }
})

test.each([
  ['a wrong password', 'guest:wrong'],
  ['an unknown user', 'nobody:guest'],
  ['no colon', 'guest'],
  ['an empty password', 'guest:'],
])('a login with %s fails', async (_, login) => {
  const { url } = await site()
  for (const path of ['/api/overview', '/warren/nodes']) {
    const { status, body } = await send(url + path, 'GET', undefined, basic(login))
    expect([status, body]).toEqual([401, { error: 'not_authorized', reason: 'Login failed' }])
  }
})

test('tags and permissions bound what a user may see and change', async () => {
  const { cluster, url } = await site()
  const { addUser } = await import('../../nodes/auth.ts')
  const { definitions } = cluster.cluster.islands[0]!
  for (const [name, tags] of [
    ['plain', []],
    ['seer', ['management']],
    ['watcher', ['monitoring']],
    ['author', ['policymaker']],
  ] as const)
    addUser(definitions, name, 'pw', Buffer.from('salt'), tags)
  definitions.permissions.set('author\0/', { user: 'author', vhost: '/', configure: '', write: '', read: '' })
  const as = async (user: string, method: string, path: string, body?: unknown) => {
    const answer = await send(url + path, method, body, basic(`${user}:pw`))
    return [answer.status, answer.body.reason ?? 'ok']
  }
  expect(await as('plain', 'GET', '/api/overview')).toEqual([401, 'Not management user'])
  expect(await as('seer', 'GET', '/api/overview')).toEqual([200, 'ok'])
  expect(await as('seer', 'GET', '/api/nodes')).toEqual([401, 'Not monitor user'])
  expect(await as('watcher', 'GET', '/api/nodes')).toEqual([200, 'ok'])
  expect(await as('seer', 'GET', '/api/queues/%2F')).toEqual([
    401,
    'User not authorised to access virtual host',
  ])
  expect(await as('watcher', 'PUT', '/api/policies/%2F/x', policy)).toEqual([
    401,
    'User not authorised to access object',
  ])
  expect(await as('author', 'PUT', '/api/policies/%2F/x', policy)).toEqual([201, 'ok'])
  expect(await as('author', 'POST', '/warren/nodes/rabbit@node1/kill')).toEqual([
    401,
    'Not administrator user',
  ])
})

test("a page of another site cannot change anything, though it knows guest's password", async () => {
  const { url, ask } = await site()
  const { host } = new URL(url)
  const foreign: Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `https://${host}.evil.example` },
    { origin: 'http://127.0.0.1:1' },
    // A name of theirs that was made to point at this machine.
    { origin: 'http://evil.example', host: 'evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of foreign) {
    for (const [method, path, body] of [
      ['PUT', '/api/policies/%2F/x', policy],
      ['POST', '/warren/nodes/rabbit@node1/kill', undefined],
      ['DELETE', '/warren/partition', undefined],
    ] as const) {
      const answer = await ask(method, path, body, headers)
      expect([headers, path, answer.status]).toEqual([headers, path, 403])
      expect(answer.body.reason).toMatch(/^changes are not taken from pages of /)
    }
    expect(
      (await ask('GET', '/api/whoami', undefined, headers)).headers.get('access-control-allow-origin'),
    ).toBeNull()
  }
  expect((await ask('GET', '/api/policies')).body).toEqual([])
  expect((await ask('PUT', '/api/policies/%2F/x', policy, { origin: url })).status).toBe(201)
})

test('a body that is not JSON, or not an object, is a 400', async () => {
  const { ask } = await site()
  for (const body of ['{', '[1]', '"x"', '{"pattern":"x",}']) {
    const answer = await ask('PUT', '/api/policies/%2F/x', body)
    expect([body, answer.status, answer.body]).toEqual([
      body,
      400,
      { error: 'bad_request', reason: 'not_json' },
    ])
  }
  expect((await ask('PUT', '/warren/partition', '{')).body.reason).toBe('not_json')
})

test('a body that nests deeper than values of ours is a 400, and nothing of it is kept', async () => {
  const { ask } = await site()
  const deep = '['.repeat(20_000) + ']'.repeat(20_000)
  for (const [method, path, body] of [
    ['PUT', '/api/policies/%2F/x', `{"pattern":"x","definition":{"max-length":${deep}}}`],
    ['PUT', '/api/queues/%2F/x', `{"arguments":{"x":${deep}}}`],
    ['PUT', '/api/global-parameters/x', `{"value":${deep}}`],
    ['POST', '/warren/policies/preview', `{"set":[{"name":"x","definition":${deep}}]}`],
  ] as const) {
    const answer = await ask(method, path, body)
    expect([path, answer.status, answer.body.reason]).toEqual([path, 400, 'nested deeper than 128'])
  }
  expect((await ask('GET', '/api/global-parameters')).status).toBe(200)
})

test('a body of more than 1 MB is refused with 413', async () => {
  const { ask } = await site()
  const pattern = 'x'.repeat(1_048_576)
  for (const path of ['/api/policies/%2F/x', '/warren/partition']) {
    const answer = await ask('PUT', path, { ...policy, pattern })
    expect([answer.status, answer.body.reason]).toEqual([413, 'the body is larger than 1 MB'])
  }
  expect((await ask('PUT', '/api/policies/%2F/x', { ...policy, pattern: 'x'.repeat(10_000) })).status).toBe(
    201,
  )
})

test('a path that cannot be decoded is a 400, and one that leads nowhere a 404', async () => {
  const { ask } = await site()
  expect((await ask('GET', '/api/queues/%zz')).status).toBe(400)
  expect((await ask('GET', '/api/nosuch')).body).toEqual(objectNotFound)
  expect((await ask('GET', '/warren/nosuch')).body).toEqual(objectNotFound)
  expect((await ask('GET', '/api/queues/%2F/a/b/c')).status).toBe(404)
})

test('HEAD answers like GET, without a body', async () => {
  const { ask } = await site()
  const { status, body, headers } = await ask('HEAD', '/api/overview')
  expect([status, body, headers.get('content-type')]).toEqual([200, '', 'application/json'])
})

test('the port is open on IPv4 and IPv6 loopback, and closing it ends open sockets', async () => {
  const { url, cluster } = await site()
  const port = Number(new URL(url).port)
  const sockets = await Promise.all(
    ['127.0.0.1', '::1'].map(async (host) => {
      const socket = openSocket({ host, port })
      await once(socket, 'connect')
      // Half a request: the server waits for the rest. Its end may come as a reset.
      socket.on('error', () => {})
      socket.write('GET /api/whoami HTTP/1.1\r\nHost: x\r\n')
      return socket
    }),
  )
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  await cluster.stop()
  await Promise.all(closed)
  await expect(fetch(url)).rejects.toThrow()
})

test('answers carry headers that keep a browser strict', async () => {
  const { url } = await site()
  for (const path of ['/', '/api/whoami']) {
    const response = await fetch(url + path, { headers: asGuest })
    await response.arrayBuffer()
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  }
})
