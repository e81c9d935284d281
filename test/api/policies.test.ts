// Policies over HTTP: every recorded refusal in RabbitMQ's words, and what a policy does when the PUT returns.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '../../index.ts'
import { objectNotFound, type Site, site, siteOf } from './support.ts'

interface Recording {
  readonly def?: unknown
  readonly req?: unknown
  readonly status: number
  readonly body: unknown
  readonly after?: unknown
}

const recorded: Record<string, Recording> = JSON.parse(
  readFileSync(new URL('../data/policies.json', import.meta.url), 'utf8'),
)
const judged = Object.entries(recorded).filter(
  ([label, { def, req }]) => /^http\.(put|body)\./.test(label) && (def !== undefined || req !== undefined),
)

describe('a recorded PUT is answered as by RabbitMQ', () => {
  let cluster: RunningCluster
  let http: Site
  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1, port: 0, adminPort: 0 })
    http = siteOf(cluster)
  })
  afterAll(() => cluster?.stop())

  test('and there are many', () => expect(judged.length).toBeGreaterThan(60))

  test.each(judged)('%s', async (_, { def, req, status, body, after }) => {
    const sent = req ?? { pattern: '^zz', definition: def }
    const answer = await http.ask('PUT', '/api/policies/%2F/bad', sent)
    // Where the real one crashes, Warren says what is wrong.
    if (status === 500) expect([answer.status, answer.body.error]).toEqual([400, 'bad_request'])
    else expect([answer.status, answer.body]).toEqual([status, body])
    const kept = await http.ask('GET', '/api/policies/%2F/bad')
    if (after !== undefined) expect(kept.body).toEqual(after)
    if (status >= 400) expect(kept.body).toEqual(objectNotFound)
    else expect((await http.ask('DELETE', '/api/policies/%2F/bad')).status).toBe(204)
  })
})

test('a policy is made, changed, listed and cleared', async () => {
  const { ask, get } = await site()
  const path = '/api/policies/%2F/ok'
  const policy = { pattern: '^ok', 'apply-to': 'queues', priority: 3, definition: { 'ha-mode': 'all' } }
  expect((await ask('PUT', path, policy)).status).toBe(201)
  expect((await ask('PUT', path, policy)).status).toBe(204)
  expect(await get(path)).toEqual({ vhost: '/', name: 'ok', ...policy })
  expect(await get('/api/policies/%2F')).toEqual([{ vhost: '/', name: 'ok', ...policy }])
  expect((await ask('DELETE', path)).status).toBe(204)
  const again = await ask('DELETE', path)
  expect([again.status, again.body]).toEqual([404, objectNotFound])
  const elsewhere = await ask('PUT', '/api/policies/nov/ok', policy)
  expect([elsewhere.status, elsewhere.body]).toEqual([404, { error: 'not_found', reason: 'vhost_not_found' }])
})

test('when a PUT returns, the mirrors are there; when a DELETE returns, they are gone', async () => {
  const { ask, get, client } = await site()
  const channel = await (await client(2)).createChannel()
  await channel.assertQueue('orders')
  await channel.assertExchange('orders.x', 'fanout')
  await ask('PUT', '/api/policies/%2F/p', {
    pattern: '^orders',
    definition: { 'ha-mode': 'exactly', 'ha-params': 3 },
  })
  expect(await get('/api/queues/%2F/orders')).toMatchObject({
    policy: 'p',
    slave_nodes: expect.arrayContaining(['rabbit@node1', 'rabbit@node3']),
    effective_policy_definition: { 'ha-mode': 'exactly', 'ha-params': 3 },
  })
  expect((await get('/api/exchanges/%2F/orders.x')).policy).toBe('p')
  await ask('DELETE', '/api/policies/%2F/p')
  const after = await get('/api/queues/%2F/orders')
  expect(after).toMatchObject({ policy: null, node: 'rabbit@node2', effective_policy_definition: {} })
  expect(after).not.toHaveProperty('slave_nodes')
})
