// Queues over HTTP: running, down and waiting; declaring, deleting, purging, synchronising; pages, columns and order.

import { describe, expect, test } from 'vitest'
import { put, until } from '../support/clients.ts'
import { type Json, objectNotFound, recorded, site } from './support.ts'

const keys = (value: object) => Object.keys(value).sort()

test('a queue whose only node is down shows its fixed members only, and is not found by itself', async () => {
  const { cluster, client, get, ask } = await site()
  const channel = await (await client(2)).createChannel()
  await channel.assertQueue('d')
  await channel.bindQueue('d', 'amq.fanout', '')
  await cluster.node(2).kill()
  const [entry] = await get('/api/queues')
  expect(keys(entry)).toEqual(keys(recorded('queue_down').body))
  expect(entry).toMatchObject({ name: 'd', node: 'rabbit@node2', state: 'down' })
  for (const [method, path] of [
    ['GET', '/api/queues/%2F/d'],
    ['DELETE', '/api/queues/%2F/d'],
    ['DELETE', '/api/queues/%2F/d/contents'],
    ['GET', '/api/queues/%2F/d/bindings'],
  ] as const) {
    const { status, body } = await ask(method, path)
    expect([path, status, body]).toEqual([path, 404, objectNotFound])
  }
  const { status, body } = await ask('PUT', '/api/queues/%2F/d', { durable: true })
  expect([status, body]).toEqual([
    404,
    {
      error: 'not_found',
      reason: "home node 'rabbit@node2' of durable queue 'd' in vhost '/' is down or inaccessible",
    },
  ])
  expect(await get('/api/bindings')).toEqual([])
  expect((await get('/api/overview')).object_totals.queues).toBe(0)
})

test('a mirrored queue that waits for its leader has no state and no counters', async () => {
  const { cluster, client, get, ask } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('dead1')
  await put(channel, 'dead1', 'one')
  await cluster.setPolicy({
    name: 'ha',
    pattern: 'dead',
    definition: { 'ha-mode': 'all', 'ha-promote-on-failure': 'when-synced' },
  })
  await cluster.node(1).kill()
  const { one, all } = recorded('queue_waiting')
  const [entry] = await get('/api/queues')
  expect(keys(entry)).toEqual(keys(all[0]))
  expect(entry).toMatchObject({
    node: 'rabbit@node1',
    slave_nodes: ['rabbit@node2', 'rabbit@node3'],
    synchronised_slave_nodes: [],
  })
  expect(keys(await get('/api/queues/%2F/dead1'))).toEqual(keys(one))
  // Whoever asks for its contents waits, until the node that was asked goes too.
  const purge = ask('DELETE', '/api/queues/%2F/dead1/contents')
  await ask('GET', '/api/whoami')
  await cluster.node(2).kill()
  expect((await purge).body).toEqual({ error: 'node_down', reason: "node 'rabbit@node2' has gone" })
})

test('an operation that waits for a leader is done when the leader returns', async () => {
  const { cluster, client, ask, get } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('w')
  await put(channel, 'w', 'transient')
  await cluster.setPolicy({ name: 'ha', pattern: 'w', definition: { 'ha-mode': 'all' } })
  await cluster.node(1).stop()
  const deleted = ask('DELETE', '/api/queues/%2F/w')
  await ask('GET', '/api/whoami')
  await cluster.node(1).start()
  expect((await deleted).status).toBe(204)
  expect(await get('/api/queues')).toEqual([])
})

test('unsynchronised mirrors are shown as such, and the action sync levels them', async () => {
  const { cluster, client, get, ask } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('u1')
  await put(channel, 'u1', 'a', 'b')
  await cluster.setPolicy({ name: 'ha', pattern: 'u', definition: { 'ha-mode': 'all' } })
  const path = '/api/queues/%2F/u1'
  expect(await get(path)).toMatchObject({
    slave_nodes: ['rabbit@node2', 'rabbit@node3'],
    synchronised_slave_nodes: [],
  })
  const bad = await ask('POST', `${path}/actions`, { action: 'zz' })
  expect([bad.status, bad.body]).toEqual([400, { error: 'bad_request', reason: ['unknown', 'zz'] }])
  for (let i = 0; i < 2; i++)
    expect((await ask('POST', `${path}/actions`, { action: 'sync' })).status).toBe(204)
  const level = async () => (await get(path)).synchronised_slave_nodes.length === 2
  await until('both are level', level)
  expect((await get(path)).synchronised_slave_nodes.sort()).toEqual(['rabbit@node2', 'rabbit@node3'])
  expect((await ask('POST', '/api/queues/%2F/nq/actions', { action: 'sync' })).status).toBe(404)
})

