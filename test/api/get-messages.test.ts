// Messages fetched over HTTP, as a real RabbitMQ shows them (docs/observed.md §2, §20).
import { expect, onTestFinished, test } from 'vitest'
import { LiveTarget } from '../../fuzz/sockets.ts'
import { connect } from '../support/clients.ts'
import { asGuest, send, site } from './support.ts'

const wish = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' }

test('messages are shown with their properties, and settled as asked', async () => {
  const { client, ask } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('g')
  const headers = { a: 1, t: { x: ['y'] } }
  channel.publish('', 'g', Buffer.from('m0'), { contentType: 'text/plain', persistent: true })
  channel.publish('', 'g', Buffer.from('m1'), { contentType: 'text/plain', priority: 4, headers })
  channel.publish('', 'g', Buffer.from([255, 254, 0]))
  await channel.waitForConfirms()
  const get = async (more: object) => {
    const { status, body } = await ask('POST', '/api/queues/%2F/g/get', { ...wish, ...more })
    expect(status).toBe(200)
    return body as Record<string, unknown>[]
  }
  const [first, second, third, ...none] = await get({ count: 5 })
  expect(JSON.stringify(first)).toBe(
    '{"payload_bytes":2,"redelivered":false,"exchange":"","routing_key":"g","message_count":2,' +
      '"properties":{"delivery_mode":2,"headers":{},"content_type":"text/plain"},' +
      '"payload":"m0","payload_encoding":"string"}',
  )
  expect(second).toMatchObject({ message_count: 1, properties: { priority: 4, headers } })
  expect([third!['payload'], third!['payload_encoding'], none]).toEqual(['//4A', 'base64', []])
  const taken = await get({ ackmode: 'ack_requeue_false', encoding: 'base64', truncate: 1 })
  expect(taken).toMatchObject([{ payload: 'bQ==', payload_bytes: 2, redelivered: true, message_count: 2 }])
  expect(await get({ ackmode: 'reject_requeue_false', count: 2 })).toHaveLength(2)
  expect(await get({ count: 0 })).toEqual([])
  expect((await channel.checkQueue('g')).messageCount).toBe(0)
})

test.each([
  [{}, 400, '[{key_missing,ackmode},{key_missing,count},{key_missing,encoding}]'],
  [{ count: 1 }, 400, '[{key_missing,ackmode},{key_missing,encoding}]'],
  [{ ...wish, encoding: 'zz' }, 400, 'Unsupported encoding. Please use auto or base64.'],
  [{ ...wish, count: 'x' }, 400, ['not_integer', 'x']],
  [{ ...wish, ackmode: 'zz' }, 400, expect.stringContaining('ackmode must be one of')],
])('%j is refused with %i', async (body, status, reason) => {
  const { client, ask } = await site()
  await (await (await client(1)).createChannel()).assertQueue('g')
  const answer = await ask('POST', '/api/queues/%2F/g/get', body)
  expect([answer.status, answer.body === '' ? undefined : answer.body.reason]).toEqual([status, reason])
})

test('a queue that is missing or down is a 404 in the words of AMQP', async () => {
  const { cluster, client, ask } = await site()
  await (await (await client(1)).createChannel()).assertQueue('d')
  await cluster.node(1).stop()
  const reason = async (queue: string) =>
    (await ask('POST', `/api/queues/%2F/${queue}/get`, wish)).body.reason
  expect(await reason('none')).toBe("NOT_FOUND - no queue 'none' in vhost '/'")
  expect(await reason('d')).toBe(
    "NOT_FOUND - home node 'rabbit@node1' of durable queue 'd' in vhost '/' is down or inaccessible",
  )
})

test('who fetches over HTTP leaves nothing behind at the queue', async () => {
  const target = await LiveTarget.open(1)
  onTestFinished(() => target.close())
  const client = await connect(`amqp://127.0.0.1:${target.ports.plain[0]!.port}`)
  const channel = await client.createConfirmChannel()
  await channel.assertQueue('g')
  channel.sendToQueue('g', Buffer.from('m'))
  await channel.waitForConfirms()
  const { status, body } = await send(
    `${target.admin.url}/api/queues/%2F/g/get`,
    'POST',
    JSON.stringify(wish),
    asGuest,
  )
  expect([status, body.length]).toEqual([200, 1])
  await client.close()
  await target.check()
})
