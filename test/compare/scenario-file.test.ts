// Scenario files: the shipped ones are read and follow the published schema; a wrong one is refused in one sentence with line
// and column.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { scenarioSchema, schemaText } from '../../compare/scenario/file-schema.ts'
import { parseScenario } from '../../compare/scenario/parse.ts'
import { violations } from '../support/json-schema.ts'

const root = join(import.meta.dirname, '..', '..')
const library = join(root, 'examples', 'scenarios')
const schema = scenarioSchema()

test('scenario.schema.json is what the shapes give; `vitest run test/compare/scenario-file.test.ts -u` writes it anew', async () => {
  await expect(schemaText()).toMatchFileSnapshot(join(root, 'compare', 'scenario', 'scenario.schema.json'))
})

const shipped = readdirSync(library).filter((name) => name.endsWith('.yaml'))

test.each(shipped)('%s is read and follows the schema', (name) => {
  const text = readFileSync(join(library, name), 'utf8')
  const scenario = parseScenario(text, name, (path) => readFileSync(join(library, path), 'utf8'))
  expect(`${scenario.name}.yaml`).toBe(name)
  expect(violations(schema, load(text))).toEqual([])
})

const good = `name: small
topology: { queues: [{ name: work }] }
workload:
  publishers: [{ queue: work, pmessages: 10 }]
  consumers: [{ queue: work }]
`

describe('a small file', () => {
  test('says by its defaults what it does not say', () => {
    const scenario = parseScenario(good, 'small.yaml')
    expect(scenario.variants.map(({ name, nodes }) => `${name} ${nodes}`)).toEqual([
      'single 1',
      'ordinary 3',
      'mirrored-all 3',
    ])
    expect(scenario.workload.publishers[0]).toMatchObject({
      name: 'publisher',
      nodes: [1],
      exchange: '',
      routingKey: 'work',
      rates: [{ rate: null, forMs: null }],
      messages: 10,
      retry: [],
    })
    expect(scenario.needs).toEqual([])
    expect(scenario.cluster.links.delayMs).toBeNull()
  })

  test('may be JSON', () => {
    expect(parseScenario(JSON.stringify(load(good)), 'small.json')).toEqual(parseScenario(good, 'small.yaml'))
  })
})

