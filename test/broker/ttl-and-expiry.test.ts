// Messages that expire and queues that do (docs/observed.md §5.4). Lifetimes here are tens of milliseconds, and
// tests wait for the effect, so that a slow machine changes nothing.

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
import { session } from './session.ts'

const at = session('ttl')

const SHORT = 40
const LONG = 600_000

const emptied = (queue: string) => until('expired', async () => (await ready(at.channel, queue)) === 0)

describe('a message expires', () => {
  it("after its queue's x-message-ttl", async () => {
    const queue = await at.queue({ 'x-message-ttl': SHORT })
    await put(at.channel, queue, '1', '2', '3')
    await emptied(queue)
    expect(await at.channel.get(queue)).toBe(false)
  })

  it('after its own expiration', async () => {
    const queue = await at.queue()
    await publish(at.channel, '', queue, 'x', { expiration: String(SHORT) })
    await emptied(queue)
    expect(await at.channel.get(queue)).toBe(false)
  })

  it('by its own expiration when that is shorter than the x-message-ttl', async () => {
    const queue = await at.queue({ 'x-message-ttl': LONG })
    await publish(at.channel, '', queue, 'x', { expiration: String(SHORT) })
    await emptied(queue)
  })

  it('by the x-message-ttl when that is shorter than its own expiration', async () => {
    const queue = await at.queue({ 'x-message-ttl': SHORT })
    await publish(at.channel, '', queue, 'x', { expiration: String(LONG) })
    await emptied(queue)
  })

  it('in each queue by itself', async () => {
    const exchange = await at.exchange('fanout')
    const [short, long] = [await at.queue({ 'x-message-ttl': SHORT }), await at.queue()]
    for (const queue of [short, long]) await at.channel.bindQueue(queue, exchange, '')
    await publish(at.channel, exchange, '', 'x')
    await emptied(short)
    expect(await ready(at.channel, long)).toBe(1)
  })

  it('only at the head of the queue: behind a longer-lived one it still counts', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, 'head')
    await publish(at.channel, '', queue, 'short', { expiration: String(SHORT) })
    const clock = await at.queue({ 'x-message-ttl': SHORT * 2 })
    await put(at.channel, clock, 'tick')
    await emptied(clock)
    expect(await ready(at.channel, queue)).toBe(2)
    await getOne(at.channel, queue, { noAck: true })
    await emptied(queue)
  })

  it('and is not delivered when it comes to the head expired', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, 'head')
    await publish(at.channel, '', queue, 'short', { expiration: String(SHORT) })
    await put(at.channel, queue, 'tail')
    const clock = await at.queue({ 'x-message-ttl': SHORT * 2 })
    await put(at.channel, clock, 'tick')
    await emptied(clock)
    expect(marks(await drain(at.channel, queue))).toEqual(['head', 'tail'])
  })

  it('also after it was requeued, by its first deadline', async () => {
    const queue = await at.queue({ 'x-message-ttl': SHORT })
    await put(at.channel, queue, 'x')
    const message = await getOne(at.channel, queue)
    const clock = await at.queue({ 'x-message-ttl': SHORT * 2 })
    await put(at.channel, clock, 'tick')
    await emptied(clock)
    at.channel.nack(message)
    expect(await at.channel.get(queue)).toBe(false)
  })

  it('but not while it is unacknowledged', async () => {
    const queue = await at.queue({ 'x-message-ttl': SHORT })
    const graveyard = await at.queue()
    const watched = await at.queue({
      'x-message-ttl': SHORT,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': graveyard,
    })
    await put(at.channel, watched, 'held')
    await getOne(at.channel, watched)
    await put(at.channel, queue, 'tick')
    await emptied(queue)
    expect(await ready(at.channel, graveyard)).toBe(0)
  })

  it('with a lifetime of 0 at once when nobody waits for it', async () => {
    const [byQueue, byItself] = [await at.queue({ 'x-message-ttl': 0 }), await at.queue()]
    await put(at.channel, byQueue, 'x')
    await publish(at.channel, '', byItself, 'x', { expiration: '0' })
    for (const queue of [byQueue, byItself]) expect(await at.channel.get(queue)).toBe(false)
  })

  it('with a lifetime of 0 not when a consumer takes it at once', async () => {
    const [byQueue, byItself] = [await at.queue({ 'x-message-ttl': 0 }), await at.queue()]
    const first = await consume(at.channel, byQueue)
    const second = await consume(at.channel, byItself)
    await put(at.channel, byQueue, '1')
    await publish(at.channel, '', byItself, '2', { expiration: '0' })
    expect(marks([...(await first.take(1)), ...(await second.take(1))])).toEqual(['1', '2'])
  })

  it('with a lifetime of 0 when the consumer has no room', async () => {
    const queue = await at.queue({ 'x-message-ttl': 0 })
    await at.channel.prefetch(1)
    const deliveries = await consume(at.channel, queue)
    await put(at.channel, queue, '1', '2')
    await settled(at.channel, queue)
    expect(marks(deliveries.messages)).toEqual(['1'])
    expect(await ready(at.channel, queue)).toBe(0)
  })
})

