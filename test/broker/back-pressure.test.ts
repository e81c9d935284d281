// What a fast publisher meets, and what it must not: consumers that fall behind never stop it for good, what it publishes
// arrives, and messages beyond the largest size are refused (docs/observed.md §15).

import { describe, expect, it } from 'vitest'
import { getOne, publish, ready, settled, until } from '../support/clients.ts'
import { session } from './session.ts'
import { frameBytes, headerBytes, methodBytes } from './wire.ts'

const at = session('pressure')
const many = 20_000

/** Publishes without waiting; what the socket does not take yet is buffered by the client. */
function pour(queue: string): void {
  for (let i = 0; i < many; i++) at.channel.sendToQueue(queue, Buffer.from('m'))
}

describe('a publisher at full speed', () => {
  it('is not held up by a consumer that keeps what it has', async () => {
    const queue = await at.queue()
    const consumer = await at.connection.createChannel()
    await consumer.prefetch(10)
    await consumer.consume(queue, () => {})
    pour(queue)
    await at.channel.waitForConfirms()
    expect(await ready(at.channel, queue)).toBe(many - 10)
    await consumer.close()
  })

  it('may consume on the same connection, acknowledging each', async () => {
    const queue = await at.queue()
    const consumer = await at.connection.createChannel()
    await consumer.prefetch(100)
    let got = 0
    await consumer.consume(queue, (message) => {
      got++
      consumer.ack(message!)
    })
    pour(queue)
    await at.channel.waitForConfirms()
    await until('all are delivered', () => got === many)
    await settled(at.channel, queue)
    await consumer.close()
  })

  it('may have several connections and consumers; everything arrives in order', async () => {
    const queues = [await at.sharedQueue(), await at.sharedQueue()]
    const consuming = await at.connect()
    const got = await Promise.all(
      queues.map(async (queue) => {
        const bodies: number[] = []
        const channel = await consuming.createChannel()
        await channel.consume(queue, (message) => bodies.push(Number(message!.content)), { noAck: true })
        return bodies
      }),
    )
    for (let i = 0; i < many; i++)
      for (const queue of queues) at.channel.sendToQueue(queue, Buffer.from(String(i)))
    await until('all are delivered', () => got.every((bodies) => bodies.length === many))
    for (const bodies of got) expect(bodies.every((body, i) => body === i)).toBe(true)
  })
})

describe('the limit of 128 MiB', () => {
  it('is kept by a channel error that names both sizes', async () => {
    const wire = await at.wire()
    const queue = await at.sharedQueue()
    const size = 134_217_729
    wire.write(methodBytes(1, 'BasicPublish', { routingKey: queue }))
    wire.write(headerBytes(1, size))
    const most = 131_064
    const part = frameBytes(3, 1, Buffer.alloc(most))
    for (let left = size; left > 0; left -= most)
      wire.write(left >= most ? part : frameBytes(3, 1, Buffer.alloc(left)))
    expect(await wire.refused('ChannelClose')).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - message size ${size} is larger than configured max size 134217728`,
      classId: 60,
      methodId: 40,
    })
    wire.method(1, 'ChannelCloseOk')
    await wire.call(1, 'ChannelOpen', {}, 'ChannelOpenOk')
    expect(await publish(at.channel, '', queue, 'small')).toBe('ack')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('does not concern a smaller one, however many frames it takes', async () => {
    const queue = await at.queue()
    const body = Buffer.alloc(5_000_000, 'x')
    at.channel.sendToQueue(queue, body)
    await at.channel.waitForConfirms()
    expect((await getOne(at.channel, queue, { noAck: true })).content.equals(body)).toBe(true)
  })
})
