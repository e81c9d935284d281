// The description of the control API that the server gives: every operation in it is asked once, and answers as it says; what
// it does not name is not there.

import { expect, test } from 'vitest'
import { violations } from '../support/json-schema.ts'
import { Reader } from './feed.ts'
import { type Json, objectNotFound, type Site, site } from './support.ts'

const [one, two, three] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const
const link = `/warren/links/${one}/${two}`
const client = (state: Json) => `/warren/clients/${state.clients[0].id}`

/** Of a comparison that is over at once. */
const quickScenario = `
name: quick
topology: { queues: [{ name: work }] }
variants: [single]
workload:
  publishers: [{ node: node1, queue: work, rate: 10, time: 1 s }]
  consumers: [{ node: node1, queue: work }]
`

interface Sample {
  readonly path: (state: Json) => string
  readonly body?: unknown
  readonly status: 200 | 204
}

const read = (path: string): Sample => ({ path: () => path, status: 200 })
const act = (path: string, body?: unknown): Sample => ({ path: () => path, body, status: 204 })

/** One request for every operation, those that break things last. */
const samples: Readonly<Record<string, Sample>> = {
  'GET /warren/openapi.json': read('/warren/openapi.json'),
  'GET /warren/nodes': read('/warren/nodes'),
  'GET /warren/nodes/{name}/cost': read(`/warren/nodes/${one}/cost?how=stop`),
  'GET /warren/links': read('/warren/links'),
  'GET /warren/partition-handling': read('/warren/partition-handling'),
  'GET /warren/memory-limit': read('/warren/memory-limit'),
  'GET /warren/clients': read('/warren/clients'),
  'GET /warren/clock': read('/warren/clock'),
  'GET /warren/events': read('/warren/events?kind=node-started&kind=queue-declared'),
  'GET /warren/state': read('/warren/state'),
  'GET /warren/messages': read('/warren/messages?queue=q&step=published'),
  'GET /warren/messages/{vhost}/{queue}/{id}': read('/warren/messages/%2F/q/1'),
  'GET /warren/policies/lint': read('/warren/policies/lint'),
  'GET /warren/policies/explain/{vhost}/{kind}/{name}': read('/warren/policies/explain/%2F/queue/q'),
  'POST /warren/policies/preview': {
    path: () => '/warren/policies/preview',
    body: { set: [{ vhost: '/', name: 'p', pattern: '^q', definition: { 'ha-mode': 'all' } }] },
    status: 200,
  },
  'POST /warren/policies/check': {
    path: () => '/warren/policies/check',
    body: { policy: { name: 'p', pattern: '^q', definition: { 'ha-mode': 'all' } } },
    status: 200,
  },
  'POST /warren/policies/apply': {
    path: () => '/warren/policies/apply',
    body: { text: '- {name: p, pattern: ^z, definition: {max-length: 1}}' },
    status: 200,
  },
  'GET /warren/policies/file': read('/warren/policies/file?format=json'),
  'GET /warren/policies/presets': read('/warren/policies/presets'),
  'GET /warren/comparisons/scenarios': read('/warren/comparisons/scenarios'),
  'GET /warren/comparisons/recording': read('/warren/comparisons/recording'),
  'POST /warren/comparisons/check': {
    path: () => '/warren/comparisons/check',
    body: { text: 'name: x' },
    status: 200,
  },
  'POST /warren/comparisons': {
    path: () => '/warren/comparisons',
    body: { text: quickScenario, seed: 3 },
    status: 200,
  },
  'GET /warren/comparisons': read('/warren/comparisons'),
  'GET /warren/comparisons/{id}': read('/warren/comparisons/1'),
  'GET /warren/comparisons/{id}/report': {
    path: () => '/warren/comparisons/1/report',
    status: 200,
  },
  'DELETE /warren/comparisons/{id}': { path: () => '/warren/comparisons/1', status: 204 },
  'GET /warren/queues/{vhost}/{name}': read('/warren/queues/%2F/q'),
  'POST /warren/rebalance': { path: () => '/warren/rebalance', body: { node: one }, status: 200 },
  'PUT /warren/clock': { path: () => '/warren/clock', body: { speed: 2 }, status: 200 },
  'POST /warren/clock/step': { path: () => '/warren/clock/step', body: { ms: 5 }, status: 200 },
  'PUT /warren/partition-handling': {
    path: () => '/warren/partition-handling',
    body: { mode: 'pause_if_all_down', nodes: [one], recover: 'autoheal' },
    status: 200,
  },
  'PUT /warren/memory-limit': { path: () => '/warren/memory-limit', body: { fraction: 0.9 }, status: 200 },
  'PUT /warren/links/{from}/{to}': act(link, { delay_ms: 1, bytes_per_second: 1e6 }),
  'DELETE /warren/links/{from}/{to}': act(link),
  'PUT /warren/clients/{client}': {
    path: client,
    body: { delay_ms: 1, direction: 'to_client' },
    status: 204,
  },
  'DELETE /warren/clients/{client}': { path: client, status: 204 },
  'POST /warren/clients/{client}/reset': { path: (state) => `${client(state)}/reset`, status: 204 },
  'PUT /warren/silence': act('/warren/silence', { node: one, from: [two] }),
  'DELETE /warren/partition': act('/warren/partition'),
  'PUT /warren/partition': act('/warren/partition', { between: [one, three] }),
  'POST /warren/nodes': { path: () => '/warren/nodes', status: 200 },
  'POST /warren/nodes/{name}/{verb}': act(`/warren/nodes/${two}/kill`),
}

