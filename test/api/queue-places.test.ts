// Where a queue's leader and mirrors are, and what the mirrors lack: also of a queue that is down, of which RabbitMQ's path knows
// nothing.

import { expect, test } from 'vitest'
import { put } from '../support/clients.ts'
import { site } from './support.ts'

const [one, two, three] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const

test('a mirror that joined later lacks what the leader held then', async () => {
  const { ask, get, client } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('orders')
  await put(channel, 'orders', 'a', 'b')
  await ask('PUT', '/api/policies/%2F/ha', { pattern: '^orders', definition: { 'ha-mode': 'all' } })
  expect(await get('/warren/queues/%2F/orders')).toEqual({
    state: 'running',
    leader: one,
    home: one,
    mirrors: [two, three].map((node) => ({ node, synced: false, missing: 2 })),
    messages: 2,
    policy: 'ha',
    operatorPolicy: null,
  })
})

test('a queue that is down says which node brings it back', async () => {
  const { ask, get, client } = await site()
  const channel = await (await client(2)).createChannel()
  await channel.assertQueue('audit')
  await ask('POST', `/warren/nodes/${two}/kill`)
  expect(await get('/warren/queues/%2F/audit')).toMatchObject({ state: 'down', leader: null, home: two })
})

test('a queue or vhost that is not there is a 404 with a sentence', async () => {
  const { ask } = await site()
  const answers = await Promise.all(
    ['%2F/none', 'no/none'].map((path) => ask('GET', `/warren/queues/${path}`)),
  )
  expect(answers.map(({ status, body }) => [status, body.reason])).toEqual([
    [404, "There is no queue 'none' in virtual host '/'."],
    [404, "There is no virtual host 'no'."],
  ])
})
