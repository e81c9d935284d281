// Which leaders rabbitmq-queues rebalance moves (docs/observed.md §20).
import { describe, expect, it } from 'vitest'
import { balance } from '../../policies/rebalance.ts'

const others = (leader: string) => ['r1', 'r2', 'r3'].filter((node) => node !== leader)

/** Queues by the nodes that lead them, shortest first; each other node could lead them. */
const led = (leaders: string, candidates = others) =>
  leaders
    .split(' ')
    .map((leader, ready) => ({ name: `q${ready}`, leader, ready, candidates: candidates(leader) }))

const moved = (...given: Parameters<typeof balance<ReturnType<typeof led>[number]>>) =>
  balance(...given).moves.map(({ queue, to }) => `${queue.name} to ${to}`)

describe('rebalancing', () => {
  it('of six queues on one of three nodes moves the four shortest, to whoever leads fewest', () => {
    const queues = led('r1 r1 r1 r1 r1 r1')
    expect(moved(queues, 3)).toEqual(['q0 to r2', 'q1 to r3', 'q2 to r2', 'q3 to r3'])
    expect([...balance(queues, 3).leaders]).toEqual([
      ['r1', 2],
      ['r2', 2],
      ['r3', 2],
    ])
  })

  it('takes from the first node that has too many, by name', () => {
    expect(moved(led('r3 r3 r3 r2 r2 r2'), 3)).toEqual(['q3 to r1', 'q0 to r1'])
  })

  it('leaves a node one more than its share where that does not come out even', () => {
    expect(moved(led('r1 r1 r1 r1'), 3)).toEqual(['q0 to r2', 'q1 to r3'])
  })

  it('moves nothing that is even, and a queue that came does not go on', () => {
    expect(moved(led('r1 r2 r3'), 3)).toEqual([])
    expect(
      moved(
        led('r1 r1 r1 r1 r1 r1', () => ['r2']),
        3,
      ),
    ).toEqual([...['q0 to r2', 'q1 to r2', 'q2 to r2', 'q3 to r2']])
  })

  it('leaves what has no other replica, and counts it', () => {
    const stuck = balance(
      led('r1 r1 r1', () => []),
      3,
    )
    expect([stuck.moves, [...stuck.leaders]]).toEqual([[], [['r1', 3]]])
  })

  it('of nothing is nothing', () => {
    expect(balance([], 3)).toEqual({ moves: [], leaders: new Map() })
  })
})
