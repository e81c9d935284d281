// A policy is changed while queues live: which mirrors come and go in which order, when the leader moves, and that nobody
// loses anything by it (docs/observed.md §0.7, §3, §11). The courses are read off the queue's record in virtual time.
import { describe, expect, test } from 'vitest'
import { bodies, nodeName, redelivered } from './scene.ts'
import { World } from './world.ts'

const all = { 'ha-mode': 'all' }
const automatic = { 'ha-sync-mode': 'automatic' }
const exactly = (count: number) => ({ 'ha-mode': 'exactly', 'ha-params': count })
const nodes = (...numbers: number[]) => ({ 'ha-mode': 'nodes', 'ha-params': numbers.map(nodeName) })

/** A queue of 500 persistent messages on node 1, after the changes of policy in `before`. */
function settled(...before: Record<string, unknown>[]) {
  const world = new World({ seed: 5 })
  const client = world.client(1).confirming()
  client.declare('q')
  client.fill('q', bodies(500))
  for (const definition of before) {
    world.policy(definition)
    world.run(1000)
  }
  return world
}

function change(world: World, definition: Record<string, unknown>, ms = 2000): string[] {
  world.policy(definition)
  return world.course('q', ms)
}

describe('from no policy (docs/observed.md §3)', () => {
  test('to all, mirrors appear one after the other and stay unsynchronised', () => {
    const course = change(settled(), all)
    expect(course.at(-1)).toMatch(/^1 \[(2\? 3\?|3\? 2\?)\]$/)
    expect(course.length).toBe(2)
    expect(course[0]).toMatch(/^1 \[[23]\?\]$/)
  })

  test('to all with automatic synchronisation, they are synchronised soon after', () => {
    const course = change(settled(), { ...all, ...automatic })
    expect(course.at(-1)).toMatch(/^1 \[(2 3|3 2)\]$/)
    expect(course.some((replicas) => replicas.includes('?'))).toBe(true)
  })
})

describe('from all', () => {
  test('to exactly 2, the first mirror stays and the leader too', () => {
    const world = settled(all)
    const first = world.replicas('q').slice(3, 5)
    expect(change(world, exactly(2))).toEqual([`1 [${first}]`])
  })

  test('to no policy, the mirrors go and the leader stays', () => {
    const world = settled(all)
    world.clearPolicy()
    expect(world.course('q', 1000)).toEqual(['1 []'])
    expect(world.depth('q')).toBe(500)
  })

  test('to the leader alone, both mirrors are dropped in one step', () => {
    expect(change(settled(all), nodes(1))).toEqual(['1 []'])
  })
})

describe('from exactly 2 to a list of nodes without the leader', () => {
  /** Led by node 1 and mirrored by node 2. */
  const pair = (synchronised: boolean) => {
    const world = settled(nodes(1, 2), exactly(2))
    expect(world.replicas('q')).toBe('1 [2?]')
    if (synchronised) {
      world.synchronise('q')
      world.until('synchronised', () => world.replicas('q') === '1 [2]')
    }
    return world
  }

  test('the synchronised mirror takes over, and the new one is not synchronised', () => {
    const world = pair(true)
    expect(change(world, nodes(2, 3))).toEqual(['1 [2 3?]', '2 [3?]'])
    expect(world.client(3).drain('q')).toEqual(redelivered(bodies(500)))
  })

  test('and with automatic synchronisation the new one becomes so', () => {
    const course = change(pair(true), { ...nodes(2, 3), ...automatic })
    expect(course[0]).toBe('1 [2 3?]')
    expect(course.at(-1)).toBe('2 [3]')
    expect(new Set(course.map((replicas) => replicas[0]))).toEqual(new Set(['1', '2']))
  })

  test('the new leader serves about 100 to 300 ms after the change', () => {
    const world = pair(true)
    world.policy(nodes(2, 3))
    const changed = world.now
    world.until('node 2 leads', () => world.depth('q') === 500 && world.replicas('q').startsWith('2'))
    expect(world.now - changed).toBeGreaterThan(50)
    expect(world.now - changed).toBeLessThan(400)
  })

  test('without a synchronised mirror the leader stays, though nobody wants it', () => {
    const world = pair(false)
    expect(change(world, nodes(2, 3), 6000)).toEqual(['1 [2? 3?]'])
    expect(world.depth('q')).toBe(500)
  })

  test('it moves by itself when a listed mirror is synchronised by hand', () => {
    const world = pair(false)
    change(world, nodes(2, 3))
    world.synchronise('q')
    expect(world.course('q', 1000).at(-1)).toMatch(/^(2 \[3\]|3 \[2\])$/)
    expect(world.client(1).drain('q')).toEqual(redelivered(bodies(500)))
  })

  test('it moves by itself when the backlog has drained away', () => {
    const world = pair(false)
    change(world, nodes(2, 3))
    const client = world.client(1).confirming()
    client.fill('q', bodies(10, 'new'))
    expect(client.drain('q')).toEqual([...bodies(500), ...bodies(10, 'new')])
    expect(world.course('q', 1000).at(-1)).toMatch(/^(2 \[3\]|3 \[2\])$/)
  })
})

