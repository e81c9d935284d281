// Declaring, counting, purging and deleting queues (docs/observed.md §5.3, §5.4, §10).

import { describe, expect, it } from 'vitest'
import {
  channelError,
  consume,
  drain,
  getOne,
  marks,
  publish,
  put,
  queueExists,
  ready,
} from '../support/clients.ts'
import { session } from './session.ts'

const at = session('queues')

describe('declaring a queue', () => {
  it('answers with its name, no messages and no consumers', async () => {
    const name = at.name()
    const ok = await at.channel.assertQueue(name, { exclusive: true })
    expect(ok).toEqual({ queue: name, messageCount: 0, consumerCount: 0 })
  })

  it('again with the same properties answers with its ready messages and consumers', async () => {
    const queue = await at.sharedQueue()
    await put(at.channel, queue, '1', '2', '3')
    await at.channel.prefetch(1)
    const taken = await consume(at.channel, queue)
    await taken.take(1)
    const ok = await at.channel.assertQueue(queue, { durable: true })
    expect(ok).toEqual({ queue, messageCount: 2, consumerCount: 1 })
  })

  it('without a name gives it a server-made one', async () => {
    const { queue } = await at.channel.assertQueue('', { exclusive: true })
    expect(queue).toMatch(/^amq\.gen-[\w-]{22}$/)
  })

  it('without a name gives another one every time', async () => {
    const first = await at.channel.assertQueue('', { exclusive: true })
    const second = await at.channel.assertQueue('', { exclusive: true })
    expect(second.queue).not.toBe(first.queue)
  })

  it('strips line breaks from its name', async () => {
    const name = at.name()
    const ok = await at.channel.assertQueue(`${name}\r\n-b\n`, { exclusive: true })
    expect(ok.queue).toBe(`${name}-b`)
  })

  it('takes a name of 255 bytes', async () => {
    const name = at.name().padEnd(255, 'x')
    const ok = await at.channel.assertQueue(name, { exclusive: true })
    expect(ok.queue).toBe(name)
  })

  it('takes a name that is not ASCII', async () => {
    const name = at.name('kaninchen-früh-兎')
    await at.channel.assertQueue(name, { exclusive: true })
    await put(at.channel, name, 'x')
    expect(await ready(at.channel, name)).toBe(1)
  })

  it('passively finds it whatever its properties and arguments', async () => {
    const queue = await at.queue({ 'x-max-length': 5 }, { autoDelete: true })
    expect(await at.channel.checkQueue(queue)).toEqual({ queue, messageCount: 0, consumerCount: 0 })
  })

  it('does not look at arguments the broker does not know', async () => {
    const queue = await at.queue({ 'x-foo': 1 })
    const ok = await at.channel.assertQueue(queue, {
      durable: false,
      exclusive: true,
      arguments: { 'x-bar': 2 },
    })
    expect(ok.queue).toBe(queue)
  })

  it.each(['byte', 'short', 'int', 'long'])(
    'sees an equal integer argument of the type %s as equal',
    async (type) => {
      const queue = await at.queue({ 'x-max-length': { '!': 'int', value: 5 } })
      const args = { 'x-max-length': { '!': type, value: 5 } }
      const ok = await at.channel.assertQueue(queue, { durable: false, exclusive: true, arguments: args })
      expect(ok.queue).toBe(queue)
    },
  )

  it('sees an unequal integer argument of another type as different', async () => {
    const queue = await at.queue({ 'x-max-length': { '!': 'int', value: 5 } })
    const args = { 'x-max-length': { '!': 'long', value: 6 } }
    const refused = await channelError(at.connection, (c) =>
      c.assertQueue(queue, { durable: false, exclusive: true, arguments: args }),
    )
    expect(refused.text).toMatch(/inequivalent arg 'x-max-length'.*: received '6' but current is '5'$/)
  })
})

