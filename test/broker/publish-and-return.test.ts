// Publishing and basic.return of mandatory messages (docs/observed.md §5.4).

import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  consume,
  drain,
  getOne,
  type Message,
  marks,
  type Options,
  publish,
  put,
  ready,
  within,
} from '../support/clients.ts'
import { session } from './session.ts'

const at = session('publish')

/** Publishes a mandatory message that must come back, and resolves with what comes. */
async function bounced(
  exchange: string,
  key: string,
  body = 'x',
  options: Options.Publish = {},
): Promise<Message> {
  const back = within(once(at.channel, 'return'), () => 'no basic.return came')
  await publish(at.channel, exchange, key, body, { ...options, mandatory: true })
  return (await back)[0]
}

describe('a published message', () => {
  it('arrives in the order of publishing', async () => {
    const queue = await at.queue()
    const bodies = Array.from({ length: 200 }, (_, i) => String(i))
    await put(at.channel, queue, ...bodies)
    expect(marks(await drain(at.channel, queue))).toEqual(bodies)
  })

  it('that is not mandatory and has no way to go is dropped without a word', async () => {
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    expect(await publish(at.channel, '', at.name(), 'x')).toBe('ack')
    expect(returns).toEqual([])
  })

  it('is the same in every queue it reaches', async () => {
    const exchange = await at.exchange('fanout')
    const queues = [await at.queue(), await at.queue()]
    for (const queue of queues) await at.channel.bindQueue(queue, exchange, '')
    await publish(at.channel, exchange, 'k', 'body', { messageId: 'id', headers: { a: 1 } })
    for (const queue of queues) {
      const message = await getOne(at.channel, queue)
      expect(message.content.toString()).toBe('body')
      expect(message.properties).toMatchObject({ messageId: 'id', headers: { a: 1 } })
    }
  })

  it('reaches a queue of another connection', async () => {
    const other = await (await at.connect()).createChannel()
    const { queue } = await other.assertQueue('', { exclusive: true })
    await publish(at.channel, '', queue, 'x')
    expect(marks(await drain(other, queue))).toEqual(['x'])
  })

  it('is delivered while more are being published on the same channel', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue, { noAck: true })
    const bodies = Array.from({ length: 50 }, (_, i) => String(i))
    await put(at.channel, queue, ...bodies)
    expect(marks(await deliveries.take(50))).toEqual(bodies)
  })
})

describe('a mandatory message', () => {
  it('without a queue comes back with 312, its exchange and its key', async () => {
    const exchange = await at.exchange('topic')
    const { fields } = await bounced(exchange, 'no.where')
    expect(fields).toEqual({ replyCode: 312, replyText: 'NO_ROUTE', exchange, routingKey: 'no.where' })
  })

  it('comes back with its body and properties', async () => {
    const body = 'b'.repeat(200_000)
    const properties = { contentType: 'text/plain', messageId: 'm', headers: { a: 'b' } }
    const message = await bounced('', at.name(), body, properties)
    expect(message.content.toString()).toBe(body)
    expect(message.properties).toMatchObject(properties)
  })

  it('comes back also when its body is empty', async () => {
    expect((await bounced('', at.name(), '')).content.length).toBe(0)
  })

  it('comes back before its confirm, which is an ack', async () => {
    const order: string[] = []
    at.channel.on('return', (message) => order.push(`return ${message.content}`))
    const confirms = ['1', '2', '3'].map(async (body) => {
      order.push(`${await publish(at.channel, '', 'no queue', body, { mandatory: true })} ${body}`)
    })
    await Promise.all(confirms)
    for (const body of ['1', '2', '3']) {
      expect(order).toContain(`ack ${body}`)
      expect(order.indexOf(`return ${body}`)).toBeLessThan(order.indexOf(`ack ${body}`))
    }
  })

  it('with a queue does not come back', async () => {
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    const queue = await at.queue()
    await publish(at.channel, '', queue, 'x', { mandatory: true })
    expect(returns).toEqual([])
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('comes back when the exchange it goes through leads only to an exchange without queues', async () => {
    const first = await at.exchange('fanout')
    const second = await at.exchange('fanout')
    await at.channel.bindExchange(second, first, '')
    expect((await bounced(first, 'k')).fields).toMatchObject({ exchange: first, routingKey: 'k' })
  })

  it('does not come back when only its CC leads to a queue', async () => {
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    const queue = await at.queue()
    await publish(at.channel, '', at.name(), 'x', { mandatory: true, CC: [queue] })
    expect(returns).toEqual([])
  })

  it('does not come back when the queue it reached drops it', async () => {
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    const queue = await at.queue({ 'x-max-length': 0 })
    await publish(at.channel, '', queue, 'x', { mandatory: true })
    expect(returns).toEqual([])
  })

  it('comes back to the channel that published it, not to another', async () => {
    const other = await at.connection.createConfirmChannel()
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    const back = once(other, 'return')
    await publish(other, '', at.name(), 'x', { mandatory: true })
    await back
    await publish(at.channel, '', at.name(), 'y')
    expect(returns).toEqual([])
  })
})
