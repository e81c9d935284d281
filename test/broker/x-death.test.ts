// What dead-lettering writes into a message: the x-death list and its companions, to the letter
// (docs/observed.md §5.4, §12).

import { describe, expect, it } from 'vitest'
import { type GetMessage, getOne, publish, put, ready, until } from '../support/clients.ts'
import { deaths, graves, to } from './graves.ts'
import { session } from './session.ts'

const at = session('xdeath')
const { pair, arrival, reject } = graves(at)

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
    const { value } = deaths(await reject(queue, graveyard))[0]!['time'] as { value: number }
    expect(value).toBeGreaterThanOrEqual(before)
    expect(value).toBeLessThanOrEqual(Date.now() / 1000)
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

  it('turns the older deaths round each time, from the third on', async () => {
    const graveyard = await at.queue()
    const queues = [graveyard]
    for (let i = 0; i < 4; i++) {
      const rest = i < 3 ? { 'x-message-ttl': 20 } : {}
      queues.unshift(await at.queue({ ...to(queues[0]!), ...rest }))
    }
    const [first, second, third, fourth] = queues
    expect(deaths(await reject(first!, graveyard)).map(({ queue }) => queue)).toEqual([
      fourth,
      second,
      first,
      third,
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

describe('the order of what dead-lettering writes', () => {
  const FIRST = ['count', 'reason', 'queue', 'time', 'exchange', 'routing-keys']
  const LATER = ['count', 'exchange', 'queue', 'reason', 'routing-keys', 'time']
  const keys = (message: GetMessage) => deaths(message).map((death) => Object.keys(death))

  it('is by name for the headers of the message', async () => {
    const { queue, graveyard } = await pair()
    const { headers } = (await reject(queue, graveyard, { headers: { z: 1, b: 2 } })).properties
    const names = ['x-death', 'x-first-death-exchange', 'x-first-death-queue', 'x-first-death-reason']
    expect(Object.keys(headers!)).toEqual(['b', ...names, 'z'])
  })

  it('is by name for an entry added to others, which stay as they were', async () => {
    const { queue: second, graveyard } = await pair({ 'x-message-ttl': 20 })
    const first = await at.queue(to(second))
    expect(keys(await reject(first, graveyard))).toEqual([LATER, FIRST])
  })

  it('is by name for an entry counted up', async () => {
    const { queue, graveyard } = await pair()
    const { headers } = (await reject(queue, graveyard)).properties
    expect(keys(await reject(queue, graveyard, { headers }))).toEqual([LATER])
  })
})

describe('an x-death header of the publisher', () => {
  it('that is a list is carried on', async () => {
    const { queue, graveyard } = await pair()
    const mine = { queue: 'elsewhere', reason: 'expired', count: 4 }
    const message = await reject(queue, graveyard, { headers: { 'x-death': [mine] } })
    expect(deaths(message)).toMatchObject([{ queue, reason: 'rejected', count: 1 }, mine])
  })

  it('with several of a queue and a reason is grouped: the first stays, and counts them unless it has a count', async () => {
    const { queue, graveyard } = await pair()
    const died = (name: string, more: object) => ({ queue: name, reason: 'expired', ...more })
    const mine = [
      died('a', { n: 1 }),
      died('b', { n: 2, count: 5 }),
      died('a', { n: 3 }),
      { queue, reason: 'rejected' },
      died('b', { n: 4, count: 6 }),
      { queue, reason: 'rejected' },
    ]
    const message = await reject(queue, graveyard, { headers: { 'x-death': mine } })
    expect(deaths(message)).toEqual([
      { count: 3, queue, reason: 'rejected' },
      died('b', { n: 2, count: 5 }),
      died('a', { n: 1, count: 2 }),
    ])
    expect(Object.keys(deaths(message)[2]!)[0]).toBe('count')
  })

  it('that is no list is replaced, without first-death headers', async () => {
    const { queue, graveyard } = await pair()
    const message = await reject(queue, graveyard, { headers: { 'x-death': 'mine' } })
    expect(Object.keys(message.properties.headers!)).toEqual(['x-death'])
    expect(deaths(message)).toMatchObject([{ queue, reason: 'rejected', count: 1 }])
  })
})
