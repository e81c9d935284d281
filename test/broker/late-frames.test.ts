// What client libraries send when a close crosses their own frames: both sides closing one channel, buffers flushed
// behind a close. Seen with amqplib and amqp091-go, whose suites depend on it (docs/observed.md §5.1, §10).

import { describe, expect, it } from 'vitest'
import { session } from './session.ts'
import { frameBytes, headerBytes, methodBytes, type Wire } from './wire.ts'

const at = session('late-frames')
const closing = { replyCode: 200, classId: 0, methodId: 0 }

const published = (channel: number, exchange: string): Buffer =>
  Buffer.concat([
    methodBytes(channel, 'BasicPublish', { exchange, routingKey: 'k' }),
    headerBytes(channel, 1),
    frameBytes(3, channel, Buffer.from('x')),
  ])

/** A publish that closes channel 1, and the client's own close before it has seen the broker's. */
async function closeTogether(wire: Wire): Promise<void> {
  wire.write(Buffer.concat([published(1, at.name('missing')), methodBytes(1, 'ChannelClose', closing)]))
  expect((await wire.refused('ChannelClose')).code).toBe(404)
  await wire.expect('ChannelCloseOk')
}

describe('when client and broker close a channel at the same time', () => {
  it('the client may still answer the close of the broker; other channels go on', async () => {
    const wire = await at.wire()
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
    await closeTogether(wire)
    wire.method(1, 'ChannelCloseOk')
    await wire.call(2, 'QueueDeclare', { queue: '', exclusive: true, arguments: {} }, 'QueueDeclareOk')
  })

  it('the number is free once the client has answered', async () => {
    const wire = await at.wire()
    await closeTogether(wire)
    wire.method(1, 'ChannelCloseOk')
    await wire.call(1, 'ChannelOpen', {}, 'ChannelOpenOk')
  })

  it('the number is not free before that: opening it ends the connection', async () => {
    const wire = await at.wire()
    await closeTogether(wire)
    wire.method(1, 'ChannelOpen')
    const text = "CHANNEL_ERROR - second 'channel.open' seen"
    expect(await wire.refused('ConnectionClose')).toEqual({ code: 504, text, classId: 20, methodId: 10 })
  })

  it('nor is it when the client has not closed it itself', async () => {
    const wire = await at.wire()
    wire.write(published(1, at.name('missing')))
    await wire.refused('ChannelClose')
    wire.method(1, 'ChannelOpen')
    expect((await wire.refused('ConnectionClose')).text).toBe("CHANNEL_ERROR - second 'channel.open' seen")
  })

  it('each further close of the client is answered', async () => {
    const wire = await at.wire()
    await closeTogether(wire)
    await wire.call(1, 'ChannelClose', closing, 'ChannelCloseOk')
    await wire.call(1, 'ChannelClose', closing, 'ChannelCloseOk')
  })
})

describe('frames behind the connection.close of a client', () => {
  it('are not read when they come with it, and close-ok is still sent', async () => {
    const wire = await at.wire()
    wire.write(Buffer.concat([methodBytes(0, 'ConnectionClose', closing), published(1, '')]))
    await wire.expect('ConnectionCloseOk')
  })

  it('are not acted on when they come later, whatever they are', async () => {
    const wire = await at.wire()
    const queue = await at.sharedQueue()
    await wire.call(0, 'ConnectionClose', closing, 'ConnectionCloseOk')
    wire.write(methodBytes(1, 'QueueDelete', { queue }))
    wire.write(published(1, at.name('missing')))
    await at.channel.checkQueue(queue)
  })
})
