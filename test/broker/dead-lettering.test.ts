// Dead-lettering: what is sent on, where to, and what ends it (docs/observed.md §5.4). What is written into the
// message on the way is specified in x-death.test.ts.

import { describe, expect, it } from 'vitest'
import {
  consume,
  drain,
  getOne,
  marks,
  publish,
  put,
  queueExists,
  ready,
  settled,
  until,
} from '../support/clients.ts'
import { deaths, graves, to } from './graves.ts'
import { session } from './session.ts'

const at = session('dead')

const { pair, arrival, reject } = graves(at)

describe('a message is dead-lettered', () => {
  it('when it is rejected without requeue', async () => {
    const { queue, graveyard } = await pair()
    await put(at.channel, queue, '1', '2')
    at.channel.reject(await getOne(at.channel, queue), false)
    at.channel.nack(await getOne(at.channel, queue), false, false)
    await until('both', async () => (await ready(at.channel, graveyard)) === 2)
    expect(marks(await drain(at.channel, graveyard))).toEqual(['1', '2'])
  })

  it('when it is rejected together with those before it, in order', async () => {
    const { queue, graveyard } = await pair()
    await put(at.channel, queue, '1', '2', '3', '4')
    const got = []
    for (let i = 0; i < 3; i++) got.push(await getOne(at.channel, queue))
    at.channel.nack(got[2]!, true, false)
    await until('three', async () => (await ready(at.channel, graveyard)) === 3)
    expect(marks(await drain(at.channel, graveyard))).toEqual(['1', '2', '3'])
  })

  it('when it expires', async () => {
    const { queue, graveyard } = await pair({ 'x-message-ttl': 30 })
    await put(at.channel, queue, '1', '2')
    await until('both', async () => (await ready(at.channel, graveyard)) === 2)
    expect(marks(await drain(at.channel, graveyard))).toEqual(['1', '2'])
  })

  it('when a length limit drops it', async () => {
    const { queue, graveyard } = await pair({ 'x-max-length': 1 })
    await put(at.channel, queue, '1', '2', '3')
    await until('two', async () => (await ready(at.channel, graveyard)) === 2)
    expect(marks(await drain(at.channel, graveyard))).toEqual(['1', '2'])
  })

  it('when a queue of length 0 cannot keep it', async () => {
    const { queue, graveyard } = await pair({ 'x-max-length': 0 })
    await put(at.channel, queue, '1')
    expect(marks([await arrival(graveyard)])).toEqual(['1'])
  })
})

describe('a message is not dead-lettered', () => {
  it('when it is acknowledged', async () => {
    const { queue, graveyard } = await pair()
    await put(at.channel, queue, '1', '2')
    at.channel.ack(await getOne(at.channel, queue))
    at.channel.nack(await getOne(at.channel, queue), false, false)
    expect(marks([await arrival(graveyard)])).toEqual(['2'])
    expect(await ready(at.channel, graveyard)).toBe(0)
  })

  it('when it is requeued', async () => {
    const { queue, graveyard } = await pair()
    await put(at.channel, queue, '1')
    at.channel.nack(await getOne(at.channel, queue))
    await getOne(at.channel, queue)
    expect(await ready(at.channel, graveyard)).toBe(0)
  })

  it('when its queue is purged', async () => {
    const { queue, graveyard } = await pair()
    await put(at.channel, queue, '1')
    await at.channel.purgeQueue(queue)
    await settled(at.channel, graveyard)
    expect(await ready(at.channel, graveyard)).toBe(0)
  })

  it('when its queue is deleted', async () => {
    const { queue, graveyard } = await pair()
    await put(at.channel, queue, '1')
    await at.channel.deleteQueue(queue)
    await settled(at.channel, graveyard)
    expect(await ready(at.channel, graveyard)).toBe(0)
  })

  it('when the queue has no dead-letter exchange', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    at.channel.nack(await getOne(at.channel, queue), false, false)
    expect(await at.channel.get(queue)).toBe(false)
  })

  it('when the dead-letter exchange does not exist', async () => {
    const queue = await at.queue({ 'x-dead-letter-exchange': at.name('missing') })
    await put(at.channel, queue, '1')
    at.channel.nack(await getOne(at.channel, queue), false, false)
    expect(await at.channel.get(queue)).toBe(false)
  })
})

