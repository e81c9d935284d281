// The network falls apart, node 1 on one side and 2 and 3 on the other, and is mended: who serves what meanwhile, who
// gives way afterwards (docs/observed.md §8). Live, with stock clients.
import { describe, expect, test } from 'vitest'
import type { PartitionHandling } from '../../index.ts'
import { consume, type Deliveries, drain, marks, publish, queueExists, until } from '../support/clients.ts'
import {
  bodies,
  type Client,
  fill,
  homeNodeText,
  queueStates,
  redelivered,
  refusalOf,
  scene,
} from './scene.ts'

interface Sides {
  one: Client
  two: Client
  three: Client
  /** Of m1 at node 3, of m2 at node 1, of p1 at node 2, of p2 at node 1, each with two messages. */
  consumers: Record<'m1' | 'm2' | 'p1' | 'p2', Deliveries>
}

/** m1, m2: mirrored, led by nodes 1 and 2; p1, p2: plain on nodes 1 and 2; 100 messages in each. */
async function setUp(cluster: ReturnType<typeof scene>, consuming = true): Promise<Sides> {
  const [one, two, three] = (await cluster.clients(1, 2, 3)) as [Client, Client, Client]
  await cluster.policy({ 'ha-mode': 'all' }, { pattern: '^m' })
  for (const [queue, client] of [
    ['m1', one],
    ['m2', two],
    ['p1', one],
    ['p2', two],
  ] as const) {
    await client.channel.assertQueue(queue)
    await fill(client.channel, queue, bodies(100))
  }
  if (!consuming) return { one, two, three, consumers: {} as Sides['consumers'] }
  for (const { channel } of [one, two, three]) await channel.prefetch(2)
  const consumers = {
    m1: await consume(three.channel, 'm1'),
    m2: await consume(one.channel, 'm2'),
    p1: await consume(two.channel, 'p1'),
    p2: await consume(one.channel, 'p2'),
  }
  for (const consumer of Object.values(consumers)) await consumer.take(2)
  return { one, two, three, consumers }
}

function partitioned(handling: PartitionHandling) {
  const cluster = scene({ partitionHandling: handling })
  const cut = async () => {
    await cluster.cluster.cut([[1], [2, 3]])
    await until(
      'both sides have noticed',
      () => cluster.cluster.cluster.islands.length !== 1 || cluster.node(1).state !== 'running',
    )
    await until(
      'm1 is led in the majority',
      () => cluster.leader('m1', 2) !== 1 && cluster.depth('m1', 2) >= 0,
    )
  }
  const partitions = (number: number) =>
    cluster.cluster.cluster.partitionsSeenBy(`rabbit@node${number}`).map((name) => Number(name.at(-1)))
  return { cluster, cut, partitions }
}

