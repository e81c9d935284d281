// How channels and connections end: after an error, and when the client closes them
// (docs/observed.md §5.1, §5.2).

import { describe, expect, it } from 'vitest'
import { connectionError, consume, queueExists, until } from '../support/clients.ts'
import { session } from './session.ts'
import { frameBytes, headerBytes, methodBytes, type Wire } from './wire.ts'

const at = session('closing')

describe('after a channel error', () => {
  const fail = async (wire: Wire): Promise<void> => {
    wire.method(1, 'QueueDeclare', { queue: at.name('missing'), passive: true, arguments: {} })
    await wire.refused('ChannelClose')
  }

  it('the channel ignores everything until close-ok, and can be opened again then', async () => {
    const wire = await at.wire()
    await fail(wire)
    wire.method(1, 'QueueDeclare', { queue: '', exclusive: true, arguments: {} })
    wire.publish(1, { exchange: 'missing', routingKey: '' }, 'x')
    wire.method(1, 'ChannelCloseOk')
    await wire.call(1, 'ChannelOpen', {}, 'ChannelOpenOk')
  })

  it('a channel.close of the client is answered all the same', async () => {
    const wire = await at.wire()
    await fail(wire)
    await wire.call(1, 'ChannelClose', { replyCode: 200, classId: 0, methodId: 0 }, 'ChannelCloseOk')
  })

  it('other channels of the connection go on', async () => {
    const wire = await at.wire()
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
    await fail(wire)
    await wire.call(2, 'QueueDeclare', { queue: '', exclusive: true, arguments: {} }, 'QueueDeclareOk')
  })

  it('a new channel in its place starts from nothing', async () => {
    const wire = await at.wire()
    await wire.call(1, 'QueueDeclare', { queue: '', exclusive: true, arguments: {} }, 'QueueDeclareOk')
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    await fail(wire)
    wire.method(1, 'ChannelCloseOk')
    await wire.call(1, 'ChannelOpen', {}, 'ChannelOpenOk')
    await wire.call(1, 'TxSelect', {}, 'TxSelectOk')
    wire.method(1, 'BasicGet', { queue: '' })
    expect((await wire.refused('ChannelClose')).text).toBe('NOT_FOUND - no previously declared queue')
  })
})

describe('after a connection error', () => {
  const fail = async (): Promise<Wire> => {
    const wire = await at.wire()
    wire.method(1, 'BasicQos', { prefetchSize: 1 })
    await wire.refused('ConnectionClose')
    return wire
  }

  it('the broker closes the socket once it has close-ok', async () => {
    const wire = await fail()
    wire.method(0, 'ConnectionCloseOk')
    expect(await wire.closed()).toEqual([])
  })

  it('everything before close-ok is ignored', async () => {
    const wire = await fail()
    wire.method(1, 'QueueDeclare', { queue: '', exclusive: true, arguments: {} })
    wire.method(9, 'ChannelOpen')
    wire.method(0, 'ConnectionCloseOk')
    expect(await wire.closed()).toEqual([])
  })

  it('its exclusive queues are gone', async () => {
    const queue = at.name()
    await connectionError(at.url, async (channel) => {
      await channel.assertQueue(queue, { exclusive: true })
      await consume(channel, queue, { consumerTag: 'dup' })
      await consume(channel, queue, { consumerTag: 'dup' })
    })
    await until('queue gone', () =>
      queueExists(at.connection, queue).then(
        (found) => !found,
        () => false,
      ),
    )
  })
})

describe('the client closing', () => {
  it('its connection is answered at once', async () => {
    const wire = await at.wire()
    await wire.call(0, 'ConnectionClose', { replyCode: 200, classId: 0, methodId: 0 }, 'ConnectionCloseOk')
  })

  it('a channel is answered, and the number is free again', async () => {
    const wire = await at.wire()
    for (let i = 0; i < 3; i++) {
      await wire.call(1, 'ChannelClose', { replyCode: 200, classId: 0, methodId: 0 }, 'ChannelCloseOk')
      await wire.call(1, 'ChannelOpen', {}, 'ChannelOpenOk')
    }
  })

  it('after publishes on other channels loses none of them', async () => {
    const queue = await at.sharedQueue()
    const wire = await at.wire()
    wire.write(
      Buffer.concat([
        methodBytes(1, 'BasicPublish', { exchange: '', routingKey: queue }),
        headerBytes(1, 1),
        frameBytes(3, 1, Buffer.from('x')),
        methodBytes(0, 'ConnectionClose', { replyCode: 200, classId: 0, methodId: 0 }),
      ]),
    )
    await wire.expect('ConnectionCloseOk')
    await until('there', async () => (await at.channel.checkQueue(queue)).messageCount === 1)
  })
})
