// Membership over HTTP: new nodes, and rabbitmqctl's verbs as requests (docs/observed.md §18).

import { expect, test } from 'vitest'
import { type Json, site } from './support.ts'

const [one, two, three, four] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3', 'rabbit@node4'] as const
const names = (nodes: Json) => nodes.map(({ name }: Json) => name)

test('a new node is a cluster of its own, and one of the others once it has joined', async () => {
  const { ask, get } = await site()
  const added = await ask('POST', '/warren/nodes')
  expect([added.status, added.body]).toEqual([
    200,
    expect.objectContaining({ name: four, state: 'running', cluster: [four], island: [four] }),
  ])
  expect(names(await get(`/node/${four}/api/nodes`))).toEqual([four])
  expect(names(await get(`/node/${one}/api/nodes`))).toEqual([one, two, three])
  expect((await ask('POST', `/warren/nodes/${four}/stop_app`)).status).toBe(204)
  expect((await ask('POST', `/warren/nodes/${four}/join_cluster`, { node: two })).body).toEqual({
    joined: true,
  })
  expect((await ask('POST', `/warren/nodes/${four}/join_cluster`, { node: two })).body).toEqual({
    joined: false,
  })
  expect((await get(`/node/${one}/api/nodes/${four}`)).running).toBe(false)
  expect((await ask('POST', `/warren/nodes/${four}/start_app`)).status).toBe(204)
  const entries = (await get(`/node/${four}/api/nodes`)) as Json
  expect(entries.map(({ name, running, type }: Json) => [name, running, type])).toEqual(
    [one, two, three, four].map((name) => [name, true, 'disc']),
  )
})

test('a node whose application is stopped answers for nobody, but can be told to leave', async () => {
  const { ask, get } = await site()
  await ask('POST', `/warren/nodes/${three}/stop_app`)
  expect((await get('/warren/nodes'))[2]).toMatchObject({ state: 'app-stopped', cluster: [one, two, three] })
  const { status, body } = await ask('GET', `/node/${three}/api/queues`)
  expect([status, body]).toEqual([503, { error: 'node_down', reason: `node '${three}' is app-stopped` }])
  await ask('POST', `/warren/nodes/${three}/reset`)
  expect((await get('/warren/nodes'))[2]).toMatchObject({ state: 'app-stopped', cluster: [three] })
  expect((await ask('GET', `/api/nodes/${three}`)).status).toBe(404)
  await ask('POST', `/warren/nodes/${three}/start`)
  expect((await get('/warren/nodes'))[2]).toMatchObject({ state: 'running', partitions: [] })
})

test('what is refused says why in rabbitmqctl’s words', async () => {
  const { ask } = await site()
  const refused = async (node: string, verb: string, body: Json = {}) => {
    const answer = await ask('POST', `/warren/nodes/${node}/${verb}`, body)
    return [answer.status, answer.body.error, answer.body.reason]
  }
  const stopFirst =
    "this command requires the 'rabbit' app to be stopped on the target node. Stop it with 'rabbitmqctl stop_app'."
  expect(await refused(three, 'reset')).toEqual([409, 'app_running', stopFirst])
  await ask('POST', `/warren/nodes/${three}/kill`)
  expect((await refused(three, 'reset')).slice(0, 2)).toEqual([503, 'node_down'])
  expect((await refused(one, 'join_cluster')).slice(0, 2)).toEqual([400, 'bad_request'])
  expect(await refused(one, 'change_cluster_node_type', { type: 'tape' })).toEqual([
    400,
    'bad_request',
    "The type must be 'disc' or 'ram'.",
  ])
  expect((await ask('POST', `/warren/nodes/${one}/forget_cluster_node`, { node: three })).status).toBe(204)
  const start = await refused(three, 'start')
  expect(start.slice(0, 2)).toEqual([409, 'refused'])
  expect(start[2]).toMatch(/:inconsistent_cluster/)
})

test('when every node has been reset, the first login is that of a brand-new node', async () => {
  const { ask, get } = await site()
  for (const name of [one, two, three]) {
    await ask('POST', `/warren/nodes/${name}/stop_app`)
    await ask('POST', `/warren/nodes/${name}/force_reset`)
  }
  expect((await get('/warren/nodes')).map(({ state }: Json) => state)).toEqual(Array(3).fill('app-stopped'))
  await ask('POST', `/warren/nodes/${one}/start_app`)
  expect(names(await get('/api/nodes'))).toEqual([one])
})
