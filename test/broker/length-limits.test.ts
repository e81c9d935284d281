// Queues with a maximum length and what they do with the rest (docs/observed.md §5.4).

import { describe, expect, it } from 'vitest'
import { consume, drain, getOne, marks, publish, put, ready, settled, until } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('length')

const kept = async (queue: string): Promise<string[]> => marks(await drain(at.channel, queue))

describe('a queue with x-max-length', () => {
  it('drops from its head', async () => {
    const queue = await at.queue({ 'x-max-length': 3 })
    await put(at.channel, queue, '0', '1', '2', '3', '4')
    expect(await kept(queue)).toEqual(['2', '3', '4'])
  })

  it('may hold as many as its length', async () => {
    const queue = await at.queue({ 'x-max-length': 3 })
    await put(at.channel, queue, '0', '1', '2')
    expect(await kept(queue)).toEqual(['0', '1', '2'])
  })

  it('does not count unacknowledged messages', async () => {
    const queue = await at.queue({ 'x-max-length': 3 })
    await put(at.channel, queue, '0', '1', '2')
    for (let i = 0; i < 3; i++) await getOne(at.channel, queue)
    await put(at.channel, queue, '3', '4', '5')
    expect(await ready(at.channel, queue)).toBe(3)
  })

  it('drops requeued messages that make it too long, for they are at its head', async () => {
    const queue = await at.queue({ 'x-max-length': 3 })
    await put(at.channel, queue, '0', '1', '2')
    for (let i = 0; i < 3; i++) await getOne(at.channel, queue)
    await put(at.channel, queue, '3', '4', '5')
    at.channel.nackAll()
    expect(await kept(queue)).toEqual(['3', '4', '5'])
  })

  it('of 0 keeps nothing', async () => {
    const queue = await at.queue({ 'x-max-length': 0 })
    await put(at.channel, queue, 'x')
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('of 0 passes on what a waiting consumer takes at once', async () => {
    const queue = await at.queue({ 'x-max-length': 0 })
    const deliveries = await consume(at.channel, queue)
    await put(at.channel, queue, 'x')
    expect(marks(await deliveries.take(1))).toEqual(['x'])
  })

  it('of 0 drops what a consumer without room cannot take', async () => {
    const queue = await at.queue({ 'x-max-length': 0 })
    await at.channel.prefetch(1)
    const deliveries = await consume(at.channel, queue)
    await put(at.channel, queue, '1', '2')
    await settled(at.channel, queue)
    expect(marks(deliveries.messages)).toEqual(['1'])
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('and the overflow drop-head does the same', async () => {
    const queue = await at.queue({ 'x-max-length': 1, 'x-overflow': 'drop-head' })
    expect(await put(at.channel, queue, '0', '1')).toEqual(['ack', 'ack'])
    expect(await kept(queue)).toEqual(['1'])
  })
})

describe('a queue with x-max-length-bytes', () => {
  it('counts the bytes of bodies', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 10 })
    await put(at.channel, queue, 'aaaa', 'bbbb', 'cccc')
    expect(await kept(queue)).toEqual(['bbbb', 'cccc'])
  })

  it('does not count properties', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 10 })
    for (const body of ['aaaa', 'bbbb']) {
      await publish(at.channel, '', queue, body, {
        messageId: 'm'.repeat(100),
        headers: { h: 'h'.repeat(100) },
      })
    }
    expect(await kept(queue)).toEqual(['aaaa', 'bbbb'])
  })

  it('may be filled exactly', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 8 })
    await put(at.channel, queue, 'aaaa', 'bbbb')
    expect(await kept(queue)).toEqual(['aaaa', 'bbbb'])
  })

  it('drops as many as a large message needs', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 10 })
    await put(at.channel, queue, 'aa', 'bb', 'cc', 'dddddddd')
    expect(await kept(queue)).toEqual(['cc', 'dddddddd'])
  })

  it('keeps nothing when a message alone is too large', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 10 })
    await put(at.channel, queue, 'aaaa', 'b'.repeat(11))
    expect(await kept(queue)).toEqual([])
  })

  it('holds any number of empty messages', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 0 })
    await put(at.channel, queue, '', '', '')
    expect(await ready(at.channel, queue)).toBe(3)
  })

  it('does not count unacknowledged messages', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 8 })
    await put(at.channel, queue, 'aaaa', 'bbbb')
    await getOne(at.channel, queue)
    await put(at.channel, queue, 'cccc')
    expect(await kept(queue)).toEqual(['bbbb', 'cccc'])
  })

  it('and x-max-length keeps both limits', async () => {
    const queue = await at.queue({ 'x-max-length': 2, 'x-max-length-bytes': 10 })
    await put(at.channel, queue, 'a', 'b', 'c')
    expect(await kept(queue)).toEqual(['b', 'c'])
    await put(at.channel, queue, 'dddddd', 'eeeeee')
    expect(await kept(queue)).toEqual(['eeeeee'])
  })
})

