// Subscribing: tags, order, sharing between consumers and the end of a subscription
// (docs/observed.md §5.3, §5.4).

import { describe, expect, it } from 'vitest'
import { channelError, consume, drain, marks, put, ready, settled, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('consume')

describe('a consumer', () => {
  it('is sent what waits in the queue, in order', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2', '3')
    const deliveries = await consume(at.channel, queue)
    expect(marks(await deliveries.take(3))).toEqual(['1', '2', '3'])
  })

  it('is sent what is published later', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue)
    await put(at.channel, queue, '1')
    expect(marks(await deliveries.take(1))).toEqual(['1'])
    await put(at.channel, queue, '2')
    expect(marks(await deliveries.take(1))).toEqual(['2'])
  })

  it('sees exchange, key, its tag and a first delivery tag of 1', async () => {
    const exchange = await at.exchange('topic')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '#')
    const deliveries = await consume(at.channel, queue, { consumerTag: 'mine' })
    at.channel.publish(exchange, 'a.b', Buffer.from('x'))
    expect((await deliveries.one()).fields).toEqual({
      consumerTag: 'mine',
      deliveryTag: 1,
      redelivered: false,
      exchange,
      routingKey: 'a.b',
    })
  })

  it('without a tag of its own gets a server-made one', async () => {
    const deliveries = await consume(at.channel, await at.queue())
    expect(deliveries.tag).toMatch(/^amq\.ctag-[\w-]{22}$/)
  })

  it('may have the tag of a consumer on another channel', async () => {
    const queue = await at.queue()
    const other = await at.connection.createChannel()
    await consume(at.channel, queue, { consumerTag: 'same' })
    await consume(other, queue, { consumerTag: 'same' })
    expect((await at.channel.checkQueue(queue)).consumerCount).toBe(2)
  })

  it('may be one of several on a channel, which then share its delivery tags', async () => {
    const queues = [await at.queue(), await at.queue()]
    const first = await consume(at.channel, queues[0]!)
    const second = await consume(at.channel, queues[1]!)
    const tags: number[] = []
    for (const [queue, deliveries] of [
      [queues[0]!, first],
      [queues[1]!, second],
      [queues[0]!, first],
    ] as const) {
      await put(at.channel, queue, 'x')
      tags.push((await deliveries.one()).fields.deliveryTag)
    }
    expect(tags).toEqual([1, 2, 3])
  })

  it('counts as a consumer of the queue until it is cancelled', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue)
    expect((await at.channel.checkQueue(queue)).consumerCount).toBe(1)
    await at.channel.cancel(deliveries.tag)
    expect((await at.channel.checkQueue(queue)).consumerCount).toBe(0)
  })

  it('may ask for no-local, which is not honoured', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue, { noLocal: true })
    await put(at.channel, queue, 'own')
    expect(marks(await deliveries.take(1))).toEqual(['own'])
  })

  it('started without waiting for an answer is sent messages under the tag it chose', async () => {
    const wire = await at.wire()
    const { queue } = await wire.call(
      1,
      'QueueDeclare',
      { queue: '', exclusive: true, arguments: {} },
      'QueueDeclareOk',
    )
    wire.method(1, 'BasicConsume', { queue, consumerTag: 'quiet', nowait: true, arguments: {} })
    wire.publish(1, { exchange: '', routingKey: queue }, 'x')
    const { fields, body } = await wire.message('BasicDeliver')
    expect(fields).toMatchObject({ consumerTag: 'quiet', routingKey: queue })
    expect(body.map(String)).toEqual(['x'])
  })
})

describe('a consumer that needs no acknowledgement', () => {
  it('leaves nothing behind in the queue', async () => {
    const queue = await at.queue()
    const other = await at.connection.createChannel()
    await put(at.channel, queue, '1', '2')
    const deliveries = await consume(other, queue, { noAck: true })
    await deliveries.take(2)
    await other.close()
    expect(await ready(at.channel, queue)).toBe(0)
  })
})

