// Many small histories of a mirrored queue in virtual time: nodes are killed, stopped and started again under load, one or
// two at a time, mostly while a message is under way over slow links. Whatever the seed: nothing confirmed is lost, all is delivered, and first deliveries keep their order.
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../compare/faults.ts'
import { runVariant, variants } from '../../compare/run.ts'
import { randomStream } from '../../nodes/loop.ts'

const nodes = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const
const messages = 1500
const durationMs = 36_000
const intervalMs = durationMs / messages
const linkDelayMs = 3

/** Three outages; `verbs` are the ways to end, `second` the chance that another node follows within 600 ms. */
function outages(chance: () => number, verbs: readonly ('kill' | 'stop')[], second: number): Fault[] {
  const any = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)]!
  const faults: Fault[] = []
  for (let near = 500; near < durationMs - 10_000; near += 12_000 + chance() * 1000) {
    // Within four link delays of a publish.
    const at = Math.round(near / intervalMs) * intervalMs + chance() * 4 * linkDelayMs
    const node = any(nodes)
    faults.push({ atMs: at, do: any(verbs), node })
    faults.push({ atMs: at + 3000 + chance() * 3000, do: 'start', node })
    const other = any(nodes)
    if (other === node || chance() >= second) continue
    const followMs = chance() * 600
    faults.push({ atMs: at + followMs, do: 'kill', node: other })
    faults.push({ atMs: at + followMs + 5000 + chance() * 500, do: 'start', node: other })
  }
  return faults
}

const stories = [
  ['one node at a time is killed', ['kill'], 0],
  ['one node at a time is killed or stopped', ['kill', 'stop'], 0],
  ['sometimes a second node follows', ['kill', 'stop'], 0.5],
] as const

describe.each(stories)('when %s', (_, verbs, second) => {
  test.each(Array.from({ length: 30 }, (_, i) => i + 1))('nothing confirmed is lost, seed %i', (seed) => {
    const chance = randomStream(seed, 'history')
    const any = () => nodes[Math.floor(chance() * 3)]!
    const placement = { leader: nodes[0], publisher: any(), consumer: any() }
    const faults = outages(chance, verbs, second)
    const workload = { messages, durationMs, workMs: 60 }
    const result = runVariant(variants.mirrored, {
      seed,
      scenario: 'no-fault',
      faults,
      placement,
      workload,
      linkDelayMs,
    })
    expect(result, JSON.stringify({ placement, faults })).toMatchObject({
      published: messages,
      confirmed: messages,
      delivered: messages,
      lostConfirmed: 0,
      outOfOrder: 0,
    })
  })
})
