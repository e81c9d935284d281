// Partitions in virtual time: partial ones, short ones, and those that meet other faults (docs/observed.md §8).
import { describe, expect, test } from 'vitest'
import { autohealWinner, isMinority, splitGroups } from '../../nodes/membership.ts'
import { observed } from '../../nodes/timings.ts'
import { bodies, redelivered } from './scene.ts'
import { World } from './world.ts'

const states = (world: World) => [1, 2, 3].map((number) => world.state(number))
const islands = (world: World) =>
  world.cluster.islands
    .map(({ members }) =>
      [...members]
        .map((name) => name.at(-1))
        .sort()
        .join(''),
    )
    .sort()

describe('the groups nodes fall into', () => {
  const groups = (size: number, ...cuts: [number, number][]) => {
    const names = Array.from({ length: size }, (_, i) => `${i + 1}`)
    const cut = new Set(cuts.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]))
    return splitGroups(names, (a, b) => !cut.has(`${a} ${b}`)).map((group) => group.join(''))
  }

  test.each<[string, number, [number, number][], string[]]>([
    ['nothing is cut', 3, [], ['123']],
    [
      'one node is cut off',
      3,
      [
        [1, 2],
        [1, 3],
      ],
      ['1', '23'],
    ],
    ['one link of three is cut: one of its ends is left alone', 3, [[1, 2]], ['1', '23']],
    [
      'five fall into two and three',
      5,
      [
        [1, 3],
        [1, 4],
        [1, 5],
        [2, 3],
        [2, 4],
        [2, 5],
      ],
      ['12', '345'],
    ],
    [
      'only the side with a missing link falls apart',
      4,
      [
        [1, 2],
        [1, 4],
        [2, 3],
        [2, 4],
        [3, 4],
      ],
      ['13', '2', '4'],
    ],
    [
      'all is cut',
      3,
      [
        [1, 2],
        [1, 3],
        [2, 3],
      ],
      ['1', '2', '3'],
    ],
  ])('when %s', (_what, size, cuts, wanted) => {
    expect(groups(size, ...cuts)).toEqual(wanted)
  })

  test('half of the cluster is a minority, more is not', () => {
    const rows = [1, 2, 3].map((size) => isMinority(Array(size).fill('n'), 4))
    expect(rows).toEqual([true, true, false])
  })

  test('autoheal keeps the most connections, then the most nodes, then the highest name (§19.1)', () => {
    const side = (connections: number, ...members: string[]) => ({ connections, members: new Set(members) })
    const winner = (...sides: ReturnType<typeof side>[]) => [...autohealWinner(sides)!.members].join('')
    expect(winner(side(2, 'a'), side(1, 'b', 'c'))).toBe('a')
    expect(winner(side(1, 'a'), side(1, 'b', 'c'))).toBe('bc')
    expect(winner(side(1, 'b'), side(1, 'a'))).toBe('b')
  })
})

describe('a partial partition', () => {
  test('under ignore leaves one of the two alone (§19.4)', () => {
    const world = new World()
    world.cluster.cutLink('rabbit@node1', 'rabbit@node2')
    world.run(1000)
    expect(islands(world)).toEqual(['1', '23'])
  })

  test('under pause_minority pauses the two that lost each other, and both come back when it is mended (§19.4)', () => {
    const world = new World({ partitionHandling: 'pause_minority' })
    world.cluster.cutLink('rabbit@node1', 'rabbit@node2')
    world.run(1000)
    expect(states(world)).toEqual(['paused', 'paused', 'running'])
    world.heal()
    world.run(20_000)
    expect([states(world), islands(world)]).toEqual([['running', 'running', 'running'], ['123']])
  })
})

