// Links that fall silent and nodes that stand still, in virtual time: what is noticed when, what waits, what arrives late
// (docs/observed.md §19.5).
import { describe, expect, test } from 'vitest'
import { Link } from '../../nodes/link.ts'
import { Loop } from '../../nodes/loop.ts'
import { nodeName } from './scene.ts'
import { World } from './world.ts'

const names = (...numbers: number[]) => numbers.map(nodeName)
const silence = (world: World, ...groups: number[][]) =>
  world.cluster.silence(groups.map((group) => names(...group)))
const alone = (world: World) =>
  world.cluster.islands
    .map(({ members }) => members.size)
    .sort()
    .join()

describe('a silent link', () => {
  const linked = () => {
    const loop = new Loop()
    const got: number[] = []
    const end = { receive: (_: string, { n }: { n: number }) => void got.push(n) }
    const link = new Link<{ kind: string; n: number }>(loop, 'a', 'b', end)
    return { loop, got, link, send: (n: number) => link.send({ kind: 'number', n }) }
  }

  test('holds what is sent, and hands all of it over in order once it is up', () => {
    const { loop, got, link, send } = linked()
    link.delayMs = 5
    for (const n of [1, 2]) send(n)
    loop.runUntil(2)
    link.become('silent')
    send(3)
    loop.runUntil(1000)
    expect(got).toEqual([])
    link.become('up')
    send(4)
    loop.runUntil(2000)
    expect(got).toEqual([1, 2, 3, 4])
  })

  test('without delay holds too, and delivers once', () => {
    const { loop, got, link, send } = linked()
    send(1)
    link.become('silent')
    send(2)
    loop.drain()
    expect(got).toEqual([])
    link.become('up')
    loop.drain()
    send(3)
    loop.drain()
    expect(got).toEqual([1, 2, 3])
  })

  test('that is cut loses what it held', () => {
    const { loop, got, link, send } = linked()
    link.become('silent')
    send(1)
    link.become('cut')
    link.become('up')
    send(2)
    loop.runUntil(10)
    expect(got).toEqual([2])
  })
})

describe('silence', () => {
  test.each([1, 2, 3, 4, 5])('is noticed between 45 and 75 s by default (seed %i)', (seed) => {
    const world = new World({ seed })
    silence(world, [1], [2, 3])
    world.run(44_900)
    expect(alone(world)).toBe('3')
    world.run(30_200)
    expect(alone(world)).toBe('1,2')
  })

  test('is noticed at once when it is told to be', () => {
    const world = new World()
    silence(world, [1], [2, 3])
    world.cluster.noticeSilence()
    expect([alone(world), world.cluster.muted.size]).toEqual(['1,2', 0])
  })

  test('that ends in time is as if nothing had been: what was held arrives', () => {
    const world = new World()
    const owner = world.client(1)
    owner.declare('q')
    const two = world.client(2).confirming()
    silence(world, [1], [2, 3])
    const late = two.publish('q', 'late')
    world.run(30_000)
    expect(two.outcome(late)).toBeUndefined()
    world.heal()
    world.run(1000)
    expect(two.outcome(late)).toBe('ack')
    world.run(100_000)
    expect(alone(world)).toBe('3')
    expect(owner.drain('q')).toEqual(['late'])
  })

  test('in one direction parts the two all the same', () => {
    const world = new World()
    world.cluster.deafen(nodeName(1), names(2, 3))
    world.run(80_000)
    expect(alone(world)).toBe('1,2')
  })

  test('keeps new declarations waiting until it is noticed, and lets old ones pass', () => {
    const world = new World()
    const two = world.client(2)
    two.declare('old')
    silence(world, [1], [2, 3])
    expect(two.declare('old').queue).toBe('old')
    const asked = world.now
    const from = two.heard.length
    two.send('queueDeclare', {
      ...{ queue: 'new', passive: false, durable: true, exclusive: false, autoDelete: false },
      ...{ nowait: false, arguments: new Map() },
    })
    two.awaited('queueDeclareOk', from, 80_000)
    expect(world.now - asked).toBeGreaterThan(44_000)
  })

  test('of a mirror holds confirms back until it is noticed', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' })
    const one = world.client(1).confirming()
    one.declare('q')
    one.fill('q', ['a'])
    silence(world, [3])
    const held = one.publish('q', 'b')
    world.run(40_000)
    expect(one.outcome(held)).toBeUndefined()
    world.until('it is confirmed', () => one.outcome(held) === 'ack', 40_000)
    expect(world.replicas('q', 1)).toBe('1 [2]')
  })

  test('ends the pause of a minority with the network, not before', () => {
    const world = new World({ partitionHandling: 'pause_minority' })
    silence(world, [1], [2, 3])
    world.run(80_000)
    expect([1, 2, 3].map((n) => world.state(n))).toEqual(['paused', 'running', 'running'])
    world.run(60_000)
    expect(world.state(1)).toBe('paused')
    world.heal()
    world.until('node 1 is back', () => world.state(1) === 'running')
  })

  test('that a cut follows is noticed with the cut', () => {
    const world = new World()
    silence(world, [1], [2, 3])
    world.run(1000)
    world.cut([1], [2, 3])
    world.run(1000)
    expect([alone(world), world.cluster.muted.size]).toEqual(['1,2', 0])
    world.heal()
    world.run(100_000)
    expect(world.cluster.partitionsSeenBy(nodeName(1))).toEqual(names(2, 3))
  })
})

