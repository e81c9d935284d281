// Dead-lettering: what is sent on, where to, and what is written into the message on the way
// (docs/observed.md §5.4).

import { describe, expect, it } from 'vitest'
import {
  consume,
  drain,
  type GetMessage,
  getOne,
  marks,
  publish,
  put,
  queueExists,
  ready,
  settled,
  until,
} from '../support/clients.ts'
import { session } from './session.ts'

const at = session('dead')

type Death = Record<string, unknown>

/** Arguments that send dead letters straight to a queue. */
const to = (queue: string) => ({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue })

/** A queue whose dead letters go to another one. */
async function pair(args: Record<string, unknown> = {}): Promise<{ queue: string; graveyard: string }> {
  const graveyard = await at.queue()
  return { graveyard, queue: await at.queue({ ...to(graveyard), ...args }) }
}

/** The next message of a queue, waiting for it. */
async function arrival(queue: string): Promise<GetMessage> {
  await until(`a message in ${queue}`, () => ready(at.channel, queue))
  return getOne(at.channel, queue, { noAck: true })
}

/** Publishes one message to `queue`, rejects it, and returns the dead letter. */
async function reject(queue: string, graveyard: string, options: object = {}): Promise<GetMessage> {
  await publish(at.channel, '', queue, 'x', options)
  at.channel.nack(await getOne(at.channel, queue), false, false)
  return arrival(graveyard)
}

const deaths = (message: GetMessage): Death[] => message.properties.headers!['x-death'] as unknown as Death[]
const seconds = (death: Death | undefined) => (death!['time'] as { value: number }).value

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

describe('an x-death entry', () => {
  it('of a rejection', async () => {
    const { queue, graveyard } = await pair()
    const message = await reject(queue, graveyard)
    expect(deaths(message)).toEqual([
      {
        count: 1,
        reason: 'rejected',
        queue,
        time: { '!': 'timestamp', value: expect.any(Number) },
        exchange: '',
        'routing-keys': [queue],
      },
    ])
  })

  it('of an expiry', async () => {
    const { queue, graveyard } = await pair({ 'x-message-ttl': 20 })
    await put(at.channel, queue, 'x')
    expect(deaths(await arrival(graveyard))).toMatchObject([{ count: 1, reason: 'expired', queue }])
  })

  it('of a length limit', async () => {
    const { queue, graveyard } = await pair({ 'x-max-length': 0 })
    await put(at.channel, queue, 'x')
    expect(deaths(await arrival(graveyard))).toMatchObject([{ count: 1, reason: 'maxlen', queue }])
  })

  it('of a refused publish', async () => {
    const { queue, graveyard } = await pair({ 'x-max-length': 0, 'x-overflow': 'reject-publish-dlx' })
    await put(at.channel, queue, 'x')
    expect(deaths(await arrival(graveyard))).toMatchObject([{ count: 1, reason: 'maxlen', queue }])
  })

  it('tells the time in seconds', async () => {
    const { queue, graveyard } = await pair()
    const before = Math.floor(Date.now() / 1000)
    const time = seconds(deaths(await reject(queue, graveyard))[0])
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now() / 1000)
  })

  it('holds the exchange and all keys of the publish, CC included', async () => {
    const exchange = await at.exchange('topic')
    const { queue, graveyard } = await pair()
    await at.channel.bindQueue(queue, exchange, 'k')
    await publish(at.channel, exchange, 'k', 'x', { CC: ['c1', 'c2'] })
    at.channel.nack(await getOne(at.channel, queue), false, false)
    expect(deaths(await arrival(graveyard))[0]).toMatchObject({ exchange, 'routing-keys': ['k', 'c1', 'c2'] })
  })

  it('takes the expiration property over as original-expiration', async () => {
    const { queue, graveyard } = await pair()
    const message = await reject(queue, graveyard, { expiration: '600000' })
    expect(message.properties.expiration).toBeUndefined()
    expect(deaths(message)[0]).toMatchObject({ 'original-expiration': '600000' })
  })

  it('of an expiry has the expiration that ran out, which does not run again', async () => {
    const { queue, graveyard } = await pair()
    await publish(at.channel, '', queue, 'x', { expiration: '20' })
    const message = await arrival(graveyard)
    expect(deaths(message)[0]).toMatchObject({ reason: 'expired', 'original-expiration': '20' })
  })

  it('has its keys in this order on the wire', async () => {
    const { queue, graveyard } = await pair()
    const message = await reject(queue, graveyard, { expiration: '600000' })
    expect(Object.keys(deaths(message)[0]!)).toEqual([
      'count',
      'reason',
      'queue',
      'time',
      'exchange',
      'routing-keys',
      'original-expiration',
    ])
  })
})