let whole: Site
let paths: Json
const operations = () =>
  Object.entries<Json>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )

/** A cluster with something to tell. */
async function stocked(): Promise<Site> {
  const fresh = await site({ trace: 'messages' })
  const channel = await (await fresh.client(1)).createConfirmChannel()
  await channel.assertQueue('q')
  channel.sendToQueue('q', Buffer.from('x'))
  await channel.waitForConfirms()
  return fresh
}

/** No comparison is on its way. */
const settled = ({ get }: Site) =>
  expect
    .poll(async () => (await get('/warren/comparisons')).map(({ state }: Json) => state), { timeout: 20_000 })
    .not.toEqual(expect.arrayContaining([expect.stringMatching(/waiting|running/)]))

test('every operation answers as it is described, and every one is tried', async () => {
  whole = await stocked()
  paths = (await whole.get('/warren/openapi.json')).paths
  const streams = ['GET /warren/events/stream']
  expect(operations().sort()).toEqual([...Object.keys(samples), ...streams].sort())
  const state = await whole.get('/warren/state')
  for (const [operation, { path, body, status }] of Object.entries(samples)) {
    const [method, described] = operation.split(' ') as [string, string]
    const { responses } = paths[described][method.toLowerCase()]
    if (operation.endsWith('/report')) await settled(whole)
    const answer = await whole.ask(method, path(state), body)
    expect([operation, answer.status, answer.body]).toEqual([operation, status, expect.anything()])
    const schema = Object.values<Json>(responses[status]?.content ?? {})[0]?.schema
    if (status === 204) expect(responses[204]).toBeDefined()
    else expect([operation, violations(schema, answer.body)]).toEqual([operation, []])
  }
})

test('bodies that the samples send are what the description asks for', async () => {
  const description = (await (await site({ nodes: 1 })).get('/warren/openapi.json')).paths
  for (const [operation, { body }] of Object.entries(samples)) {
    if (body === undefined) continue
    const [method, described] = operation.split(' ') as [string, string]
    const schema = description[described][method.toLowerCase()].requestBody.content['application/json'].schema
    expect([operation, violations(schema, body)]).toEqual([operation, []])
  }
})

test('the first state of the stream is the one that is described, and more', async () => {
  const { url, get } = await stocked()
  const { paths: described } = await get('/warren/openapi.json')
  const schema = described['/warren/state'].get.responses[200].content['application/json'].schema
  const { full, gone, queues_in_order: order, ...state } = await (await Reader.open(url)).until('state')
  expect([full, gone, order.length]).toEqual([true, { nodes: [], links: [], queues: [], clients: [] }, 1])
  expect(violations(schema, state)).toEqual([])
})

test('what is not described is not there', async () => {
  const { ask } = await site({ nodes: 1 })
  for (const [method, path] of [
    ['GET', '/warren/partition'],
    ['POST', '/warren/links'],
    ['DELETE', `/warren/nodes/${one}`],
    ['PATCH', '/warren/clock'],
  ] as const)
    expect((await ask(method, path)).body).toEqual(objectNotFound)
})
