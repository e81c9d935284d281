// The exchange types of RabbitMQ's plugins (docs/observed.md §14). A broker is asked first whether it has the type: the
// tests of one it lacks are reported as skipped, with its name.

import { beforeEach, describe, expect, it, type TestContext } from 'vitest'
import {
  type Channel,
  type ConfirmChannel,
  channelError,
  connect,
  connectionError,
  drain,
  marks,
  type Options,
  publish,
  ready,
} from '../support/clients.ts'
import { session } from './session.ts'

const at = session('exchange-types')
const known = new Map<string, boolean>()

/** Skips the calling test, saying why, when the broker has no such exchange type. */
function needs(type: string, args: Record<string, unknown> = {}) {
  return async (context: TestContext) => {
    if (!known.has(type)) known.set(type, await hasType(type, args))
    if (!known.get(type)) context.skip(`the broker has no exchange type ${type}`)
  }
}

async function hasType(type: string, args: Record<string, unknown>): Promise<boolean> {
  const connection = await connect(at.url)
  try {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    const name = at.name('asked')
    await channel.assertExchange(name, type, { arguments: args, autoDelete: true })
    await channel.deleteExchange(name)
    return true
  } catch {
    return false
  } finally {
    await connection.close().catch(() => {}) // the broker has closed it when the type is unknown
  }
}

/** Publishes to `exchange` once per key and resolves when all are confirmed. */
async function publishAll(
  exchange: string,
  count: number,
  key: (i: number) => string,
  options: (i: number) => Options.Publish = () => ({}),
): Promise<void> {
  for (let i = 0; i < count; i++) at.channel.publish(exchange, key(i), Buffer.from(`${i}`), options(i))
  await at.channel.waitForConfirms()
}

async function depths(queues: readonly string[]): Promise<number[]> {
  const counts: number[] = []
  for (const queue of queues) counts.push(await ready(at.channel, queue))
  return counts
}

/** Takes everything out of the queues and tells which body was in which. */
async function places(channel: Channel, queues: readonly string[]): Promise<Map<string, string>> {
  const where = new Map<string, string>()
  for (const queue of queues) for (const mark of marks(await drain(channel, queue))) where.set(mark, queue)
  return where
}

async function boundQueues(exchange: string, keys: readonly string[]): Promise<string[]> {
  const queues: string[] = []
  for (const key of keys) {
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, key)
    queues.push(queue)
  }
  return queues
}

const exchange = (type: string, args: Record<string, unknown> = {}) => at.exchange(type, { arguments: args })

/** The error by which the broker refuses to declare an exchange of this type with these arguments. */
const declareRefused = async (type: string, args: Record<string, unknown>) =>
  (await channelError(at.connection, (c) => c.assertExchange(at.name('x'), type, { arguments: args }))).text

const bindRefused = async (name: string, queue: string, key: string) =>
  (await channelError(at.connection, (c) => c.bindQueue(queue, name, key))).text