describe('under ignore, while cut', () => {
  const { cluster, cut, partitions } = partitioned('ignore')

  test('plain queues of the other side are down, their consumers cancelled, publishes to them unroutable', async () => {
    const { one, two, consumers } = await setUp(cluster)
    await cut()
    expect(queueStates(cluster, 1)).toMatchObject({ p1: 'running', p2: 'down' })
    expect(queueStates(cluster, 2)).toMatchObject({ p1: 'down', p2: 'running' })
    await Promise.all([consumers.p1.cancelled(), consumers.p2.cancelled()])
    expect(await refusalOf(one, (channel) => channel.checkQueue('p2'))).toBe(
      `404 50.10 ${homeNodeText('p2', 2)}`,
    )
    expect(await refusalOf(two, (channel) => channel.checkQueue('p1'))).toBe(
      `404 50.10 ${homeNodeText('p1', 1)}`,
    )
    const returned = new Promise((resolve) => one.channel.once('return', resolve))
    expect(await publish(one.channel, '', 'p2', 'lost', { mandatory: true })).toBe('ack')
    await returned
  })

  test('what its owner had delivered to the other side is ready again there', async () => {
    const { one, two } = await setUp(cluster)
    await cut()
    for (const [{ channel }, queue] of [
      [one, 'p1'],
      [two, 'p2'],
    ] as const) {
      await until('all are ready', async () => (await channel.checkQueue(queue)).messageCount === 100)
      expect(marks(await drain(channel, queue)).slice(0, 3)).toEqual(['m0*', 'm1*', 'm2'])
    }
  })

  test('a mirrored queue keeps its leader on one side and gets another on the other', async () => {
    const { one, three, consumers } = await setUp(cluster)
    await cut()
    expect([cluster.leader('m1', 1), cluster.mirrors('m1', 1)]).toEqual([1, []])
    const other = cluster.leader('m1', 2)
    expect([cluster.leader('m1', 2), cluster.mirrors('m1', 2)]).toEqual([other, [`${5 - other}`]])
    expect([cluster.leader('m2', 1), cluster.leader('m2', 2), cluster.mirrors('m2', 2)]).toEqual([
      1,
      2,
      ['3'],
    ])
    // Consumers on the side without the leader resume silently; what they held comes again, redelivered.
    expect(marks(await consumers.m1.take(2))).toEqual(['m0*', 'm1*'])
    expect(marks(await consumers.m2.take(2))).toEqual(['m0*', 'm1*'])
    expect([consumers.m1.isCancelled, consumers.m2.isCancelled]).toEqual([false, false])
    await one.connection.close()
    await three.connection.close()
  })

  test('both sides accept declares and publishes, and contents go apart', async () => {
    const { one, two } = await setUp(cluster, false)
    await cut()
    for (const queue of ['m1', 'm2']) {
      expect(new Set(await fill(one.channel, queue, bodies(20, 'one')))).toEqual(new Set(['ack']))
      expect(new Set(await fill(two.channel, queue, bodies(20, 'two')))).toEqual(new Set(['ack']))
    }
    await one.channel.assertQueue('new')
    await two.channel.assertQueue('new', { durable: false })
    expect([cluster.leader('new', 1), cluster.leader('new', 2)]).toEqual([1, 2])
    expect(marks(await drain(one.channel, 'm1'))).toEqual([...bodies(100), ...bodies(20, 'one')])
    expect(marks(await drain(two.channel, 'm1'))).toEqual([...redelivered(bodies(100)), ...bodies(20, 'two')])
  })

  test('queues of the other side that are not durable are gone from view', async () => {
    const { one, two } = await setUp(cluster, false)
    await one.channel.assertQueue('t1', { durable: false })
    await two.channel.assertQueue('e2', { exclusive: true })
    await cut()
    expect(await queueExists(two.connection, 't1')).toBe(false)
    expect(await queueExists(one.connection, 'e2')).toBe(false)
    expect(await queueExists(one.connection, 't1')).toBe(true)
    expect(await queueExists(two.connection, 'e2')).toBe(true)
  })

  test('nothing shows as a partition until the network is back', async () => {
    await setUp(cluster, false)
    await cut()
    expect([1, 2, 3].map(partitions)).toEqual([[], [], []])
  })
})

describe('under ignore, after the network is back', () => {
  const { cluster, cut, partitions } = partitioned('ignore')

  const diverge = async () => {
    const sides = await setUp(cluster, false)
    await cut()
    for (const queue of ['m1', 'm2', 'p1']) await fill(sides.one.channel, queue, bodies(20, 'one'))
    for (const queue of ['m1', 'm2', 'p2']) await fill(sides.two.channel, queue, bodies(20, 'two'))
    await sides.one.channel.assertQueue('new')
    await cluster.cluster.heal()
    await until('partitions show', () => partitions(1).length > 0)
    return sides
  }

  test('partitions are listed and each side goes on with its own', async () => {
    const { one, two } = await diverge()
    expect([1, 2, 3].map(partitions)).toEqual([[2, 3], [1], [1]])
    expect(queueStates(cluster, 1)).toMatchObject({ p2: 'down', m1: 'running' })
    expect(queueStates(cluster, 2)).toMatchObject({ p1: 'down', m1: 'running' })
    await fill(one.channel, 'm1', ['more'])
    await fill(two.channel, 'm1', ['more'])
    expect([cluster.depth('m1', 1), cluster.depth('m1', 2)]).toEqual([121, 121])
  })

  test.each(['stop', 'kill'] as const)(
    'a restart (%s) of the single node resolves it: the others win, plain queues keep all',
    async (how) => {
      const { two } = await diverge()
      await cluster.node(1)[how]()
      await cluster.node(1).start()
      expect([1, 2, 3].map(partitions)).toEqual([[], [], []])
      const ours = [...bodies(100), ...bodies(20, 'two')]
      const texts = async (queue: string) =>
        marks(await drain(two.channel, queue)).map((mark) => mark.replace('*', ''))
      expect(cluster.mirrors('m1').at(-1)).toBe('1?')
      expect(await texts('m1')).toEqual(ours)
      expect(await texts('m2')).toEqual(ours)
      expect(await texts('p1')).toEqual([...bodies(100), ...bodies(20, 'one')])
      expect(await texts('p2')).toEqual(ours)
      expect(await queueExists(two.connection, 'new')).toBe(false)
    },
  )

  test('a restart of the other side resolves it the other way', async () => {
    const { one } = await diverge()
    for (const number of [2, 3]) await cluster.node(number).stop()
    for (const number of [2, 3]) await cluster.node(number).start()
    await until('one island', () => cluster.cluster.cluster.islands.length === 1)
    const texts = async (queue: string) =>
      marks(await drain(one.channel, queue)).map((mark) => mark.replace('*', ''))
    expect(await texts('m1')).toEqual([...bodies(100), ...bodies(20, 'one')])
    expect(await texts('p2')).toEqual([...bodies(100), ...bodies(20, 'two')])
    expect(await queueExists(one.connection, 'new')).toBe(true)
  })
})