describe('a frozen node', () => {
  test('answers what came meanwhile when it is thawed in time', () => {
    const world = new World()
    const one = world.client(1).confirming()
    one.declare('q')
    world.cluster.freeze(nodeName(1))
    const seq = one.publish('q', 'a')
    world.run(20_000)
    expect([one.outcome(seq), one.ended, world.state(1)]).toEqual([undefined, false, 'frozen'])
    world.cluster.thaw(nodeName(1))
    world.run(100)
    expect(one.outcome(seq)).toBe('ack')
    world.run(100_000)
    expect(alone(world)).toBe('3')
  })

  test('is given up after the net tick, learns of it when it is thawed, and is then partitioned', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' })
    world.client(1).declare('q')
    world.run(1000)
    world.cluster.freeze(nodeName(1))
    const late = world.client(2).confirming()
    late.publish('q', 'sent before it was given up')
    world.run(80_000)
    expect(world.replicas('q', 2)).toBe('2 [3]')
    expect(world.cluster.partitionsSeenBy(nodeName(2))).toEqual([])
    world.cluster.thaw(nodeName(1))
    world.run(1000)
    expect(world.cluster.partitionsSeenBy(nodeName(2))).toEqual(names(1))
    expect(world.cluster.partitionsSeenBy(nodeName(1))).toEqual(names(2, 3))
    expect(world.replicas('q', 1)).toBe('1 []')
    expect([world.depth('q', 1), world.depth('q', 2)]).toEqual([1, 1])
  })

  test('that others were cut off from meanwhile learns of that too, and the cut ends when it is mended', () => {
    const world = new World()
    world.cluster.freeze(nodeName(1))
    world.cut([1], [2, 3])
    world.run(1000)
    world.cluster.thaw(nodeName(1))
    world.run(1000)
    expect(world.cluster.partitionsSeenBy(nodeName(1))).toEqual([])
    expect(alone(world)).toBe('1,2')
    world.cluster.freeze(nodeName(1))
    world.heal()
    world.run(1000)
    expect(world.cluster.partitionsSeenBy(nodeName(2))).toEqual([])
    world.cluster.thaw(nodeName(1))
    world.run(1000)
    expect(world.cluster.partitionsSeenBy(nodeName(1))).toEqual(names(2, 3))
  })

  test('under pause_minority does not pause when it is thawed: it hears the others again before it looks', () => {
    const world = new World({ partitionHandling: 'pause_minority' })
    const one = world.client(1)
    world.cluster.freeze(nodeName(1))
    world.run(80_000)
    world.cluster.thaw(nodeName(1))
    world.run(20_000)
    expect([one.refusal(), world.state(1)]).toEqual([undefined, 'running'])
    expect(world.cluster.partitionsSeenBy(nodeName(1))).toEqual(names(2, 3))
  })

  test('that led: what the others were sent meanwhile is enqueued by the new leader, and marked', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' })
    world.client(1).declare('q')
    world.run(1000)
    world.cluster.freeze(nodeName(1))
    const two = world.client(2).confirming()
    const seq = two.publish('q', 'over')
    world.until('it is confirmed', () => two.outcome(seq) === 'ack', 80_000)
    expect(two.drain('q')).toEqual(['over*'])
  })

  test('can be killed, and starts again', () => {
    const world = new World()
    world.cluster.freeze(nodeName(1))
    world.run(1000)
    world.kill(1)
    world.run(1000)
    expect(alone(world)).toBe('2')
    world.started(1)
    world.run(1000)
    expect([alone(world), world.cluster.muted.size]).toEqual(['3', 0])
    expect(world.client(1).declare('q').queue).toBe('q')
  })
})

