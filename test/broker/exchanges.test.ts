// Exchange types and the life of exchanges, as a client sees them (docs/observed.md §5.3, §5.4, §10).

import { describe, expect, it } from 'vitest'
import { channelError, drain, exchangeExists, marks, publish, ready } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('exchanges')

/** A queue bound to a new exchange; resolves with whether a message with this key reaches it. */
async function reaches(type: string, bindingKey: string, key: string): Promise<boolean> {
  const exchange = await at.exchange(type)
  const queue = await at.queue()
  await at.channel.bindQueue(queue, exchange, bindingKey)
  await publish(at.channel, exchange, key, 'x')
  return (await ready(at.channel, queue)) === 1
}

describe('a direct exchange', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'b', false],
    ['a', 'A', false],
    ['a.*', 'a.b', false],
    ['', '', true],
    ['', 'a', false],
    ['日本', '日本', true],
  ])('bound with %j and given %j routes: %j', async (bindingKey, key, routed) => {
    expect(await reaches('direct', bindingKey, key)).toBe(routed)
  })

  it('sends a copy to every queue bound with the key', async () => {
    const exchange = await at.exchange('direct')
    const queues = [await at.queue(), await at.queue(), await at.queue()]
    for (const queue of queues) await at.channel.bindQueue(queue, exchange, 'k')
    await publish(at.channel, exchange, 'k', 'x')
    for (const queue of queues) expect(await ready(at.channel, queue)).toBe(1)
  })
})

describe('a fanout exchange', () => {
  it.each([
    ['', 'any'],
    ['a', 'b'],
  ])('bound with %j ignores the key %j', async (bindingKey, key) => {
    expect(await reaches('fanout', bindingKey, key)).toBe(true)
  })
})

describe('a topic exchange', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a.c', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a', false],
    ['a.*', 'a.b.c', false],
    ['a.*', 'a.', true],
    ['*', '', false],
    ['*', 'a', true],
    ['*.*', '.', true],
    ['*.b.*', 'a.b.c', true],
    ['#', '', true],
    ['#', 'a.b.c', true],
    ['#', '.', true],
    ['a.#', 'a', true],
    ['a.#', 'a.b.c', true],
    ['a.#', 'ab', false],
    ['#.c', 'a.b.c', true],
    ['#.c', 'c', true],
    ['a.#.c', 'a.c', true],
    ['a.#.c', 'a.b.b.c', true],
    ['a.#.c', 'a.b.d', false],
    ['*.#', '', false],
    ['*.#', 'a', true],
    ['#.*', 'a', true],
    ['#.#', '', true],
    ['', '', true],
    ['a*', 'ab', false],
    ['a.b', 'a.B', false],
  ])('with the pattern %j and the key %j routes: %j', async (pattern, key, routed) => {
    expect(await reaches('topic', pattern, key)).toBe(routed)
  })

  it('sends one copy to a queue that several patterns lead to', async () => {
    const exchange = await at.exchange('topic')
    const queue = await at.queue()
    for (const pattern of ['#', 'a.*', 'a.b']) await at.channel.bindQueue(queue, exchange, pattern)
    await publish(at.channel, exchange, 'a.b', 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })
})

describe('a headers exchange', () => {
  it.each([
    [{ 'x-match': 'all', a: 1, b: 2 }, { a: 1, b: 2 }, true],
    [{ 'x-match': 'all', a: 1, b: 2 }, { a: 1, b: 2, c: 3 }, true],
    [{ 'x-match': 'all', a: 1, b: 2 }, { a: 1 }, false],
    [{ 'x-match': 'all', a: 1, b: 2 }, { a: 1, b: 3 }, false],
    [{ 'x-match': 'any', a: 1, b: 2 }, { b: 2 }, true],
    [{ 'x-match': 'any', a: 1, b: 2 }, { a: 2, b: 1 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ 'x-match': 'all' }, {}, true],
    [{ 'x-match': 'all' }, { a: 1 }, true],
    [{ 'x-match': 'any' }, { a: 1 }, false],
    [{ 'x-match': 'any' }, {}, false],
    [{ a: 'one' }, { a: 'one' }, true],
    [{ a: 'one' }, { a: 'two' }, false],
    [{ a: '1' }, { a: 1 }, false],
    [{ a: true }, { a: true }, true],
    [{ a: { '!': 'byte', value: 5 } }, { a: { '!': 'long', value: 5 } }, true],
    [{ a: null }, { a: 'whatever' }, true],
    [{ a: null }, {}, false],
    [{ 'x-match': 'all', 'x-a': 1 }, {}, true],
    [{ 'x-match': 'all-with-x', 'x-a': 1 }, {}, false],
    [{ 'x-match': 'all-with-x', 'x-a': 1 }, { 'x-a': 1 }, true],
    [{ 'x-match': 'any', 'x-a': 1 }, { 'x-a': 1 }, false],
    [{ 'x-match': 'any-with-x', 'x-a': 1, b: 1 }, { 'x-a': 1 }, true],
  ])('with the arguments %j and the headers %j routes: %j', async (args, headers, routed) => {
    const exchange = await at.exchange('headers')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '', args)
    await publish(at.channel, exchange, '', 'x', { headers })
    expect((await ready(at.channel, queue)) === 1).toBe(routed)
  })

  it('ignores the routing key', async () => {
    const exchange = await at.exchange('headers')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'key', { a: 1 })
    await publish(at.channel, exchange, 'another', 'x', { headers: { a: 1 } })
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('behind a direct exchange still looks at the headers of each message', async () => {
    const outer = await at.exchange('direct')
    const exchange = await at.exchange('headers')
    const queue = await at.queue()
    await at.channel.bindExchange(exchange, outer, 'k')
    await at.channel.bindQueue(queue, exchange, '', { a: 1 })
    for (const a of [1, 2, 1]) await publish(at.channel, outer, 'k', `a${a}`, { headers: { a } })
    await publish(at.channel, outer, 'k', 'none')
    expect(marks(await drain(at.channel, queue))).toEqual(['a1', 'a1'])
  })

  it('treats a message without headers as one with none that match', async () => {
    const exchange = await at.exchange('headers')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '', { a: 1 })
    expect(await publish(at.channel, exchange, '', 'x')).toBe('ack')
    expect(await ready(at.channel, queue)).toBe(0)
  })
})

