// Seeded histories of kills, stops, starts, cuts and policy changes under load, then calm: whatever happened, the cluster
// must come to rest whole. A failure names its seed; `history()` of the same seed tells what led to it.
import { describe, expect, test } from 'vitest'
import { calm, complaints, leftovers, queues, storm } from './storm.ts'

describe.each(['ignore', 'pause_minority', 'autoheal'] as const)('after a storm under %s', (handling) => {
  test.each(Array.from({ length: 25 }, (_, i) => i + 1))('the cluster is whole again, seed %i', (seed) => {
    const { world, clients } = storm(seed, handling)
    calm(world)
    const left = clients.filter((client) => !client.ended && client.refusal() === undefined)
    expect(left.map(({ unanswered }) => unanswered).filter((count) => count > 0)).toEqual([])
    for (const one of clients) one.drop()
    world.run(1000)
    expect(leftovers(world)).toEqual([])
    expect([1, 2, 3].map((number) => world.state(number))).toEqual(['running', 'running', 'running'])
    expect(world.cluster.islands.length).toBe(1)
    expect(queues.flatMap((queue) => complaints(world, queue))).toEqual([])
    const client = world.client(2).confirming()
    for (const queue of queues) {
      client.declare(queue)
      expect([queue, ...client.counts(queue)]).toEqual([queue, expect.any(Number), 0])
      client.fill(queue, ['last'])
      // Drained, a queue may be free to move to where its policy wants it, and then marks what it holds.
      expect(client.drain(queue).at(-1)).toMatch(/^last\*?$/)
      expect(client.counts(queue)).toEqual([0, 0])
    }
  })
})
