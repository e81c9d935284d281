// basic.get, one message at a time (docs/observed.md §5.4).

import { describe, expect, it } from 'vitest'
import { consume, getOne, marks, publish, put, ready, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('get')

describe('basic.get', () => {
  it('of an empty queue answers that it is empty', async () => {
    expect(await at.channel.get(await at.queue())).toBe(false)
  })

  it('answers with exchange, key, delivery tag and the ready messages left', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2', '3')
    const { fields } = await getOne(at.channel, queue)
    expect(fields).toEqual({
      deliveryTag: 1,
      redelivered: false,
      exchange: '',
      routingKey: queue,
      messageCount: 2,
    })
  })

  it('takes the oldest message each time', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2', '3')
    const bodies = []
    for (let i = 0; i < 3; i++) bodies.push(...marks([await getOne(at.channel, queue)]))
    expect(bodies).toEqual(['1', '2', '3'])
  })

  it('leaves the message unacknowledged', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    const message = await getOne(at.channel, queue)
    expect(await ready(at.channel, queue)).toBe(0)
    at.channel.nack(message)
    await until('ready again', () => ready(at.channel, queue))
  })

  it('without acknowledgement removes the message', async () => {
    const queue = await at.queue()
    const other = await at.connection.createChannel()
    await put(at.channel, queue, '1')
    await getOne(other, queue, { noAck: true })
    await other.close()
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('uses up a delivery tag also without acknowledgement', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2')
    await getOne(at.channel, queue, { noAck: true })
    expect((await getOne(at.channel, queue)).fields.deliveryTag).toBe(2)
  })

  it('shares delivery tags with the consumers of its channel', async () => {
    const [consumed, got] = [await at.queue(), await at.queue()]
    const deliveries = await consume(at.channel, consumed)
    await put(at.channel, consumed, '1')
    await deliveries.take(1)
    await put(at.channel, got, '2')
    expect((await getOne(at.channel, got)).fields.deliveryTag).toBe(2)
  })

  it('is not bound by a prefetch', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(1, true)
    await put(at.channel, queue, '1', '2', '3')
    for (let i = 1; i <= 3; i++) expect((await getOne(at.channel, queue)).fields.deliveryTag).toBe(i)
  })

  it('marks a message that was delivered before', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    at.channel.nack(await getOne(at.channel, queue))
    expect((await getOne(at.channel, queue)).fields.redelivered).toBe(true)
  })

  it('brings body and properties', async () => {
    const queue = await at.queue()
    const body = Buffer.alloc(300_000, 'x')
    await publish(at.channel, '', queue, body, { type: 't', deliveryMode: 2 })
    const message = await getOne(at.channel, queue)
    expect(message.content.equals(body)).toBe(true)
    expect(message.properties).toMatchObject({ type: 't', deliveryMode: 2 })
  })

  it('counts messages left without the unacknowledged ones', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2', '3')
    await getOne(at.channel, queue)
    expect((await getOne(at.channel, queue)).fields.messageCount).toBe(1)
  })
})
