// Alternate exchanges: where an exchange sends what it cannot route (docs/observed.md §5.3, §5.4).

import { describe, expect, it } from 'vitest'
import { drain, getOne, type Message, marks, publish, ready } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('alternate')

/** A direct exchange with a fanout as its alternate, and a queue behind that. */
async function pair(): Promise<{ exchange: string; alternate: string; rest: string }> {
  const alternate = await at.exchange('fanout')
  const exchange = await at.exchange('direct', { alternateExchange: alternate })
  const rest = await at.queue()
  await at.channel.bindQueue(rest, alternate, '')
  return { exchange, alternate, rest }
}

describe('an alternate exchange', () => {
  it('gets what has no other way, with exchange and key as published', async () => {
    const { exchange, rest } = await pair()
    await publish(at.channel, exchange, 'lost', 'x')
    expect((await getOne(at.channel, rest)).fields).toMatchObject({ exchange, routingKey: 'lost' })
  })

  it('does not get what was routed', async () => {
    const { exchange, rest } = await pair()
    const queue = await at.queue()
    await at.channel.bindQueue(queue, exchange, 'k')
    await publish(at.channel, exchange, 'k', 'x')
    expect([await ready(at.channel, queue), await ready(at.channel, rest)]).toEqual([1, 0])
  })

  it('satisfies the mandatory flag', async () => {
    const { exchange } = await pair()
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    await publish(at.channel, exchange, 'lost', 'x', { mandatory: true })
    expect(returns).toEqual([])
  })

  it('that cannot route either leaves the message unroutable', async () => {
    const alternate = await at.exchange('direct')
    const exchange = await at.exchange('direct', { alternateExchange: alternate })
    const returns: Message[] = []
    at.channel.on('return', (message) => returns.push(message))
    await publish(at.channel, exchange, 'lost', 'x', { mandatory: true })
    expect(returns.map((m) => m.fields)).toMatchObject([{ exchange, routingKey: 'lost' }])
  })

  it('may have an alternate of its own', async () => {
    const { exchange: second, rest } = await pair()
    const first = await at.exchange('direct', { alternateExchange: second })
    await publish(at.channel, first, 'lost', 'x')
    expect(await ready(at.channel, rest)).toBe(1)
  })

  it('may be missing: the message is then unroutable', async () => {
    const exchange = await at.exchange('direct', { alternateExchange: at.name('missing') })
    expect(await publish(at.channel, exchange, 'lost', 'x')).toBe('ack')
  })

  it('may be declared later', async () => {
    const alternate = at.name('later')
    const exchange = await at.exchange('direct', { alternateExchange: alternate })
    await at.channel.assertExchange(alternate, 'fanout', { autoDelete: true })
    const queue = await at.queue()
    await at.channel.bindQueue(queue, alternate, '')
    await publish(at.channel, exchange, 'lost', 'x')
    expect(marks(await drain(at.channel, queue))).toEqual(['x'])
  })

  it('may be the default exchange, but that then routes nothing', async () => {
    const exchange = await at.exchange('fanout', { alternateExchange: '' })
    const queue = await at.queue()
    await publish(at.channel, exchange, queue, 'x')
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('in a circle is tried once', async () => {
    const [first, second] = [at.name('first'), at.name('second')]
    await at.channel.assertExchange(first, 'direct', { durable: false, alternateExchange: second })
    await at.channel.assertExchange(second, 'direct', { durable: false, alternateExchange: first })
    expect(await publish(at.channel, first, 'lost', 'x')).toBe('ack')
    for (const exchange of [first, second]) await at.channel.deleteExchange(exchange)
  })

  it('is used for each exchange on the way by itself', async () => {
    const { exchange: inner, rest } = await pair()
    const outer = await at.exchange('fanout')
    const queue = await at.queue()
    await at.channel.bindExchange(inner, outer, '')
    await at.channel.bindQueue(queue, outer, '')
    await publish(at.channel, outer, 'lost', 'x')
    expect([await ready(at.channel, queue), await ready(at.channel, rest)]).toEqual([1, 1])
  })
})