describe('the default exchange', () => {
  it('routes to the queue named by the key', async () => {
    const queue = await at.queue()
    await publish(at.channel, '', queue, 'x')
    expect(marks(await drain(at.channel, queue))).toEqual(['x'])
  })

  it('knows a queue only while it exists', async () => {
    const queue = await at.queue()
    await at.channel.deleteQueue(queue)
    await publish(at.channel, '', queue, 'x')
    await at.channel.assertQueue(queue, { exclusive: true })
    expect(await ready(at.channel, queue)).toBe(0)
  })
})

describe('a broker has from the start', () => {
  it.each(['amq.direct', 'amq.fanout', 'amq.topic', 'amq.headers', 'amq.match'])('%s', async (exchange) => {
    expect(await exchangeExists(at.connection, exchange)).toBe(true)
  })
})

describe('declaring an exchange', () => {
  it('again with the same properties changes nothing', async () => {
    const exchange = await at.exchange('topic')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'a')
    await at.channel.assertExchange(exchange, 'topic', { durable: false })
    await publish(at.channel, exchange, 'a', 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('passively ignores type and properties', async () => {
    const exchange = await at.exchange('topic', { autoDelete: true })
    expect(await exchangeExists(at.connection, exchange)).toBe(true)
  })
})

describe('deleting an exchange', () => {
  it('takes its bindings with it', async () => {
    const exchange = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, '')
    await at.channel.deleteExchange(exchange)
    await at.channel.assertExchange(exchange, 'fanout', { durable: false })
    await publish(at.channel, exchange, '', 'x')
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('that does not exist is no error', async () => {
    await expect(at.channel.deleteExchange(at.name())).resolves.toBeDefined()
  })

  it('if-unused succeeds when nothing is bound to it any more', async () => {
    const exchange = await at.exchange('direct')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'a')
    await at.channel.unbindQueue(queue, exchange, 'a')
    await at.channel.deleteExchange(exchange, { ifUnused: true })
    expect(await exchangeExists(at.connection, exchange)).toBe(false)
  })

  it('if-unused also succeeds for an exchange that is only a destination', async () => {
    const source = await at.exchange('fanout')
    const exchange = await at.exchange('fanout')
    await at.channel.bindExchange(exchange, source, '')
    await at.channel.deleteExchange(exchange, { ifUnused: true })
    expect(await exchangeExists(at.connection, exchange)).toBe(false)
  })

  it('if-unused fails for an exchange with another one behind it', async () => {
    const exchange = await at.exchange('fanout')
    const destination = await at.exchange('fanout')
    await at.channel.bindExchange(destination, exchange, '')
    const refused = await channelError(at.connection, (c) => c.deleteExchange(exchange, { ifUnused: true }))
    expect(refused.text).toBe(`PRECONDITION_FAILED - exchange '${exchange}' in vhost '/' in use`)
  })
})

describe('an auto-delete exchange', () => {
  it('stays while nothing was ever bound to it', async () => {
    const exchange = await at.exchange('direct', { autoDelete: true })
    expect(await exchangeExists(at.connection, exchange)).toBe(true)
  })

  it('goes with its last binding', async () => {
    const exchange = await at.exchange('direct', { autoDelete: true })
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'a')
    await at.channel.bindQueue(queue, exchange, 'b')
    await at.channel.unbindQueue(queue, exchange, 'a')
    expect(await exchangeExists(at.connection, exchange)).toBe(true)
    await at.channel.unbindQueue(queue, exchange, 'b')
    expect(await exchangeExists(at.connection, exchange)).toBe(false)
  })

  it('goes when its last queue is deleted', async () => {
    const exchange = await at.exchange('direct', { autoDelete: true })
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'a')
    await at.channel.deleteQueue(queue)
    expect(await exchangeExists(at.connection, exchange)).toBe(false)
  })

  it('goes with its last binding to an exchange, and takes an auto-delete source in turn', async () => {
    const first = await at.exchange('fanout', { autoDelete: true })
    const second = await at.exchange('fanout', { autoDelete: true })
    const queue = await at.queue()
    await at.channel.bindExchange(second, first, '')
    await at.channel.bindQueue(queue, second, '')
    await at.channel.deleteQueue(queue)
    expect(await exchangeExists(at.connection, second)).toBe(false)
    expect(await exchangeExists(at.connection, first)).toBe(false)
  })
})

describe('an internal exchange', () => {
  it('passes on what comes through another exchange', async () => {
    const outer = await at.exchange('fanout')
    const inner = await at.exchange('fanout', { internal: true })
    const queue = await at.queue()
    await at.channel.bindExchange(inner, outer, '')
    await at.channel.bindQueue(queue, inner, '')
    await publish(at.channel, outer, '', 'x')
    expect(await ready(at.channel, queue)).toBe(1)
  })
})
