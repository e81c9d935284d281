// Editing policies over HTTP: faults while typing, what a draft would do, the change made in one step with its undo, and policies
// in and out as a file.

import { expect, test } from 'vitest'
import { put } from '../support/clients.ts'
import { type Json, site } from './support.ts'

const check = '/warren/policies/check'
const apply = '/warren/policies/apply'
const ha = {
  name: 'ha',
  vhost: '/',
  pattern: '^orders',
  'apply-to': 'queues',
  priority: 0,
  definition: { 'ha-mode': 'all' },
}

test('every faulty field of a form is named at once, in the words in which a PUT refuses it', async () => {
  const { ask } = await site()
  const policy = { ...ha, pattern: '(', definition: { 'max-length': 'x' } }
  const { status, body } = await ask('POST', check, { policy })
  expect([status, body.preview]).toEqual([200, null])
  expect(body.faults.map(({ field, key }: Json) => [field, key])).toEqual([
    ['definition', 'max-length'],
    ['pattern', null],
  ])
  const refused = await ask('PUT', '/api/policies/%2F/ha', policy)
  for (const { text } of body.faults)
    expect(refused.body.reason).toContain(text.replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
})

test('a name that is missing and a vhost that is not there are faults of their fields', async () => {
  const { ask } = await site()
  const { body } = await ask('POST', check, { policy: { ...ha, name: '', vhost: 'nowhere' } })
  expect(body.faults).toMatchObject([
    { field: 'name', text: 'A policy needs a name.' },
    { field: 'vhost', text: "There is no virtual host 'nowhere'." },
  ])
})

test('an operator policy is judged by the keys that operator policies have', async () => {
  const { ask } = await site()
  const { body } = await ask('POST', check, { policy: { ...ha, operator: true } })
  expect(body.faults).toMatchObject([{ field: 'definition', key: 'ha-mode' }])
})

test('a draft tells whom it matches and where leader and mirrors would be, and touches nothing', async () => {
  const { ask, get, client } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('orders')
  await put(channel, 'orders', 'one')
  const { body } = await ask('POST', check, { policy: ha })
  expect(body).toMatchObject({
    faults: [],
    policies: [{ name: 'ha' }],
    nodes: [{ name: 'rabbit@node1', running: true }, {}, {}],
    concerned: { queues: 1, exchanges: 0, following: 1, objects: [{ name: 'orders', follows: 'ha' }] },
    preview: { queues: [{ name: 'orders', starts: ['rabbit@node2', 'rabbit@node3'] }] },
  })
  expect(await get('/api/policies')).toEqual([])
})

test('of very many queues the first are told and all are counted', async () => {
  const { ask, client } = await site()
  const channel = await (await client(1)).createChannel()
  await Promise.all(Array.from({ length: 150 }, (_, i) => channel.assertQueue(`orders${i}`)))
  const { body } = await ask('POST', check, { policy: ha })
  expect([body.concerned.queues, body.preview.totals.queues]).toEqual([150, 150])
  expect([body.concerned.objects.length, body.preview.queues.length]).toEqual([100, 100])
})

test('a text with a fault says where it is', async () => {
  const { ask } = await site()
  const text = '- name: ha\n  pattern: ^orders\n  definition:\n    ha-mode: some\n'
  const { body } = await ask('POST', check, { text })
  expect(body.faults).toEqual([
    {
      field: 'text',
      key: null,
      text: 'policy "ha", definition.ha-mode: "some" is not a valid ha-mode value',
      place: { line: 4, column: 5 },
    },
  ])
  const refused = await ask('POST', apply, { text })
  expect([refused.status, refused.body.reason]).toEqual([400, body.faults[0].text])
})

test('a change is made in one step, and its undo takes it back', async () => {
  const { ask, get } = await site()
  const before = { ...ha, definition: { 'max-length': 5 } }
  await ask('POST', apply, { policy: before })
  const policies = await get('/api/policies')
  const renamed = { ...ha, name: 'mirrors' }
  const { status, body } = await ask('POST', apply, { policy: renamed, clear: [{ vhost: '/', name: 'ha' }] })
  expect([status, (await get('/api/policies')).map(({ name }: Json) => name)]).toEqual([200, ['mirrors']])
  await ask('POST', apply, body.undo)
  expect(await get('/api/policies')).toEqual(policies)
})

test('policies go out as a file and come in again, those that are not in it stay or go', async () => {
  const { ask, get, url } = await site()
  const { asGuest } = await import('./support.ts')
  const file = (query = '') =>
    fetch(`${url}/warren/policies/file${query}`, { headers: asGuest }).then((answer) => answer.text())
  await ask('POST', apply, { policy: ha })
  await ask('POST', apply, {
    policy: { ...ha, name: 'guard', operator: true, definition: { expires: 5000 } },
  })
  const text = await file()
  expect(text).toBe(
    '- name: ha\n  pattern: ^orders\n  apply-to: queues\n  priority: 0\n  definition:\n    ha-mode: all\n' +
      '- name: guard\n  operator: true\n  pattern: ^orders\n  apply-to: queues\n  priority: 0\n  definition:\n    expires: 5000\n',
  )
  expect(JSON.parse(await file('?format=json'))).toHaveLength(2)
  const other = '- name: other\n  pattern: x\n  definition: {max-length: 1}\n'
  const names = async () => (await get('/api/policies')).map(({ name }: Json) => name)
  await ask('POST', apply, { text: other })
  expect(await names()).toEqual(['ha', 'other'])
  await ask('POST', apply, { text, replace: true })
  expect(await names()).toEqual(['ha'])
  expect((await get('/api/operator-policies')).map(({ name }: Json) => name)).toEqual(['guard'])
})

test('who may not set policies may neither check nor apply them, and operator policies are for administrators', async () => {
  const { ask } = await site()
  await ask('PUT', '/api/users/maker', { password: 'm', tags: 'policymaker' })
  await ask('PUT', '/api/users/viewer', { password: 'v', tags: 'management' })
  await ask('PUT', '/api/permissions/%2F/maker', { configure: '.*', write: '.*', read: '.*' })
  const as = (login: string) => ({ authorization: `Basic ${Buffer.from(login).toString('base64')}` })
  const operator = { ...ha, operator: true, definition: { expires: 5000 } }
  expect((await ask('POST', check, { policy: ha }, as('viewer:v'))).status).toBe(401)
  expect((await ask('POST', apply, { policy: ha }, as('viewer:v'))).status).toBe(401)
  expect((await ask('POST', apply, { policy: operator }, as('maker:m'))).status).toBe(401)
  expect((await ask('POST', apply, { policy: ha }, as('maker:m'))).status).toBe(200)
})

test.each([
  [{ policy: 'ha' }, '"policy" must be an object.'],
  [{ text: 5 }, '"text" must be the text of a policy file.'],
  [{ polices: [] }, expect.stringContaining('not "polices"')],
  [[], expect.stringContaining('must be an object')],
  [{ clear: [{ vhost: '/', name: 'none' }] }, expect.stringContaining('"none"')],
])('a body that is no draft is refused in one sentence: %j', async (body, reason) => {
  const { ask } = await site()
  const answer = await ask('POST', check, body)
  expect([answer.status, answer.body.reason]).toEqual([400, reason])
})