describe('several consumers of one queue', () => {
  it('get each message once between them', async () => {
    const queue = await at.queue()
    const all = [
      await consume(at.channel, queue),
      await consume(at.channel, queue),
      await consume(at.channel, queue),
    ]
    const bodies = Array.from({ length: 30 }, (_, i) => String(i))
    await put(at.channel, queue, ...bodies)
    const seen = () => all.flatMap((deliveries) => marks(deliveries.messages))
    await until('all 30 delivered', () => seen().length >= 30)
    await settled(at.channel, queue)
    expect(seen().sort((a, b) => Number(a) - Number(b))).toEqual(bodies)
  })

  it('take turns', async () => {
    const queue = await at.queue()
    const first = await consume(at.channel, queue)
    const second = await consume(at.channel, queue)
    for (const body of ['1', '2', '3', '4']) await put(at.channel, queue, body)
    expect([(await first.take(2)).length, (await second.take(2)).length]).toEqual([2, 2])
  })

  it('each see their messages in publishing order', async () => {
    const queue = await at.queue()
    const both = [await consume(at.channel, queue), await consume(at.channel, queue)]
    await put(at.channel, queue, ...Array.from({ length: 40 }, (_, i) => String(i)))
    await until('all 40 delivered', () => both[0]!.messages.length + both[1]!.messages.length === 40)
    for (const { messages } of both) {
      const numbers = messages.map((m) => Number(m.content))
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
  })

  it('do not hold each other up when one has its prefetch full', async () => {
    const queue = await at.queue()
    const slow = await at.connection.createChannel()
    await slow.prefetch(1)
    const one = await consume(slow, queue)
    const rest = await consume(at.channel, queue, { noAck: true })
    await put(at.channel, queue, '1', '2', '3', '4')
    await until('the others delivered', () => one.messages.length === 1 && rest.messages.length === 3)
  })
})

describe('cancelling a consumer', () => {
  it('stops its deliveries', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue)
    await at.channel.cancel(deliveries.tag)
    await put(at.channel, queue, '1')
    await settled(at.channel, queue)
    expect(deliveries.messages).toEqual([])
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('leaves its unacknowledged messages with the channel', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2')
    const deliveries = await consume(at.channel, queue)
    const [first, second] = await deliveries.take(2)
    await at.channel.cancel(deliveries.tag)
    expect(await ready(at.channel, queue)).toBe(0)
    at.channel.ack(first!)
    at.channel.nack(second!)
    expect(marks(await drain(at.channel, queue))).toEqual(['2*'])
  })

  it('that nobody has started is answered like any other', async () => {
    expect(await at.channel.cancel('nobody')).toEqual({ consumerTag: 'nobody' })
  })

  it('frees its tag', async () => {
    const queue = await at.queue()
    await consume(at.channel, queue, { consumerTag: 'again' })
    await at.channel.cancel('again')
    const deliveries = await consume(at.channel, queue, { consumerTag: 'again' })
    expect(deliveries.tag).toBe('again')
  })

  it('is done by closing its channel', async () => {
    const queue = await at.queue()
    const other = await at.connection.createChannel()
    await consume(other, queue)
    await other.close()
    expect((await at.channel.checkQueue(queue)).consumerCount).toBe(0)
  })

  it('is done by closing its connection', async () => {
    const queue = await at.sharedQueue()
    const other = await at.connect()
    await consume(await other.createChannel(), queue)
    await other.close()
    await until('no consumer', async () => (await at.channel.checkQueue(queue)).consumerCount === 0)
  })

  it('is done when its connection is lost without a word', async () => {
    const queue = await at.sharedQueue()
    const wire = await at.wire()
    await wire.call(1, 'BasicConsume', { queue, arguments: {} }, 'BasicConsumeOk')
    wire.destroy()
    await until('no consumer', async () => (await at.channel.checkQueue(queue)).consumerCount === 0)
  })
})

describe('an exclusive consumer', () => {
  it('keeps others out', async () => {
    const queue = await at.queue()
    await consume(at.channel, queue, { exclusive: true })
    const refused = await channelError(at.connection, (c) => consume(c, queue))
    expect(refused.text).toBe(`ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`)
  })

  it('does not keep out basic.get', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(1)
    await put(at.channel, queue, '1', '2')
    const deliveries = await consume(at.channel, queue, { exclusive: true })
    await deliveries.take(1)
    expect(marks(await drain(at.channel, queue))).toEqual(['2'])
  })

  it('lets others in after its end', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue, { exclusive: true })
    await at.channel.cancel(deliveries.tag)
    await consume(at.channel, queue)
    expect((await at.channel.checkQueue(queue)).consumerCount).toBe(1)
  })
})
