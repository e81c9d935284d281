// Many small histories of a mirrored queue in virtual time: nodes are killed, stopped and started again under load, one or
// two at a time, mostly while a message is under way over slow links. Whatever the seed: nothing confirmed is lost, all is delivered, and first deliveries keep their order.
import { describe, expect, test } from 'vitest'
import { parseScenario } from '../../compare/scenario/parse.ts'
import { runScenario } from '../../compare/scenario/run.ts'
import { openEmulated } from '../../compare/targets/emulated-scenario.ts'
import { randomStream } from '../../nodes/loop.ts'

const nodes = [1, 2, 3] as const
const messages = 1440
const rate = 40
const linkDelayMs = 3

type Chance = () => number
const any = <T>(of: readonly T[], chance: Chance): T => of[Math.floor(chance() * of.length)]!

/** Three outages; `verbs` are the ways to end, `second` the chance that another node follows within 600 ms. */
function outages(chance: Chance, verbs: readonly ('kill' | 'stop')[], second: number): string[] {
  const faults: string[] = []
  const ms = (atLeast: number, more: number) => `${(atLeast + more * chance()).toFixed(3)} ms`
  for (const near of [20, 510, 1000]) {
    const node = any(nodes, chance)
    const name = `outage${near}`
    // Within four link delays of a publish.
    faults.push(
      `{ name: ${name}, when: ${near + Math.floor(40 * chance())} published, delay: ${ms(0, 4 * linkDelayMs)}, ${any(verbs, chance)}: node${node} }`,
      `{ after: ${ms(3000, 3000)}, of: ${name}, start: node${node} }`,
    )
    const other = any(nodes, chance)
    if (other === node || chance() >= second) continue
    faults.push(
      `{ name: second-${name}, after: ${ms(0, 600)}, of: ${name}, kill: node${other} }`,
      `{ after: ${ms(5000, 500)}, of: second-${name}, start: node${other} }`,
    )
  }
  return faults
}

const stories = [
  ['one node at a time is killed', ['kill'], 0],
  ['one node at a time is killed or stopped', ['kill', 'stop'], 0],
  ['sometimes a second node follows', ['kill', 'stop'], 0.5],
] as const

describe.each(stories)('when %s', (_, verbs, second) => {
  test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
    'nothing confirmed is lost, seed %i',
    async (seed) => {
      const chance = randomStream(seed, 'history')
      const [publisher, consumer] = [any(nodes, chance), any(nodes, chance)]
      const text = `name: kills
cluster: { links: { delay: ${linkDelayMs} ms } }
topology: { queues: [{ name: work, leader: node1 }] }
variants: [mirrored-all]
workload:
  publishers: [{ node: node${publisher}, queue: work, rate: ${rate}, pmessages: ${messages}, flag: [persistent], confirm: 100 }]
  consumers: [{ node: node${consumer}, queue: work, qos: 100, consumer-latency: 20 ms }]
faults:
${outages(chance, verbs, second)
  .map((fault) => `  - ${fault}`)
  .join('\n')}
`
      const scenario = parseScenario(text, 'kills.yaml')
      const { metrics, finished, timeline } = await runScenario(
        scenario,
        scenario.variants[0]!,
        openEmulated,
        seed,
      )
      const struck = timeline.filter(({ who }) => who === 'fault').length
      expect({ ...metrics, finished, struck }, text).toMatchObject({
        published: messages,
        confirmed: messages,
        delivered: messages,
        lost: 0,
        'out-of-order': 0,
        finished: true,
        struck: scenario.faults.length,
      })
    },
  )
})
