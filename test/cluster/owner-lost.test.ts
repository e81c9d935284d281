// The owner of an ordinary queue is killed or stopped: what the others answer, what becomes of publishes, bindings,
// consumers and clients while it is away (docs/observed.md §0.3, §2).
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type channelError,
  consume,
  drain,
  getOne,
  marks,
  publish,
  queueExists,
  settled,
  until,
} from '../support/clients.ts'
import { bodies, type Client, fill, homeNodeText, refusalOf, scene } from './scene.ts'

const cluster = scene()
const lose = { killed: () => cluster.node(1).kill(), stopped: () => cluster.node(1).stop() }
const ways = ['killed', 'stopped'] as const

describe.each(ways)('while the owner of a durable queue is %s (docs/observed.md §2)', (way) => {
  let two: Client

  beforeEach(async () => {
    const one = await cluster.client(1)
    two = await cluster.client(2)
    await one.channel.assertQueue('d')
    await one.channel.assertExchange('x', 'direct', { durable: true })
    await one.channel.assertExchange('fan', 'fanout', { durable: true })
    await one.channel.assertExchange('transient', 'direct', { durable: false })
    for (const exchange of ['x', 'fan', 'transient']) await one.channel.bindQueue('d', exchange, 'k')
    await fill(one.channel, 'd', bodies(3))
    await lose[way]()
    await until('node 2 has noticed', () => cluster.record('d')?.state === 'down')
  })

  test.each<[string, string, Parameters<typeof channelError>[1]]>([
    ['an equal declare', '50.10', (channel) => channel.assertQueue('d')],
    ['an inequivalent declare', '50.10', (channel) => channel.assertQueue('d', { durable: false })],
    ['a declare with other arguments', '50.10', (channel) => channel.assertQueue('d', { maxLength: 3 })],
    ['a passive declare', '50.10', (channel) => channel.checkQueue('d')],
    ['consume', '60.20', (channel) => channel.consume('d', () => {})],
    ['get', '60.70', (channel) => channel.get('d')],
    ['purge', '50.30', (channel) => channel.purgeQueue('d')],
    ['bind', '50.20', (channel) => channel.bindQueue('d', 'x', 'other')],
    ['unbind', '50.50', (channel) => channel.unbindQueue('d', 'x', 'k')],
    ['delete', '50.40', (channel) => channel.deleteQueue('d')],
    ['delete if unused', '50.40', (channel) => channel.deleteQueue('d', { ifUnused: true })],
  ])('%s is refused with 404 and the home node', async (_what, method, act) => {
    expect(await refusalOf(two, act)).toBe(`404 ${method} ${homeNodeText('d', 1)}`)
  })

  test.each([
    ['by its name', '', 'd'],
    ['through a direct exchange', 'x', 'k'],
    ['through a fanout exchange', 'fan', ''],
    ['through an exchange that is not durable', 'transient', 'k'],
  ])('a publish %s is unroutable: returned when mandatory, and acked', async (_how, exchange, key) => {
    const returned = new Promise<string>((resolve) =>
      two.channel.once('return', ({ fields, content }) =>
        resolve(`${fields.replyCode} ${fields.replyText} ${content}`),
      ),
    )
    const mandatory = { mandatory: true, persistent: true }
    expect(await publish(two.channel, exchange, key, 'lost', mandatory)).toBe('ack')
    expect(await returned).toBe('312 NO_ROUTE lost')
    expect(await publish(two.channel, exchange, key, 'silently', { persistent: true })).toBe('ack')
  })

  test('a fanout still reaches its other queues', async () => {
    await two.channel.assertQueue('other')
    await two.channel.bindQueue('other', 'fan', '')
    expect(await publish(two.channel, 'fan', '', 'hello', { mandatory: true })).toBe('ack')
    expect(marks(await drain(two.channel, 'other'))).toEqual(['hello'])
  })

  test('its bindings do not show, and are back with the owner', async () => {
    const shown = () => {
      const definitions = cluster.cluster.cluster.member('rabbit@node2').island!.definitions
      return [...definitions.visibleBindings()].map(
        ({ source, routingKey }) => `${source.name} ${routingKey}`,
      )
    }
    expect(shown()).toEqual([])
    await cluster.node(1).start()
    expect(shown().sort()).toEqual(['fan k', 'transient k', 'x k'])
    for (const exchange of ['x', 'fan', 'transient']) await publish(two.channel, exchange, 'k', exchange)
    expect(marks(await drain(two.channel, 'd')).slice(3)).toEqual(['x', 'fan', 'transient'])
  })

  test('what was declared elsewhere goes on', async () => {
    await two.channel.assertQueue('here')
    await fill(two.channel, 'here', bodies(2))
    expect(marks(await drain(two.channel, 'here'))).toEqual(['m0', 'm1'])
  })
})