describe('the expiration of a message', () => {
  it('is delivered as it was published', async () => {
    const queue = await at.queue()
    await publish(at.channel, '', queue, 'x', { expiration: String(LONG) })
    expect((await getOne(at.channel, queue)).properties.expiration).toBe(String(LONG))
  })

  it('is not made up from the x-message-ttl', async () => {
    const queue = await at.queue({ 'x-message-ttl': LONG })
    await put(at.channel, queue, 'x')
    expect((await getOne(at.channel, queue)).properties.expiration).toBeUndefined()
  })
})

describe('a queue with x-expires', () => {
  const gone = (queue: string) => until('queue gone', async () => !(await queueExists(at.connection, queue)))

  /** Lets the time of a queue's expiry pass several times. */
  async function wait(): Promise<void> {
    const clock = await at.queue({ 'x-message-ttl': SHORT * 4 })
    await put(at.channel, clock, 'tick')
    await emptied(clock)
  }

  // Nothing may ask for the queue while its time runs: also a passive declare starts it anew.
  it('is deleted when nobody has used it for that long', async () => {
    const queue = await at.queue({ 'x-expires': SHORT })
    await wait()
    await gone(queue)
  })

  it('is deleted also with messages in it', async () => {
    const queue = await at.queue({ 'x-expires': SHORT })
    await put(at.channel, queue, 'x')
    await wait()
    await gone(queue)
  })

  it('does not dead-letter what was in it', async () => {
    const graveyard = await at.queue()
    const queue = await at.queue({
      'x-expires': SHORT,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': graveyard,
    })
    await put(at.channel, queue, 'x')
    await wait()
    await gone(queue)
    expect(await ready(at.channel, graveyard)).toBe(0)
  })

  it('stays while it has a consumer, and counts from its end', async () => {
    const queue = await at.queue({ 'x-expires': SHORT })
    const deliveries = await consume(at.channel, queue)
    await wait()
    expect(await queueExists(at.connection, queue)).toBe(true)
    await at.channel.cancel(deliveries.tag)
    await wait()
    await gone(queue)
  })

  it('is not kept by being published to', async () => {
    const queue = await at.queue({ 'x-expires': SHORT * 3 })
    await until('unroutable', async () => {
      let returned = false
      at.channel.once('return', () => {
        returned = true
      })
      await publish(at.channel, '', queue, 'x', { mandatory: true })
      return returned
    })
  })

  it('is kept by basic.get', async () => {
    const queue = await at.queue({ 'x-expires': SHORT * 10 })
    const clock = await at.queue({ 'x-message-ttl': SHORT * 20 })
    await put(at.channel, clock, 'tick')
    await until('the time has passed', async () => {
      await at.channel.get(queue)
      return (await ready(at.channel, clock)) === 0
    })
    expect(await queueExists(at.connection, queue)).toBe(true)
  })
})
