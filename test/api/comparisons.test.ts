// Comparisons over HTTP: the library, ordering one, its progress and reports, stopping it, and what was clicked as a scenario. The
// served cluster goes on meanwhile.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { parseScenario } from '../../compare/scenario/parse.ts'
import { asGuest, type Json, type Site, site } from './support.ts'

const quick = `
name: quick
question: Is it over soon?
topology: { queues: [{ name: work, leader: node1 }] }
variants: [ordinary, mirrored-all]
workload:
  publishers: [{ node: node2, queue: work, rate: 20, time: 4 s, flag: [persistent], confirm: 10 }]
  consumers: [{ node: node3, queue: work }]
faults:
  - { at: 2 s, kill: node1 }
  - { after: 1 s, start: node1 }
assertions:
  - mirrored-all: confirmed-lost = 0
`

/** The worker is a compiled file. */
beforeAll(() => {
  execFileSync(process.execPath, [join(import.meta.dirname, '..', '..', 'build.mjs'), '--if-stale'])
}, 300_000)

const over = (here: Site, id: number) =>
  expect
    .poll(async () => (await here.get(`/warren/comparisons/${id}`)).state, { timeout: 60_000 })
    .toMatch(/done|failed/)

test('a comparison runs, tells how far it is, and gives its report as JSON and as HTML', async () => {
  const here = await site()
  const { ask, get, url } = here
  const { status, body: ordered } = await ask('POST', '/warren/comparisons', { text: quick, seed: 7 })
  expect([status, ordered.name, ordered.question, ordered.seed]).toEqual([
    200,
    'quick',
    'Is it over soon?',
    7,
  ])
  expect(['waiting', 'running']).toContain(ordered.state)
  expect((await ask('GET', `/warren/comparisons/${ordered.id}/report`)).status).toBe(409)
  await over(here, ordered.id)
  const state = await get(`/warren/comparisons/${ordered.id}`)
  expect([state.state, state.reason, state.variants.map(({ done }: Json) => done)]).toEqual([
    'done',
    null,
    [1, 1],
  ])
  const report = await get(`/warren/comparisons/${ordered.id}/report`)
  expect(report.runs.map(({ variant, metrics }: Json) => [variant, metrics.published])).toEqual([
    ['ordinary', 80],
    ['mirrored-all', 80],
  ])
  expect(report.weighed).toMatchObject([{ variant: 'mirrored-all', holds: true }])
  const html = await fetch(`${url}/warren/comparisons/${ordered.id}/report?format=html`, { headers: asGuest })
  expect([html.headers.get('content-type'), await html.text()]).toEqual([
    'text/html; charset=utf-8',
    expect.stringContaining('<title>quick'),
  ])
}, 120_000)

test('equal orders give equal reports, and only the variants that were asked for', async () => {
  const here = await site({ nodes: 1 })
  const order = { text: quick, seed: 3, variants: ['ordinary'] }
  const ids = [(await here.ask('POST', '/warren/comparisons', order)).body.id]
  ids.push((await here.ask('POST', '/warren/comparisons', order)).body.id)
  for (const id of ids) await over(here, id)
  const [one, two] = await Promise.all(ids.map((id) => here.get(`/warren/comparisons/${id}/report`)))
  expect(one.runs.map(({ variant }: Json) => variant)).toEqual(['ordinary'])
  expect(two).toEqual(one)
}, 120_000)

test('one that runs is stopped, and the next begins', async () => {
  const here = await site({ nodes: 1 })
  const long = quick.replace('time: 4 s', 'time: 50 min').replace('rate: 20', 'rate: 5000')
  const first = (await here.ask('POST', '/warren/comparisons', { text: long })).body.id
  const second = (await here.ask('POST', '/warren/comparisons', { text: quick })).body.id
  expect((await here.get(`/warren/comparisons/${second}`)).state).toBe('waiting')
  expect((await here.ask('DELETE', `/warren/comparisons/${first}`)).status).toBe(204)
  await over(here, second)
  expect((await here.get('/warren/comparisons')).map(({ id }: Json) => id)).toEqual([second])
}, 120_000)

test('every scenario of the library reads', async () => {
  const { get } = await site({ nodes: 1 })
  const library = await get('/warren/comparisons/scenarios')
  expect(library.length).toBeGreaterThan(0)
  for (const { text, variants } of library)
    expect(variants).toEqual(parseScenario(text, 'x', String).variants.map(({ name }) => name))
})

test('what was done to the cluster is a scenario, with its faults at their times', async () => {
  const { ask, get, client, cluster } = await site()
  const channel = await (await client(1)).createChannel()
  await channel.assertQueue('orders')
  await cluster.setPolicy({ name: 'ha', pattern: '^orders', definition: { 'ha-mode': 'all' } })
  await ask('POST', '/warren/nodes/rabbit@node1/kill')
  await ask('POST', '/warren/nodes/rabbit@node1/start')
  await ask('PUT', '/warren/partition', { groups: [['rabbit@node1'], ['rabbit@node2', 'rabbit@node3']] })
  await ask('DELETE', '/warren/partition')
  const { text, faults } = await get('/warren/comparisons/recording')
  const scenario = parseScenario(text, 'recorded', String)
  expect(faults).toBe(4)
  expect(scenario.faults.map(({ action }) => action)).toEqual([
    { do: 'kill', node: 1 },
    { do: 'start', node: 1 },
    { do: 'cut', groups: [[1], [2, 3]] },
    { do: 'heal' },
  ])
  expect(scenario.topology.queues.map(({ name }) => name)).toEqual(['orders'])
  expect(scenario.variants.map(({ name }) => name)).toEqual([
    'single',
    'ordinary',
    'mirrored-all',
    'as-it-was',
  ])
})

test('a scenario with a fault says where it is, and starts nothing', async () => {
  const { ask, get } = await site({ nodes: 1 })
  const wrong = quick.replace('rate: 20', 'rate: fast')
  const { body } = await ask('POST', '/warren/comparisons/check', { text: wrong })
  expect(body.fault).toMatchObject({ line: 7, text: expect.stringContaining('"fast"') })
  const refused = await ask('POST', '/warren/comparisons', { text: wrong })
  expect([refused.status, refused.body.reason]).toEqual([400, expect.stringContaining('scenario:7:')])
  expect(await get('/warren/comparisons')).toEqual([])
})

test.each([
  [{}, /either 'scenario'/],
  [{ scenario: 'none' }, /There is no scenario 'none'; there are .*leader-crash/],
  [{ text: quick, variants: ['other'] }, /no variant 'other'; it has ordinary, mirrored-all/],
  [{ text: quick, seed: -1 }, /'seed' must be/],
  [{ text: quick, speed: 1 }, /'speed'/],
])('an order that makes no sense is refused in one sentence: %j', async (order, reason) => {
  const { ask } = await site({ nodes: 1 })
  const answer = await ask('POST', '/warren/comparisons', order)
  expect([400, 404]).toContain(answer.status)
  expect(answer.body.reason).toMatch(reason)
})
