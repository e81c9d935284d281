// Which of several consumers is sent a message: single active consumer and consumer priorities
// (docs/observed.md §5.3, §5.4).

import { describe, expect, it } from 'vitest'
import { channelError, consume, marks, put, settled, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('active')

describe('a queue with a single active consumer', () => {
  const declare = () => at.queue({ 'x-single-active-consumer': true })

  it('sends everything to the first', async () => {
    const queue = await declare()
    const first = await consume(at.channel, queue)
    const second = await consume(at.channel, queue)
    await put(at.channel, queue, '1', '2', '3')
    expect(marks(await first.take(3))).toEqual(['1', '2', '3'])
    await settled(at.channel, queue)
    expect(second.messages).toEqual([])
  })

  it('counts the waiting ones as consumers', async () => {
    const queue = await declare()
    for (let i = 0; i < 3; i++) await consume(at.channel, queue)
    expect((await at.channel.checkQueue(queue)).consumerCount).toBe(3)
  })

  it('goes on with the next when the first is cancelled', async () => {
    const queue = await declare()
    const [first, second, third] = [
      await consume(at.channel, queue),
      await consume(at.channel, queue),
      await consume(at.channel, queue),
    ]
    await at.channel.cancel(first.tag)
    await put(at.channel, queue, '1')
    expect(marks(await second.take(1))).toEqual(['1'])
    await settled(at.channel, queue)
    expect(third.messages).toEqual([])
  })

  it('goes on with the next when the channel of the first closes, with what it had not acknowledged', async () => {
    const queue = await declare()
    const other = await at.connection.createChannel()
    const first = await consume(other, queue)
    const second = await consume(at.channel, queue)
    await put(at.channel, queue, '1', '2')
    await first.take(2)
    await other.close()
    expect(marks(await second.take(2))).toEqual(['1*', '2*'])
  })

  it('does not move on while the first has its prefetch full', async () => {
    const queue = await declare()
    await at.channel.prefetch(1)
    const first = await consume(at.channel, queue)
    const second = await consume(at.channel, queue)
    await put(at.channel, queue, '1', '2')
    const message = await first.one()
    await settled(at.channel, queue)
    expect(second.messages).toEqual([])
    at.channel.ack(message)
    expect(marks(await first.take(1))).toEqual(['2'])
  })

  it('keeps the first although a later one has a higher priority', async () => {
    const queue = await declare()
    const first = await consume(at.channel, queue)
    const second = await consume(at.channel, queue, { priority: 10 })
    await put(at.channel, queue, '1')
    await first.take(1)
    expect(second.messages).toEqual([])
  })

  it('after the first goes on with the one of the highest priority', async () => {
    const queue = await declare()
    const first = await consume(at.channel, queue)
    const low = await consume(at.channel, queue, { priority: 1 })
    const high = await consume(at.channel, queue, { priority: 5 })
    await at.channel.cancel(first.tag)
    await put(at.channel, queue, '1')
    await high.take(1)
    expect(low.messages).toEqual([])
  })

  it('goes on as before when a waiting one is cancelled', async () => {
    const queue = await declare()
    const first = await consume(at.channel, queue)
    const second = await consume(at.channel, queue)
    await at.channel.cancel(second.tag)
    await put(at.channel, queue, '1')
    expect(marks(await first.take(1))).toEqual(['1'])
  })

  it('refuses an exclusive consumer', async () => {
    const queue = await declare()
    const refused = await channelError(at.connection, (c) => consume(c, queue, { exclusive: true }))
    expect(refused).toEqual({
      code: 403,
      text: `ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
      classId: 60,
      methodId: 20,
    })
  })

  it('allows basic.get beside it', async () => {
    const queue = await declare()
    await at.channel.prefetch(1)
    const first = await consume(at.channel, queue)
    await put(at.channel, queue, '1', '2')
    await first.take(1)
    const message = await at.channel.get(queue, { noAck: true })
    expect(marks(message ? [message] : [])).toEqual(['2'])
  })
})

describe('consumers with different x-priority', () => {
  it('are served from the highest, the next ones when its prefetch is full', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(2)
    const low = await consume(at.channel, queue, { priority: -1 })
    const none = await consume(at.channel, queue)
    const high = await consume(at.channel, queue, { priority: 10 })
    await put(at.channel, queue, '1', '2', '3', '4', '5')
    await until(
      'all delivered',
      () => high.messages.length + none.messages.length + low.messages.length === 5,
    )
    expect([marks(high.messages), marks(none.messages), marks(low.messages)]).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5'],
    ])
  })

  it('go back to the highest as soon as it has room', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(1)
    const high = await consume(at.channel, queue, { priority: 10 })
    const low = await consume(at.channel, queue, { priority: 1 })
    await put(at.channel, queue, '1', '2', '3')
    await low.take(1)
    at.channel.ack(await high.one())
    expect(marks(await high.take(1))).toEqual(['3'])
  })

  it('take turns among equals', async () => {
    const queue = await at.queue()
    const both = [
      await consume(at.channel, queue, { priority: 3 }),
      await consume(at.channel, queue, { priority: 3 }),
    ]
    const low = await consume(at.channel, queue, { priority: 2 })
    for (const body of ['1', '2', '3', '4']) await put(at.channel, queue, body)
    expect([(await both[0]!.take(2)).length, (await both[1]!.take(2)).length]).toEqual([2, 2])
    expect(low.messages).toEqual([])
  })

  it('leave a later one of a higher priority in front', async () => {
    const queue = await at.queue()
    const low = await consume(at.channel, queue, { priority: 1 })
    await put(at.channel, queue, '1')
    await low.take(1)
    const high = await consume(at.channel, queue, { priority: 2 })
    await put(at.channel, queue, '2')
    expect(marks(await high.take(1))).toEqual(['2'])
  })
})
