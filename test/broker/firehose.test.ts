// The firehose: while a vhost is traced, what its clients publish and are sent is copied to amq.rabbitmq.trace
// (docs/observed.md §28). Against a real broker the management plugin must be on: tracing is switched over HTTP.

import { beforeEach, describe, expect, test } from 'vitest'
import {
  type ChannelModel,
  type ConfirmChannel,
  consume,
  type Deliveries,
  drain,
  getOne,
  type Message,
  publish,
  put,
} from '../support/clients.ts'
import { realm } from './realm.ts'

const here = realm('firehose')
let connection: ChannelModel
let channel: ConfirmChannel
let copies: Deliveries

const trace = (on: boolean) => here.must('PUT', `/vhosts/${here.vhost}`, { tracing: on })

beforeEach(async () => {
  await here.permit('.*', '.*', '.*')
  connection = await here.connect()
  channel = await connection.createConfirmChannel()
  // What is traced is the test's; the copies are read by a client of their own.
  const reader = await (await here.connect()).createChannel()
  const { queue } = await reader.assertQueue('', { exclusive: true })
  await reader.bindQueue(queue, 'amq.rabbitmq.trace', '#')
  copies = await consume(reader, queue, { noAck: true })
  await trace(true)
})

async function queue(args: Record<string, unknown> = {}): Promise<string> {
  return (await channel.assertQueue('', { exclusive: true, arguments: args })).queue
}

/** Says of a copy whose it is, and leaves the rest of its headers. */
function told({ fields, properties, content }: Message) {
  const { headers, ...others } = properties
  const { vhost, user, node, connection: name, ...rest } = headers as Record<string, unknown>
  expect({ vhost, user }).toEqual({ vhost: here.vhost, user: here.user })
  expect(name).toMatch(/^127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+$/)
  expect(node).toMatch(/^\w+@\w+$/)
  expect(Object.values(others).filter((value) => value !== undefined)).toEqual([])
  expect(fields.exchange).toBe('amq.rabbitmq.trace')
  return { key: fields.routingKey, body: content.toString(), ...rest }
}

/** The next copies must be these, and there must be no more. */
async function expectCopies(...expected: object[]): Promise<void> {
  // The last that is copied: a publish that goes nowhere.
  await publish(channel, 'amq.fanout', 'end', 'end')
  const found = (await copies.take(expected.length + 1)).map(told)
  expect(found.at(-1)).toMatchObject({ body: 'end' })
  expect(found.slice(0, -1)).toEqual(expected.map((copy) => expect.objectContaining(copy)))
}

describe('a publish', () => {
  test('is copied with its exchange, keys, properties and queues', async () => {
    const [a, b] = [await queue(), await queue()]
    await channel.bindQueue(a, 'amq.direct', 'k')
    await channel.bindQueue(b, 'amq.direct', 'other')
    await publish(channel, 'amq.direct', 'k', 'x')
    expect(told(await copies.one())).toEqual({
      key: 'publish.amq.direct',
      body: 'x',
      exchange_name: 'amq.direct',
      routing_keys: ['k'],
      properties: { headers: {} },
      channel: 1,
      routed_queues: [a],
    })
    await expectCopies()
  })

  test('is copied with every property that it has', async () => {
    const properties = {
      contentType: 'text/plain',
      contentEncoding: 'none',
      headers: { h: 1 },
      priority: 3,
      correlationId: 'c',
      replyTo: 'r',
      expiration: '100000',
      messageId: 'm',
      timestamp: 5_000_000_000,
      type: 't',
      userId: here.user,
      appId: 'a',
    }
    await publish(channel, 'amq.direct', 'k', 'x', { ...properties, persistent: true })
    const copy = await copies.one()
    expect(told(copy)).toMatchObject({
      properties: {
        app_id: 'a',
        user_id: here.user,
        type: 't',
        timestamp: 5_000_000_000 - 2 ** 32,
        message_id: 'm',
        expiration: '100000',
        reply_to: 'r',
        correlation_id: 'c',
        priority: 3,
        delivery_mode: 2,
        headers: { h: 1 },
        content_encoding: 'none',
        content_type: 'text/plain',
      },
    })
  })

  test('is copied with the keys of CC and BCC, and without the header BCC', async () => {
    await publish(channel, 'amq.direct', 'k', 'x', { CC: ['c'], BCC: ['b'] })
    await expectCopies({ routing_keys: ['k', 'c', 'b'], properties: { headers: { CC: ['c'] } } })
  })

  test('that no queue takes is copied too', async () => {
    await publish(channel, 'amq.topic', 'k', 'x', { mandatory: true })
    await expectCopies({ key: 'publish.amq.topic', routed_queues: [] })
  })

  test('to the default exchange names its queues without asking whether they are there', async () => {
    await publish(channel, '', 'nowhere', 'x', { CC: ['a', 'nowhere'] })
    await expectCopies({ key: 'publish.', exchange_name: '', routed_queues: ['a', 'nowhere'] })
  })

  test('that its queue refuses is copied all the same', async () => {
    const full = await queue({ 'x-max-length': 0, 'x-overflow': 'reject-publish' })
    expect(await publish(channel, '', full, 'x')).toBe('nack')
    await expectCopies({ key: 'publish.', body: 'x', routed_queues: [full] })
  })

  test('in a transaction is copied before it is committed', async () => {
    const transaction = await connection.createChannel()
    const wire = await here.wire()
    await transaction.close()
    await wire.call(1, 'TxSelect', {}, 'TxSelectOk')
    wire.publish(1, { exchange: 'amq.direct', routingKey: 'k' }, 'x')
    expect(told(await copies.one())).toMatchObject({ key: 'publish.amq.direct', body: 'x' })
    await wire.call(1, 'TxRollback', {}, 'TxRollbackOk')
    await expectCopies()
  })
})