describe('a consistent hash exchange', () => {
  beforeEach(needs('x-consistent-hash'))

  it('sends each message to exactly one queue', async () => {
    const name = await exchange('x-consistent-hash')
    const queues = await boundQueues(name, ['1', '1', '1'])
    await publishAll(name, 300, (i) => `key ${i}`)
    const counts = await depths(queues)
    expect(counts.reduce((a, b) => a + b)).toBe(300)
    for (const count of counts) expect(count).toBeGreaterThan(40)
  })

  it('sends equal keys to the same queue', async () => {
    const name = await exchange('x-consistent-hash')
    const queues = await boundQueues(name, ['1', '1', '1'])
    await publishAll(name, 50, () => 'always the same')
    expect((await depths(queues)).sort((a, b) => a - b)).toEqual([0, 0, 50])
  })

  it('shares messages out in proportion to the weights', async () => {
    const name = await exchange('x-consistent-hash')
    const queues = await boundQueues(name, ['10', '30'])
    await publishAll(name, 2000, (i) => `key ${i}`)
    const [light] = await depths(queues)
    expect(light).toBeGreaterThan(350)
    expect(light).toBeLessThan(650)
  })

  it('takes only its share from the others when a queue is added, and gives it back', async () => {
    const name = await exchange('x-consistent-hash')
    const queues = await boundQueues(name, ['1', '1'])
    await publishAll(name, 600, (i) => `key ${i}`)
    const before = await places(at.channel, queues)
    queues.push(...(await boundQueues(name, ['1'])))
    await publishAll(name, 600, (i) => `key ${i}`)
    const after = await places(at.channel, queues)
    const moved = [...before].filter(([mark, queue]) => after.get(mark) !== queue)
    expect(moved.every(([mark]) => after.get(mark) === queues[2])).toBe(true)
    expect(moved.length).toBeGreaterThan(120)
    expect(moved.length).toBeLessThan(290)
    await at.channel.unbindQueue(queues[2]!, name, '1')
    await publishAll(name, 600, (i) => `key ${i}`)
    expect(await places(at.channel, queues)).toEqual(before)
  })

  it('hashes a header instead of the key when told to', async () => {
    const name = await exchange('x-consistent-hash', { 'hash-header': 'h' })
    const queues = await boundQueues(name, ['1', '1', '1'])
    await publishAll(
      name,
      50,
      (i) => `key ${i}`,
      () => ({ headers: { h: 'same' } }),
    )
    expect((await depths(queues)).sort((a, b) => a - b)).toEqual([0, 0, 50])
    for (const queue of queues) await at.channel.purgeQueue(queue)
    await publishAll(
      name,
      300,
      () => 'same',
      (i) => ({ headers: { h: `value ${i}` } }),
    )
    for (const count of await depths(queues)) expect(count).toBeGreaterThan(40)
  })

  it('sends all messages without the header to one queue', async () => {
    const name = await exchange('x-consistent-hash', { 'hash-header': 'h' })
    const queues = await boundQueues(name, ['1', '1', '1'])
    await publishAll(name, 50, (i) => `key ${i}`)
    expect((await depths(queues)).sort((a, b) => a - b)).toEqual([0, 0, 50])
  })

  it.each([
    ['message_id', (i: number) => ({ messageId: `${i}` })],
    ['correlation_id', (i: number) => ({ correlationId: `${i}` })],
    ['timestamp', (i: number) => ({ timestamp: 1_700_000_000 + i })],
  ])('hashes the property %s when told to', async (property, options) => {
    const name = await exchange('x-consistent-hash', { 'hash-property': property })
    const queues = await boundQueues(name, ['1', '1', '1'])
    await publishAll(
      name,
      50,
      (i) => `key ${i}`,
      () => options(1),
    )
    expect((await depths(queues)).sort((a, b) => a - b)).toEqual([0, 0, 50])
    for (const queue of queues) await at.channel.purgeQueue(queue)
    await publishAll(name, 300, () => 'same', options)
    for (const count of await depths(queues)) expect(count).toBeGreaterThan(40)
  })

  it('looks at the first key only when CC names more', async () => {
    const name = await exchange('x-consistent-hash')
    const queues = await boundQueues(name, ['1', '1', '1'])
    await publishAll(
      name,
      50,
      () => 'same',
      (i) => ({ CC: [`a${i}`, `b${i}`] }),
    )
    expect((await depths(queues)).sort((a, b) => a - b)).toEqual([0, 0, 50])
  })

  it.each([
    ['1.5', 'The binding key must be an integer: <<"1.5">>'],
    ['notanumber', 'The binding key must be an integer: <<"notanumber">>'],
    ['', 'The binding key must be an integer: <<>>'],
    [' 1', 'The binding key must be an integer: <<" 1">>'],
    ['"', 'The binding key must be an integer: <<"\\"">>'],
    ['0', 'The binding key must be greater than 0'],
    ['-1', 'The binding key must be greater than 0'],
  ])('refuses the binding key %j', async (key, text) => {
    const name = await exchange('x-consistent-hash')
    const queue = await at.sharedQueue()
    expect(await bindRefused(name, queue, key)).toBe(`PRECONDITION_FAILED - ${text}`)
  })

  it.each(['+3', '007', '200'])('takes the binding key %j', async (key) => {
    const name = await exchange('x-consistent-hash')
    const [queue] = await boundQueues(name, [key])
    await publishAll(name, 1, () => 'k')
    expect(await ready(at.channel, queue!)).toBe(1)
  })

  it('counts only the first of several bindings to one queue', async () => {
    const name = await exchange('x-consistent-hash')
    const queues = await boundQueues(name, ['1', '1'])
    await at.channel.bindQueue(queues[0]!, name, '50')
    await publishAll(name, 1000, (i) => `key ${i}`)
    for (const count of await depths(queues)) expect(count).toBeGreaterThan(380)
  })

  it('sends nothing more to a queue once one of its bindings is gone', async () => {
    const name = await exchange('x-consistent-hash')
    const queues = await boundQueues(name, ['1', '1'])
    await at.channel.bindQueue(queues[0]!, name, '5')
    await at.channel.unbindQueue(queues[0]!, name, '5')
    await publishAll(name, 100, (i) => `key ${i}`)
    expect(await depths(queues)).toEqual([0, 100])
  })

  it.each([
    [{ 'hash-property': 'app_id' }, 'Unsupported property: app_id'],
    [{ 'hash-property': '' }, 'Unsupported property: '],
    [
      { 'hash-header': 'a', 'hash-property': 'message_id' },
      'hash-header and hash-property are mutually exclusive',
    ],
  ])('refuses the arguments %j', async (args, text) => {
    expect(await declareRefused('x-consistent-hash', args)).toBe(`PRECONDITION_FAILED - ${text}`)
  })

  it.each([{ 'hash-header': 1 }, { 'hash-header': true }, { 'hash-property': 1 }])(
    'crashes over the arguments %j',
    async (args) => {
      const { code, text } = await connectionError(at.url, (c) =>
        c.assertExchange(at.name('x'), 'x-consistent-hash', { arguments: args }),
      )
      expect([code, text]).toEqual([541, 'INTERNAL_ERROR'])
    },
  )

  it('may be declared again with other arguments, which change nothing', async () => {
    const name = await exchange('x-consistent-hash', { 'hash-header': 'a' })
    await at.channel.assertExchange(name, 'x-consistent-hash', {
      durable: false,
      arguments: { 'hash-header': 'b' },
    })
    const queues = await boundQueues(name, ['1', '1', '1'])
    await publishAll(
      name,
      50,
      () => 'k',
      (i) => ({ headers: { a: 'same', b: `${i}` } }),
    )
    expect((await depths(queues)).sort((a, b) => a - b)).toEqual([0, 0, 50])
  })

  it('with nothing bound routes nowhere', async () => {
    const name = await exchange('x-consistent-hash')
    expect(await publish(at.channel, name, 'k', 'x')).toBe('ack')
  })
})