describe('a leader that is far from where it is wanted', () => {
  test('passes by a synchronised mirror that is not wanted either, and nothing is lost', () => {
    const world = settled({ ...nodes(2, 3), ...automatic })
    world.run(1000)
    expect(world.replicas('q')).toMatch(/^(2 \[3\]|3 \[2\])$/)
    const [from, by] = world.replicas('q').startsWith('2') ? [2, 3] : [3, 2]
    const course = change(world, { ...nodes(1), ...automatic }, 3000)
    expect(course.at(-1)).toBe('1 []')
    expect([...new Set(course.map((replicas) => Number(replicas[0])))]).toEqual([from, by, 1])
    expect(world.client(2).drain('q')).toEqual(redelivered(bodies(500)))
  })

  test('to exactly 5 of three nodes, both others become mirrors', () => {
    expect(change(settled(), exactly(5)).at(-1)).toMatch(/^1 \[(2\? 3\?|3\? 2\?)\]$/)
  })
})

describe('clients while the leader moves', () => {
  const moving = () => {
    const world = settled(nodes(1, 2))
    world.synchronise('q')
    world.run(100)
    return world
  }

  test('consumers elsewhere see no cancel: what they held comes again, in order, and nothing twice after an ack', () => {
    const world = moving()
    const consumer = world.client(3)
    consumer.prefetch(10)
    consumer.consume('q', 'c')
    expect(consumer.delivered).toEqual(bodies(10))
    world.policy(nodes(2, 3))
    world.until('node 2 leads', () => world.replicas('q').startsWith('2') && world.depth('q') === 500)
    world.run(10)
    expect(consumer.delivered.slice(10)).toEqual(redelivered(bodies(10)))
    for (let seen = 10; world.depth('q') > 0; ) {
      for (; seen < consumer.delivered.length; seen++) consumer.ack(seen + 1)
      world.run(1)
    }
    expect(consumer.delivered.slice(10)).toEqual(redelivered(bodies(500)))
    expect(consumer.all('basicCancel')).toEqual([])
  })

  test.each([1, 2, 3])(
    'requests through node %i wait for the new leader and are answered by it',
    (number) => {
      const world = moving()
      const client = world.client(number)
      world.policy(nodes(2, 3))
      world.until('the old one has resigned', () => world.depth('q') === -1)
      expect(client.counts('q')).toEqual([500, 0])
      expect(world.replicas('q')).toMatch(/^2/)
      expect(client.drain('q')).toEqual(redelivered(bodies(500)))
    },
  )

  test('a consumer with x-cancel-on-ha-failover is cancelled', () => {
    const world = moving()
    const consumer = world.client(3)
    const wary = new Map([['x-cancel-on-ha-failover', { type: 'bool', value: true } as const]])
    consumer.consume('q', 'c', { arguments: wary })
    world.policy(nodes(2, 3))
    consumer.awaited('basicCancel')
    world.run(100)
    expect(world.consumers('q')).toBe(0)
  })

  test.each([1, 2, 3])('publishes through node %i are all confirmed and kept in order', (number) => {
    const world = moving()
    const publisher = world.client(number).confirming()
    const sent: number[] = []
    for (let i = 0; i < 300; i++) {
      if (i === 50) world.policy(nodes(2, 3))
      sent.push(publisher.publish('q', `new${i}`))
      world.run(2)
    }
    world.until('all are answered', () => sent.every((seq) => publisher.outcome(seq) === 'ack'))
    expect(world.replicas('q')).toMatch(/^2/)
    const got = world
      .client(3)
      .drain('q')
      .map((mark) => mark.replace('*', ''))
    expect(got).toEqual([...bodies(500), ...bodies(300, 'new')])
  })

  test('a kill in the midst of the move loses nothing that a mirror had', () => {
    for (let moment = 0; moment < 300; moment += 20) {
      const world = moving()
      world.policy(nodes(2, 3))
      world.run(moment)
      world.kill(1)
      world.until('somebody leads', () => world.depth('q') >= 0 && !world.replicas('q').startsWith('1'))
      expect([moment, world.replicas('q')[0], world.depth('q')]).toEqual([moment, '2', 500])
    }
  })
})

describe('other changes take hold of a living mirrored queue', () => {
  test('max-length drops from the head at once, on mirrors too', () => {
    const world = settled(all)
    world.synchronise('q')
    world.run(100)
    world.policy({ ...all, 'max-length': 4 })
    world.run(100)
    expect(world.depth('q')).toBe(4)
    world.kill(1)
    world.until('another leads', () => !world.replicas('q').startsWith('1'))
    expect(world.client(2).drain('q')).toEqual(redelivered(bodies(4, 'm', 496)))
  })

  test('a policy of another name with a higher priority takes over', () => {
    const world = settled(all)
    world.policy(exactly(1), { name: 'higher', priority: 1 })
    world.run(100)
    expect([world.replicas('q'), world.record('q')?.policy?.name]).toEqual(['1 []', 'higher'])
    world.clearPolicy('higher')
    world.run(100)
    expect(world.replicas('q')).toMatch(/^1 \[.\? .\?\]$/)
  })
})