describe('an empty queue name means the queue last declared on the channel', () => {
  it('for consume, and get, purge and delete', async () => {
    const { queue } = await at.channel.assertQueue('', { exclusive: true })
    await put(at.channel, queue, '1', '2', '3')
    expect((await getOne(at.channel, '')).content.toString()).toBe('1')
    expect((await at.channel.purgeQueue('')).messageCount).toBe(2)
    await put(at.channel, queue, '4')
    expect(marks(await (await consume(at.channel, '')).take(1))).toEqual(['4'])
    await at.channel.deleteQueue('')
    expect(await queueExists(at.connection, queue)).toBe(false)
  })

  it('for bind, where an empty key then means its name', async () => {
    const exchange = await at.exchange('direct')
    const { queue } = await at.channel.assertQueue('', { exclusive: true })
    await at.channel.bindQueue('', exchange, '')
    await publish(at.channel, exchange, queue, 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('for bind with a key', async () => {
    const exchange = await at.exchange('direct')
    const { queue } = await at.channel.assertQueue('', { exclusive: true })
    await at.channel.bindQueue('', exchange, 'k')
    await publish(at.channel, exchange, 'k', 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('also after a passive declare', async () => {
    const first = await at.queue()
    await at.queue()
    await put(at.channel, first, 'x')
    await at.channel.checkQueue(first)
    expect((await getOne(at.channel, '')).content.toString()).toBe('x')
  })
})

describe('purging a queue', () => {
  it('removes and counts ready messages, and leaves unacknowledged ones', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2', '3')
    const first = await getOne(at.channel, queue)
    expect((await at.channel.purgeQueue(queue)).messageCount).toBe(2)
    at.channel.nack(first)
    expect(marks(await drain(at.channel, queue))).toEqual(['1*'])
  })

  it('that is empty counts none', async () => {
    expect((await at.channel.purgeQueue(await at.queue())).messageCount).toBe(0)
  })
})

describe('deleting a queue', () => {
  it('answers with the number of ready messages', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1', '2', '3')
    await getOne(at.channel, queue)
    expect((await at.channel.deleteQueue(queue)).messageCount).toBe(2)
  })

  it('that does not exist answers with no messages', async () => {
    expect((await at.channel.deleteQueue(at.name())).messageCount).toBe(0)
  })

  it('takes its bindings with it', async () => {
    const exchange = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '')
    await at.channel.deleteQueue(queue)
    await at.channel.assertQueue(queue, { exclusive: true })
    await publish(at.channel, exchange, '', 'x')
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('takes its messages with it', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    await at.channel.deleteQueue(queue)
    expect((await at.channel.assertQueue(queue, { exclusive: true })).messageCount).toBe(0)
  })

  it('lets its name be declared again with other properties', async () => {
    const queue = await at.queue()
    await at.channel.deleteQueue(queue)
    const ok = await at.channel.assertQueue(queue, { exclusive: true, autoDelete: true, maxLength: 3 })
    expect(ok.queue).toBe(queue)
  })

  it('if-empty and if-unused succeeds when it is both', async () => {
    const queue = await at.queue()
    await at.channel.deleteQueue(queue, { ifEmpty: true, ifUnused: true })
    expect(await queueExists(at.connection, queue)).toBe(false)
  })

  it('if-unused does not mind messages', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    expect((await at.channel.deleteQueue(queue, { ifUnused: true })).messageCount).toBe(1)
  })

  it('if-empty counts only ready messages', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    await getOne(at.channel, queue)
    expect((await at.channel.deleteQueue(queue, { ifEmpty: true })).messageCount).toBe(0)
  })

  it('leaves its unacknowledged deliveries open to be acknowledged', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, '1')
    const message = await getOne(at.channel, queue)
    await at.channel.deleteQueue(queue)
    at.channel.ack(message)
    expect(await ready(at.channel, await at.queue())).toBe(0) // the channel is still open
  })
})
