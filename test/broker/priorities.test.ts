// Priority queues (docs/observed.md §5.4).

import { describe, expect, it } from 'vitest'
import { consume, drain, getOne, marks, publish, ready, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('priorities')

/** Publishes one message per priority; the body names priority and position, as in `5#1`. */
async function fill(queue: string, ...priorities: (number | undefined)[]): Promise<void> {
  for (const [index, priority] of priorities.entries()) {
    await publish(
      at.channel,
      '',
      queue,
      `${priority ?? 'none'}#${index}`,
      priority === undefined ? {} : { priority },
    )
  }
}
const order = async (queue: string): Promise<string[]> => marks(await drain(at.channel, queue))

describe('a queue with x-max-priority', () => {
  it('delivers higher priorities first and equal ones in order', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await fill(queue, 1, 3, 5, 3, 0)
    expect(await order(queue)).toEqual(['5#2', '3#1', '3#3', '1#0', '0#4'])
  })

  it('takes a message without priority as 0', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await fill(queue, undefined, 0, undefined, 1)
    expect(await order(queue)).toEqual(['1#3', 'none#0', '0#1', 'none#2'])
  })

  it('takes priorities above its maximum as the maximum', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await fill(queue, 5, 9, 255, 5)
    expect(await order(queue)).toEqual(['5#0', '9#1', '255#2', '5#3'])
  })

  it('delivers the priority as it was published', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await fill(queue, 9)
    expect((await getOne(at.channel, queue)).properties.priority).toBe(9)
  })

  it('puts a requeued message back to its place', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await fill(queue, 1, 5, 5, 1)
    const first = await getOne(at.channel, queue)
    at.channel.nack(first)
    expect(await order(queue)).toEqual(['5#1*', '5#2', '1#0', '1#3'])
  })

  it('counts messages of all priorities', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await fill(queue, 1, 5, 3)
    expect(await ready(at.channel, queue)).toBe(3)
    expect((await at.channel.purgeQueue(queue)).messageCount).toBe(3)
  })

  it('sends a waiting consumer whatever comes, in the order of publishing', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    const deliveries = await consume(at.channel, queue)
    await fill(queue, 1, 5, 3)
    expect(marks(await deliveries.take(3))).toEqual(['1#0', '5#1', '3#2'])
  })

  it('lets a later higher one overtake what a full consumer has not been sent', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await at.channel.prefetch(1)
    const deliveries = await consume(at.channel, queue)
    await fill(queue, 1, 1, 5)
    const first = await deliveries.one()
    at.channel.ack(first)
    expect(marks(await deliveries.take(1))).toEqual(['5#2'])
  })

  it('and x-max-length drops from its head: the oldest of the highest priority', async () => {
    const queue = await at.queue({ 'x-max-priority': 5, 'x-max-length': 2 })
    await fill(queue, 5, 1, 3)
    expect(await order(queue)).toEqual(['3#2', '1#1'])
  })

  it('and x-max-length may drop the new message itself', async () => {
    const queue = await at.queue({ 'x-max-priority': 5, 'x-max-length': 2 })
    await fill(queue, 1, 1, 5)
    expect(await order(queue)).toEqual(['1#0', '1#1'])
  })

  it('hides expired messages of a lower priority behind a longer-lived higher one', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await publish(at.channel, '', queue, 'high', { priority: 5 })
    await publish(at.channel, '', queue, 'low', { priority: 1, expiration: '30' })
    const clock = await at.queue({ 'x-message-ttl': 60 })
    await publish(at.channel, '', clock, 'tick')
    await until('time has passed', async () => (await ready(at.channel, clock)) === 0)
    expect(await ready(at.channel, queue)).toBe(2)
    expect(await order(queue)).toEqual(['high'])
  })

  it('expires messages of a higher priority before a longer-lived lower one', async () => {
    const queue = await at.queue({ 'x-max-priority': 5 })
    await publish(at.channel, '', queue, 'high', { priority: 5, expiration: '30' })
    await publish(at.channel, '', queue, 'low', { priority: 1 })
    await until('high expired', async () => (await ready(at.channel, queue)) === 1)
    expect(await order(queue)).toEqual(['low'])
  })

  it('of 255 tells all priorities apart', async () => {
    const queue = await at.queue({ 'x-max-priority': 255 })
    await fill(queue, 0, 100, 255, 254)
    expect(await order(queue)).toEqual(['255#2', '254#3', '100#1', '0#0'])
  })
})

describe('a queue without x-max-priority', () => {
  it('keeps the order of publishing', async () => {
    const queue = await at.queue()
    await fill(queue, 1, 5, undefined, 3)
    expect(await order(queue)).toEqual(['1#0', '5#1', 'none#2', '3#3'])
  })

  it('is also one with an x-max-priority of 0', async () => {
    const queue = await at.queue({ 'x-max-priority': 0 })
    await fill(queue, 1, 5, 3)
    expect(await order(queue)).toEqual(['1#0', '5#1', '3#2'])
  })
})
