// Publisher confirms: what is acked, what is nacked, and how the answers are numbered
// (docs/observed.md §0.12, §5.2, §5.4).

import { describe, expect, it } from 'vitest'
import { drain, getOne, marks, publish, put, ready, refusal } from '../support/clients.ts'
import { session } from './session.ts'
import type { Wire } from './wire.ts'

const at = session('confirms')

const queueOf = async (wire: Wire, args: object = {}): Promise<string> => {
  const ok = await wire.call(
    1,
    'QueueDeclare',
    { queue: '', exclusive: true, arguments: args },
    'QueueDeclareOk',
  )
  return ok['queue'] as string
}

/** Reads acks and nacks until `count` publishes are answered: tag -> answer, and how often each was given. */
async function answers(wire: Wire, count: number): Promise<string[]> {
  const seen: string[] = []
  for (let answered = 0, next = 1; answered < count; ) {
    const { name, fields } = await wire.next()
    const tag = fields['deliveryTag'] as number
    for (let t = fields['multiple'] ? next : tag; t <= tag; t++) {
      if (seen[t - 1] !== undefined) continue
      seen[t - 1] = name
      answered++
    }
    while (seen[next - 1] !== undefined) next++
  }
  return seen
}

describe('the broker acks', () => {
  it('a transient message in a queue', async () => {
    expect(await publish(at.channel, '', await at.queue(), 'x')).toBe('ack')
  })

  it('a persistent message in a durable queue', async () => {
    expect(await publish(at.channel, '', await at.sharedQueue(), 'x', { persistent: true })).toBe('ack')
  })

  it('a message that reached several queues', async () => {
    const exchange = await at.exchange('fanout')
    for (const queue of [await at.queue(), await at.sharedQueue()])
      await at.channel.bindQueue(queue, exchange, '')
    expect(await publish(at.channel, exchange, '', 'x', { persistent: true })).toBe('ack')
  })

  it('a message that reached none', async () => {
    expect(await publish(at.channel, '', at.name(), 'x', { persistent: true })).toBe('ack')
  })

  it('a message that expired at once', async () => {
    const queue = await at.queue()
    expect(await publish(at.channel, '', queue, 'x', { expiration: '0' })).toBe('ack')
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('a message that pushed out an older one', async () => {
    const queue = await at.queue({ 'x-max-length': 1 })
    expect(await put(at.channel, queue, '1', '2', '3')).toEqual(['ack', 'ack', 'ack'])
  })

  it('a message although it is not consumed', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    expect(marks(await drain(at.channel, queue))).toEqual(['1'])
  })
})

describe('the broker nacks', () => {
  it('what a full queue with reject-publish refuses', async () => {
    const queue = await at.queue({ 'x-max-length': 2, 'x-overflow': 'reject-publish' })
    const outcomes = []
    for (const body of ['1', '2', '3', '4']) outcomes.push(await publish(at.channel, '', queue, body))
    expect(outcomes).toEqual(['ack', 'ack', 'nack', 'nack'])
    expect(marks(await drain(at.channel, queue))).toEqual(['1', '2'])
  })

  it('a message that one of its queues refuses, though another keeps it', async () => {
    const exchange = await at.exchange('fanout')
    const full = await at.queue({ 'x-max-length': 0, 'x-overflow': 'reject-publish' })
    const open = await at.queue()
    for (const queue of [full, open]) await at.channel.bindQueue(queue, exchange, '')
    expect(await publish(at.channel, exchange, '', 'x')).toBe('nack')
    expect(await ready(at.channel, open)).toBe(1)
  })

  it('no longer once the queue has room again', async () => {
    const queue = await at.queue({ 'x-max-length': 1, 'x-overflow': 'reject-publish' })
    await put(at.channel, queue, '1')
    expect(await publish(at.channel, '', queue, '2')).toBe('nack')
    await drain(at.channel, queue)
    expect(await publish(at.channel, '', queue, '3')).toBe('ack')
  })
})

describe('confirms are numbered', () => {
  it('from 1 at confirm.select, whatever was published before', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    wire.publish(1, { exchange: '', routingKey: queue }, 'before')
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    wire.publish(1, { exchange: '', routingKey: queue }, 'after')
    expect(await wire.expect('BasicAck')).toEqual({ deliveryTag: 1, multiple: false })
  })

  it('one after the other', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    for (const deliveryTag of [1, 2, 3]) {
      wire.publish(1, { exchange: '', routingKey: queue }, 'x')
      expect(await wire.expect('BasicAck')).toEqual({ deliveryTag, multiple: false })
    }
  })

  it('by channel', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
    for (const channel of [1, 2]) await wire.call(channel, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    for (const channel of [1, 2]) {
      wire.publish(channel, { exchange: '', routingKey: queue }, 'x')
      const frame = await wire.next()
      expect([frame.name, frame.channel, frame.fields['deliveryTag']]).toEqual(['BasicAck', channel, 1])
    }
  })

  it('apart from delivery tags', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2')
    expect((await getOne(at.channel, queue)).fields.deliveryTag).toBe(1)
    expect(await publish(at.channel, '', queue, '3')).toBe('ack')
  })
})

describe('a burst', () => {
  it('is answered completely, each message once', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    for (let i = 0; i < 300; i++) wire.publish(1, { exchange: '', routingKey: queue }, 'x')
    expect(await answers(wire, 300)).toEqual(Array(300).fill('BasicAck'))
  })

  it('is answered with acks and nacks to their right messages', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire, { 'x-max-length': 5, 'x-overflow': 'reject-publish' })
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    for (let i = 0; i < 20; i++) wire.publish(1, { exchange: '', routingKey: queue }, 'x')
    const expected = [...Array(5).fill('BasicAck'), ...Array(15).fill('BasicNack')]
    expect(await answers(wire, 20)).toEqual(expected)
  })
})

describe('confirm.select', () => {
  it('may be repeated without starting the count again', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    wire.publish(1, { exchange: '', routingKey: queue }, 'x')
    await wire.expect('BasicAck')
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    wire.publish(1, { exchange: '', routingKey: queue }, 'x')
    expect(await wire.expect('BasicAck')).toMatchObject({ deliveryTag: 2 })
  })

  it('with nowait has no answer of its own', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    wire.method(1, 'ConfirmSelect', { nowait: true })
    wire.publish(1, { exchange: '', routingKey: queue }, 'x')
    expect(await wire.expect('BasicAck')).toMatchObject({ deliveryTag: 1 })
  })

  it('left out means no confirms', async () => {
    const wire = await at.wire()
    const queue = await queueOf(wire)
    wire.publish(1, { exchange: '', routingKey: queue }, 'x')
    expect(await wire.call(1, 'BasicGet', { queue, noAck: true }, 'BasicGetOk')).toMatchObject({
      messageCount: 0,
    })
  })
})

it('a publish that closes the channel leaves the messages after it unconfirmed', async () => {
  const queue = await at.queue()
  const refused = refusal(at.channel)
  const after = Promise.allSettled([
    publish(at.channel, at.name('missing'), '', '1'),
    publish(at.channel, '', queue, '2'),
  ])
  expect((await refused).code).toBe(404)
  expect((await after).map((result) => result.status)).toEqual(['rejected', 'rejected'])
})
