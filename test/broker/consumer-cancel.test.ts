// basic.cancel sent by the broker: the queue went away under a consumer (docs/observed.md §5.4).

import { describe, expect, it } from 'vitest'
import { consume, put, ready, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('cancel')

describe('deleting a queue', () => {
  it('cancels its consumers on other channels', async () => {
    const queue = await at.queue()
    const other = await at.connection.createChannel()
    const deliveries = await consume(other, queue)
    await at.channel.deleteQueue(queue)
    await deliveries.cancelled()
  })

  it('cancels its consumers on the same channel', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue)
    await at.channel.deleteQueue(queue)
    await deliveries.cancelled()
  })

  it('cancels all of its consumers and no others', async () => {
    const [doomed, spared] = [await at.queue(), await at.queue()]
    const consumers = [await consume(at.channel, doomed), await consume(at.channel, doomed)]
    const other = await consume(at.channel, spared)
    await at.channel.deleteQueue(doomed)
    for (const deliveries of consumers) await deliveries.cancelled()
    await put(at.channel, spared, 'x')
    await other.one()
    expect(other.isCancelled).toBe(false)
  })

  it('names the consumer and wants no answer', async () => {
    const queue = await at.sharedQueue()
    const wire = await at.wire({ capabilities: { consumer_cancel_notify: true } })
    await wire.call(1, 'BasicConsume', { queue, consumerTag: 'mine', arguments: {} }, 'BasicConsumeOk')
    await at.channel.deleteQueue(queue)
    expect(await wire.expect('BasicCancel')).toEqual({ consumerTag: 'mine', nowait: true })
  })

  it('tells nothing to a client that has not announced consumer_cancel_notify', async () => {
    const queue = await at.sharedQueue()
    const wire = await at.wire({ capabilities: {} })
    await wire.call(1, 'BasicConsume', { queue, arguments: {} }, 'BasicConsumeOk')
    await at.channel.deleteQueue(queue)
    wire.method(1, 'QueueDelete', { queue })
    expect((await wire.next()).name).toBe('QueueDeleteOk')
    wire.method(1, 'QueueDelete', { queue })
    expect((await wire.next()).name).toBe('QueueDeleteOk')
  })

  it('leaves the channel and its delivery tags usable', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    const deliveries = await consume(at.channel, queue)
    const message = await deliveries.one()
    await at.channel.deleteQueue(queue)
    await deliveries.cancelled()
    at.channel.ack(message)
    expect(await ready(at.channel, await at.queue())).toBe(0)
  })

  it('frees the consumer tag', async () => {
    const queue = await at.queue()
    const first = await consume(at.channel, queue, { consumerTag: 'again' })
    await at.channel.deleteQueue(queue)
    await first.cancelled()
    const second = await consume(at.channel, await at.queue(), { consumerTag: 'again' })
    expect(second.tag).toBe('again')
  })

  it('is no cancel when the consumer was cancelled before', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue)
    await at.channel.cancel(deliveries.tag)
    await at.channel.deleteQueue(queue)
    await at.channel.checkQueue(await at.queue())
    expect(deliveries.isCancelled).toBe(false)
  })
})

describe('cancelling by the client', () => {
  it('is answered and not told again', async () => {
    const queue = await at.sharedQueue()
    const wire = await at.wire({ capabilities: { consumer_cancel_notify: true } })
    await wire.call(1, 'BasicConsume', { queue, consumerTag: 'mine', arguments: {} }, 'BasicConsumeOk')
    const ok = await wire.call(1, 'BasicCancel', { consumerTag: 'mine' }, 'BasicCancelOk')
    expect(ok).toEqual({ consumerTag: 'mine' })
    await wire.call(1, 'QueueDelete', { queue }, 'QueueDeleteOk')
  })

  it('without waiting has no answer', async () => {
    const queue = await at.sharedQueue()
    const wire = await at.wire()
    await wire.call(1, 'BasicConsume', { queue, consumerTag: 'mine', arguments: {} }, 'BasicConsumeOk')
    wire.method(1, 'BasicCancel', { consumerTag: 'mine', nowait: true })
    await until('no consumer', async () => (await at.channel.checkQueue(queue)).consumerCount === 0)
    await wire.call(1, 'QueueDelete', { queue }, 'QueueDeleteOk')
  })
})
