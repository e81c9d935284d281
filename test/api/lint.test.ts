// Lint over HTTP and in the library: the same findings, from the vhosts that are open to whoever asks.

import { expect, test } from 'vitest'
import { type Json, site } from './support.ts'

const rules = (findings: readonly Json[]) => findings.map(({ rule }) => rule)
const basic = (user: string) => ({ authorization: `Basic ${btoa(`${user}:${user}`)}` })

test('GET /warren/policies/lint gives findings with severity, policies, objects, a sentence and what to do', async () => {
  const { get, client, cluster } = await site()
  const channel = await (await client(1)).createChannel()
  await channel.assertQueue('orders')
  const before = await get('/warren/policies/lint')
  expect(before).toEqual([])
  await cluster.setPolicy({
    name: 'ha',
    pattern: '^orders',
    definition: { 'ha-mode': 'all', 'ha-sync-mode': 'automatic' },
  })
  await cluster.setPolicy({ name: 'ttl', pattern: '^ord', definition: { 'message-ttl': 5000 } })
  const findings = await get('/warren/policies/lint')
  expect(findings).toEqual([
    {
      rule: 'same-priority',
      severity: 'error',
      policies: ['ha', 'ttl'].map((name) => ({ kind: 'policy', vhost: '/', name })),
      objects: [{ kind: 'queue', vhost: '/', name: 'orders' }],
      objectCount: 1,
      sentence: expect.stringContaining('both match queue "orders"'),
      whatToDo: expect.stringMatching(/^Give each its own priority/),
    },
    expect.objectContaining({
      rule: 'never-in-force',
      policies: expect.arrayContaining([expect.objectContaining({ name: 'ttl' })]),
    }),
  ])
  expect(cluster.policies.lint()).toEqual(findings)
})

test('operator policies, arguments and mirrors of the running queues are looked at', async () => {
  const { get, ask, client } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('orders', { arguments: { 'x-max-length': 500 } })
  channel.sendToQueue('orders', Buffer.from('one'))
  await channel.waitForConfirms()
  await ask('PUT', '/api/policies/%2F/ha', { pattern: '^orders', definition: { 'ha-mode': 'all' } })
  await ask('PUT', '/api/operator-policies/%2F/cap', {
    pattern: '^orders',
    definition: { 'max-length': 100 },
  })
  const findings = await get('/warren/policies/lint')
  expect(rules(findings).sort()).toEqual([
    'can-lose-on-failure',
    'operator-below-argument',
    'unsynchronised-now',
  ])
  await ask('POST', '/api/queues/%2F/orders/actions', { action: 'sync' })
  await expect
    .poll(async () => rules(await get('/warren/policies/lint')).sort())
    .toEqual(['can-lose-on-failure', 'operator-below-argument'])
})

test('whoever asks hears of the vhosts that are open to them only', async () => {
  const { get, ask } = await site()
  await ask('PUT', '/api/vhosts/shop')
  for (const vhost of ['%2F', 'shop'])
    await ask('PUT', `/api/policies/${vhost}/gone`, { pattern: '^gone', definition: { expires: 60_000 } })
  await ask('PUT', '/api/users/clerk', { password: 'clerk', tags: 'management' })
  await ask('PUT', '/api/permissions/shop/clerk', { configure: '', write: '', read: '' })
  expect((await get('/warren/policies/lint')).length).toBe(2)
  const { status, body } = await ask('GET', '/warren/policies/lint', undefined, basic('clerk'))
  expect([status, body.map(({ policies }: Json) => policies[0].vhost)]).toEqual([200, ['shop']])
  expect((await ask('GET', '/warren/policies/lint', undefined, { authorization: '' })).status).toBe(401)
})

test('a node is asked for its own view, and one that is not there is 404', async () => {
  const { get, ask, cluster } = await site()
  await cluster.cut([[1], [2, 3]])
  await ask('PUT', '/node/rabbit@node3/api/policies/%2F/gone', {
    pattern: '^gone',
    definition: { expires: 60_000 },
  })
  expect(rules(await get('/warren/policies/lint?node=rabbit@node1'))).toEqual([])
  expect(rules(await get('/warren/policies/lint?node=rabbit@node3'))).toEqual(['matches-nothing'])
  expect((await ask('GET', '/warren/policies/lint?node=rabbit@node9')).status).toBe(404)
})
