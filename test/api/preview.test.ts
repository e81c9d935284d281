// Previews and explanations over HTTP and from the library: the same answers by both, nothing touched, and one sentence for
// what makes no sense.

import { expect, test } from 'vitest'
import { PolicyChangeError } from '../../index.ts'
import { put } from '../support/clients.ts'
import { type Json, site } from './support.ts'

const [one, two, three] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const
const preview = '/warren/policies/preview'
const ha = {
  vhost: '/',
  name: 'ha',
  pattern: '^orders',
  'apply-to': 'queues' as const,
  definition: { 'ha-mode': 'nodes', 'ha-params': [two, three] },
}

/** A queue with three messages on node 1. */
async function withOrders() {
  const all = await site()
  const channel = await (await all.client(1)).createConfirmChannel()
  await channel.assertQueue('orders')
  await put(channel, 'orders', '12345', '12345', '12345')
  return all
}

test('a preview says what setting a policy would do, and touches nothing', async () => {
  const { ask, get } = await withOrders()
  const { status, body } = await ask('POST', preview, { set: [ha] })
  expect([status, body.totals]).toEqual([
    200,
    expect.objectContaining({
      queues: 1,
      leadersWaiting: 1,
      mirrorsStarted: 2,
      manual: { messages: 6, bytes: 30 },
    }),
  ])
  const [queue] = body.queues
  expect(queue).toMatchObject({
    name: 'orders',
    policy: { from: null, to: 'ha' },
    starts: [two, three],
    leaders: [],
  })
  expect(await get('/api/policies')).toEqual([])
  expect(await get('/api/queues/%2F/orders')).toMatchObject({ policy: null, node: one })
})

test('what it announced is what setting the policy then does, and that can be told afterwards', async () => {
  const { ask, get, cluster } = await withOrders()
  const automatic = { ...ha, definition: { ...ha.definition, 'ha-sync-mode': 'automatic' } }
  const [announced] = (await ask('POST', preview, { set: [automatic] })).body.queues
  expect(announced).toMatchObject({ leaders: [two], sync: { how: 'automatic', messages: 6 } })
  const before = cluster.policies.snapshot()
  const { vhost, name, ...body } = automatic
  await ask('PUT', '/api/policies/%2F/ha', body)
  await expect
    .poll(async () => (await get('/api/queues/%2F/orders')).synchronised_slave_nodes)
    .toEqual([three])
  const [found] = cluster.policies.since(before).queues
  expect(found?.placement?.to[0]).toEqual(announced.placement.to[0])
  expect([found?.definition, found?.leaders]).toEqual([announced.definition, announced.leaders])
})

test('the library previews, applies and explains as HTTP does', async () => {
  const { ask, get, cluster } = await withOrders()
  const change = { set: [ha] }
  expect(cluster.policies.preview(change)).toEqual((await ask('POST', preview, change)).body)
  cluster.policies.apply(change)
  expect(cluster.policies.explain('queue', 'orders')).toEqual(
    await get('/warren/policies/explain/%2F/queue/orders'),
  )
  expect(cluster.policies.explain('queue', 'nothing')).toBeNull()
  expect(() => cluster.policies.apply({ set: [{ ...ha, definition: {} }] })).toThrow(PolicyChangeError)
  expect(await get('/api/policies')).toMatchObject([{ name: 'ha' }])
  cluster.policies.apply({
    replace: [
      { ...ha, name: 'other' },
      { ...ha, name: 'cap', definition: { 'max-length': 9 }, operator: true },
    ],
  })
  expect([await get('/api/policies'), await get('/api/operator-policies')]).toMatchObject([
    [{ name: 'other' }],
    [{ name: 'cap' }],
  ])
})