describe('a random exchange', () => {
  beforeEach(needs('x-random'))

  it('sends each message to one queue, all equally likely', async () => {
    const name = await exchange('x-random')
    const queues = await boundQueues(name, ['a', '', 'a'])
    await publishAll(name, 600, () => 'k')
    const counts = await depths(queues)
    expect(counts.reduce((a, b) => a + b)).toBe(600)
    for (const count of counts) expect(count).toBeGreaterThan(120)
  })

  it('prefers a queue that is bound more often', async () => {
    const name = await exchange('x-random')
    const queues = await boundQueues(name, ['a', 'a'])
    for (const key of ['b', 'c', 'd']) await at.channel.bindQueue(queues[0]!, name, key)
    await publishAll(name, 1000, () => 'k')
    expect((await depths(queues))[0]).toBeGreaterThan(700)
  })

  it('sends one copy of a message with many keys', async () => {
    const name = await exchange('x-random')
    const queues = await boundQueues(name, ['a', 'b', 'c'])
    await publishAll(
      name,
      30,
      () => 'a',
      () => ({ CC: ['b', 'c'] }),
    )
    expect((await depths(queues)).reduce((a, b) => a + b)).toBe(30)
  })

  it('behind another exchange still chooses for each message', async () => {
    const name = await exchange('x-random')
    const outer = await at.exchange('direct')
    await at.channel.bindExchange(name, outer, 'k')
    const queues = await boundQueues(name, ['', ''])
    await publishAll(outer, 200, () => 'k')
    for (const count of await depths(queues)) expect(count).toBeGreaterThan(50)
  })
})

