// What a queue is, it stays across a failover: lifetimes, priorities, limits, dead letters, single active consumers
// (docs/observed.md §4.10, §5.4). In virtual time, node 1 leads and is killed.
import { describe, expect, test } from 'vitest'
import { encodeProperties } from '../../nodes/amqp/content.ts'
import type { Field, Table } from '../../nodes/amqp/fields.ts'
import { bodies, redelivered } from './scene.ts'
import type { VirtualClient } from './virtual-client.ts'
import { World } from './world.ts'

const int = (value: number): Field => ({ type: 'long', value })
const text = (value: string): Field => ({ type: 'longstr', value })
const table = (fields: Record<string, Field>): Table => new Map(Object.entries(fields))

function mirrored(options: Parameters<VirtualClient['declare']>[1] = {}, definition = {}) {
  const world = new World()
  world.policy({ 'ha-mode': 'all', ...definition })
  const one = world.client(1).confirming()
  one.declare('q', options)
  one.declare('dead')
  world.run(50)
  return { world, one, two: world.client(2).confirming(), three: world.client(3).confirming() }
}

function fail(world: World): void {
  world.run(5)
  world.kill(1)
  world.until('another leads', () => world.depth('q') >= 0 && world.depth('dead') >= 0)
  world.run(5)
}

