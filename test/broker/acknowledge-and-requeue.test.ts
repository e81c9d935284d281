// What becomes of a delivered message: acknowledged, rejected, or back to its place in the queue
// (docs/observed.md §5.3, §5.4).

import { describe, expect, it } from 'vitest'
import {
  type Channel,
  channelError,
  consume,
  drain,
  type GetMessage,
  getOne,
  marks,
  put,
  ready,
  refusal,
  until,
} from '../support/clients.ts'
import { session } from './session.ts'

const at = session('acknowledge')

/** A queue in which the messages 0..5 were published, and the first `count` of them taken by basic.get. */
async function taken(count: number, by: Channel = at.channel): Promise<{ queue: string; got: GetMessage[] }> {
  const queue = await at.queue()
  await put(at.channel, queue, '0', '1', '2', '3', '4', '5')
  const got: GetMessage[] = []
  for (let i = 0; i < count; i++) got.push(await getOne(by, queue))
  return { queue, got }
}

const rest = async (queue: string): Promise<string[]> => marks(await drain(at.channel, queue))

describe('an acknowledged message', () => {
  it('does not come back when its channel closes', async () => {
    const other = await at.connection.createChannel()
    const { queue, got } = await taken(1, other)
    other.ack(got[0]!)
    await other.close()
    expect(await rest(queue)).toEqual(['1', '2', '3', '4', '5'])
  })

  it('takes all before it along when multiple is set', async () => {
    const other = await at.connection.createChannel()
    const { queue, got } = await taken(4, other)
    other.ack(got[2]!, true)
    await other.close()
    expect(await rest(queue)).toEqual(['3*', '4', '5'])
  })

  it('takes only the earlier ones that are still open along', async () => {
    const other = await at.connection.createChannel()
    const { queue, got } = await taken(4, other)
    other.nack(got[1]!)
    other.ack(got[2]!, true)
    await other.close()
    expect(await rest(queue)).toEqual(['1*', '3*', '4', '5'])
  })

  it('may be acknowledged out of order', async () => {
    const other = await at.connection.createChannel()
    const { queue, got } = await taken(3, other)
    other.ack(got[2]!)
    other.ack(got[0]!)
    await other.close()
    expect(await rest(queue)).toEqual(['1*', '3', '4', '5'])
  })

  it('with tag 0 and multiple stands for all that are open', async () => {
    const other = await at.connection.createChannel()
    const { queue } = await taken(4, other)
    other.ackAll()
    await other.close()
    expect(await rest(queue)).toEqual(['4', '5'])
  })

  it('with tag 0 and multiple may stand for none', async () => {
    at.channel.ackAll()
    expect(await ready(at.channel, await at.queue())).toBe(0) // the channel is still open
  })

  it('may be of several queues at once', async () => {
    const other = await at.connection.createChannel()
    const queues = [await at.queue(), await at.queue()]
    for (const queue of queues) await put(at.channel, queue, 'x')
    await getOne(other, queues[0]!)
    other.ack(await getOne(other, queues[1]!), true)
    await other.close()
    for (const queue of queues) expect(await rest(queue)).toEqual([])
  })
})

describe('an unacknowledged message', () => {
  it('comes back marked when its channel closes', async () => {
    const other = await at.connection.createChannel()
    const { queue } = await taken(3, other)
    await other.close()
    expect(await rest(queue)).toEqual(['0*', '1*', '2*', '3', '4', '5'])
  })

  it('comes back when its connection closes', async () => {
    const queue = await at.sharedQueue()
    await put(at.channel, queue, '0', '1')
    const connection = await at.connect()
    await getOne(await connection.createChannel(), queue)
    await connection.close()
    await until('back', async () => (await ready(at.channel, queue)) === 2)
    expect(await rest(queue)).toEqual(['0*', '1'])
  })

  it('comes back when its connection is lost without a word', async () => {
    const queue = await at.sharedQueue()
    await put(at.channel, queue, '0', '1')
    const wire = await at.wire()
    wire.method(1, 'BasicGet', { queue })
    await wire.message('BasicGetOk')
    wire.destroy()
    await until('back', async () => (await ready(at.channel, queue)) === 2)
    expect(await rest(queue)).toEqual(['0*', '1'])
  })

  it('comes back when its channel makes an error', async () => {
    const other = await at.connection.createChannel()
    const { queue } = await taken(2, other)
    const [refused] = await Promise.all([refusal(other), other.checkQueue(at.name()).catch(() => {})])
    expect(refused.code).toBe(404)
    await until('back', async () => (await ready(at.channel, queue)) === 6)
    expect(await rest(queue)).toEqual(['0*', '1*', '2', '3', '4', '5'])
  })

  it('comes back also if it was sent but not yet looked at', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '0', '1', '2')
    const other = await at.connection.createChannel()
    const deliveries = await consume(other, queue)
    await deliveries.take(3)
    await other.close()
    expect(await rest(queue)).toEqual(['0*', '1*', '2*'])
  })
})

