// basic.recover: everything unacknowledged on a channel goes back to its queues (docs/observed.md §5.2, §5.4).

import { describe, expect, it } from 'vitest'
import { channelError, consume, drain, getOne, marks, put, ready, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('recover')

describe('basic.recover with requeue', () => {
  it('puts every unacknowledged message back to its place', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '0', '1', '2', '3')
    for (let i = 0; i < 3; i++) await getOne(at.channel, queue)
    await at.channel.recover()
    expect(marks(await drain(at.channel, queue))).toEqual(['0*', '1*', '2*', '3'])
  })

  it('sends them to the same consumer again under new tags', async () => {
    const queue = await at.queue()
    const deliveries = await consume(at.channel, queue)
    await put(at.channel, queue, '0', '1', '2')
    await deliveries.take(3)
    await at.channel.recover()
    const again = await deliveries.take(3)
    expect(marks(again)).toEqual(['0*', '1*', '2*'])
    expect(again.map((m) => m.fields.deliveryTag)).toEqual([4, 5, 6])
  })

  it('leaves acknowledged messages alone', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '0', '1')
    at.channel.ack(await getOne(at.channel, queue))
    await getOne(at.channel, queue)
    await at.channel.recover()
    expect(marks(await drain(at.channel, queue))).toEqual(['1*'])
  })

  it('leaves other channels alone', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '0', '1')
    const other = await at.connection.createChannel()
    await getOne(other, queue)
    await getOne(at.channel, queue)
    await at.channel.recover()
    expect(marks(await drain(at.channel, queue))).toEqual(['1*'])
  })

  it('reaches several queues', async () => {
    const queues = [await at.queue(), await at.queue()]
    for (const queue of queues) {
      await put(at.channel, queue, 'x')
      await getOne(at.channel, queue)
    }
    await at.channel.recover()
    for (const queue of queues) expect(marks(await drain(at.channel, queue))).toEqual(['x*'])
  })

  it('makes the old tags unknown', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '0')
    const refused = await channelError(at.connection, async (channel) => {
      const message = await getOne(channel, queue)
      await channel.recover()
      channel.ack(message)
    })
    expect(refused.text).toBe('PRECONDITION_FAILED - unknown delivery tag 1')
  })

  it('with nothing to recover is answered', async () => {
    await expect(at.channel.recover()).resolves.toBeDefined()
  })
})

describe('basic.recover-async with requeue', () => {
  it('does the same without an answer', async () => {
    const queue = await at.sharedQueue()
    await put(at.channel, queue, '0')
    const wire = await at.wire()
    wire.method(1, 'BasicGet', { queue })
    await wire.message('BasicGetOk')
    wire.method(1, 'BasicRecoverAsync', { requeue: true })
    await until('back', () => ready(at.channel, queue))
    await wire.call(1, 'QueueDeclare', { queue, passive: true, arguments: {} }, 'QueueDeclareOk')
  })
})
