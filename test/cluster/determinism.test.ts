// Equal seeds give equal runs: the trace of the cluster and every byte that reaches a client, through faults of all kinds.
// Another seed gives another run, so that the comparison can fail.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { randomStream } from '../../nodes/loop.ts'
import { bodies } from './scene.ts'
import type { VirtualClient } from './virtual-client.ts'
import { World } from './world.ts'

interface Run {
  readonly history: readonly string[]
  /** A digest of the bytes of each client, with the times of its frames. */
  readonly clients: readonly string[]
  readonly world: World
}

/** Thirty seconds of a busy cluster with kills, stops, cuts and policy changes, all by the seed. */
function play(seed: number): Run {
  const world = new World({ seed, partitionHandling: 'autoheal', now: 1_700_000_000_000 })
  const chance = randomStream(seed, 'test')
  world.policy({ 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic' }, { pattern: '^m' })
  const clients: (VirtualClient | null)[] = [1, 2, 3].map((number) => world.client(number).confirming())
  for (const [i, client] of clients.entries()) {
    client?.declare('', { exclusive: true })
    client?.declare(`m${i}`)
    client?.declare(`p${i}`)
    client?.prefetch(5)
    client?.beginConsume(`m${(i + 1) % 3}`, '')
  }
  for (let step = 0; step < 300; step++) {
    const number = 1 + Math.floor(chance() * 3)
    const fault = chance()
    if (fault < 0.01) world.kill(number)
    else if (fault < 0.02) world.stop(number)
    else if (fault < 0.025) world.cut([number])
    else if (fault < 0.06) world.heal()
    else if (fault < 0.15) world.start(number)
    for (const [i, client] of clients.entries()) {
      if (world.state(i + 1) !== 'running') clients[i] = null
      else if (client === null) clients[i] = world.client(i + 1).confirming()
      else for (const body of bodies(3, `${step}-`)) client.publish(chance() < 0.5 ? 'm0' : 'p1', body)
    }
    for (const client of clients) if (client !== null && chance() < 0.3) client.ack(0, true)
    world.run(100 * chance())
  }
  return { world, history: world.history(), clients: world.clients.map(digest) }
}

function digest(client: VirtualClient): string {
  const hash = createHash('sha256')
  for (const bytes of client.bytes) hash.update(bytes)
  for (const { at, name } of client.heard) hash.update(`${at} ${name}\n`)
  return hash.digest('hex')
}

describe('two runs', () => {
  test.each([1, 2, 3, 4])('of seed %i are the same to the byte', (seed) => {
    const [first, second] = [play(seed), play(seed)]
    expect(first.history.length).toBeGreaterThan(30)
    expect(second.history).toEqual(first.history)
    expect(second.clients).toEqual(first.clients)
  })

  test('of different seeds are not', () => {
    const runs = [1, 2, 3].map(play)
    expect(new Set(runs.map(({ history }) => history.join())).size).toBe(3)
    expect(new Set(runs.flatMap(({ clients }) => clients)).size).toBeGreaterThan(3)
  })

  test('meet every kind of fault', () => {
    const kinds = new Set(
      [1, 2, 3, 4].flatMap((seed) => play(seed).history.map((line) => line.split(' ')[1])),
    )
    for (const kind of ['node-killed', 'node-stopped', 'partition', 'healed', 'promoted', 'queue-down'])
      expect(kinds).toContain(kind)
  })

  test('do not depend on what ran before them in the process', () => {
    const before = play(5).clients
    play(6)
    expect(play(5).clients).toEqual(before)
  })
})

describe('chance', () => {
  test('of one kind does not shift when another is drawn more often', () => {
    const names = (kills: number) => {
      const world = new World({ seed: 9 })
      for (let i = 0; i < kills; i++) {
        world.kill(3)
        world.run(1000)
        world.started(3)
      }
      const client = world.client(1)
      return [1, 2, 3].map(() => client.declare('', { exclusive: true }).queue)
    }
    expect(names(4)).toEqual(names(0))
  })
})
