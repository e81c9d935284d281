// Prefetch: per consumer and for a whole channel (docs/observed.md §5.2, §5.4). That a consumer gets no more
// than its window is checked once everything that could have reached it must have arrived.

import { describe, expect, it } from 'vitest'
import { consume, type Deliveries, getOne, marks, put, ready, settled, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('qos')

const ten = Array.from({ length: 10 }, (_, i) => String(i))

/** A queue with ten messages and one consumer whose window is `count`. */
async function windowOf(count: number, noAck = false): Promise<{ queue: string; deliveries: Deliveries }> {
  const queue = await at.queue()
  await put(at.channel, queue, ...ten)
  await at.channel.prefetch(count)
  return { queue, deliveries: await consume(at.channel, queue, { noAck }) }
}

/** Waits for `count` deliveries and for any further one that should not be there. */
async function exactly(count: number, queue: string, deliveries: Deliveries): Promise<void> {
  await until(`${count} deliveries`, () => deliveries.messages.length >= count)
  await settled(at.channel, queue)
  expect(deliveries.messages.length).toBe(count)
}

describe('a prefetch of n', () => {
  it.each([1, 2, 7])('sends a consumer no more than %i unacknowledged messages', async (count) => {
    const { queue, deliveries } = await windowOf(count)
    await exactly(count, queue, deliveries)
    expect(await ready(at.channel, queue)).toBe(10 - count)
  })

  it('of 0 is no limit', async () => {
    const { deliveries } = await windowOf(0)
    expect(marks(await deliveries.take(10))).toEqual(ten)
  })

  it('is not for consumers that need no acknowledgement', async () => {
    const { deliveries } = await windowOf(1, true)
    expect(marks(await deliveries.take(10))).toEqual(ten)
  })

  it('lets one more through for each ack', async () => {
    const { queue, deliveries } = await windowOf(2)
    const [first] = await deliveries.take(2)
    at.channel.ack(first!)
    await exactly(3, queue, deliveries)
  })

  it('lets as many through as one ack with multiple frees', async () => {
    const { queue, deliveries } = await windowOf(3)
    const messages = await deliveries.take(3)
    at.channel.ack(messages[1]!, true)
    await exactly(5, queue, deliveries)
  })

  it('lets one more through for a rejected message', async () => {
    const { queue, deliveries } = await windowOf(1)
    at.channel.reject(await deliveries.one(), false)
    await exactly(2, queue, deliveries)
  })

  it('sends a requeued message again to the same consumer', async () => {
    const { deliveries } = await windowOf(1)
    at.channel.nack(await deliveries.one())
    expect(marks(await deliveries.take(1))).toEqual(['0*'])
  })

  it('holds for each consumer by itself', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(2)
    const consumers = [await consume(at.channel, queue), await consume(at.channel, queue)]
    await put(at.channel, queue, ...ten)
    for (const deliveries of consumers) await exactly(2, queue, deliveries)
  })

  it('holds for consumers started after it, not for those before', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(1)
    const before = await consume(at.channel, queue)
    await at.channel.prefetch(3)
    const after = await consume(at.channel, queue)
    await put(at.channel, queue, ...ten)
    await exactly(1, queue, before)
    await exactly(3, queue, after)
  })

  it('does not count messages taken by basic.get', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, ...ten)
    await at.channel.prefetch(1)
    await getOne(at.channel, queue)
    const deliveries = await consume(at.channel, queue)
    await exactly(1, queue, deliveries)
  })

  it('does not reach other channels', async () => {
    const { queue, deliveries } = await windowOf(1)
    const other = await at.connection.createChannel()
    const rest = await consume(other, queue)
    await deliveries.take(1)
    expect(marks(await rest.take(9))).toEqual(ten.slice(1))
  })

  it('is filled again by what a cancelled consumer left unacknowledged only for that consumer', async () => {
    const { queue, deliveries } = await windowOf(2)
    await deliveries.take(2)
    await at.channel.cancel(deliveries.tag)
    const next = await consume(at.channel, queue)
    await exactly(2, queue, next)
  })
})

describe('a global prefetch of n', () => {
  it('is shared by all consumers of the channel', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(3, true)
    const consumers = [await consume(at.channel, queue), await consume(at.channel, queue)]
    const count = () => consumers[0]!.messages.length + consumers[1]!.messages.length
    await put(at.channel, queue, ...ten)
    await until('3 deliveries', () => count() >= 3)
    await settled(at.channel, queue)
    expect(count()).toBe(3)
  })

  it('is shared over queues', async () => {
    const queues = [await at.queue(), await at.queue()]
    await at.channel.prefetch(1, true)
    const first = await consume(at.channel, queues[0]!)
    const second = await consume(at.channel, queues[1]!)
    await put(at.channel, queues[0]!, 'a')
    const held = await first.one()
    await put(at.channel, queues[1]!, 'b')
    await settled(at.channel, queues[1]!)
    expect(second.messages).toEqual([])
    at.channel.ack(held)
    expect(marks(await second.take(1))).toEqual(['b'])
  })

  it('set after the one per consumer holds together with it: the smaller counts', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(2, false)
    await at.channel.prefetch(3, true)
    const first = await consume(at.channel, queue)
    await put(at.channel, queue, ...ten)
    await exactly(2, queue, first)
    const second = await consume(at.channel, queue)
    await exactly(1, queue, second)
  })

  it('is taken away by setting the one per consumer after it', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(3, true)
    await at.channel.prefetch(2, false)
    const first = await consume(at.channel, queue)
    await put(at.channel, queue, ...ten)
    await exactly(2, queue, first)
    const second = await consume(at.channel, queue)
    await exactly(2, queue, second)
  })

  it('raised lets more through at once', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, ...ten)
    await at.channel.prefetch(1, true)
    const deliveries = await consume(at.channel, queue)
    await exactly(1, queue, deliveries)
    await at.channel.prefetch(4, true)
    await exactly(4, queue, deliveries)
  })

  it('taken back to 0 lets everything through', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, ...ten)
    await at.channel.prefetch(1, true)
    const deliveries = await consume(at.channel, queue)
    await deliveries.take(1)
    await at.channel.prefetch(0, true)
    expect(marks(await deliveries.take(9))).toEqual(ten.slice(1))
  })
})
