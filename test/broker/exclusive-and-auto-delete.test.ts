// Queues that belong to a connection, and queues that go with their last consumer (docs/observed.md §5.3, §5.4).

import { describe, expect, it } from 'vitest'
import { consume, getOne, put, queueExists, ready, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('exclusive')

const gone = (queue: string) => until('queue gone', async () => !(await queueExists(at.connection, queue)))

describe('an exclusive queue', () => {
  it('is open to every channel of its connection', async () => {
    const queue = await at.queue()
    const other = await at.connection.createChannel()
    await put(at.channel, queue, 'x')
    expect((await getOne(other, queue)).content.toString()).toBe('x')
  })

  it('stays when the channel that declared it closes', async () => {
    const queue = at.name()
    const other = await at.connection.createChannel()
    await other.assertQueue(queue, { exclusive: true })
    await other.close()
    expect(await queueExists(at.connection, queue)).toBe(true)
    await at.channel.deleteQueue(queue)
  })

  it.each([true, false])('goes with its connection (durable: %j)', async (durable) => {
    const queue = at.name()
    const other = await at.connect()
    await (await other.createChannel()).assertQueue(queue, { exclusive: true, durable })
    await other.close()
    await gone(queue)
  })

  it('goes when its connection is lost without a word', async () => {
    const queue = at.name()
    const wire = await at.wire()
    await wire.call(1, 'QueueDeclare', { queue, exclusive: true, arguments: {} }, 'QueueDeclareOk')
    wire.destroy()
    // Until the broker has noticed, the name is still locked.
    await until('queue gone', () =>
      queueExists(at.connection, queue).then(
        (found) => !found,
        () => false,
      ),
    )
  })

  it('leaves its name to another connection', async () => {
    const queue = at.name()
    const other = await at.connect()
    await (await other.createChannel()).assertQueue(queue, { exclusive: true })
    await other.close()
    await gone(queue)
    const ok = await at.channel.assertQueue(queue, { exclusive: true, autoDelete: true })
    expect(ok.messageCount).toBe(0)
  })

  it('may be published to by another connection', async () => {
    const queue = await at.queue()
    const other = await (await at.connect()).createConfirmChannel()
    await put(other, queue, 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('may be sent to through an exchange by another connection', async () => {
    const exchange = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '')
    const other = await (await at.connect()).createConfirmChannel()
    other.publish(exchange, '', Buffer.from('x'))
    await other.waitForConfirms()
    expect(await ready(at.channel, queue)).toBe(1)
  })
})

describe('an auto-delete queue', () => {
  const declare = () => at.queue({}, { autoDelete: true })

  it('stays while it never had a consumer', async () => {
    const queue = await declare()
    await put(at.channel, queue, 'x')
    expect(await queueExists(at.connection, queue)).toBe(true)
  })

  it('goes when its consumer is cancelled', async () => {
    const queue = await declare()
    const deliveries = await consume(at.channel, queue)
    await at.channel.cancel(deliveries.tag)
    await gone(queue)
  })

  it('goes when the channel of its consumer closes', async () => {
    const queue = await declare()
    const other = await at.connection.createChannel()
    await consume(other, queue)
    await other.close()
    await gone(queue)
  })

  it('goes when the connection of its consumer closes', async () => {
    const queue = await at.sharedQueue({}, { autoDelete: true })
    const other = await at.connect()
    await consume(await other.createChannel(), queue)
    await other.close()
    await gone(queue)
  })

  it('stays until the last of its consumers is gone', async () => {
    const queue = await declare()
    const first = await consume(at.channel, queue)
    const second = await consume(at.channel, queue)
    await at.channel.cancel(first.tag)
    expect(await queueExists(at.connection, queue)).toBe(true)
    await at.channel.cancel(second.tag)
    await gone(queue)
  })

  it('goes although there are messages in it', async () => {
    const queue = await declare()
    await at.channel.prefetch(1)
    const deliveries = await consume(at.channel, queue)
    await put(at.channel, queue, '1', '2')
    await at.channel.cancel(deliveries.tag)
    await gone(queue)
  })

  it('does not take basic.get for a consumer', async () => {
    const queue = await declare()
    await put(at.channel, queue, 'x')
    await getOne(at.channel, queue, { noAck: true })
    expect(await queueExists(at.connection, queue)).toBe(true)
  })
})
