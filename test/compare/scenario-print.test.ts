// A scenario that is written back as a file is read equal: what `explore` finds can be run again as it was.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseScenario } from '../../compare/scenario/parse.ts'
import { printScenario } from '../../compare/scenario/print.ts'
import type { Scenario } from '../../compare/scenario/types.ts'

const library = join(import.meta.dirname, '..', '..', 'examples', 'scenarios')
const readFile = (path: string) => readFileSync(join(library, path), 'utf8')

/** Lines and columns are the file's; a mode's name becomes the policies it stands for, and those that all share are each's own. */
const comparable = ({ shared: _, ...scenario }: Scenario) => ({
  ...scenario,
  variants: scenario.variants.map((variant) => ({ ...variant, mode: '' })),
  assertions: scenario.assertions.map((one) => ({ ...one, line: 0, column: 0 })),
})

const expectSame = (scenario: Scenario) => {
  const text = printScenario(scenario)
  expect(comparable(parseScenario(text, 'printed.yaml'))).toEqual(comparable(scenario))
  expect(printScenario(parseScenario(text, 'printed.yaml'))).toBe(text)
}

test.each(readdirSync(library).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
  expectSame(parseScenario(readFile(name), name, readFile))
})

test('a file that says all there is to say', () => {
  const text = `
name: everything
question: Is all of it kept?
about: "More: words"
cluster:
  nodes: 4
  partition-handling: { mode: pause_if_all_down, nodes: [node1], recover: autoheal }
  net-ticktime: 15 s
  links: { delay: 1.5 ms, pairs: [{ between: [node1, node2], delay: 200 ms, bandwidth: 10 Mbit/s }] }
  disk: { flush: 4 ms }
  costs: default
topology:
  exchanges: [{ name: in, type: topic, durable: false, internal: false, arguments: { alternate-exchange: rest } }, { name: rest, type: fanout, internal: true }]
  queues: [{ name: work, leader: node2, durable: false, arguments: { x-max-length: 5 } }, { name: more }]
  bindings: [{ exchange: in, queue: work, key: "a.#" }, { exchange: in, to-exchange: rest, arguments: { x: 1 } }]
policies: [{ name: ttl, pattern: ^more, definition: { message-ttl: 1000 }, operator: true }]
variants:
  - single
  - { name: alone, mode: single, partition-handling: ignore }
  - { mode: ordinary, nodes: 2 }
  - { name: manual, mode: mirrored-exactly-2, sync: manual, promote-on-failure: always }
  - { name: own, policies: [{ name: p, pattern: "^w", priority: 3, apply-to: queues, definition: { ha-mode: all } }] }
workload:
  publishers:
    - { name: p, nodes: [node1, leader of work], exchange: in, routing-key: a.b, variable-rate: [{ rate: 5, for: 2 s }, { rate: unlimited, for: 1 s }], flag: [persistent, mandatory], confirm: 10, pmessages: 100, time: 4 s, retry: [returned], expiration: 500 ms, priority: 3, producers: 2, start: 1 s, stop: 9 s, reconnect: never }
    - { queue: more, rate: 0.5, time: 1 min, size: 12, reconnect: { delay: 5 ms, order: random, heartbeat: none } }
  consumers:
    - { queue: work, node: mirror of work, qos: 7, autoack: true, multi-ack-every: 3, consumer-latency: 1.25 ms, arguments: { x-priority: 2 }, idempotent: true, crash: { every: 5, times: 2, back: 1 s }, consumers: 3 }
faults:
  - { name: first, at: 1 s, kill: leader of work }
  - { after: 500 ms, start: node2 }
  - { after: 2 s, of: first, cut: [[node1, node2], [node3]] }
  - { when: 500 confirmed, delay: 20 ms, silence: [[node1]] }
  - { when: promoted work, cut-link: [node1, node2] }
  - { when: work holds 10, deafen: node1, to: [node2, node3] }
  - { when: node1 running, delay-link: [node1, node2], to: 30 ms }
  - { at: 0.25 ms, heal: true }
  - { at: 3 s, sync: work }
  - { at: 3 s, cancel-sync: work }
  - { at: 3 s, freeze: mirror of work }
  - { at: 3 s, thaw: node1 }
  - { at: 3 s, stop: node1 }
assertions:
  - confirmed-lost = 0
  - "single, own": [lost < 5, unavailable < 200 ms]
  - bodies own / single > 1.5
needs: [long-run]
afterwards: { repair: false, drain: false, patience: 30 s }
`
  expectSame(parseScenario(text, 'everything.yaml'))
})