describe('x-death of a message that died several times', () => {
  it('has the latest death first', async () => {
    const graveyard = await at.queue()
    const second = await at.queue({ ...to(graveyard), 'x-message-ttl': 20 })
    const first = await at.queue(to(second))
    const message = await reject(first, graveyard)
    expect(deaths(message)).toMatchObject([
      { queue: second, reason: 'expired', count: 1, exchange: '', 'routing-keys': [second] },
      { queue: first, reason: 'rejected', count: 1, exchange: '', 'routing-keys': [first] },
    ])
  })

  it('still names the first in x-first-death', async () => {
    const graveyard = await at.queue()
    const second = await at.queue({ ...to(graveyard), 'x-message-ttl': 20 })
    const first = await at.queue(to(second))
    expect((await reject(first, graveyard)).properties.headers).toMatchObject({
      'x-first-death-queue': first,
      'x-first-death-reason': 'rejected',
      'x-first-death-exchange': '',
    })
  })

  it('counts deaths of the same reason in the same queue in one entry', async () => {
    const retry = at.name('retry')
    const work = await at.queue(to(retry))
    await at.channel.assertQueue(retry, { exclusive: true, messageTtl: 10, arguments: to(work) })
    await put(at.channel, work, 'x')
    for (let count = 1; count <= 3; count++) {
      await until('back', () => ready(at.channel, work))
      at.channel.nack(await getOne(at.channel, work), false, false)
    }
    expect(deaths(await arrival(work))).toMatchObject([
      { queue: retry, reason: 'expired', count: 3 },
      { queue: work, reason: 'rejected', count: 3 },
    ])
  })

  it('moves the entry counted up to the front', async () => {
    const graveyard = await at.queue()
    const [first, second] = [await at.queue(to(graveyard)), await at.queue(to(graveyard))]
    let message = await reject(first, graveyard)
    for (const queue of [second, first]) {
      message = await reject(queue, graveyard, { headers: message.properties.headers })
    }
    expect(deaths(message)).toMatchObject([
      { queue: first, count: 2 },
      { queue: second, count: 1 },
    ])
  })

  it('has an entry for each reason', async () => {
    const graveyard = await at.queue()
    const queue = await at.queue(to(graveyard))
    const first = await reject(queue, graveyard)
    await publish(at.channel, '', queue, 'x', { headers: first.properties.headers, expiration: '0' })
    expect(deaths(await arrival(graveyard))).toMatchObject([
      { queue, reason: 'expired', count: 1 },
      { queue, reason: 'rejected', count: 1 },
    ])
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

describe('an x-death header of the publisher', () => {
  it('that is a list is carried on', async () => {
    const { queue, graveyard } = await pair()
    const mine = { queue: 'elsewhere', reason: 'expired', count: 4 }
    const message = await reject(queue, graveyard, { headers: { 'x-death': [mine] } })
    expect(deaths(message)).toMatchObject([{ queue, reason: 'rejected', count: 1 }, mine])
  })

  it('that is no list is replaced, without first-death headers', async () => {
    const { queue, graveyard } = await pair()
    const message = await reject(queue, graveyard, { headers: { 'x-death': 'mine' } })
    expect(Object.keys(message.properties.headers!)).toEqual(['x-death'])
    expect(deaths(message)).toMatchObject([{ queue, reason: 'rejected', count: 1 }])
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