describe('a dead letter', () => {
  it('goes through the exchange under its own key', async () => {
    const exchange = await at.exchange('topic')
    const graveyard = await at.queue()
    await at.channel.bindQueue(graveyard, exchange, '#')
    const queue = await at.queue({ 'x-dead-letter-exchange': exchange })
    const { fields } = await reject(queue, graveyard)
    expect(fields).toMatchObject({ exchange, routingKey: queue, redelivered: false })
  })

  it('goes through the exchange under the x-dead-letter-routing-key', async () => {
    const exchange = await at.exchange('direct')
    const graveyard = await at.queue()
    await at.channel.bindQueue(graveyard, exchange, 'dead')
    const queue = await at.queue({ 'x-dead-letter-exchange': exchange, 'x-dead-letter-routing-key': 'dead' })
    expect((await reject(queue, graveyard)).fields).toMatchObject({ exchange, routingKey: 'dead' })
  })

  it('goes through an exchange declared after the queue', async () => {
    const exchange = at.name('later')
    const queue = await at.queue({ 'x-dead-letter-exchange': exchange })
    await at.channel.assertExchange(exchange, 'fanout', { autoDelete: true })
    const graveyard = await at.queue()
    await at.channel.bindQueue(graveyard, exchange, '')
    expect(marks([await reject(queue, graveyard)])).toEqual(['x'])
  })

  it('may reach several queues', async () => {
    const exchange = await at.exchange('fanout')
    const graveyards = [await at.queue(), await at.queue()]
    for (const graveyard of graveyards) await at.channel.bindQueue(graveyard, exchange, '')
    const queue = await at.queue({ 'x-dead-letter-exchange': exchange })
    await reject(queue, graveyards[0]!)
    expect(marks([await arrival(graveyards[1]!)])).toEqual(['x'])
  })

  it('is delivered to a waiting consumer', async () => {
    const { queue, graveyard } = await pair()
    const deliveries = await consume(at.channel, graveyard)
    await put(at.channel, queue, 'x')
    at.channel.nack(await getOne(at.channel, queue), false, false)
    expect(marks(await deliveries.take(1))).toEqual(['x'])
  })

  it('keeps its body and properties', async () => {
    const { queue, graveyard } = await pair()
    const properties = {
      contentType: 'a/b',
      messageId: 'm',
      priority: 3,
      timestamp: 7,
      type: 't',
      deliveryMode: 2,
    }
    expect((await reject(queue, graveyard, properties)).properties).toMatchObject(properties)
  })

  it('keeps its headers beside the new ones', async () => {
    const { queue, graveyard } = await pair()
    const { headers } = (await reject(queue, graveyard, { headers: { app: 1 } })).properties
    expect(Object.keys(headers!).sort()).toEqual([
      'app',
      'x-death',
      'x-first-death-exchange',
      'x-first-death-queue',
      'x-first-death-reason',
    ])
  })

  it('names its first queue, exchange and reason', async () => {
    const { queue, graveyard } = await pair()
    expect((await reject(queue, graveyard)).properties.headers).toMatchObject({
      'x-first-death-exchange': '',
      'x-first-death-queue': queue,
      'x-first-death-reason': 'rejected',
    })
  })

  it('that finds no queue is dropped, however mandatory it was', async () => {
    const queue = await at.queue(to(at.name('missing')))
    let returns = 0
    at.channel.on('return', () => {
      returns++
    })
    await publish(at.channel, '', queue, 'x', { mandatory: true })
    at.channel.nack(await getOne(at.channel, queue), false, false)
    await at.channel.get(queue)
    expect(returns).toBe(0)
  })
})

describe('CC and BCC of a dead letter', () => {
  it('are dropped when there is an x-dead-letter-routing-key', async () => {
    const { queue, graveyard } = await pair()
    const message = await reject(queue, graveyard, { CC: ['nowhere'] })
    expect(Object.keys(message.properties.headers!)).not.toContain('CC')
  })

  it('are kept and used again when there is none', async () => {
    const exchange = await at.exchange('direct')
    const graveyard = await at.queue()
    await at.channel.bindQueue(graveyard, exchange, 'copy')
    const queue = await at.queue({ 'x-dead-letter-exchange': exchange })
    const message = await reject(queue, graveyard, { CC: ['copy'] })
    expect(message.properties.headers).toMatchObject({ CC: ['copy'] })
  })
})

describe('a circle of dead-lettering', () => {
  it('drops a message that would come back to its queue by expiry alone', async () => {
    const queue = at.name()
    await at.channel.assertQueue(queue, { exclusive: true, messageTtl: 20, arguments: to(queue) })
    await put(at.channel, queue, 'x')
    await until('dropped', async () => (await ready(at.channel, queue)) === 0)
    const clock = await at.queue({ 'x-message-ttl': 60 })
    await put(at.channel, clock, 'tick')
    await until('time has passed', async () => (await ready(at.channel, clock)) === 0)
    expect(await at.channel.get(queue)).toBe(false)
    await at.channel.deleteQueue(queue)
  })

  it('drops a message that would go round two queues by expiry and length alone', async () => {
    const second = at.name('second')
    const first = await at.queue({ 'x-message-ttl': 20, ...to(second) })
    await at.channel.assertQueue(second, { exclusive: true, maxLength: 0, arguments: to(first) })
    await put(at.channel, first, 'x')
    await until('dropped', async () => (await ready(at.channel, first)) === 0)
    expect(await ready(at.channel, second)).toBe(0)
    expect(await queueExists(at.connection, second)).toBe(true)
    await at.channel.deleteQueue(second)
  })

  it('goes on as long as a rejection is part of it', async () => {
    const queue = at.name()
    await at.channel.assertQueue(queue, { exclusive: true, arguments: to(queue) })
    await put(at.channel, queue, 'x')
    for (let round = 0; round < 4; round++) {
      await until('back', () => ready(at.channel, queue))
      at.channel.nack(await getOne(at.channel, queue), false, false)
    }
    expect(deaths(await arrival(queue))).toMatchObject([{ reason: 'rejected', queue, count: 4 }])
    await at.channel.deleteQueue(queue)
  })
})