describe.each(ways)('when a node is %s', (way) => {
  test('consumers of its queues on other nodes are cancelled and their channels stay open', async () => {
    const [one, two, three] = await cluster.clients(1, 2, 3)
    await one!.channel.assertQueue('d')
    await two!.channel.assertQueue('other')
    const consumers = [await consume(two!.channel, 'd'), await consume(three!.channel, 'd')]
    const other = await consume(three!.channel, 'other')
    await lose[way]()
    await Promise.all(consumers.map((consumer) => consumer.cancelled()))
    await fill(two!.channel, 'other', ['still'])
    expect(marks(await other.take(1))).toEqual(['still'])
    expect(other.isCancelled).toBe(false)
    await settled(two!.channel, 'other')
  })

  test('a delivery of its queue that was not acknowledged may still be settled, to no effect', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('d')
    await two!.channel.assertQueue('other')
    const consumer = await consume(two!.channel, 'd')
    await fill(one!.channel, 'd', ['held'])
    const held = await consumer.one()
    await lose[way]()
    await consumer.cancelled()
    two!.channel.ack(held)
    await settled(two!.channel, 'other')
    await cluster.node(1).start()
    expect(marks(await drain(two!.channel, 'd'))).toEqual(['held*'])
  })

  test('its queues that are not durable, or exclusive, are gone and their names are free at once', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('transient', { durable: false })
    await one!.channel.assertQueue('exclusive', { exclusive: true })
    await one!.channel.bindQueue('transient', 'amq.topic', '#')
    const consumer = await consume(two!.channel, 'transient')
    await lose[way]()
    await consumer.cancelled()
    for (const name of ['transient', 'exclusive']) {
      expect(await queueExists(two!.connection, name)).toBe(false)
      await two!.channel.assertQueue(name, { durable: false, autoDelete: true })
      expect(cluster.leader(name)).toBe(2)
    }
    const returned = new Promise((resolve) => two!.channel.once('return', resolve))
    await publish(two!.channel, 'amq.topic', 'a', 'nobody', { mandatory: true })
    await returned
    // One declared again meanwhile stays where it is.
    await cluster.node(1).start()
    expect([cluster.leader('transient'), cluster.leader('exclusive')]).toEqual([2, 2])
  })

  test('a durable auto-delete queue without consumers survives', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('auto', { autoDelete: true })
    await fill(one!.channel, 'auto', ['kept'])
    await lose[way]()
    await until('it is down', () => cluster.record('auto')?.state === 'down')
    await cluster.node(1).start()
    expect(marks(await drain(two!.channel, 'auto')).map((mark) => mark.replace('*', ''))).toEqual(['kept'])
  })

  test('what its clients held of queues elsewhere returns to its place, redelivered', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await two!.channel.assertQueue('q')
    await fill(two!.channel, 'q', bodies(8))
    await one!.channel.prefetch(2)
    const consumer = await consume(one!.channel, 'q')
    await consumer.take(2)
    await one!.channel.get('q')
    two!.channel.ack(await getOne(two!.channel, 'q'))
    await lose[way]()
    await until('they are back', async () => (await two!.channel.checkQueue('q')).messageCount === 7)
    expect(marks(await drain(two!.channel, 'q'))).toEqual(['m0*', 'm1*', 'm2*', 'm4', 'm5', 'm6', 'm7'])
    expect((await two!.channel.checkQueue('q')).consumerCount).toBe(0)
  })

  test('an exclusive consumer on it makes room for another', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await two!.channel.assertQueue('q')
    await consume(one!.channel, 'q', { exclusive: true })
    await lose[way]()
    await until('its consumer is gone', async () => (await two!.channel.checkQueue('q')).consumerCount === 0)
    await consume(two!.channel, 'q', { exclusive: true })
  })
})

describe('the clients of a lost node', () => {
  test('are reset when it is killed', async () => {
    const { closed } = await cluster.client(1)
    await cluster.node(1).kill()
    expect((await closed)?.code).not.toBe(320)
  })

  test('are told 320 when it is stopped', async () => {
    const { closed } = await cluster.client(1)
    await cluster.node(1).stop()
    const error = await closed
    expect(error?.code).toBe(320)
    expect(error?.message).toContain(
      "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
    )
  })

  test.each(ways)('cannot connect while it is %s, and can again once it has been started', async (way) => {
    const before = cluster.node(1).url
    await lose[way]()
    await expect(cluster.client(1)).rejects.toThrow()
    await cluster.node(1).start()
    expect(cluster.node(1).url).toBe(before)
    await cluster.client(1)
  })
})