describe('a delivery', () => {
  test('to a consumer is copied with the queue in its key', async () => {
    const q = await queue()
    await put(channel, q, 'x')
    const deliveries = await consume(channel, q)
    await deliveries.one()
    await copies.one()
    expect(told(await copies.one())).toEqual({
      key: `deliver.${q}`,
      body: 'x',
      exchange_name: '',
      routing_keys: [q],
      properties: { headers: {} },
      redelivered: 0,
      channel: 1,
    })
    await expectCopies()
  })

  test('by basic.get is copied as well, each time', async () => {
    const q = await queue()
    await put(channel, q, 'x')
    channel.nack(await getOne(channel, q))
    await channel.checkQueue(q)
    await getOne(channel, q)
    await expectCopies(
      { key: 'publish.' },
      { key: `deliver.${q}`, redelivered: 0 },
      { key: `deliver.${q}`, redelivered: 1 },
    )
  })

  test('after a dead-lettering is copied; the dead-lettering is not', async () => {
    const grave = await queue()
    const q = await queue({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': grave })
    await put(channel, q, 'x')
    channel.reject(await getOne(channel, q), false)
    const deliveries = await consume(channel, grave)
    await deliveries.one()
    await expectCopies(
      { key: 'publish.' },
      { key: `deliver.${q}`, routing_keys: [q] },
      { key: `deliver.${grave}`, routing_keys: [grave] },
    )
  })

  test('of a copy is not copied', async () => {
    const q = await queue()
    await channel.bindQueue(q, 'amq.rabbitmq.trace', 'publish.amq.direct')
    await publish(channel, 'amq.direct', 'k', 'x')
    const deliveries = await consume(channel, q)
    await deliveries.one()
    await expectCopies({ key: 'publish.amq.direct' })
  })

  test('of a direct reply is not copied; its publish is, to no queue', async () => {
    const replies = await consume(channel, 'amq.rabbitmq.reply-to', { noAck: true })
    const q = await queue()
    channel.sendToQueue(q, Buffer.from('x'), { replyTo: 'amq.rabbitmq.reply-to' })
    const { properties } = await getOne(channel, q, { noAck: true })
    await publish(channel, '', properties.replyTo, 'answer')
    await replies.one()
    await expectCopies(
      {
        key: 'publish.',
        properties: { headers: {}, reply_to: properties.replyTo, delivery_mode: undefined },
      },
      { key: `deliver.${q}` },
      { key: 'publish.', body: 'answer', routed_queues: [] },
    )
  })
})

describe('tracing', () => {
  test('stopped, copies nothing more, also of channels that are open', async () => {
    const q = await queue()
    await put(channel, q, 'seen')
    await trace(false)
    await put(channel, q, 'unseen')
    expect(await drain(channel, q)).toHaveLength(2)
    await trace(true)
    await expectCopies({ body: 'seen' })
  })

  test('is shown with the vhost', async () => {
    expect(await here.must('GET', `/vhosts/${here.vhost}`)).toMatchObject({ tracing: true })
  })

  test('is of one vhost', async () => {
    const other = `${here.vhost}-2`
    await here.make(`/vhosts/${other}`)
    const elsewhere = await (await here.connect('guest', other)).createConfirmChannel()
    await publish(elsewhere, 'amq.direct', 'k', 'x')
    await expectCopies()
  })
})