describe('a mode', () => {
  const withVariants = (variants: string, more = '') =>
    parseScenario(`${good}variants: ${variants}\n${more}`, 's.yaml')

  test('is policies for the queues', () => {
    const [plain, two, by] = withVariants(
      '[ordinary, { mode: mirrored-exactly-2, sync: manual, promote-on-failure: when-synced }, mirrored-nodes]',
    ).variants
    expect(plain?.policies).toEqual([])
    expect(two).toMatchObject({ name: 'mirrored-exactly-2', mode: 'mirrored' })
    expect(two?.policies[0]?.definition).toEqual({
      'ha-mode': 'exactly',
      'ha-params': 2,
      'ha-sync-mode': 'manual',
      'ha-promote-on-failure': 'when-synced',
    })
    expect(by?.policies[0]?.definition).toMatchObject({ 'ha-params': ['rabbit@node1', 'rabbit@node2'] })
  })

  test("joins the scenario's policies, since only one applies to a queue", () => {
    const limit = 'policies: [{ name: short, pattern: ^work, definition: { max-length: 5 } }]\n'
    const [variant] = withVariants('[mirrored-all]', limit).variants
    expect(variant?.policies.map(({ name, priority, definition }) => [name, priority, definition])).toEqual([
      ['short', 0, { 'max-length': 5, 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }],
      ['warren-mirrors', -1, { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' }],
    ])
  })
})

describe('what is needed', () => {
  test.each([
    ['cluster: { links: { delay: 50 ms } }', ['link-delay']],
    ['cluster: { links: { pairs: [{ between: [node1, node2], bandwidth: 1 MB/s }] } }', ['link-bandwidth']],
    ['cluster: { disk: { flush: 10 ms }, costs: default }', ['cost-model', 'disk-delay']],
    ['faults: [{ at: 11 min, silence: [[node1]] }]', ['long-run', 'silent-links']],
    ['needs: [long-run]', ['long-run']],
  ])('follows from %s', (more, expected) => {
    expect(parseScenario(`${good}${more}\n`, 's.yaml').needs).toEqual(expected)
  })
})

describe('a wrong file', () => {
  test.each([
    ['', 's.yaml:1:1: the file is empty, a scenario is expected'],
    ['- a\n', 's.yaml:1:1: a scenario is expected here, not a list'],
    [`${good}speed: 1\n`, /^s.yaml:6:1: speed: not a key of a scenario, which has name, question/],
    ['name: x\n', 's.yaml:1:1: topology is missing in a scenario'],
    [
      good.replace('pmessages: 10', 'rate: fast, pmessages: 1'),
      /:4:31: workload.publishers 1.rate: "fast" is not/,
    ],
    [good.replace(', pmessages: 10', ''), /:4:16: workload.publishers 1: a publisher has pmessages or time/],
    [
      good.replace('queue: work, ', 'queue: wrok, '),
      /:4:18: workload.publishers 1.queue: there is no queue wrok/,
    ],
    [`${good}faults: [{ kill: node1 }]\n`, /:6:10: faults 1: a fault has one of at, when, after/],
    [
      `${good}faults: [{ at: 1 s, kill: node4 }]\n`,
      /:6:21: faults 1.kill: there is no node4, the cluster has 3/,
    ],
    [`${good}faults: [{ at: 5, kill: node1 }]\n`, /:6:12: faults 1.at: 5 is not a time such as 5 s/],
    [
      `${good}faults: [{ after: 1 s, kill: node1 }]\n`,
      /:6:12: faults 1.after: there is no fault before this one/,
    ],
    [`${good}faults: [{ when: 5 lost, kill: node1 }]\n`, /:6:12: faults 1.when: "5 lost" is not a condition/],
    [`${good}variants: [twofold]\n`, /:6:12: variants 1: "twofold" is not one of single, ordinary/],
    [
      `${good}variants: [{ mode: single, sync: manual }]\n`,
      /:6:28: variants 1.sync: sync goes with a mirrored mode/,
    ],
    [`${good}variants: [single, single]\n`, /:6:20: variants 2: single is the name of another variant/],
    [
      `${good}variants: [{ name: x, policies: [{ name: a, pattern: a, definition: { ha-mode: some } }] }]\n`,
      /:6:71: variants 1.policies 1.definition.ha-mode: policy "a", definition.ha-mode: "some" is not/,
    ],
    [
      `${good}variants: [{ name: x, policy-file: p.yaml }]\n`,
      /:6:23: .*: cannot read p.yaml \(p.yaml is not at hand\)/,
    ],
    [
      `${good}assertions: [lost is 0]\n`,
      /:6:14: assertions 1: not an assertion such as "confirmed-lost = 0"/,
    ],
    [`${good}assertions: [loss = 0]\n`, /:6:14: assertions 1: no metric loss; they are published, confirmed/],
    [
      `${good}assertions: [unavailable < 2]\n`,
      /:6:14: assertions 1: unavailable is compared with ms, s, min, h/,
    ],
    [
      `${good}assertions: [lost of shop = 0]\n`,
      /:6:14: assertions 1: lost is not of shop, but of publisher, work/,
    ],
    [
      `${good}assertions: [{ mirrored: lost = 0 }]\n`,
      /:6:16: assertions 1.mirrored: there is no variant mirrored/,
    ],
    [`${good}cluster: { nodes: 3\n`, /^s.yaml:\d+:\d+: not valid YAML, /],
  ])('is refused: %#', (text, complaint) => {
    const expected = typeof complaint === 'string' ? complaint : expect.stringMatching(complaint)
    let message = 'accepted'
    try {
      parseScenario(text, 's.yaml')
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toEqual(expected)
    expect(message).not.toContain('\n')
  })
})