describe('a message rejected with requeue', () => {
  it('by basic.reject goes back to its place', async () => {
    const { queue, got } = await taken(3)
    at.channel.reject(got[1]!, true)
    expect(await rest(queue)).toEqual(['1*', '3', '4', '5'])
  })

  it('by basic.nack goes back to its place', async () => {
    const { queue, got } = await taken(3)
    at.channel.nack(got[2]!)
    at.channel.nack(got[0]!)
    expect(await rest(queue)).toEqual(['0*', '2*', '3', '4', '5'])
  })

  it('by basic.nack with multiple takes all before it along', async () => {
    const { queue, got } = await taken(4)
    at.channel.nack(got[2]!, true)
    expect(await rest(queue)).toEqual(['0*', '1*', '2*', '4', '5'])
  })

  it('by basic.nack with tag 0 and multiple is every open one', async () => {
    const { queue } = await taken(4)
    at.channel.nackAll()
    expect(await rest(queue)).toEqual(['0*', '1*', '2*', '3*', '4', '5'])
  })

  it('goes back before messages published since', async () => {
    const { queue, got } = await taken(1)
    await put(at.channel, queue, '6')
    at.channel.nack(got[0]!)
    expect(await rest(queue)).toEqual(['0*', '1', '2', '3', '4', '5', '6'])
  })

  it('gets a new delivery tag', async () => {
    const { queue, got } = await taken(1)
    at.channel.nack(got[0]!)
    const again = await getOne(at.channel, queue)
    expect([got[0]!.fields.deliveryTag, again.fields.deliveryTag]).toEqual([1, 2])
  })

  it('stays marked however often it goes back', async () => {
    const { queue } = await taken(0)
    for (let i = 0; i < 3; i++) at.channel.nack(await getOne(at.channel, queue))
    expect((await rest(queue))[0]).toBe('0*')
  })

  it('goes to the only consumer again, in order and with new tags', async () => {
    const queue = await at.queue()
    await at.channel.prefetch(3)
    const deliveries = await consume(at.channel, queue)
    await put(at.channel, queue, '0', '1', '2', '3')
    const first = await deliveries.take(3)
    at.channel.nack(first[2]!, true)
    const again = await deliveries.take(3)
    expect(marks(again)).toEqual(['0*', '1*', '2*'])
    expect(again.map((m) => m.fields.deliveryTag)).toEqual([4, 5, 6])
  })

  it('may go to another consumer', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '0')
    const message = await getOne(at.channel, queue)
    const other = await at.connection.createChannel()
    const deliveries = await consume(other, queue)
    at.channel.nack(message)
    expect(marks(await deliveries.take(1))).toEqual(['0*'])
  })
})

describe('a message rejected without requeue', () => {
  it('by basic.reject is gone', async () => {
    const { queue, got } = await taken(1)
    at.channel.reject(got[0]!, false)
    expect(await rest(queue)).toEqual(['1', '2', '3', '4', '5'])
  })

  it('by basic.nack with multiple is gone with all before it', async () => {
    const other = await at.connection.createChannel()
    const { queue, got } = await taken(4, other)
    other.nack(got[2]!, true, false)
    await other.close()
    expect(await rest(queue)).toEqual(['3*', '4', '5'])
  })
})

describe('a delivery tag', () => {
  it('counts from 1 on each channel', async () => {
    const other = await at.connection.createChannel()
    const { queue, got } = await taken(2)
    expect(got.map((m) => m.fields.deliveryTag)).toEqual([1, 2])
    expect((await getOne(other, queue)).fields.deliveryTag).toBe(1)
  })

  it('means nothing on another channel', async () => {
    const { got } = await taken(1)
    const refused = await channelError(at.connection, (c) => c.ack(got[0]!))
    expect(refused).toEqual({
      code: 406,
      text: 'PRECONDITION_FAILED - unknown delivery tag 1',
      classId: 60,
      methodId: 80,
    })
  })

  it('is used up by its acknowledgement, also by one with multiple', async () => {
    const refused = await channelError(at.connection, async (c) => {
      const { got } = await taken(3, c)
      c.ack(got[2]!, true)
      c.ack(got[0]!)
    })
    expect(refused.text).toBe('PRECONDITION_FAILED - unknown delivery tag 1')
  })

  it('beyond the last one is unknown also with multiple', async () => {
    const refused = await channelError(at.connection, async (c) => {
      const { got } = await taken(1, c)
      c.ack({ ...got[0]!, fields: { ...got[0]!.fields, deliveryTag: 2 } }, true)
    })
    expect(refused.text).toBe('PRECONDITION_FAILED - unknown delivery tag 2')
  })
})