describe('under pause_minority', () => {
  const { cluster, cut, partitions } = partitioned('pause_minority')

  test('the minority’s clients are told 320 and its port is closed', async () => {
    const { one } = await setUp(cluster)
    await cut()
    const error = await one.closed
    expect([error?.code, error?.message]).toEqual([
      320,
      expect.stringContaining("CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"),
    ])
    expect(cluster.node(1).state).toBe('paused')
    await expect(cluster.client(1)).rejects.toThrow()
  })

  test('the majority goes on as after the loss of a node', async () => {
    const { two, three, consumers } = await setUp(cluster)
    await cut()
    expect(marks(await consumers.m1.take(2))).toEqual(['m0*', 'm1*'])
    for (const queue of ['m1', 'm2', 'p2'])
      expect(new Set(await fill(two.channel, queue, bodies(20, 'two')))).toEqual(new Set(['ack']))
    expect(queueStates(cluster, 2)).toMatchObject({ p1: 'down', m1: 'running', m2: 'running' })
    await three.connection.close()
  })

  test('the minority comes back by itself with the network, and nothing confirmed is lost', async () => {
    const { two } = await setUp(cluster, false)
    await cut()
    for (const queue of ['m1', 'm2', 'p2']) await fill(two.channel, queue, bodies(20, 'two'))
    await cluster.cluster.heal()
    await until('node 1 serves', () =>
      cluster.client(1).then(
        () => true,
        () => false,
      ),
    )
    expect([1, 2, 3].map(partitions)).toEqual([[], [], []])
    const { channel } = await cluster.client(1)
    const texts = async (queue: string) =>
      marks(await drain(channel, queue)).map((mark) => mark.replace('*', ''))
    for (const queue of ['m1', 'm2', 'p2'])
      expect(await texts(queue)).toEqual([...bodies(100), ...bodies(20, 'two')])
    expect(await texts('p1')).toEqual(bodies(100))
  })
})

describe('under autoheal', () => {
  const { cluster, cut, partitions } = partitioned('autoheal')

  test('both sides go on while cut; after it the side with fewer clients restarts and joins the other', async () => {
    const { one, two, three } = await setUp(cluster, false)
    // Three clients at node 1 against two on the other side.
    await cluster.clients(1, 1)
    await cut()
    for (const queue of ['m1', 'm2', 'p1']) await fill(one.channel, queue, bodies(20, 'one'))
    for (const queue of ['m1', 'm2', 'p2']) await fill(two.channel, queue, bodies(20, 'two'))
    await cluster.cluster.heal()
    for (const { closed } of [two, three]) expect((await closed)?.code).toBe(320)
    for (const number of [2, 3])
      await until(`node ${number} serves`, () =>
        cluster.client(number).then(
          () => true,
          () => false,
        ),
      )
    expect([1, 2, 3].map(partitions)).toEqual([[], [], []])
    const texts = async (queue: string) =>
      marks(await drain(one.channel, queue)).map((mark) => mark.replace('*', ''))
    for (const queue of ['m1', 'm2', 'p1'])
      expect(await texts(queue)).toEqual([...bodies(100), ...bodies(20, 'one')])
    expect(await texts('p2')).toEqual([...bodies(100), ...bodies(20, 'two')])
  })

  test('with as many clients the larger side wins', async () => {
    const { one, two } = await setUp(cluster, false)
    await cluster.client(1)
    await cut()
    await cluster.cluster.heal()
    expect((await one.closed)?.code).toBe(320)
    await until('node 1 serves', () =>
      cluster.client(1).then(
        () => true,
        () => false,
      ),
    )
    expect((await two.channel.checkQueue('m1')).messageCount).toBe(100)
  })
})