describe('under pause_minority', () => {
  test.each([0, 10, 20, 40, 60, 80, 100, 150])(
    'a cut mended after %i ms leaves no node paused for good',
    (ms) => {
      for (let seed = 1; seed <= 5; seed++) {
        const world = new World({ seed, partitionHandling: 'pause_minority' })
        world.cut([1], [2, 3])
        world.run(ms)
        world.heal()
        world.run(20_000)
        expect([seed, states(world), islands(world)]).toEqual([
          seed,
          ['running', 'running', 'running'],
          ['123'],
        ])
      }
    },
  )

  test('a paused node returns a few seconds after the network', () => {
    const world = new World({ partitionHandling: 'pause_minority' })
    world.cut([1], [2, 3])
    world.run(60_000)
    expect(states(world)).toEqual(['paused', 'running', 'running'])
    world.heal()
    const healed = world.now
    world.until('node 1 runs', () => world.state(1) === 'running')
    expect(world.now - healed).toBeLessThan(5000)
  })

  test('a node that has lost both others by kills is in the minority and pauses', () => {
    const world = new World({ partitionHandling: 'pause_minority' })
    const client = world.client(1)
    world.kill(2)
    world.run(1000)
    expect(world.state(1)).toBe('running')
    world.kill(3)
    world.run(1000)
    expect(world.state(1)).toBe('paused')
    expect(client.refusal()).toContain('320 CONNECTION_FORCED - broker forced connection closure')
    world.start(3)
    world.run(20_000)
    expect([world.state(1), world.state(3)]).toEqual(['running', 'running'])
  })

  test('what is published through the majority is confirmed, and all is there when the minority is back', () => {
    const world = new World({ partitionHandling: 'pause_minority' })
    world.policy({ 'ha-mode': 'all', 'ha-sync-mode': 'automatic' })
    const [one, two] = [world.client(1).confirming(), world.client(2).confirming()]
    one.declare('q')
    one.fill('q', bodies(100))
    world.cut([1], [2, 3])
    const sent: number[] = []
    for (let i = 0; i < 500; i++) {
      sent.push(two.publish('q', `two${i}`))
      world.run(2)
    }
    world.until('all are confirmed', () => sent.every((seq) => two.outcome(seq) === 'ack'))
    world.heal()
    world.until('node 1 is a mirror again', () => /^[23] \[. 1\]$/.test(world.replicas('q', 2)))
    const got = world
      .client(1)
      .drain('q')
      .map((mark) => mark.replace('*', ''))
    expect(got).toEqual([...bodies(100), ...bodies(500, 'two')])
  })
})

