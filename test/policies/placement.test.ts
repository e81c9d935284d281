import { describe, expect, it } from 'vitest'
import { queueSettings } from '../../policies/effective.ts'
import { type Chance, nextStep, placeLeader, wantedReplicas } from '../../policies/placement.ts'
import { noChance, path, replicas, settings } from './support.ts'

const three = ['r1', 'r2', 'r3']
const none = settings({})
const all = settings({ 'ha-mode': 'all' })
const exactly = (count: number) => settings({ 'ha-mode': 'exactly', 'ha-params': count })
const nodes = (...list: string[]) => settings({ 'ha-mode': 'nodes', 'ha-params': list })

/** A small generator, so that a failing case can be repeated. */
function chanceOf(seed: number): Chance {
  let state = seed + 1
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

describe('the leader of a new queue (docs/observed.md §1.5)', () => {
  const place = (s: typeof none, declaringNode: string, running = three, chance: Chance = noChance) =>
    placeLeader(
      s,
      {
        declaringNode,
        running,
        leaders: new Map([
          ['r1', 6],
          ['r2', 1],
        ]),
      },
      chance,
    )
  const located = (masterLocator: string) =>
    queueSettings({ 'x-queue-master-locator': masterLocator }, null, null)

  it('is on the declaring node by default', () => {
    expect(place(none, 'r2')).toBe('r2')
    expect(place(all, 'r3')).toBe('r3')
  })

  it('is on the listed node that declares', () => {
    expect(place(nodes('r2', 'r3'), 'r3')).toBe('r3')
  })

  it('is on the listed running node of lowest name where an unlisted one declares', () => {
    expect(place(nodes('r3', 'r2'), 'r1')).toBe('r2')
    expect(place(nodes('r3', 'r2'), 'r1', ['r3', 'r2', 'r1'])).toBe('r2')
    expect(place(nodes('r3', 'r2'), 'r1', ['r1', 'r3'])).toBe('r3')
  })

  it('is on the declaring node where no listed node runs', () => {
    expect(place(nodes('zz'), 'r1')).toBe('r1')
  })

  it('is listed even when the locator would go elsewhere', () => {
    expect(place({ ...nodes('r1'), masterLocator: 'min-masters' }, 'r1')).toBe('r1')
  })

  it('is with min-masters on the running node with the fewest leaders', () => {
    expect(place(located('min-masters'), 'r1', three, () => 0)).toBe('r3')
    expect(place(located('min-masters'), 'r1', ['r1', 'r2'], () => 0)).toBe('r2')
  })

  it('spreads twelve queues over three empty nodes evenly with min-masters, ties by chance', () => {
    const leaders = new Map<string, number>()
    const order: string[] = []
    const chance = chanceOf(7)
    for (let n = 0; n < 12; n++) {
      const node = placeLeader(
        located('min-masters'),
        { declaringNode: 'r1', running: three, leaders },
        chance,
      )
      leaders.set(node, (leaders.get(node) ?? 0) + 1)
      order.push(node)
    }
    expect([...leaders.values()]).toEqual([4, 4, 4])
    expect(order).not.toEqual(['r1', 'r2', 'r3', 'r1', 'r2', 'r3', 'r1', 'r2', 'r3', 'r1', 'r2', 'r3'])
  })

  it('is anywhere with random', () => {
    const chance = chanceOf(1)
    const seen = new Set(Array.from({ length: 40 }, () => place(located('random'), 'r1', three, chance)))
    expect([...seen].sort()).toEqual(three)
  })
})

describe('the wanted replicas', () => {
  const wanted: [string, typeof none, string, string[], string, string[]][] = [
    ['without policy no mirror stays', none, 'r1 [r2* r3]', three, 'r1', []],
    ['all is every running node', all, 'r1 [r3]', three, 'r1', ['r3', 'r2']],
    ['all leaves out a node that is down', all, 'r1 []', ['r1', 'r3'], 'r1', ['r3']],
    ['exactly 2 keeps the first mirror', exactly(2), 'r1 [r3 r2*]', three, 'r1', ['r3']],
    ['exactly 1 keeps none', exactly(1), 'r1 [r2*]', three, 'r1', []],
    ['exactly 2 does not count a mirror that is down', exactly(2), 'r1 [r2* r3]', ['r1', 'r3'], 'r1', ['r3']],
    ['a list with its leader', nodes('r1', 'r3'), 'r1 [r2*]', three, 'r1', ['r3']],
    ['a list of unknown nodes', nodes('zz'), 'r2 [r3*]', three, 'r2', []],
    ['a list that names a node twice', nodes('r2', 'r2', 'r1'), 'r1 []', three, 'r1', ['r2']],
    [
      'a list without a synchronised mirror keeps the leader',
      nodes('r2', 'r3'),
      'r1 [r2]',
      three,
      'r1',
      ['r2', 'r3'],
    ],
    [
      'a list whose synchronised mirror is down keeps the leader',
      nodes('r2', 'r3'),
      'r1 [r2* r3]',
      ['r1', 'r3'],
      'r1',
      ['r3'],
    ],
    ['a list with a synchronised mirror does not', nodes('r2', 'r3'), 'r1 [r2*]', three, 'r2', ['r3']],
    ['the first listed synchronised mirror leads', nodes('r3', 'r2'), 'r1 [r2* r3*]', three, 'r3', ['r2']],
    ['else the oldest synchronised one, though unlisted', nodes('r1'), 'r2 [r3* r1]', three, 'r3', ['r1']],
  ]
  it.each(wanted)('%s', (_, s, now, running, leader, mirrors) => {
    expect(wantedReplicas(s, replicas(now), running, noChance)).toEqual({ leader, mirrors })
  })

  it('of exactly 2 are a random other node', () => {
    const chance = chanceOf(3)
    const chosen = new Set(
      Array.from({ length: 20 }, () =>
        wantedReplicas(exactly(2), replicas('r1 []'), three, chance).mirrors.join(),
      ),
    )
    expect([...chosen].sort()).toEqual(['r2', 'r3'])
  })

  it('of exactly 5 are as many as there are', () => {
    expect(wantedReplicas(exactly(5), replicas('r1 []'), three, () => 0.99).mirrors).toEqual(['r3', 'r2'])
  })
})

describe('live policy changes go step by step, as observed (r2*: synchronised) (docs/observed.md §3)', () => {
  const changes: [string, typeof none, string[]][] = [
    ['none to all', all, ['r1 []', 'r1 [r2]', 'r1 [r2 r3]']],
    ['all to exactly 2', exactly(2), ['r1 [r2 r3]', 'r1 [r2]']],
    ['all to exactly 2, synchronised', exactly(2), ['r1 [r2* r3*]', 'r1 [r2*]']],
    [
      'exactly 2 to nodes, nothing synchronised: the leader stays',
      nodes('r2', 'r3'),
      ['r1 [r2]', 'r1 [r2 r3]'],
    ],
    ['exactly 2 to nodes, synchronised', nodes('r2', 'r3'), ['r1 [r2*]', 'r1 [r2* r3]', 'r2 [r3]']],
    ['the same with r3 first', nodes('r2', 'r3'), ['r1 [r3*]', 'r1 [r3* r2]', 'r3 [r2]']],
    ['the unlisted leader goes when a mirror is synchronised', nodes('r2', 'r3'), ['r1 [r2 r3*]', 'r3 [r2]']],
    ['the oldest synchronised of several leads', nodes('r2', 'r3'), ['r1 [r3* r2*]', 'r3 [r2*]']],
    ['to the leader alone', nodes('r1'), ['r1 [r2 r3]', 'r1 [r3]', 'r1 []']],
    [
      'to one that is no replica, by way of the synchronised r3',
      nodes('r1'),
      ['r2 [r3*]', 'r2 [r3* r1]', 'r3 [r1]'],
    ],
    ['and on, once r1 is synchronised', nodes('r1'), ['r3 [r1*]', 'r1 []']],
    ['to nobody who runs', nodes('zz'), ['r2 [r3*]', 'r2 []']],
    ['policy deleted', none, ['r1 [r3* r2]', 'r1 [r2]', 'r1 []']],
    ['a surplus mirror goes before the leader moves', nodes('r3'), ['r1 [r2* r3*]', 'r1 [r3*]', 'r3 []']],
  ]
  it.each(changes)('%s', (_, s, states) => {
    expect(path(s, states[0] as string)).toEqual(states)
  })

  const automatic: [string, typeof none, string[]][] = [
    ['none to all', all, ['r1 []', 'r1 [r2]', 'r1 [r2 r3]', 'r1 [r2* r3*]']],
    ['exactly 2 to nodes', nodes('r2', 'r3'), ['r1 [r2*]', 'r1 [r2* r3]', 'r2 [r3]', 'r2 [r3*]']],
    ['to r1 alone', nodes('r1'), ['r2 [r3*]', 'r2 [r3* r1]', 'r3 [r1]', 'r3 [r1*]', 'r1 []']],
  ]
  it.each(automatic)('with ha-sync-mode automatic: %s', (_, s, states) => {
    expect(path(s, states[0] as string, { automatic: true })).toEqual(states)
  })

  it('exactly 5 on three nodes adds both others in an order of chance', () => {
    expect(path(exactly(5), 'r1 []', { chance: () => 0.99 })).toEqual(['r1 []', 'r1 [r3]', 'r1 [r3 r2]'])
  })

  it('an empty queue moves all the way at once', () => {
    expect(path(nodes('zz', 'r3'), 'r2 []', { empty: true })).toEqual(['r2 []', 'r2 [r3*]', 'r3 []'])
  })

  it('exactly 2 replaces a mirror that died, and does not take it back', () => {
    expect(path(exactly(2), 'r1 []', { running: ['r1', 'r3'], chance: () => 0 })).toEqual([
      'r1 []',
      'r1 [r3]',
    ])
    expect(nextStep(exactly(2), replicas('r1 [r3]'), three, noChance)).toBeNull()
  })

  it('exactly 3 and a list take in a node that starts', () => {
    expect(path(exactly(3), 'r1 [r2*]', { chance: () => 0 })).toEqual(['r1 [r2*]', 'r1 [r2* r3]'])
    expect(path(nodes('r1', 'r3'), 'r1 []')).toEqual(['r1 []', 'r1 [r3]'])
  })
})

describe('from anywhere, under any policy', () => {
  const four = [...three, 'r4']
  const policies = [
    none,
    all,
    exactly(1),
    exactly(2),
    exactly(3),
    nodes('r1'),
    nodes('r3', 'r2'),
    nodes('r4', 'zz'),
  ]

  /** Every leader with every list of up to three mirrors, synchronised or not. */
  function everyState(): string[] {
    const lists = (left: string[]): string[][] => [
      [],
      ...left.flatMap((node) =>
        lists(left.filter((other) => other !== node)).flatMap((rest) => [
          [node, ...rest],
          [`${node}*`, ...rest],
        ]),
      ),
    ]
    return four.flatMap((leader) =>
      lists(four.filter((node) => node !== leader)).map((mirrors) => `${leader} [${mirrors.join(' ')}]`),
    )
  }

  it.each(policies.map((s, index) => [index, s] as const))(
    'policy %i comes to rest, and never hands over to a mirror that lacks messages',
    (_, s) => {
      const states = everyState()
      expect(states.length).toBeGreaterThan(300)
      for (const start of states) {
        for (const way of [{}, { empty: true }, { automatic: true }]) {
          path(s, start, { running: four, chance: chanceOf(5), ...way })
        }
      }
    },
  )

  it('is what a list says in the end, where mirrors are filled', () => {
    for (const start of everyState()) {
      const end = replicas(
        path(nodes('r3', 'r2'), start, { running: four, automatic: true }).at(-1) as string,
      )
      expect([end.leader, ...end.mirrors.map((mirror) => mirror.node)].sort(), start).toEqual(['r2', 'r3'])
    }
  })
})
