// The memory alarm in virtual time, where a test says how much memory is used: whom it stops, what they are told, and what
// is answered afterwards (docs/observed.md §5.4, §15). The process's real memory is test/memory's.
import { beforeEach, describe, expect, test } from 'vitest'
import { Heartbeat } from '../../nodes/connection-heartbeat.ts'
import { Loop } from '../../nodes/loop.ts'
import { memoryLimitOf } from '../../nodes/memory.ts'
import type { VirtualClient } from './virtual-client.ts'
import { World } from './world.ts'

const limit = 1_000_000_000
const names = (client: VirtualClient, from = 0) => client.heard.slice(from).map(({ name }) => name)

describe('under a memory alarm', () => {
  let world: World
  let publisher: VirtualClient
  beforeEach(() => {
    world = new World({ nodes: 2, memoryLimit: limit })
    publisher = world.client(1).confirming()
    publisher.declare('q')
    publisher.fill('q', ['m0', 'm1'])
    world.cluster.memoryUsed(0.9 * limit)
  })

  test('a publisher is told so and gets its confirm afterwards', () => {
    const from = publisher.heard.length
    publisher.publish('q', 'm2')
    world.run(60_000)
    expect(publisher.heard.slice(from).map(({ name, args }) => [name, args['reason']])).toEqual([
      ['connectionBlocked', 'low on memory'],
    ])
    expect(world.depth('q')).toBe(2)
    world.cluster.memoryUsed(0)
    world.until('the confirm', () => publisher.unanswered === 0)
    expect(names(publisher, from)).toEqual(['connectionBlocked', 'connectionUnblocked', 'basicAck'])
    expect(publisher.drain('q')).toEqual(['m0', 'm1', 'm2'])
  })

  test('it is told once, however much it has sent, and all of that arrives in order', () => {
    const bodies = Array.from({ length: 50 }, (_, i) => `n${i}`)
    for (const body of bodies) publisher.publish('q', body)
    expect(publisher.all('connectionBlocked')).toHaveLength(1)
    world.cluster.memoryUsed(0)
    world.until('the confirms', () => publisher.unanswered === 0)
    expect(publisher.all('connectionUnblocked')).toHaveLength(1)
    expect(publisher.drain('q')).toEqual(['m0', 'm1', ...bodies])
  })

  test('a message without a body is published by its header; the next one is not', () => {
    publisher.publish('q', '')
    publisher.publish('q', '')
    world.run(1000)
    expect(world.depth('q')).toBe(3)
  })

  test('a publisher on another node is stopped too', () => {
    const other = world.client(2)
    other.publish('q', 'm2')
    world.run(1000)
    expect([names(other).at(-1), world.depth('q')]).toEqual(['connectionBlocked', 2])
  })

  test('a blocked client is answered nothing until the alarm is over', () => {
    publisher.publish('q', 'm2')
    const from = publisher.heard.length
    publisher.send('confirmSelect', { nowait: false })
    world.run(60_000)
    expect(names(publisher, from)).toEqual([])
    world.cluster.memoryUsed(0)
    world.run(1000)
    expect(names(publisher, from)).toEqual(['connectionUnblocked', 'confirmSelectOk', 'basicAck'])
  })

  test('who does not publish declares, consumes and acknowledges as ever', () => {
    const other = world.client(2)
    other.prefetch(1)
    other.consume('q', 'c')
    world.until('m0', () => other.delivered.length === 1)
    other.ack(1)
    world.until('m1', () => other.delivered.length === 2)
    other.declare('another')
    expect(other.counts('q')).toEqual([0, 1])
    expect(other.all('connectionBlocked')).toEqual([])
  })

  test('a blocked client of a node that stops reads why, and its close-ok is heard', () => {
    publisher.publish('q', 'm2')
    world.stop(1)
    world.run(0)
    expect(publisher.refusal()).toMatch(/^320 CONNECTION_FORCED/)
    publisher.send('connectionCloseOk', {}, 0)
    expect(publisher.ended).toBe(true)
  })

  test('a blocked client that is gone is forgotten', () => {
    publisher.publish('q', 'm2')
    publisher.drop()
    world.cluster.memoryUsed(0)
    expect(world.depth('q')).toBe(2)
  })

  test('the end comes at three fifths of the limit, not before', () => {
    publisher.publish('q', 'm2')
    world.cluster.memoryUsed(0.61 * limit)
    world.run(1000)
    expect(publisher.all('connectionUnblocked')).toEqual([])
    world.cluster.memoryUsed(0.59 * limit)
    world.run(0)
    expect(publisher.all('connectionUnblocked')).toHaveLength(1)
  })
})

describe('without anybody who looks at the process', () => {
  test('the cluster goes by what it holds, ready and unacknowledged', () => {
    const world = new World({ nodes: 1, memoryLimit: 1_000_000 })
    const [publisher, consumer] = [world.client(1), world.client(1)]
    publisher.declare('q')
    for (let i = 0; i < 20; i++) publisher.publish('q', 'x'.repeat(100_000))
    const held = world.depth('q')
    expect([held >= 7 && held < 9, world.cluster.memory.alarm]).toEqual([true, true])
    consumer.consume('q', 'c')
    world.until('all are delivered', () => consumer.delivered.length === held)
    world.cluster.memoryUsed(world.cluster.memory.held())
    expect(world.cluster.memory.alarm).toBe(true)
    consumer.ack(held, true)
    world.cluster.memoryUsed(world.cluster.memory.held())
    expect(world.cluster.memory.alarm).toBe(false)
  })
})

test('silence of a peer that is not read means nothing', () => {
  const loop = new Loop()
  let [reading, lostAt] = [false, 0]
  const pulse = new Heartbeat(loop, {
    beat: () => {},
    end: () => (lostAt = loop.peerNow),
    get wantsRead() {
      return reading
    },
  })
  pulse.start(2)
  loop.runUntil(60_000)
  expect(lostAt).toBe(0)
  reading = true
  loop.runUntil(120_000)
  expect(lostAt).toBe(65_000)
})

test.each([
  ['256MB', 256_000_000],
  ['256MiB', 268_435_456],
  ['512 m', 536_870_912],
  ['1GiB', 1_073_741_824],
  ['1gb', 1_000_000_000],
  ['64k', 65_536],
  ['0.4', 4000],
  ['1', 10_000],
  ['0', 0],
  ['4096', 4096],
  ['1.5GB', 1_500_000_000],
  ['', null],
  ['much', null],
  ['10TB', null],
  ['-1MB', null],
])('a limit of "%s" is %s bytes of a machine with 10,000', (text, bytes) => {
  expect(memoryLimitOf(text, 10_000)).toBe(bytes)
})
