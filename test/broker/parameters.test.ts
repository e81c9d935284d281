// Parameters of vhosts, global ones and the cluster's name over the management API (docs/observed.md §23). Against a real
// broker the management plugin must be on.

import { expect, onTestFinished, test } from 'vitest'
import { realm } from './realm.ts'

const here = realm('parameters')

/** `$v` is the realm's vhost. */
async function ask(request: string, body?: unknown, login?: string): Promise<[number, unknown]> {
  const [method, path] = request.split(' ')
  const answer = await here.ask(method!, path!.replace('$v', here.vhost), body, login)
  return [answer.status, answer.body]
}

const gone = [404, { error: 'Object Not Found', reason: 'Not Found' }]
const bad = (reason: string) => [400, { error: 'bad_request', reason }]

const operator = (priority: number, definition: object = { 'max-length': 5 }) => ({
  pattern: '^x',
  definition,
  priority,
  'apply-to': 'queues',
})

test('operator policies and limits of vhosts are parameters', async () => {
  const path = `/parameters/operator_policy/$v/o`
  const entry = (value: unknown) => ({ value, vhost: here.vhost, component: 'operator_policy', name: 'o' })
  expect(await ask(`GET ${path}`)).toEqual(gone)
  expect(await ask(`PUT ${path}`, { value: operator(1) })).toEqual([201, ''])
  expect(await ask(`PUT ${path}`, { value: operator(2) })).toEqual([204, ''])
  expect(await ask(`GET ${path}`)).toEqual([200, entry(operator(2))])
  expect((await ask('GET /operator-policies/$v/o'))[1]).toMatchObject({ name: 'o', priority: 2 })
  expect(await ask('PUT /vhost-limits/$v/max-queues', { value: 7 })).toEqual([204, ''])
  const limits = { value: { 'max-queues': 7 }, vhost: here.vhost, component: 'vhost-limits', name: 'limits' }
  expect(await ask('GET /parameters/vhost-limits/$v')).toEqual([200, [limits]])
  expect(await ask('GET /parameters/operator_policy/$v')).toEqual([200, [entry(operator(2))]])
  const all = (await ask('GET /parameters'))[1] as unknown[]
  expect(all).toContainEqual(limits)
  expect(all).toContainEqual(entry(operator(2)))
  expect(await ask(`DELETE ${path}`)).toEqual([204, ''])
  expect(await ask(`DELETE ${path}`)).toEqual(gone)
  expect(await ask('GET /operator-policies/$v/o')).toEqual(gone)
  expect(await ask('DELETE /parameters/vhost-limits/$v/limits')).toEqual([204, ''])
  expect(await ask('GET /vhost-limits/$v')).toEqual([200, []])
})

test('of components that nobody knows there are none, and none can be set', async () => {
  expect(await ask('GET /parameters/nope')).toEqual([200, []])
  expect(await ask('GET /parameters/nope/$v')).toEqual([200, []])
  expect(await ask('GET /parameters/nope/nov')).toEqual(gone)
  const path = '/parameters/nope/$v/n'
  expect(await ask(`PUT ${path}`, { value: {} })).toEqual(
    bad('Validation failed\n\ncomponent nope not found\n'),
  )
  expect(await ask(`PUT ${path}`, {})).toEqual(bad('[{key_missing,value}]'))
  expect(await ask('PUT /parameters/nope/nov/n', { value: 1 })).toEqual([
    404,
    { error: 'not_found', reason: 'vhost_not_found' },
  ])
  expect(
    await ask('PUT /parameters/operator_policy/$v/o', { value: operator(1, { 'ha-mode': 'all' }) }),
  ).toEqual(
    bad(
      'Validation failed\n\n[{&lt;&lt;"ha-mode"&gt;&gt;,&lt;&lt;"all"&gt;&gt;}] are not recognised policy settings\n',
    ),
  )
})

test('global parameters are set to any value, looked at, listed and cleared', async () => {
  const path = `/global-parameters/${here.vhost}`
  const value = { b: 1, a: [null, 1.5, 'x'] }
  expect(await ask(`PUT ${path}`, { value })).toEqual([201, ''])
  expect(await ask(`GET ${path}`)).toEqual([200, { value, name: here.vhost }])
  expect(await ask(`PUT ${path}`, { name: 'another', value: 2 })).toEqual([204, ''])
  expect(await ask('GET /global-parameters/another')).toEqual(gone)
  expect((await ask('GET /global-parameters'))[1]).toContainEqual({ value: 2, name: here.vhost })
  expect(await ask(`PUT ${path}`, {})).toEqual(bad('[{key_missing,value}]'))
  expect(await ask(`DELETE ${path}`)).toEqual([204, ''])
  expect(await ask(`DELETE ${path}`)).toEqual(gone)
})

test("the cluster's name is a global parameter", async () => {
  const [, before] = await ask('GET /cluster-name')
  onTestFinished(() => here.must('PUT', '/cluster-name', before).then(() => {}))
  expect(await ask('PUT /cluster-name', { name: 'another' })).toEqual([204, ''])
  expect(await ask('GET /global-parameters/cluster_name')).toEqual([
    200,
    { value: 'another', name: 'cluster_name' },
  ])
  expect(await ask('PUT /global-parameters/cluster_name', { value: 'third' })).toEqual([204, ''])
  expect(await ask('GET /cluster-name')).toEqual([200, { name: 'third' }])
  expect(((await ask('GET /overview'))[1] as { cluster_name: string }).cluster_name).toBe('third')
  expect(await ask('PUT /cluster-name', {})).toEqual(bad('[{key_missing,name}]'))
})

test('parameters are for policymakers, the name for administrators', async () => {
  const refused = (reason: string) => [401, { error: 'not_authorised', reason }]
  for (const tag of ['management', 'monitoring', 'policymaker']) {
    const who = `${here.user}-${tag}`
    await here.make(`/users/${who}`, { password: 'p', tags: tag })
    const status = async (request: string, body?: unknown) => ask(request, body, `${who}:p`)
    for (const path of ['/parameters', '/global-parameters', '/global-parameters/cluster_name'])
      if (tag === 'policymaker') expect((await status(`GET ${path}`))[0]).toBe(200)
      else expect(await status(`GET ${path}`)).toEqual(refused('User not authorised to access object'))
    expect((await status('GET /cluster-name'))[0]).toBe(200)
    expect(await status('PUT /cluster-name', { name: 'x' })).toEqual(refused('Not administrator user'))
  }
})