describe('under pause_if_all_down', () => {
  const only = (recover: 'ignore' | 'autoheal', ...numbers: number[]) => ({
    partitionHandling: { mode: 'pause_if_all_down', nodes: names(...numbers), recover } as const,
  })
  const states = (world: World) => [1, 2, 3].map((number) => world.state(number))

  test('whoever cannot reach a preferred node pauses, be it the majority, and returns with the network', () => {
    const world = new World(only('ignore', 1))
    world.cut([1], [2, 3])
    world.run(1000)
    expect(states(world)).toEqual(['running', 'paused', 'paused'])
    world.heal()
    world.run(20_000)
    expect([states(world), alone(world)]).toEqual([['running', 'running', 'running'], '3'])
  })

  test('a preferred node that is killed pauses the others until it starts', () => {
    const world = new World(only('ignore', 1))
    world.kill(1)
    world.run(1000)
    expect(states(world)).toEqual(['stopped', 'paused', 'paused'])
    world.start(1)
    world.run(20_000)
    expect([states(world), alone(world)]).toEqual([['running', 'running', 'running'], '3'])
  })

  test('with a preferred node on each side both go on; recover says what follows', () => {
    for (const [recover, islands] of [
      ['ignore', '1,2'],
      ['autoheal', '3'],
    ] as const) {
      const world = new World(only(recover, 1, 3))
      world.cut([1], [2, 3])
      world.run(1000)
      expect(states(world)).toEqual(['running', 'running', 'running'])
      world.heal()
      world.run(20_000)
      expect(alone(world)).toBe(islands)
    }
  })

  test('a third node that one of two has left because of a partial partition pauses, and comes back to a listed node', () => {
    const world = new World(only('ignore', 1))
    world.cluster.cutLink(nodeName(1), nodeName(2))
    world.run(20_000)
    expect([states(world), alone(world)]).toEqual([['running', 'paused', 'running'], '2'])
    world.heal()
    world.run(20_000)
    expect([states(world), alone(world)]).toEqual([['running', 'running', 'running'], '3'])
  })

  test('names that the cluster does not have count for nothing', () => {
    const world = new World(only('ignore', 9))
    world.cut([1], [2, 3])
    world.run(1000)
    expect(states(world)).toEqual(['running', 'running', 'running'])
  })
})

describe('a cluster of two under pause_minority', () => {
  test('pauses both when they lose each other, and one when the other is killed', () => {
    const world = new World({ nodes: 2, partitionHandling: 'pause_minority' })
    world.cut([1], [2])
    world.run(1000)
    expect([world.state(1), world.state(2)]).toEqual(['paused', 'paused'])
    world.heal()
    world.run(20_000)
    expect([world.state(1), world.state(2), alone(world)]).toEqual(['running', 'running', '2'])
    world.kill(1)
    world.run(1000)
    expect(world.state(2)).toBe('paused')
    world.start(1)
    world.run(20_000)
    expect([world.state(1), world.state(2), alone(world)]).toEqual(['running', 'running', '2'])
  })
})

test('autoheal waits until every node is there', () => {
  const world = new World({ nodes: 5, partitionHandling: 'autoheal' })
  world.kill(5)
  world.run(100)
  world.cut([1, 2], [3, 4])
  world.run(1000)
  world.heal()
  world.run(20_000)
  expect(alone(world)).toBe('2,2')
  world.start(5)
  world.run(30_000)
  expect(alone(world)).toBe('5')
})