describe('across a failover', () => {
  test('a queue that is not durable lives on with its transient messages', () => {
    const { world, one, two } = mirrored({ durable: false })
    one.fill('q', bodies(20), false)
    fail(world)
    expect(two.drain('q')).toEqual(redelivered(bodies(20)))
    two.declare('q', { durable: false })
  })

  test('an auto-delete queue lives on, and goes with its last consumer', () => {
    const { world, one, three } = mirrored({ autoDelete: true })
    one.fill('q', bodies(2))
    three.consume('q', 'c')
    fail(world)
    expect(three.delivered).toEqual([...bodies(2), ...redelivered(bodies(2))])
    three.call('basicCancel', { consumerTag: 'c', nowait: false }, 'basicCancelOk')
    world.run(5)
    expect(world.record('q')).toBeUndefined()
    expect(
      world.cluster.nodesOf(world.cluster.islands[0]!).map((node) => node.replicas.mirrors.size),
    ).toEqual([expect.any(Number), expect.any(Number)])
  })

  test('a queue that expires lives on, and expires for want of use', () => {
    const { world, two } = mirrored({ arguments: table({ 'x-expires': int(5000) }) })
    world.run(3000)
    fail(world)
    world.run(4000)
    two.counts('q')
    world.run(4000)
    expect(world.record('q')).toBeDefined()
    world.run(1500)
    expect(world.record('q')).toBeUndefined()
  })

  test('a priority queue keeps its order of priorities', () => {
    const { world, one, two } = mirrored({ arguments: table({ 'x-max-priority': int(5) }) })
    const publish = (client: VirtualClient, priority: number) =>
      client.publishWith('q', `p${priority}`, encodeProperties({ priority }))
    for (const priority of [1, 5, 3]) publish(one, priority)
    world.run(5)
    fail(world)
    for (const priority of [4, 0]) publish(two, priority)
    world.run(5)
    expect(two.drain('q')).toEqual(['p5*', 'p4', 'p3*', 'p1*', 'p0'])
  })

  test('messages expire when they would have, and are dead-lettered once', () => {
    const { world, one, two } = mirrored({
      arguments: table({
        'x-message-ttl': int(2000),
        'x-dead-letter-exchange': text(''),
        'x-dead-letter-routing-key': text('dead'),
      }),
    })
    one.fill('q', bodies(5))
    world.run(1000)
    fail(world)
    expect(world.depth('q')).toBe(5)
    world.run(1000)
    expect([world.depth('q'), world.depth('dead')]).toEqual([0, 5])
    expect(two.drain('dead')).toEqual(bodies(5))
  })

  test('messages that expire while nobody leads are dead-lettered once', () => {
    const { world, one, two } = mirrored({
      arguments: table({
        'x-message-ttl': int(2000),
        'x-dead-letter-exchange': text(''),
        'x-dead-letter-routing-key': text('dead'),
      }),
    })
    one.fill('q', bodies(5))
    world.run(1950)
    world.kill(1)
    world.run(1000)
    expect([world.depth('q'), world.depth('dead')]).toEqual([0, 5])
    // They come before `dead` has its new leader, which marks what it enqueues itself (docs/observed.md §19).
    expect(two.drain('dead')).toEqual(redelivered(bodies(5)))
  })

  test('a length limit holds', () => {
    const { world, one, two } = mirrored({ arguments: table({ 'x-max-length': int(3) }) })
    one.fill('q', bodies(5))
    fail(world)
    two.fill('q', ['m5'])
    expect(two.drain('q')).toEqual(['m3*', 'm4*', 'm5'])
  })

  test('reject-publish goes on refusing', () => {
    const { world, one, two } = mirrored({}, { 'max-length': 3, overflow: 'reject-publish' })
    one.fill('q', bodies(3))
    fail(world)
    const seq = two.publish('q', 'refused')
    world.until('an answer', () => two.outcome(seq) !== undefined)
    expect(two.outcome(seq)).toBe('nack')
    expect(two.drain('q')).toEqual(redelivered(bodies(3)))
  })

  test('a rejected message is dead-lettered once', () => {
    const { world, one, two, three } = mirrored(
      {},
      { 'dead-letter-exchange': '', 'dead-letter-routing-key': 'dead' },
    )
    one.fill('q', bodies(2))
    fail(world)
    three.prefetch(1)
    three.consume('q', 'c')
    expect(three.delivered).toEqual(['m0*'])
    three.send('basicReject', { deliveryTag: 1, requeue: false })
    world.run(5)
    expect(two.counts('dead')[0]).toBe(1)
    expect(three.delivered).toEqual(['m0*', 'm1*'])
  })

  test('a single active consumer stays the only one served', () => {
    const { world, two, three } = mirrored({
      arguments: table({ 'x-single-active-consumer': { type: 'bool', value: true } }),
    })
    two.consume('q', 'first')
    three.consume('q', 'second')
    fail(world)
    expect(world.consumers('q')).toBe(2)
    two.fill('q', bodies(6))
    world.run(5)
    const served = [two.delivered.length, three.delivered.length]
    expect(served.sort()).toEqual([0, 6])
  })

  test('bindings hold', () => {
    const { world, one, three } = mirrored()
    one.call(
      'queueBind',
      { queue: 'q', exchange: 'amq.topic', routingKey: 'a.#', nowait: false, arguments: new Map() },
      'queueBindOk',
    )
    fail(world)
    three.publish('a.b', 'bound', { exchange: 'amq.topic' })
    world.run(5)
    expect(three.drain('q')).toEqual(['bound'])
  })

  test('a transaction is committed, though the leader dies in the midst of it', () => {
    for (let moment = 0; moment < 1; moment += 0.1) {
      const { world, three } = mirrored()
      const client = world.client(2)
      client.call('txSelect', {}, 'txSelectOk')
      for (const body of bodies(5)) client.publish('q', body)
      client.send('txCommit', {})
      world.run(moment)
      world.kill(1)
      client.awaited('txCommitOk')
      expect(three.drain('q').map((mark) => mark.replace('*', ''))).toEqual(bodies(5))
    }
  })

  test('nothing is left of a queue that is deleted afterwards', () => {
    const { world, one, two } = mirrored()
    one.fill('q', bodies(10))
    fail(world)
    two.call('queueDelete', { queue: 'q', ifUnused: false, ifEmpty: false, nowait: false }, 'queueDeleteOk')
    two.call(
      'queueDelete',
      { queue: 'dead', ifUnused: false, ifEmpty: false, nowait: false },
      'queueDeleteOk',
    )
    world.run(10)
    const nodes = [2, 3].map((number) => world.cluster.members[number - 1]!.node!)
    expect(nodes.map(({ replicas }) => [replicas.leaders.size, replicas.mirrors.size])).toEqual([
      [0, 0],
      [0, 0],
    ])
  })
})
