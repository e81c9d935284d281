// The live feed: what happens as it happens, what has changed since the last look, and what a reader gets that was away.

import { expect, test } from 'vitest'
import { Reader } from './feed.ts'
import { type Json, site } from './support.ts'

const [one, two] = ['rabbit@node1', 'rabbit@node2'] as const

test('a kill is told at once, and the next state holds the node that changed and no other', async () => {
  const { url, ask } = await site()
  const reader = await Reader.open(url, '?interval=200')
  const first = await reader.until('state')
  expect(first.full).toBe(true)
  expect(first.nodes).toHaveLength(3)
  await ask('POST', `/warren/nodes/${two}/kill`)
  const killed = await reader.until('trace', ({ kind }) => kind === 'node-killed')
  expect(killed).toMatchObject({ node: two })
  const after = await reader.until('state', ({ nodes }) =>
    nodes.some(({ state }: Json) => state === 'stopped'),
  )
  expect(after.full).toBe(false)
  expect(after.links).toEqual([])
})

test('queues and clients come, change and go', async () => {
  const { url, client } = await site()
  const connection = await client(1)
  const channel = await connection.createChannel()
  await channel.assertQueue('orders')
  await channel.assertQueue('bills')
  const reader = await Reader.open(url, '?interval=200&match=ORD')
  const { queues, clients, totals, queues_in_order } = await reader.until('state')
  expect(totals).toMatchObject({ queues: 2, selected: 1, messages: 0, connections: 1, channels: 1 })
  expect(queues).toEqual([expect.objectContaining({ name: 'orders', state: 'running', messages: 0 })])
  expect(queues_in_order).toEqual([`${queues[0].side}\u0000/\u0000orders`])
  expect(clients).toEqual([expect.objectContaining({ node: one, user: 'guest', channels: 1 })])
  channel.sendToQueue('orders', Buffer.from('x'))
  await reader.until('state', ({ queues: [queue] }) => queue?.messages === 1)
  await channel.deleteQueue('orders')
  const gone = await reader.until('state', (state) => state.gone.queues.length > 0)
  expect(gone).toMatchObject({ queues: [], queues_in_order: [], gone: { queues: queues_in_order } })
})

test('a queue that both sides of a partition know is told of each and counted once', async () => {
  const { cluster, url, client } = await site()
  await (await (await client(1)).createChannel()).assertQueue('orders')
  const reader = await Reader.open(url, '?interval=200')
  await reader.until('state', ({ totals }) => totals.queues === 1)
  await cluster.cut([[1], [2, 3]])
  const { totals } = await reader.until('state', ({ totals }) => totals.selected === 2)
  expect(totals).toMatchObject({ queues: 1, without_leader: 1 })
})

test('a reader that comes back goes on where it stopped', async () => {
  const { url, ask } = await site()
  await ask('POST', `/warren/nodes/${two}/kill`)
  const { next } = (await ask('GET', '/warren/events')).body
  const whole = await Reader.open(url, '?interval=0&since=0')
  await whole.until('trace', ({ number }) => number === next - 1)
  const numbers = whole.told.filter(({ event }) => event === 'trace').map(({ data }) => data.number)
  expect(numbers).toEqual(Array.from({ length: next }, (_, i) => i))
  const back = await Reader.open(url, '?interval=0', { 'last-event-id': String(next - 2) })
  expect(await back.until('trace')).toMatchObject({ number: next - 1 })
})

test('what the ring has forgotten is told as dropped', async () => {
  const { url, cluster } = await site({ nodes: 1 })
  const { trace, loop } = cluster.cluster
  for (let i = 0; i < 5000; i++) trace.event(loop.now, 'policy-set', one, `p${i}`)
  const reader = await Reader.open(url, '?interval=0&since=0')
  const { events, next } = await reader.until('dropped')
  expect(events).toBe(next)
  await reader.until('trace', ({ subject }) => subject === 'p4999')
  const numbers = reader.told.filter(({ event }) => event === 'trace').map(({ data }) => data.number)
  expect(numbers).toEqual(Array.from({ length: 4096 }, (_, i) => next + i))
})

test.each(['interval=100', 'interval=-1', 'since=x', 'queues=1001', 'queue=x', 'queue=%25E0%25/q'])(
  '%s is a 400',
  async (query) => {
    const { ask } = await site({ nodes: 1 })
    expect((await ask('GET', `/warren/events/stream?${query}`)).status).toBe(400)
  },
)

test('named queues are told in place of the first ones, and not those of vhosts that are closed', async () => {
  const { ask, get, client } = await site({ nodes: 1 })
  const channel = await (await client(1)).createChannel()
  for (const name of ['a', 'b/c', 'd']) await channel.assertQueue(name)
  const names = ({ queues }: Json) => queues.map(({ name }: Json) => name)
  const named = '/warren/state?queue=%252F/b%252Fc&queue=%252F/d'
  expect(names(await get(named))).toEqual(['b/c', 'd'])
  expect(names(await get('/warren/state?queues=1&queues_from=1'))).toEqual(['b/c'])
  await ask('PUT', '/api/users/m', { password: 'm', tags: 'management' })
  const asM = { authorization: `Basic ${Buffer.from('m:m').toString('base64')}` }
  const { body } = await ask('GET', '/warren/state', undefined, asM)
  expect([names(body), body.clients]).toEqual([[], []])
})
