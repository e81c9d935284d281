// What a node's loss would cost is what it does cost: asked first, then done.

import { expect, test } from 'vitest'
import { type Json, site } from './support.ts'

const [one, two, three] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const

async function stocked(partitionHandling: 'ignore' | 'pause_minority' = 'ignore') {
  const whole = await site({
    partitionHandling,
    policies: [{ name: 'two', pattern: '^m', definition: { 'ha-mode': 'nodes', 'ha-params': [one, two] } }],
  })
  const channel = await (await whole.client(1)).createConfirmChannel()
  await channel.assertQueue('plain')
  await channel.assertQueue('fleeting', { durable: false })
  await channel.assertQueue('mirrored')
  for (const queue of ['plain', 'fleeting', 'mirrored']) {
    channel.sendToQueue(queue, Buffer.from('kept'), { persistent: true })
    channel.sendToQueue(queue, Buffer.from('gone'))
  }
  await channel.waitForConfirms()
  return whole
}

test('a kill costs the queues and messages that it was said to cost', async () => {
  const { get, ask } = await stocked()
  const cost = await get(`/warren/nodes/${one}/cost`)
  expect(cost).toMatchObject({
    how: 'kill',
    running: true,
    pauses: [],
    connections: 1,
    leaders: 3,
    mirrors: 0,
  })
  expect(cost).toMatchObject({
    unavailable: 2,
    deleted: 1,
    losing: 2,
    messages: 3,
    left_alone: 1,
    more: 0,
  })
  const named = Object.fromEntries(cost.queues.map((queue: Json) => [queue.name, queue]))
  expect(named).toEqual({
    plain: expect.objectContaining({ outcome: 'down', heir: null, available: false, messages: 1 }),
    fleeting: expect.objectContaining({ outcome: 'delete', available: false, messages: 2 }),
  })
  await ask('POST', `/warren/nodes/${one}/kill`)
  await ask('POST', `/warren/nodes/${one}/start`)
  const counts = Object.fromEntries(
    (await get('/api/queues')).map((queue: Json) => [queue.name, queue.messages]),
  )
  expect(counts).toEqual({ plain: 1, mirrored: 2 })
})

test('where a minority pauses, all that it serves is counted', async () => {
  const { get, ask } = await stocked('pause_minority')
  expect(await get(`/warren/nodes/${three}/cost?how=stop`)).toMatchObject({
    pauses: [],
    unavailable: 0,
    leaders: 0,
  })
  await ask('POST', `/warren/nodes/${three}/kill`)
  expect(await get(`/warren/nodes/${three}/cost`)).toMatchObject({
    running: false,
    unavailable: 0,
    messages: 0,
  })
  expect(await get(`/warren/nodes/${two}/cost`)).toMatchObject({ pauses: [one], unavailable: 3 })
})

test('an unknown node is a 404, another way to end it a 400, and others than administrators a 401', async () => {
  const { ask } = await site({ nodes: 1 })
  expect((await ask('GET', '/warren/nodes/rabbit@node9/cost')).status).toBe(404)
  expect((await ask('GET', `/warren/nodes/${one}/cost?how=bomb`)).status).toBe(400)
  await ask('PUT', '/api/users/m', { password: 'm', tags: 'monitoring' })
  const asM = { authorization: `Basic ${Buffer.from('m:m').toString('base64')}` }
  expect((await ask('GET', `/warren/nodes/${one}/cost`, undefined, asM)).status).toBe(401)
})
