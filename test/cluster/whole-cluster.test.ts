// All nodes stop one after the other and start again, in the right order and in the wrong one (docs/observed.md §4.9).
import { describe, expect, test } from 'vitest'
import { drain, marks, until } from '../support/clients.ts'
import { bodies, fill, queueStates, scene } from './scene.ts'
import { World } from './world.ts'

const cluster = scene()

/** Mirrored q and transient f, plain p on node 1; nodes stop in order 1, 2, 3 with 50 more messages in q after each. */
async function stopAll() {
  await cluster.policy({ 'ha-mode': 'all' }, { pattern: '^[qf]$' })
  const { channel } = await cluster.client(1)
  await channel.assertQueue('q')
  await channel.assertQueue('f', { durable: false })
  await channel.assertQueue('p')
  await cluster.mirrorsBecome('q', '2', '3')
  await fill(channel, 'q', bodies(100))
  await fill(channel, 'q', bodies(20, 'transient'), { persistent: false })
  await fill(channel, 'p', bodies(50, 'p'))
  for (const [stopped, next] of [
    [1, 2],
    [2, 3],
  ] as const) {
    await cluster.node(stopped).stop()
    await until('another leads', () => cluster.leader('q') !== stopped && cluster.depth('q') > 0)
    const client = await cluster.client(next)
    await fill(client.channel, 'q', bodies(50, `after${stopped}-`))
  }
  expect(cluster.leader('q')).toBe(3)
  await cluster.node(3).stop()
}
const kept = [...bodies(100), ...bodies(50, 'after1-'), ...bodies(50, 'after2-')]

describe('a cluster stopped node by node (docs/observed.md §4.9)', () => {
  test('and started in the opposite order has every persistent message of a mirrored queue', async () => {
    await stopAll()
    await cluster.node(3).start()
    expect([cluster.node(3).state, cluster.leader('q')]).toEqual(['running', 3])
    expect(queueStates(cluster, 3)).toEqual({ q: 'running', p: 'down' })
    await cluster.node(2).start()
    await cluster.node(1).start()
    await cluster.mirrorsBecome('q', '1?', '2?')
    expect(queueStates(cluster, 3)).toEqual({ q: 'running', p: 'running' })
    const { channel } = await cluster.client(1)
    expect(marks(await drain(channel, 'q')).map((mark) => mark.replace('*', ''))).toEqual(kept)
    expect(marks(await drain(channel, 'p'))).toEqual(bodies(50, 'p'))
    await cluster.mirrorsBecome('q', '1', '2')
  })

  test('and started in the wrong order waits for the node that stopped last', async () => {
    await stopAll()
    await cluster.node(1).start()
    expect(cluster.node(1).state).toBe('waiting')
    await expect(cluster.client(1)).rejects.toThrow()
    await cluster.node(2).start()
    expect([cluster.node(1).state, cluster.node(2).state]).toEqual(['waiting', 'waiting'])
    await cluster.node(3).start()
    for (const number of [1, 2, 3])
      await until(`node ${number} serves`, () =>
        cluster.client(number).then(
          () => true,
          () => false,
        ),
      )
    const { channel } = await cluster.client(1)
    expect(marks(await drain(channel, 'q')).map((mark) => mark.replace('*', ''))).toEqual(kept)
    expect(marks(await drain(channel, 'p'))).toEqual(bodies(50, 'p'))
  })

  test('keeps exchanges, bindings and policies, and forgets what is not durable', async () => {
    const { channel } = await cluster.client(2)
    await cluster.policy({ 'max-length': 3 })
    await channel.assertExchange('x', 'fanout', { durable: true })
    await channel.assertExchange('transient', 'fanout', { durable: false })
    await channel.assertQueue('d')
    await channel.assertQueue('t', { durable: false })
    for (const queue of ['d', 't']) await channel.bindQueue(queue, 'x', '')
    for (const number of [1, 2, 3]) await cluster.node(number).stop()
    for (const number of [3, 2, 1]) await cluster.node(number).start()
    const { definitions } = cluster.cluster.cluster.member('rabbit@node1').island!
    expect([...definitions.queues.values()].map(({ name, policy }) => [name, policy?.name])).toEqual([
      ['d', 'p'],
    ])
    expect(definitions.exchange('/', 'transient')).toBeUndefined()
    expect(
      [...definitions.visibleBindings()].map(({ source, destination }) => [source.name, destination.name]),
    ).toEqual([['x', 'd']])
  })

  test('all killed at once, comes back with the last one killed first', async () => {
    const { channel } = await cluster.client(1)
    await channel.assertQueue('d')
    await fill(channel, 'd', bodies(10))
    for (const number of [1, 2, 3]) await cluster.node(number).kill()
    await cluster.node(1).start()
    expect(cluster.node(1).state).toBe('waiting')
    await cluster.node(3).start()
    await until('node 1 runs', () => cluster.node(1).state === 'running')
    await cluster.node(2).start()
    const two = await cluster.client(2)
    expect(marks(await drain(two.channel, 'd'))).toEqual(bodies(10).map((body) => `${body}*`))
  })
})

describe('a node that waits for the others', () => {
  const waiting = () => {
    const world = new World()
    for (const number of [1, 2, 3]) {
      world.stop(number)
      world.run(500)
    }
    world.start(1)
    world.until('it waits', () => world.state(1) === 'waiting')
    return world
  }

  test('gives up after ten times thirty seconds', () => {
    const world = waiting()
    world.run(299_000)
    expect(world.state(1)).toBe('waiting')
    world.run(2000)
    expect(world.state(1)).toBe('stopped')
  })

  test('has its full time again when it is started once more', () => {
    const world = waiting()
    world.run(200_000)
    world.kill(1)
    expect(world.state(1)).toBe('stopped')
    world.start(1)
    world.until('it waits again', () => world.state(1) === 'waiting')
    world.run(200_000)
    expect(world.state(1)).toBe('waiting')
    world.started(3)
    expect(world.state(1)).toBe('running')
  })

  test('takes its full time to start again when it was killed while starting', () => {
    const world = new World()
    world.kill(1)
    world.run(1000)
    world.start(1)
    world.run(2000)
    world.kill(1)
    world.run(1000)
    world.start(1)
    world.run(3000)
    expect(world.state(1)).toBe('starting')
    world.run(1500)
    expect(world.state(1)).toBe('running')
  })

  test('is up as soon as the node it waits for is', () => {
    const world = waiting()
    world.start(3)
    world.until('both run', () => world.state(1) === 'running' && world.state(3) === 'running')
  })
})

describe('time to live goes on while the node of a queue is down (docs/observed.md §28)', () => {
  const ttl = { 'message-ttl': 60_000, 'dead-letter-exchange': '', 'dead-letter-routing-key': 'grave' }

  test.each(['stop', 'kill'] as const)('by a %s', (end) => {
    const world = new World({ nodes: 1 })
    world.policy(ttl, { pattern: '^q$' })
    const client = world.client(1).confirming()
    client.declare('q')
    client.declare('grave')
    client.fill('q', ['old'])
    world.run(30_000)
    client.fill('q', ['young'])
    world.run(500)
    world[end](1)
    world.run(25_000)
    world.started(1)
    world.run(15_000)
    const again = world.client(1)
    const bare = (bodies: string[]) => bodies.map((body) => body.replace('*', ''))
    expect(bare(again.drain('grave'))).toEqual(['old'])
    world.run(30_000)
    expect(bare(again.drain('grave'))).toEqual(['young'])
    expect(again.drain('q')).toEqual([])
  })
})
