// Direct reply-to: answers without a reply queue (docs/observed.md §5.4).

import { describe, expect, it } from 'vitest'
import { channelError, consume, getOne, type Message, publish, refusal, settled } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('reply')

const REPLY_TO = 'amq.rabbitmq.reply-to'

/** A consumer of replies on the test's channel, and the reply address that a request of it carried. */
async function request() {
  const replies = await consume(at.channel, REPLY_TO, { noAck: true })
  const queue = await at.queue()
  await publish(at.channel, '', queue, 'question', { replyTo: REPLY_TO, correlationId: '7' })
  const message = await getOne(at.channel, queue, { noAck: true })
  return { replies, message, address: message.properties.replyTo as string }
}

describe('direct reply-to', () => {
  it('gives the request an address of its own', async () => {
    const { address, message } = await request()
    expect(address).toMatch(/^amq\.rabbitmq\.reply-to\..+/)
    expect(message.properties.correlationId).toBe('7')
  })

  it('delivers an answer sent to that address through the default exchange', async () => {
    const { replies, address } = await request()
    await publish(at.channel, '', address, 'answer', { correlationId: '7' })
    const reply = await replies.one()
    expect(reply.content.toString()).toBe('answer')
    expect(reply.properties.correlationId).toBe('7')
    expect(reply.fields).toMatchObject({
      exchange: '',
      routingKey: address,
      redelivered: false,
    })
  })

  it('delivers answers from another connection, in order', async () => {
    const { replies, address } = await request()
    const server = await (await at.connect()).createConfirmChannel()
    for (const body of ['1', '2', '3']) await publish(server, '', address, body)
    expect((await replies.take(3)).map((m) => m.content.toString())).toEqual(['1', '2', '3'])
  })

  it('delivers under the next delivery tag without using it up', async () => {
    const { replies, address } = await request()
    await publish(at.channel, '', address, '1')
    await publish(at.channel, '', address, '2')
    expect((await replies.take(2)).map((m) => m.fields.deliveryTag)).toEqual([2, 2])
  })

  it('gives every request of a channel the same address', async () => {
    const { address } = await request()
    const queue = await at.queue()
    await publish(at.channel, '', queue, 'another', { replyTo: REPLY_TO })
    expect((await getOne(at.channel, queue)).properties.replyTo).toBe(address)
  })

  it('keeps a reply-to that is an ordinary queue as it is', async () => {
    const queue = await at.queue()
    await publish(at.channel, '', queue, 'x', { replyTo: 'somewhere' })
    expect((await getOne(at.channel, queue)).properties.replyTo).toBe('somewhere')
  })

  it('has an unroutable address once the asking channel is closed', async () => {
    const asking = await at.connection.createConfirmChannel()
    await consume(asking, REPLY_TO, { noAck: true })
    const queue = await at.queue()
    await publish(asking, '', queue, 'question', { replyTo: REPLY_TO })
    const address = (await getOne(at.channel, queue)).properties.replyTo as string
    await asking.close()
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    await publish(at.channel, '', address, 'late', { mandatory: true })
    expect(returns.map((m) => m.fields)).toMatchObject([{ replyCode: 312, routingKey: address }])
  })

  it('returns a mandatory answer to an address nobody has', async () => {
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    await publish(at.channel, '', `${REPLY_TO}.xyz`, 'x', { mandatory: true })
    expect(returns.length).toBe(1)
  })

  it('shows as a queue to a passive declare', async () => {
    await consume(at.channel, REPLY_TO, { noAck: true })
    expect(await at.channel.checkQueue(REPLY_TO)).toEqual({
      queue: REPLY_TO,
      messageCount: 0,
      consumerCount: 1,
    })
  })

  it('shows as a queue also under a living address, asked on another channel', async () => {
    const { address } = await request()
    const other = await at.connection.createChannel()
    expect(await other.checkQueue(address)).toEqual({ queue: address, messageCount: 0, consumerCount: 1 })
  })

  it('can be cancelled and started again', async () => {
    const { replies } = await request()
    await at.channel.cancel(replies.tag)
    const again = await request()
    await publish(at.channel, '', again.address, 'answer')
    await again.replies.one()
    await settled(at.channel, await at.queue())
    expect(replies.messages).toEqual([])
  })
})

describe('direct reply-to refuses', () => {
  it('a request before its consumer', async () => {
    const queue = await at.queue()
    const refused = await channelError(at.connection, (c) =>
      c.sendToQueue(queue, Buffer.from('x'), { replyTo: REPLY_TO }),
    )
    expect(refused).toEqual({
      code: 406,
      text: 'PRECONDITION_FAILED - fast reply consumer does not exist',
      classId: 60,
      methodId: 40,
    })
  })

  it('a consumer that acknowledges', async () => {
    const refused = await channelError(at.connection, (c) => consume(c, REPLY_TO))
    expect(refused.text).toBe('PRECONDITION_FAILED - reply consumer cannot acknowledge')
  })

  it('a second consumer on the channel', async () => {
    await consume(at.channel, REPLY_TO, { noAck: true })
    const refused = refusal(at.channel)
    consume(at.channel, REPLY_TO, { noAck: true }).catch(() => {})
    expect((await refused).text).toBe('PRECONDITION_FAILED - reply consumer already set')
  })
})