describe('a modulus hash exchange', () => {
  beforeEach(needs('x-modulus-hash'))

  it('spreads keys over all bindings and sends equal keys the same way', async () => {
    const name = await exchange('x-modulus-hash')
    const queues = await boundQueues(name, ['', '', ''])
    await publishAll(name, 600, (i) => `key ${i}`)
    for (const count of await depths(queues)) expect(count).toBeGreaterThan(120)
    const before = await places(at.channel, queues)
    await publishAll(name, 600, (i) => `key ${i}`)
    expect(await places(at.channel, queues)).toEqual(before)
  })

  it('takes binding keys of any kind and does not look at them', async () => {
    const name = await exchange('x-modulus-hash')
    const [queue] = await boundQueues(name, ['-1'])
    await publishAll(name, 3, (i) => `${i}`)
    expect(await ready(at.channel, queue!)).toBe(3)
  })

  it('hashes all keys of a message with CC together', async () => {
    const name = await exchange('x-modulus-hash')
    const queues = await boundQueues(name, ['', ''])
    await publishAll(
      name,
      200,
      () => 'same',
      (i) => ({ CC: [`key ${i}`] }),
    )
    for (const count of await depths(queues)) expect(count).toBeGreaterThan(50)
  })
})

describe('a recent history exchange', () => {
  beforeEach(needs('x-recent-history'))

  /** The bodies a queue gets on being bound. */
  async function historyOf(name: string, channel: ConfirmChannel = at.channel): Promise<string[]> {
    const queue = await at.queue()
    await channel.bindQueue(queue, name, 'whatever')
    return marks(await drain(channel, queue))
  }

  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`)

  it('passes messages on to everything bound, whatever the key', async () => {
    const name = await exchange('x-recent-history')
    const queues = await boundQueues(name, ['a', 'b'])
    await publishAll(name, 3, () => 'c')
    expect(await depths(queues)).toEqual([3, 3])
  })

  it('sends its last 20 messages to a queue when it is bound, in order and not as redelivered', async () => {
    const name = await exchange('x-recent-history')
    await publishAll(name, 25, (i) => `k${i}`)
    expect(await historyOf(name)).toEqual(numbers(5, 25))
    expect(await historyOf(name)).toEqual(numbers(5, 25))
  })

  it('keeps as many as x-recent-history-length says', async () => {
    const name = await exchange('x-recent-history', { 'x-recent-history-length': 3 })
    await publishAll(name, 5, () => 'k')
    expect(await historyOf(name)).toEqual(['2', '3', '4'])
  })

  it('gives messages of the history the exchange, key and headers they were published with', async () => {
    const name = await exchange('x-recent-history')
    await publishAll(
      name,
      1,
      () => 'the key',
      () => ({ headers: { h: 1 }, CC: ['c'], BCC: ['b'] }),
    )
    const queue = await at.queue()
    await at.channel.bindQueue(queue, name, 'another')
    const [message] = await drain(at.channel, queue)
    expect(message!.fields).toMatchObject({ exchange: name, routingKey: 'the key', redelivered: false })
    expect(message!.properties.headers).toEqual({ h: 1, CC: ['c'] })
  })

  it('sends the history again for a further binding, but not for one that is there already', async () => {
    const name = await exchange('x-recent-history')
    await publishAll(name, 2, () => 'k')
    const queue = await at.queue()
    for (const key of ['a', 'a', 'b']) await at.channel.bindQueue(queue, name, key)
    expect(marks(await drain(at.channel, queue))).toEqual(['0', '1', '0', '1'])
  })

  it('does not keep a message whose header x-recent-history-no-store is true', async () => {
    const name = await exchange('x-recent-history')
    const values = [true, false, 1, 'true']
    await publishAll(
      name,
      4,
      () => 'k',
      (i) => ({ headers: { 'x-recent-history-no-store': values[i] } }),
    )
    expect(await historyOf(name)).toEqual(['1', '2', '3'])
  })

  it('keeps messages that found no queue, and returns them when they are mandatory', async () => {
    const name = await exchange('x-recent-history')
    const returned: unknown[] = []
    at.channel.on('return', (message) => returned.push(String(message.content)))
    await publishAll(
      name,
      2,
      () => 'k',
      () => ({ mandatory: true }),
    )
    expect(returned).toEqual(['0', '1'])
    expect(await historyOf(name)).toEqual(['0', '1'])
  })

  it('keeps messages that came through another exchange', async () => {
    const name = await exchange('x-recent-history')
    const outer = await at.exchange('fanout')
    await at.channel.bindExchange(name, outer, '')
    await publishAll(outer, 2, () => 'k')
    expect(await historyOf(name)).toEqual(['0', '1'])
  })

  it('sends the history through an exchange that is bound to it, newest first', async () => {
    const name = await exchange('x-recent-history')
    await publishAll(name, 3, () => 'k')
    const inner = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindQueue(queue, inner, '')
    await at.channel.bindExchange(inner, name, '')
    expect(marks(await drain(at.channel, queue))).toEqual(['2', '1', '0'])
  })

  it('crashes when an exchange is bound that leads nowhere, once there is a history', async () => {
    const name = await exchange('x-recent-history')
    await publishAll(name, 1, () => 'k')
    const inner = await at.exchange('fanout')
    const { code, text } = await connectionError(at.url, (c) => c.bindExchange(inner, name, ''))
    expect([code, text]).toEqual([541, 'INTERNAL_ERROR'])
  })

  it.each([
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    ['a', '<<"a">>'],
    [true, 'true'],
  ])('refuses the length %j', async (length, shown) => {
    expect(await declareRefused('x-recent-history', { 'x-recent-history-length': length })).toBe(
      `PRECONDITION_FAILED - Invalid argument ${shown}, 'x-recent-history-length' must be a positive integer`,
    )
  })
})

describe('a delayed message exchange', () => {
  const direct = { 'x-delayed-type': 'direct' }
  beforeEach(needs('x-delayed-message', direct))

  const delayed = (ms: unknown) => ({ headers: { 'x-delay': ms } })

  /** Resolves with the bodies a consumer of the queue was sent, in order, once there are `count`. */
  async function arrivals(queue: string, count: number): Promise<string[]> {
    const got: string[] = []
    return new Promise((resolve) => {
      void at.channel.consume(
        queue,
        (message) => {
          got.push(String(message!.content))
          if (got.length === count) resolve(got)
        },
        { noAck: true },
      )
    })
  }

  it('delivers messages in the order in which their delays end', async () => {
    const name = await exchange('x-delayed-message', direct)
    const [queue] = await boundQueues(name, ['k'])
    const delays = [300, 100, undefined, 200]
    await publishAll(
      name,
      4,
      () => 'k',
      (i) => (delays[i] === undefined ? {} : delayed(delays[i])),
    )
    expect(await arrivals(queue!, 4)).toEqual(['2', '1', '3', '0'])
  })

  it('holds a message for as long as it says', async () => {
    const name = await exchange('x-delayed-message', direct)
    const [queue] = await boundQueues(name, ['k'])
    const began = performance.now()
    await publish(at.channel, name, 'k', 'x', delayed(250))
    expect(await ready(at.channel, queue!)).toBe(0)
    await arrivals(queue!, 1)
    expect(performance.now() - began).toBeGreaterThanOrEqual(249)
  })

  it('routes as its type does, by the bindings at the end of the delay', async () => {
    const name = await exchange('x-delayed-message', { 'x-delayed-type': 'topic' })
    await publish(at.channel, name, 'a.b', 'x', delayed(150))
    await publish(at.channel, name, 'c.b', 'y', delayed(100))
    const [queue] = await boundQueues(name, ['a.*'])
    expect(await arrivals(queue!, 1)).toEqual(['x'])
  })

  it.each([0, -5, 'soon', 2 ** 32])('does not wait when the delay is %j', async (delay) => {
    const name = await exchange('x-delayed-message', direct)
    const [queue] = await boundQueues(name, ['k'])
    await publish(at.channel, name, 'k', 'x', delayed(delay))
    expect(await ready(at.channel, queue!)).toBe(1)
  })

  it('refuses a declaration without the type to route as', async () => {
    expect(await declareRefused('x-delayed-message', {})).toBe(
      "PRECONDITION_FAILED - Invalid argument, 'x-delayed-type' must be an existing exchange type",
    )
  })
})
