// A queue whose replicas are all on the other side of a partition, once the network is whole again and nobody has restarted:
// it serves both sides (docs/observed.md §21).
import { describe, expect, test } from 'vitest'
import { bodies, redelivered } from './scene.ts'
import { World } from './world.ts'

/** Leader on node 2 and a mirror on node 3; node 1 has none. */
function parted(): World {
  const world = new World()
  world.policy({ 'ha-mode': 'nodes', 'ha-params': ['rabbit@node2', 'rabbit@node3'] })
  world.client(2).declare('q')
  world.until('it is mirrored', () => world.replicas('q') === '2 [3]')
  return world
}

const apart = (world: World) => {
  world.cut([1], [2, 3])
  world.until('both sides have noticed', () => world.cluster.islands.length === 2)
  world.run(500)
}

const whole = (world: World) => {
  world.heal()
  world.run(500)
  expect(world.cluster.islands).toHaveLength(2)
}

describe('a queue that only the other side has', () => {
  test('is waited for while the link is cut, and serves both sides afterwards', () => {
    const world = parted()
    const one = world.client(1).confirming()
    const two = world.client(2).confirming()
    two.fill('q', bodies(3))
    apart(world)
    const lost = one.publish('q', 'lost')
    world.run(100)
    expect(one.outcome(lost)).toBe('nack')
    whole(world)
    const kept = one.publish('q', 'kept')
    world.until('it is confirmed', () => one.outcome(kept) === 'ack')
    expect(one.counts('q')).toEqual([4, 0])
    expect(two.drain('q')).toEqual([...bodies(3), 'kept'])
    expect(one.counts('q')).toEqual([0, 0])
  })

  test('has its consumer of the lonely side again, until that one restarts', () => {
    const world = parted()
    const two = world.client(2).confirming()
    two.fill('q', bodies(2))
    const one = world.client(1)
    one.consume('q', 'c')
    world.until('they are delivered', () => one.delivered.length === 2)
    apart(world)
    expect(two.counts('q')).toEqual([2, 0])
    whole(world)
    expect(one.delivered).toEqual([...bodies(2), ...redelivered(bodies(2))])
    expect(two.counts('q')).toEqual([0, 1])
    world.stop(1)
    world.run(500)
    expect(two.counts('q')).toEqual([2, 0])
    world.started(1)
    expect(world.cluster.islands).toHaveLength(1)
  })

  test('is out of reach again when the link is cut again, and when its leader goes', () => {
    const world = parted()
    const one = world.client(1).confirming()
    apart(world)
    whole(world)
    apart(world)
    const early = one.publish('q', 'early')
    world.run(100)
    expect(one.outcome(early)).toBe('nack')
    expect(world.record('q', 1)?.state).toBe('waiting')
    whole(world)
    expect(world.record('q', 1)?.state).toBe('running')
    world.stop(2)
    world.run(500)
    expect(world.record('q', 1)?.state).toBe('waiting')
    expect(world.replicas('q', 3)).toBe('3 []')
  })
})