describe('a queue that refuses publishes when full', () => {
  it('keeps the oldest messages', async () => {
    const queue = await at.queue({ 'x-max-length': 2, 'x-overflow': 'reject-publish' })
    await put(at.channel, queue, '0', '1', '2', '3')
    expect(await kept(queue)).toEqual(['0', '1'])
  })

  it('drops silently what was published without confirms', async () => {
    const queue = await at.queue({ 'x-max-length': 1, 'x-overflow': 'reject-publish' })
    const plain = await at.connection.createChannel()
    for (const body of ['0', '1', '2']) plain.sendToQueue(queue, Buffer.from(body))
    expect(marks(await drain(plain, queue))).toEqual(['0'])
  })

  it('does not count unacknowledged messages', async () => {
    const queue = await at.queue({ 'x-max-length': 1, 'x-overflow': 'reject-publish' })
    await put(at.channel, queue, '0')
    await getOne(at.channel, queue)
    expect(await publish(at.channel, '', queue, '1')).toBe('ack')
    expect(await publish(at.channel, '', queue, '2')).toBe('nack')
  })

  it('refuses what would make its bodies too large, and takes a smaller one', async () => {
    const queue = await at.queue({ 'x-max-length-bytes': 5, 'x-overflow': 'reject-publish' })
    const outcomes = []
    for (const body of ['aaa', 'bbb', 'cc']) outcomes.push(await publish(at.channel, '', queue, body))
    expect(outcomes).toEqual(['ack', 'nack', 'ack'])
    expect(await kept(queue)).toEqual(['aaa', 'cc'])
  })

  it('keeps a requeued message beyond its length', async () => {
    const queue = await at.queue({ 'x-max-length': 1, 'x-overflow': 'reject-publish' })
    await put(at.channel, queue, '0')
    const message = await getOne(at.channel, queue)
    await put(at.channel, queue, '1')
    at.channel.nack(message)
    await until('two ready', async () => (await ready(at.channel, queue)) === 2)
    expect(await kept(queue)).toEqual(['0*', '1'])
  })

  it('with reject-publish-dlx dead-letters and nacks what it refuses', async () => {
    const graveyard = await at.queue()
    const queue = await at.queue({
      'x-max-length': 1,
      'x-overflow': 'reject-publish-dlx',
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': graveyard,
    })
    const outcomes = []
    for (const body of ['0', '1', '2']) outcomes.push(await publish(at.channel, '', queue, body))
    expect(outcomes).toEqual(['ack', 'nack', 'nack'])
    await until('dead letters', async () => (await ready(at.channel, graveyard)) === 2)
    expect(await kept(graveyard)).toEqual(['1', '2'])
  })

  it('with reject-publish does not dead-letter what it refuses', async () => {
    const graveyard = await at.queue()
    const queue = await at.queue({
      'x-max-length': 1,
      'x-overflow': 'reject-publish',
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': graveyard,
    })
    await put(at.channel, queue, '0', '1')
    await settled(at.channel, graveyard)
    expect(await ready(at.channel, graveyard)).toBe(0)
  })
})