test('counters are those of the leader, wherever it is', async () => {
  const { client, get, ask } = await site()
  const channel = await (await client(3)).createConfirmChannel()
  await channel.assertQueue('c')
  await Promise.all([
    ...['1', '22', '333'].map((body) => channel.sendToQueue('c', Buffer.from(body), { persistent: true })),
    channel.waitForConfirms(),
  ])
  channel.sendToQueue('c', Buffer.from('4444'))
  await channel.waitForConfirms()
  const got = await channel.get('c')
  await channel.get('c', { noAck: true })
  if (got) channel.ack(got)
  await channel.get('c')
  await until('the acknowledgement has arrived', async () => (await get('/api/queues/%2F/c')).messages === 2)
  expect(await get('/api/queues/%2F/c')).toMatchObject({
    node: 'rabbit@node3',
    messages: 2,
    messages_ready: 1,
    messages_unacknowledged: 1,
    messages_persistent: 1,
    message_bytes: 7,
    message_bytes_ready: 4,
    message_bytes_unacknowledged: 3,
    message_bytes_persistent: 3,
    message_stats: { publish: 4, ack: 1, get: 2, get_no_ack: 1, get_empty: 0, deliver_get: 3, deliver: 0 },
  })
  expect((await ask('DELETE', '/api/queues/%2F/c/contents')).status).toBe(204)
  expect(await get('/api/queues/%2F/c')).toMatchObject({ messages_ready: 0, messages_unacknowledged: 1 })
})

test('what HTTP declares, AMQP finds, with the arguments in force', async () => {
  const { client, ask } = await site()
  const body = { durable: true, auto_delete: false, arguments: { 'x-max-length': 2 } }
  expect((await ask('PUT', '/api/queues/%2F/h', body)).status).toBe(201)
  const channel = await (await client(2)).createConfirmChannel()
  await put(channel, 'h', 'a', 'b', 'c')
  expect((await channel.checkQueue('h')).messageCount).toBe(2)
  await channel.assertQueue('h', { maxLength: 2 })
  expect((await ask('PUT', '/api/queues/%2F/h', { ...body, node: 'rabbit@node9' })).status).toBe(204)
  const away = await ask('PUT', '/api/queues/%2F/h2', { node: 'rabbit@node9' })
  expect([away.status, away.body.reason]).toEqual([400, 'Node rabbit@node9 could not be contacted'])
})

test("somebody's exclusive queue can be seen, not touched", async () => {
  const { client, ask, get } = await site()
  const channel = await (await client(1)).createChannel()
  await channel.assertQueue('e', { exclusive: true })
  expect((await get('/api/queues/%2F/e')).exclusive).toBe(true)
  for (const [method, path] of [
    ['DELETE', '/api/queues/%2F/e'],
    ['DELETE', '/api/queues/%2F/e/contents'],
    ['PUT', '/api/queues/%2F/e'],
  ] as const) {
    const { status, body } = await ask(method, path)
    expect([status, body.reason]).toEqual([
      400,
      expect.stringMatching(/^cannot obtain exclusive access to locked/),
    ])
  }
})

