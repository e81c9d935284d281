// Bindings between exchanges and queues, and the CC and BCC headers that act like further keys
// (docs/observed.md §5.3, §5.4).

import { describe, expect, it } from 'vitest'
import { drain, getOne, marks, publish, ready } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('bindings')

describe('a binding', () => {
  it('made twice is one, and gone after one unbind', async () => {
    const exchange = await at.exchange('direct')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'a')
    await at.channel.bindQueue(queue, exchange, 'a')
    await publish(at.channel, exchange, 'a', '1')
    await at.channel.unbindQueue(queue, exchange, 'a')
    await publish(at.channel, exchange, 'a', '2')
    expect(marks(await drain(at.channel, queue))).toEqual(['1'])
  })

  it('with another key is another one', async () => {
    const exchange = await at.exchange('direct')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'a')
    await at.channel.bindQueue(queue, exchange, 'b')
    await at.channel.unbindQueue(queue, exchange, 'a')
    await publish(at.channel, exchange, 'a', '1')
    await publish(at.channel, exchange, 'b', '2')
    expect(marks(await drain(at.channel, queue))).toEqual(['2'])
  })

  it('with other arguments is another one, also where the exchange ignores arguments', async () => {
    const exchange = await at.exchange('direct')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'a', { x: 1 })
    await at.channel.bindQueue(queue, exchange, 'a', { x: 2 })
    await publish(at.channel, exchange, 'a', '1')
    await at.channel.unbindQueue(queue, exchange, 'a', { x: 1 })
    await publish(at.channel, exchange, 'a', '2')
    await at.channel.unbindQueue(queue, exchange, 'a', { x: 2 })
    await publish(at.channel, exchange, 'a', '3')
    expect(marks(await drain(at.channel, queue))).toEqual(['1', '2'])
  })

  it('is not undone by an unbind with other arguments', async () => {
    const exchange = await at.exchange('headers')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '', { a: 1 })
    await at.channel.unbindQueue(queue, exchange, '', { a: 2 })
    await publish(at.channel, exchange, '', '1', { headers: { a: 1 } })
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('that does not exist may be undone', async () => {
    const exchange = await at.exchange('direct')
    await expect(at.channel.unbindQueue(await at.queue(), exchange, 'a')).resolves.toBeDefined()
  })

  it('takes effect for the next message on the same channel', async () => {
    const exchange = await at.exchange('direct')
    const queue = await at.queue()
    const bodies = ['0', '1', '2', '3']
    for (const body of bodies) {
      await at.channel.bindQueue(queue, exchange, body)
      at.channel.publish(exchange, body, Buffer.from(body))
    }
    await at.channel.waitForConfirms()
    expect(marks(await drain(at.channel, queue))).toEqual(bodies)
  })

  it('to a predeclared exchange works like any other', async () => {
    const queue = await at.queue()
    const key = at.name('key')
    await at.channel.bindQueue(queue, 'amq.topic', `${key}.#`)
    await publish(at.channel, 'amq.topic', `${key}.a.b`, 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })
})

describe('a binding from exchange to exchange', () => {
  it('passes messages on with their exchange and key as published', async () => {
    const first = await at.exchange('topic')
    const second = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindExchange(second, first, 'a.*')
    await at.channel.bindQueue(queue, second, '')
    await publish(at.channel, first, 'a.b', 'x')
    await publish(at.channel, first, 'b.b', 'y')
    const { fields } = await getOne(at.channel, queue)
    expect(fields).toMatchObject({ exchange: first, routingKey: 'a.b', messageCount: 0 })
  })

  it('may lead through several exchanges', async () => {
    const exchanges = [await at.exchange('direct'), await at.exchange('topic'), await at.exchange('fanout')]
    const queue = await at.queue()
    await at.channel.bindExchange(exchanges[1]!, exchanges[0]!, 'k')
    await at.channel.bindExchange(exchanges[2]!, exchanges[1]!, '#')
    await at.channel.bindQueue(queue, exchanges[2]!, '')
    await publish(at.channel, exchanges[0]!, 'k', 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('may lead in a circle: a message passes each exchange once', async () => {
    const first = await at.exchange('fanout')
    const second = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindExchange(second, first, '')
    await at.channel.bindExchange(first, second, '')
    await at.channel.bindQueue(queue, second, '')
    expect(await publish(at.channel, first, '', 'x')).toBe('ack')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('may lead to itself', async () => {
    const exchange = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindExchange(exchange, exchange, '')
    await at.channel.bindQueue(queue, exchange, '')
    await publish(at.channel, exchange, '', 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('gives a queue reached along two ways one copy', async () => {
    const first = await at.exchange('fanout')
    const second = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindExchange(second, first, '')
    await at.channel.bindQueue(queue, first, '')
    await at.channel.bindQueue(queue, second, '')
    await publish(at.channel, first, '', 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('ends with its unbind', async () => {
    const first = await at.exchange('fanout')
    const second = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindExchange(second, first, '')
    await at.channel.bindQueue(queue, second, '')
    await at.channel.unbindExchange(second, first, '')
    await publish(at.channel, first, '', 'x')
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('ends with its destination', async () => {
    const first = await at.exchange('fanout')
    const second = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindExchange(second, first, '')
    await at.channel.deleteExchange(second)
    await at.channel.assertExchange(second, 'fanout', { durable: false })
    await at.channel.bindQueue(queue, second, '')
    await publish(at.channel, first, '', 'x')
    expect(await ready(at.channel, queue)).toBe(0)
  })
})

describe('the headers CC and BCC', () => {
  it('route to further queues by the default exchange', async () => {
    const [to, cc, bcc] = [await at.queue(), await at.queue(), await at.queue()]
    await publish(at.channel, '', to, 'x', { CC: [cc], BCC: [bcc] })
    for (const queue of [to, cc, bcc]) expect(await ready(at.channel, queue)).toBe(1)
  })

  it('are keys for the exchange that is published to', async () => {
    const exchange = await at.exchange('topic')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '*.cc')
    await publish(at.channel, exchange, 'none', 'x', { CC: ['a.cc'] })
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('deliver with the published key; CC is kept and BCC removed', async () => {
    const [to, bcc] = [await at.queue(), await at.queue()]
    await publish(at.channel, '', to, 'x', { CC: ['nowhere'], BCC: [bcc] })
    const { fields, properties } = await getOne(at.channel, bcc)
    expect(fields.routingKey).toBe(to)
    expect(properties.headers).toEqual({ CC: ['nowhere'] })
  })

  it('give a queue named twice one copy', async () => {
    const queue = await at.queue()
    await publish(at.channel, '', queue, 'x', { CC: [queue], BCC: [queue] })
    expect(await ready(at.channel, queue)).toBe(1)
  })
})
