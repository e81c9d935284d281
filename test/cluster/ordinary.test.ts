// An ordinary cluster: definitions are everywhere, contents only on the queue's owner, and any node serves any queue
// (docs/observed.md §2, §1.5).
import { describe, expect, test } from 'vitest'
import { consume, drain, getOne, marks, publish, settled, until } from '../support/clients.ts'
import { bodies, fill, scene } from './scene.ts'

const cluster = scene()

describe('a queue without mirrors', () => {
  test('is owned by the node it was declared through', async () => {
    for (const number of [3, 1, 2]) {
      const { channel } = await cluster.client(number)
      await channel.assertQueue(`q${number}`)
      expect(cluster.leader(`q${number}`)).toBe(number)
      expect(cluster.mirrors(`q${number}`)).toEqual([])
    }
  })

  test('carries 1,000 persistent messages from a client of node 1 to a consumer of node 2 in order', async () => {
    const [one, two, three] = await cluster.clients(1, 2, 3)
    await three!.channel.assertQueue('q')
    const sent = bodies(1000)
    const consumer = await consume(two!.channel, 'q')
    expect(new Set(await fill(one!.channel, 'q', sent))).toEqual(new Set(['ack']))
    const got = await consumer.take(1000)
    expect(marks(got)).toEqual(sent)
    expect(got.map(({ fields }) => fields.deliveryTag)).toEqual(bodies(1000, '', 1).map(Number))
    two!.channel.ackAll()
    await until('the queue is empty at its owner', () => cluster.depth('q') === 0)
  })

  test('is known to every node as soon as it is declared', async () => {
    const [one, two, three] = await cluster.clients(1, 2, 3)
    await one!.channel.assertQueue('q')
    for (const { channel } of [two!, three!])
      expect(await channel.checkQueue('q')).toEqual({ queue: 'q', messageCount: 0, consumerCount: 0 })
  })

  test('tells its counts to a declare, a get and a purge through any node', async () => {
    const [one, two, three] = await cluster.clients(1, 2, 3)
    await one!.channel.assertQueue('q')
    await fill(two!.channel, 'q', bodies(5))
    await one!.channel.prefetch(1)
    await consume(one!.channel, 'q')
    await settled(one!.channel, 'q')
    expect(await three!.channel.assertQueue('q')).toEqual({ queue: 'q', messageCount: 4, consumerCount: 1 })
    expect((await getOne(three!.channel, 'q')).fields).toMatchObject({ messageCount: 3 })
    expect(await two!.channel.purgeQueue('q')).toEqual({ messageCount: 3 })
  })

  test('is reached through an exchange declared and bound at other nodes', async () => {
    const [one, two, three] = await cluster.clients(1, 2, 3)
    await one!.channel.assertQueue('q')
    await two!.channel.assertExchange('x', 'topic')
    await three!.channel.bindQueue('q', 'x', 'a.*')
    await publish(two!.channel, 'x', 'a.b', 'hello')
    expect(marks(await drain(three!.channel, 'q'))).toEqual(['hello'])
  })

  test('takes acknowledgements, rejections and requeues through another node', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('q')
    await fill(one!.channel, 'q', bodies(4))
    const [m0, m1, m2, m3] = [
      await getOne(two!.channel, 'q'),
      await getOne(two!.channel, 'q'),
      await getOne(two!.channel, 'q'),
      await getOne(two!.channel, 'q'),
    ]
    two!.channel.ack(m1)
    two!.channel.reject(m2, false)
    two!.channel.nack(m3, false, true)
    two!.channel.nack(m0, false, true)
    await until('two have returned', () => cluster.depth('q') === 2)
    expect(marks(await drain(one!.channel, 'q'))).toEqual(['m0*', 'm3*'])
  })

  test('keeps to the prefetch of a consumer elsewhere', async () => {
    const [one, two] = await cluster.clients(1, 2)
    await one!.channel.assertQueue('q')
    await two!.channel.prefetch(3)
    const consumer = await consume(two!.channel, 'q')
    await fill(one!.channel, 'q', bodies(10))
    await settled(two!.channel, 'q')
    expect(marks(consumer.messages)).toEqual(bodies(3))
    two!.channel.ack(consumer.messages[0]!)
    expect(marks(await consumer.take(4))).toEqual(bodies(4))
  })

  test('keeps to a channel-wide prefetch over queues of several owners', async () => {
    const [one, two, three] = await cluster.clients(1, 2, 3)
    await one!.channel.assertQueue('a')
    await three!.channel.assertQueue('b')
    await fill(one!.channel, 'a', bodies(5, 'a'))
    await fill(one!.channel, 'b', bodies(5, 'b'))
    await two!.channel.prefetch(4, true)
    const [a, b] = [await consume(two!.channel, 'a'), await consume(two!.channel, 'b')]
    await settled(two!.channel, 'a')
    await settled(two!.channel, 'b')
    expect(a.messages.length + b.messages.length).toBe(4)
    two!.channel.ackAll()
    await until('four more', () => a.messages.length + b.messages.length === 8)
  })

  test('is deleted through any node, and its consumers everywhere are cancelled', async () => {
    const [one, two, three] = await cluster.clients(1, 2, 3)
    await one!.channel.assertQueue('q')
    const consumers = [await consume(two!.channel, 'q'), await consume(three!.channel, 'q')]
    await fill(one!.channel, 'q', [])
    expect(await three!.channel.deleteQueue('q')).toEqual({ messageCount: 0 })
    await Promise.all(consumers.map((consumer) => consumer.cancelled()))
    expect(cluster.record('q')).toBeUndefined()
  })
})

describe('x-queue-master-locator', () => {
  const declare = async (number: number, locator: string, name: string) => {
    const { channel } = await cluster.client(number)
    await channel.assertQueue(name, { arguments: { 'x-queue-master-locator': locator } })
    return cluster.leader(name)
  }

  test('client-local is the declaring node', async () => {
    expect(await declare(3, 'client-local', 'q')).toBe(3)
  })

  test('min-masters spreads twelve queues 4, 4, 4', async () => {
    const leaders: number[] = []
    for (const name of bodies(12, 'q')) leaders.push(await declare(1, 'min-masters', name))
    expect([1, 2, 3].map((number) => leaders.filter((one) => one === number).length)).toEqual([4, 4, 4])
  })

  test('min-masters counts only running nodes', async () => {
    const { channel } = await cluster.client(1)
    for (const name of bodies(3, 'a')) await channel.assertQueue(name)
    await cluster.node(3).kill()
    expect(await declare(1, 'min-masters', 'q')).toBe(2)
    await cluster.node(2).stop()
    expect(await declare(1, 'min-masters', 'r')).toBe(1)
  })

  test('random chooses any running node', async () => {
    const leaders = new Set<number>()
    for (const name of bodies(24, 'q')) leaders.add(await declare(2, 'random', name))
    expect([...leaders].sort()).toEqual([1, 2, 3])
  })

  test('of a policy decides where no argument does, and yields to one', async () => {
    const { channel } = await cluster.client(1)
    for (const name of bodies(3, 'a')) await channel.assertQueue(name)
    await cluster.policy({ 'queue-master-locator': 'min-masters' })
    expect(await declare(1, 'client-local', 'q')).toBe(1)
    await channel.assertQueue('r')
    expect(cluster.leader('r')).not.toBe(1)
  })
})