describe('a list', () => {
  const five = async () => {
    const it = await site()
    const channel = await (await it.client(1)).createChannel()
    for (const name of ['b', 'a', 'd', 'c', 'm.1']) await channel.assertQueue(name)
    return it
  }
  const names = (rows: Json) => rows.map(({ name }: Json) => name)

  test('comes by name, or in the order asked for', async () => {
    const { get } = await five()
    expect(names(await get('/api/queues'))).toEqual(['a', 'b', 'c', 'd', 'm.1'])
    const reversed = await get('/api/queues?sort=name&sort_reverse=true&columns=name')
    expect(reversed).toEqual(['m.1', 'd', 'c', 'b', 'a'].map((name) => ({ name })))
    expect(names(await get('/api/queues?sort=message_stats.publish'))).toHaveLength(5)
  })

  test('is cut to columns, also within objects', async () => {
    const { get } = await five()
    const [row] = await get('/api/queues?columns=node,messages_details.rate,backing_queue_status.len')
    expect(row).toEqual({
      backing_queue_status: { len: 0 },
      messages_details: { rate: 0 },
      node: 'rabbit@node1',
    })
    expect(await get('/api/queues/%2F/a?columns=name')).toEqual({ name: 'a' })
  })

  test.each([
    'name',
    'messages',
    'messages_ready',
    'message_bytes',
    'memory',
    'consumers',
    'state',
    'effective_policy_definition',
    'messages_details.rate',
    'message_stats.publish',
    'backing_queue_status.len',
  ])('a page sorted by %s is in the order of the entries themselves', async (column) => {
    const { get, ask } = await five()
    for (const [i, routing_key] of ['d', 'b', 'c'].entries())
      for (let n = 0; n <= i; n++)
        await ask('POST', '/api/exchanges/%2F/amq.default/publish', {
          routing_key,
          payload: 'x'.repeat(4 - i),
          payload_encoding: 'string',
          properties: {},
        })
    const under = (row: Json) => column.split('.').reduce((value, key) => value?.[key], row) ?? null
    const rank = (value: Json) => (value === null ? -1 : value)
    const all = (await get('/api/queues')).map(under).sort((a: Json, b: Json) => (rank(a) < rank(b) ? -1 : 1))
    const page = await get(`/api/queues?page=1&sort=${column}`)
    expect(page.items.map(under)).toEqual(all)
    const last = await get(`/api/queues?page=1&page_size=2&sort=${column}&sort_reverse=true`)
    expect(last.items.map(under)).toEqual(all.reverse().slice(0, 2))
  })

  test('comes in pages, filtered by name', async () => {
    const { get, ask } = await five()
    const page = await get('/api/queues?page=2&page_size=2&columns=name')
    expect(page).toEqual({
      filtered_count: 5,
      item_count: 2,
      items: [{ name: 'c' }, { name: 'd' }],
      page: 2,
      page_count: 3,
      page_size: 2,
      total_count: 5,
    })
    const filtered = await get('/api/queues?page=1&name=%5Em%5C.&use_regex=true')
    expect([filtered.filtered_count, filtered.total_count, names(filtered.items)]).toEqual([1, 5, ['m.1']])
    const beyond = await ask('GET', '/api/queues?page=99')
    expect([beyond.status, beyond.body]).toEqual([
      400,
      { error: 'page_out_of_range', reason: 'Page out of range, page: 99 page size: 100, len: 5' },
    ])
    for (const query of ['page=0', 'page=x', 'page=1&page_size=501', 'page=1&name=(&use_regex=true'])
      expect([query, (await ask('GET', `/api/queues?${query}`)).status]).toEqual([query, 400])
  })

  test('goes without statistics when told to', async () => {
    const { get } = await five()
    const [bare] = await get('/api/queues?disable_stats=true')
    expect(keys(bare)).toEqual(keys(recorded('queue_down').body))
    expect(bare.state).toBe('live')
    const [totals] = await get('/api/queues?disable_stats=true&enable_queue_totals=true')
    expect(totals).toMatchObject({
      state: 'running',
      messages: 0,
      messages_ready: 0,
      messages_unacknowledged: 0,
    })
  })
})

test('rates are 0 until the sampler has looked twice, whatever is published', async () => {
  const { client, get } = await site({ statisticsMs: 3_600_000 })
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('r')
  await put(channel, 'r', 'x', 'y')
  expect((await get('/api/queues/%2F/r')).message_stats).toMatchObject({
    publish: 2,
    publish_details: { rate: 0 },
  })
})

test('rates follow the counters', async () => {
  const { client, get } = await site({ statisticsMs: 50 })
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('r')
  const rate = async () => (await get('/api/queues/%2F/r')).message_stats?.publish_details.rate ?? 0
  await until('messages were published between two looks', async () => {
    await put(channel, 'r', ...Array.from({ length: 20 }, () => 'x'))
    return (await rate()) > 0
  })
  await until('nothing is published any more', async () => (await rate()) === 0)
})
