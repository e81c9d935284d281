// What random operations on two brokers at once have shown to differ, one sentence each (docs/observed.md §14).

import { describe, expect, it } from 'vitest'
import {
  channelError,
  consume,
  drain,
  getOne,
  marks,
  publish,
  put,
  ready,
  settled,
} from '../support/clients.ts'
import { session } from './session.ts'

const at = session('side-by-side')

describe('a publish', () => {
  it('with an unknown delivery mode is refused', async () => {
    const wire = await at.wire()
    wire.publish(1, { exchange: '', routingKey: 'x' }, 'x', { headers: undefined, deliveryMode: 3 })
    const { code, text } = await wire.refused('ChannelClose')
    expect([code, text]).toEqual([406, 'PRECONDITION_FAILED - invalid message: {delivery_mode_unknown,3}'])
  })

  it('with a far too long expiration is refused in two lines', async () => {
    const { text } = await channelError(at.connection, (c) =>
      c.publish('', 'x', Buffer.from('x'), { expiration: '99999999999999999999' }),
    )
    expect(text).toBe(
      `PRECONDITION_FAILED - invalid expiration '99999999999999999999': {value_too_large,\n${' '.repeat(44)}99999999999999999999}`,
    )
  })
})

describe('a declaration', () => {
  it('that is exclusive is never durable', async () => {
    const queue = await at.queue({}, { durable: true })
    await expect(at.channel.assertQueue(queue, { durable: false, exclusive: true })).resolves.toBeDefined()
  })

  it.each([
    ['non-durable', { durable: false }],
    ['auto-delete', { durable: true, autoDelete: true }],
    ['exclusive-owner', { durable: true, exclusive: true }],
  ])('of a quorum queue may not be %s', async (property, options) => {
    const queue = at.name()
    const [code, , text] = await at.refused((c) =>
      c.assertQueue(queue, { ...options, arguments: { 'x-queue-type': 'quorum' } }),
    )
    expect([code, text]).toEqual([
      406,
      `PRECONDITION_FAILED - invalid property '${property}' for queue '${queue}' in vhost '/'`,
    ])
  })

  it('of another type than before is inequivalent', async () => {
    const queue = await at.sharedQueue()
    const [, , text] = await at.refused((c) =>
      c.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } }),
    )
    expect(text).toContain("inequivalent arg 'x-queue-type'")
  })

  it('of the reply queue is answered with one consumer', async () => {
    const answer = await at.channel.assertQueue('amq.rabbitmq.reply-to')
    expect(answer).toMatchObject({ messageCount: 0, consumerCount: 1 })
  })
})

describe('expiry', () => {
  it('spares a message without time that comes behind another', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, 'first')
    await publish(at.channel, '', queue, 'second', { expiration: '0' })
    expect(await ready(at.channel, queue)).toBe(2)
    const first = await getOne(at.channel, queue, { noAck: true })
    expect(first.fields.messageCount).toBe(0)
  })

  it('lets a message without time push out the head of a full queue', async () => {
    const queue = await at.queue({ 'x-max-length': 1 })
    await put(at.channel, queue, 'first')
    await publish(at.channel, '', queue, 'second', { expiration: '0' })
    expect(await drain(at.channel, queue)).toEqual([])
  })
})

describe('a channel-wide prefetch', () => {
  it('counts what was unacknowledged before it was set', async () => {
    const queue = await at.queue()
    const got = await consume(at.channel, queue)
    await put(at.channel, queue, 'a', 'b')
    await got.take(2)
    await at.channel.prefetch(2, true)
    await put(at.channel, queue, 'c')
    await settled(at.channel, queue)
    expect(marks(got.messages)).toEqual(['a', 'b'])
    at.channel.ack(got.messages[0]!)
    expect(String((await got.take(1))[0]!.content)).toBe('c')
  })
})

describe('order', () => {
  it('recover-ok comes before what is redelivered', async () => {
    const queue = await at.sharedQueue()
    await put(at.channel, queue, 'x')
    const wire = await at.wire()
    await wire.call(1, 'BasicConsume', { queue, consumerTag: 'c' }, 'BasicConsumeOk')
    await wire.message('BasicDeliver')
    await wire.call(1, 'BasicRecover', { requeue: true }, 'BasicRecoverOk')
    expect((await wire.message('BasicDeliver')).fields['redelivered']).toBe(true)
  })

  it('a message for two queues is in both before one dead-letters it into the other', async () => {
    const target = await at.queue()
    const full = await at.queue({
      'x-max-length': 0,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': target,
    })
    await publish(at.channel, '', full, 'x', { CC: [target] })
    const keys = (await drain(at.channel, target)).map((message) => message.fields.routingKey)
    expect(keys[0]).toBe(full)
  })
})