test('an explanation tells every policy and the source of each key', async () => {
  const { ask, get } = await withOrders()
  await ask('PUT', '/api/policies/%2F/ha', {
    pattern: '^o',
    definition: { 'ha-mode': 'all', 'max-length': 9 },
  })
  await ask('PUT', '/api/policies/%2F/late', { pattern: '^o', definition: { 'max-length': 5 } })
  await ask('PUT', '/api/operator-policies/%2F/cap', { pattern: '^o', definition: { 'max-length': 7 } })
  const explanation = await get('/warren/policies/explain/%2F/queue/orders')
  expect(explanation.policies.map(({ name, verdict }: Json) => [name, verdict])).toEqual([
    ['ha', 'won'],
    ['late', 'tied'],
  ])
  expect(explanation.effective).toMatchObject([
    { key: 'ha-mode', source: 'policy', name: 'ha' },
    { key: 'max-length', value: 7, source: 'operator policy', name: 'cap', over: [{ value: 9 }] },
  ])
  expect((await get('/warren/policies/explain/%2F/exchange/amq.topic')).policy).toBeNull()
  expect((await ask('GET', '/warren/policies/explain/%2F/queue/nothing')).body.reason).toBe(
    "There is no queue 'nothing' in virtual host '/'.",
  )
  expect((await ask('GET', '/warren/policies/explain/test/queue/orders')).status).toBe(404)
  expect((await ask('GET', '/warren/policies/explain/%2F/user/guest')).status).toBe(400)
})

test.each([
  [
    { set: [{ ...ha, definition: { 'ha-mode': 'some' } }] },
    'Policy "ha", definition.ha-mode: "some" is not a valid ha-mode value.',
  ],
  [
    { set: [{ ...ha, pattern: '(' }] },
    'Policy "ha", pattern: "(" is not a regular expression (missing ) at character 1).',
  ],
  [{ set: [{ ...ha, vhost: 'test' }] }, 'Policy "ha", vhost: there is no virtual host "test".'],
  [{ set: [ha, { ...ha, name: 'b', priority: 'high' }] }, 'Policy "b", priority: "high" is not a number.'],
  [
    { clear: [{ vhost: '/', name: 'gone' }] },
    'There is no policy "gone" in virtual host "/" that could be cleared.',
  ],
  [{ clear: ['ha'] }, '"clear" must be a list of {"vhost", "name"}, and "ha" is none.'],
  [{ set: 'ha' }, '"set": a list of policies is expected here, not "ha".'],
  [{ sets: [] }, 'A change of policies has "set", "clear" or "replace", not "sets".'],
  [{}, 'The change must have "set", "clear" or "replace".'],
  [
    { replace: [], clear: [] },
    '"replace" says what all policies are, and leaves nothing to "set" or "clear".',
  ],
  [[], 'The change must be an object with "set" and "clear", or with "replace".'],
])('%j is refused in one sentence', async (body, reason) => {
  const { ask } = await site({ nodes: 1 })
  expect(await ask('POST', preview, body)).toMatchObject({
    status: 400,
    body: { error: 'bad_request', reason },
  })
})

test('each side of a partition is asked by its node', async () => {
  const { ask, get, cluster } = await site()
  await cluster.cut([[1], [2, 3]])
  await ask('PUT', `/node/${two}/api/policies/%2F/ha`, { pattern: '', definition: { 'ha-mode': 'all' } })
  const explained = (node: string) => get(`/warren/policies/explain/%2F/exchange/amq.topic?node=${node}`)
  expect([(await explained(one)).policies.length, (await explained(two)).policies.length]).toEqual([0, 1])
  expect((await ask('POST', `${preview}?node=rabbit@node9`, { set: [] })).status).toBe(404)
})

test('those who may not set policies preview none, and nobody those of a vhost that is not open to them', async () => {
  const { ask } = await site({ nodes: 1 })
  for (const [name, tags] of [
    ['reader', 'management'],
    ['maker', 'policymaker'],
  ])
    await ask('PUT', `/api/users/${name}`, { password: name, tags })
  const as = (name: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${name}`).toString('base64')}`,
  })
  expect((await ask('POST', preview, { set: [] }, as('reader'))).status).toBe(401)
  expect((await ask('POST', preview, { set: [] }, as('maker'))).status).toBe(200)
  expect((await ask('POST', preview, { set: [ha] }, as('maker'))).status).toBe(401)
  expect(
    (await ask('GET', '/warren/policies/explain/%2F/exchange/amq.topic', undefined, as('reader'))).status,
  ).toBe(401)
})
