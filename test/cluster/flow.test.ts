// Publishers wait while consumers fall behind, but only as long as that helps, and never for good: back-pressure of queues
// in virtual time, and with real clients that would deadlock if it were wrong.
import { describe, expect, test } from 'vitest'
import { Connection } from '../../nodes/connection.ts'
import { Loop } from '../../nodes/loop.ts'
import { Flow, flowMarks, flowPatienceMs } from '../../nodes/queue-flow.ts'
import { consume, until } from '../support/clients.ts'
import { scene } from './scene.ts'
import { World } from './world.ts'

const { high, low } = flowMarks

/** A queue's flow with `consumers` consumers, and what publishers were told. */
function flowOf(consumers: number) {
  const loop = new Loop()
  const backlog = { length: 0, bytes: 0 }
  const all = Array<unknown>(consumers).fill(0)
  const told: string[] = []
  const flow = new Flow(loop, backlog, all, ({ channel }, stop) =>
    told.push(`${channel} ${stop ? 'stop' : 'go'}`),
  )
  const publish = (channel: number, length: number, bytes = length) => {
    Object.assign(backlog, { length, bytes })
    flow.grown({ node: 'n', channel })
  }
  const fall = (length: number, bytes = length) => {
    Object.assign(backlog, { length, bytes })
    flow.fallen()
  }
  return { loop, told, all, publish, fall }
}

describe('a queue with consumers', () => {
  test('stops who publishes above the high mark, each once, until the low mark', () => {
    const { told, publish, fall } = flowOf(1)
    publish(1, high)
    expect(told).toEqual([])
    for (const channel of [1, 2, 1]) publish(channel, high + 1)
    fall(low + 1)
    expect(told).toEqual(['1 stop', '2 stop'])
    fall(low)
    expect(told).toEqual(['1 stop', '2 stop', '1 go', '2 go'])
  })

  test('counts bytes as well', () => {
    const { told, publish, fall } = flowOf(1)
    publish(1, 2, flowMarks.highBytes + 1)
    fall(1, flowMarks.lowBytes)
    expect(told).toEqual(['1 stop', '1 go'])
  })

  test('whose consumers do not empty it in time grows freely until they have', () => {
    const { loop, told, publish, fall } = flowOf(1)
    publish(1, high + 1)
    loop.runUntil(flowPatienceMs + 1)
    publish(1, high + 2)
    publish(2, 10 * high)
    expect(told).toEqual(['1 stop', '1 go'])
    fall(low)
    publish(1, high + 1)
    expect(told.at(-1)).toBe('1 stop')
  })

  test('lets go when its consumers leave', () => {
    const { told, all, publish, fall } = flowOf(1)
    publish(1, high + 1)
    all.length = 0
    fall(high + 1)
    expect(told.at(-1)).toBe('1 go')
  })
})

test('a queue without consumers stops nobody', () => {
  const { told, publish } = flowOf(0)
  publish(1, 100 * high)
  expect(told).toEqual([])
})

describe.each([1, 2])('a publisher on node %i of a queue on node 1', (where) => {
  const paused = (world: World) => {
    const connections = [...world.cluster.member(`rabbit@node${where}`).node!.connections.values()]
    return connections.filter((one) => one instanceof Connection && one.pause.flow).length
  }
  function crowded(): { world: World; publisher: ReturnType<World['client']> } {
    const world = new World({ nodes: 2 })
    const consumer = world.client(1)
    consumer.declare('q')
    consumer.prefetch(1)
    consumer.consume('q', 'c')
    const publisher = world.client(where)
    for (let i = 0; i < high + 2; i++) publisher.publish('q', 'm', { durable: false })
    world.run(50)
    return { world, publisher }
  }

  test('is read no more, and again after its own patience at the latest', () => {
    const { world } = crowded()
    expect(paused(world)).toBe(1)
    world.run(250)
    expect(paused(world)).toBe(0)
  })

  test('is read again at once when the queue is emptied', () => {
    const { world } = crowded()
    const other = world.client(2)
    other.consume('q', 'other', { noAck: true })
    world.run(20)
    expect([paused(world), other.delivered.length]).toEqual([0, high + 1])
  })

  test('is read again when the queue’s node is lost', () => {
    const { world } = crowded()
    world.kill(1)
    world.run(300)
    expect(where === 1 ? 0 : paused(world)).toBe(0)
  })
})

describe('with real clients', () => {
  const broker = scene({ nodes: 2 })

  test('one connection publishes and consumes 15,000 messages through another node', async () => {
    const owner = await broker.client(1)
    await owner.channel.assertQueue('q')
    const { connection } = await broker.client(2)
    const channel = await connection.createChannel()
    await channel.prefetch(100)
    let got = 0
    await channel.consume('q', (message) => {
      got++
      channel.ack(message!)
    })
    for (let i = 0; i < 15_000; i++) channel.sendToQueue('q', Buffer.from('m'))
    await until('all are delivered', () => got === 15_000)
  })

  test('a consumer that keeps its messages stops publishers only for a moment', async () => {
    const [publisher, consumer] = await broker.clients(1, 2)
    await publisher!.channel.assertQueue('q')
    await consumer!.channel.prefetch(10)
    await consume(consumer!.channel, 'q')
    for (let i = 0; i < 20_000; i++) publisher!.channel.sendToQueue('q', Buffer.from('m'))
    await publisher!.channel.waitForConfirms()
    expect(broker.depth('q')).toBe(20_000)
  })
})
