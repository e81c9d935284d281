// The owner of an ordinary queue is lost while other nodes publish to it without pause: which publishes are nacked, which
// are unroutable and acked, and what the owner has when it returns (docs/observed.md §0.3, §11). In virtual time.
import { describe, expect, test } from 'vitest'
import { World } from './world.ts'

type Verb = 'kill' | 'stop'

/** 1,000 publishes from node 2, one every 0.2 ms, with the fault after 400 of them. */
function publishThrough(verb: Verb, seed: number) {
  const world = new World({ seed })
  const [one, two] = [world.client(1), world.client(2).confirming()]
  one.declare('d')
  const sent: number[] = []
  for (let i = 0; i < 1000; i++) {
    if (i === 400) world[verb](1)
    sent.push(two.publish('d', `${i}`, { mandatory: true }))
    world.run(0.2)
  }
  world.until('all are answered', () => sent.every((seq) => two.outcome(seq) !== undefined))
  const outcomes = sent.map((seq) => two.outcome(seq))
  const returned = new Set(two.all('basicReturn').map(({ body }) => Number(body)))
  world.run(1000)
  world.started(1)
  const kept = new Set(
    world
      .client(3)
      .drain('d')
      .map((mark) => Number.parseInt(mark, 10)),
  )
  return { outcomes, returned, kept }
}

describe.each(['kill', 'stop'] as const)('when the owner is lost by %s under load', (verb) => {
  test.each([1, 2, 3, 4, 5])(
    'every publish is answered, and what was acked is kept or returned (seed %i)',
    (seed) => {
      const { outcomes, returned, kept } = publishThrough(verb, seed)
      const lost = outcomes.flatMap((outcome, i) =>
        outcome === 'ack' && !kept.has(i) && !returned.has(i) ? [i] : [],
      )
      expect(lost).toEqual([])
      expect([...returned].filter((i) => kept.has(i))).toEqual([])
    },
  )

  test.each([1, 2, 3, 4, 5])(
    'a run of them is nacked, before it acks, after it returns and acks (seed %i)',
    (seed) => {
      const { outcomes, returned } = publishThrough(verb, seed)
      const nacked = outcomes.flatMap((outcome, i) => (outcome === 'nack' ? [i] : []))
      const [first, last] = [nacked[0]!, nacked.at(-1)!]
      expect(nacked.length).toBe(last - first + 1)
      expect(first).toBeGreaterThan(verb === 'kill' ? 350 : 399)
      expect(nacked.length).toBeLessThan(300)
      expect([...returned]).toEqual(outcomes.map((_, i) => i).slice(last + 1))
    },
  )
})
