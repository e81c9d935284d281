// The loop's two clocks: in a simulation they are one, and an advance of the cluster's time alone leaves the peers' behind.
import { describe, expect, test } from 'vitest'
import { Loop } from '../../nodes/loop.ts'

describe('the two clocks', () => {
  test('are equal in every turn of a simulation, whichever of them fires', () => {
    const loop = new Loop()
    const seen: [number, number][] = []
    const look = () => seen.push([loop.now, loop.peerNow])
    for (const at of [5, 20, 40]) loop.at(at, look)
    for (const at of [10, 20, 30]) loop.atPeer(at, look)
    loop.runUntil(100)
    expect(seen).toEqual([5, 10, 20, 20, 30, 40].map((at) => [at, at]))
    expect([loop.now, loop.peerNow]).toEqual([100, 100])
  })

  test('let a peer timer that is armed in the midst of a long run wait its full time', () => {
    const loop = new Loop()
    let firedAt = 0
    loop.at(60_000, () => loop.atPeer(loop.peerNow + 10_000, () => (firedAt = loop.peerNow)))
    loop.runUntil(100_000)
    expect(firedAt).toBe(70_000)
  })

  test('go apart when only the cluster’s time is advanced, and no peer timer fires early', () => {
    const loop = new Loop()
    const fired: string[] = []
    loop.runUntil(10)
    loop.at(3_000_000, () => fired.push(`own, peers at ${loop.peerNow}`))
    loop.atPeer(60, () => fired.push(`peer, cluster at ${loop.now}`))
    loop.runUntil(3_600_000, 50)
    expect(fired).toEqual(['own, peers at 10'])
    loop.runUntil(3_600_100, 70)
    expect(fired[1]).toMatch(/^peer, cluster at 36000\d\d$/)
    expect([loop.now, loop.peerNow]).toEqual([3_600_100, 70])
  })

  test('never run past an event that is still to fire on the other', () => {
    const loop = new Loop(1, 0)
    const seen: [string, number, number][] = []
    loop.runUntil(0, 1000)
    loop.at(100, () => seen.push(['own', loop.now, loop.peerNow]))
    loop.at(200, () => seen.push(['own', loop.now, loop.peerNow]))
    loop.atPeer(1150, () => seen.push(['peer', loop.now, loop.peerNow]))
    loop.runUntil(300, 1300)
    for (const [i, [, now, peer]] of seen.entries()) {
      if (i === 0) continue
      expect(now).toBeGreaterThanOrEqual(seen[i - 1]![1])
      expect(peer).toBeGreaterThanOrEqual(seen[i - 1]![2])
    }
    expect(seen.find(([what]) => what === 'peer')![2]).toBe(1150)
  })
})