describe('under ignore', () => {
  test('a cut that is mended before anybody has noticed divides all the same: connections broke', () => {
    const world = new World()
    world.cut([1], [2, 3])
    world.heal()
    world.run(1000)
    expect(islands(world)).toEqual(['1', '23'])
    expect(world.cluster.partitionsSeenBy('rabbit@node2')).toEqual(['rabbit@node1'])
  })

  test('a division that is over does not come back at the next change of links', () => {
    const world = new World()
    world.cut([1], [2, 3])
    world.run(1000)
    world.heal()
    world.run(1000)
    world.stop(1)
    world.run(1000)
    world.started(1)
    expect(islands(world)).toEqual(['123'])
    world.heal()
    world.run(1000)
    expect(islands(world)).toEqual(['123'])
    world.cut([3], [1, 2])
    world.run(1000)
    expect(islands(world)).toEqual(['12', '3'])
  })

  test('a node restarted while it is alone serves alone, and joins the others when restarted after the heal', () => {
    const world = new World()
    const one = world.client(1).confirming()
    one.declare('d')
    one.fill('d', bodies(3))
    world.cut([1], [2, 3])
    world.run(1000)
    world.kill(1)
    world.run(1000)
    world.started(1)
    expect(world.client(1).drain('d')).toEqual(redelivered(bodies(3)))
    world.heal()
    world.run(1000)
    expect(islands(world)).toEqual(['1', '23'])
    world.stop(1)
    world.run(1000)
    world.started(1)
    expect(islands(world)).toEqual(['123'])
  })

  test('a leader cut off while a mirror is being promoted elsewhere leaves each side with one leader', () => {
    for (let ms = 0; ms < 300; ms += 20) {
      const world = new World({ seed: ms + 1 })
      world.policy({ 'ha-mode': 'all' })
      const one = world.client(1).confirming()
      one.declare('q')
      world.run(50)
      one.fill('q', bodies(10))
      world.kill(1)
      world.run(ms)
      world.cut([2], [3])
      world.run(2000)
      expect([ms, world.depth('q', 2), world.depth('q', 3)]).toEqual([ms, 10, 10])
      expect([world.replicas('q', 2), world.replicas('q', 3)]).toEqual(['2 []', '3 []'])
    }
  })

  test('after the network is back neither side hears the other, though a promotion is still to come', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' })
    const [one, two] = [world.client(1).confirming(), world.client(2)]
    two.declare('q')
    world.run(50)
    world.cut([1], [2, 3])
    world.until('they have parted', () => islands(world).length === 2)
    world.heal()
    one.beginConsume('q', 'c')
    const seq = one.publish('q', 'ours')
    world.until('node 1 leads on its side', () => world.replicas('q', 1) === '1 []')
    world.until('the publish is confirmed', () => one.outcome(seq) === 'ack')
    world.run(100)
    expect(one.delivered).toEqual(['ours'])
    expect([world.depth('q', 1), world.depth('q', 2)]).toEqual([1, 0])
    expect(two.counts('q')).toEqual([0, 0])
  })

  test('an heir that joins the living leader before it could follow it stays a mirror', () => {
    // A restart faster than a promotion: not RabbitMQ's times, but nothing says that they may not be so.
    const timings = { ...observed, restart: { minMs: 20, maxMs: 20 }, promotion: { minMs: 500, maxMs: 500 } }
    const world = new World({ timings })
    world.policy({ 'ha-mode': 'all' })
    const one = world.client(1).confirming()
    one.declare('q')
    world.run(50)
    one.fill('q', bodies(10))
    world.cut([1], [2, 3])
    world.run(50)
    world.heal()
    for (const number of [2, 3]) world.kill(number)
    world.run(50)
    for (const number of [2, 3]) world.started(number)
    world.run(2000)
    expect(world.replicas('q')).toMatch(/^1 \[.\? .\?\]$/)
    expect(world.cluster.members.map(({ node }) => node!.leaders.size)).toEqual([1, 0, 0])
    expect(world.client(2).drain('q')).toEqual(bodies(10))
  })

  test('clients of both sides get every answer they wait for', () => {
    const world = new World()
    world.policy({ 'ha-mode': 'all' })
    const [one, two] = [world.client(1).confirming(), world.client(2).confirming()]
    one.declare('m')
    one.declare('p')
    world.run(50)
    const sent: [typeof one, number][] = []
    for (let i = 0; i < 200; i++) {
      if (i === 60) world.cut([1], [2, 3])
      if (i === 140) world.heal()
      for (const client of [one, two])
        for (const queue of ['m', 'p']) sent.push([client, client.publish(queue, `${i}`)])
      world.run(3)
    }
    world.until('all are answered', () => sent.every(([client, seq]) => client.outcome(seq) !== undefined))
  })
})

describe('under autoheal', () => {
  test('whoever is told to restart comes back, whatever the seed', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World({ seed, partitionHandling: 'autoheal' })
      world.policy({ 'ha-mode': 'all' })
      const one = world.client(1).confirming()
      one.declare('q')
      one.fill('q', bodies(10))
      world.cut([1], [2, 3])
      world.run(1000)
      one.fill('q', bodies(5, 'one'))
      world.heal()
      world.run(30_000)
      expect([seed, states(world), islands(world)]).toEqual([
        seed,
        ['running', 'running', 'running'],
        ['123'],
      ])
      expect(world.client(3).drain('q')).toEqual([...bodies(10), ...bodies(5, 'one')])
    }
  })

  test('a split into three is healed as well', () => {
    const world = new World({ partitionHandling: 'autoheal' })
    world.client(2)
    world.cut([1], [2], [3])
    world.run(1000)
    expect(islands(world)).toEqual(['1', '2', '3'])
    world.heal()
    world.run(30_000)
    expect([states(world), islands(world)]).toEqual([['running', 'running', 'running'], ['123']])
  })
})
