// The control API: faults by request, and both sides of a partition seen at once.

import { expect, test } from 'vitest'
import { put } from '../support/clients.ts'
import { type Json, objectNotFound, site } from './support.ts'

const [one, two, three] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const
const states = (nodes: Json) => nodes.map(({ state }: Json) => state)

test('nodes are killed, stopped and started, and the next one answers for the cluster', async () => {
  const { ask, get, client } = await site()
  await client(2)
  expect(await get('/warren/nodes')).toEqual([
    expect.objectContaining({ name: one, state: 'running', island: [one, two, three], partitions: [] }),
    expect.objectContaining({ name: two, connections: 1, api: `/node/${two}/api` }),
    expect.objectContaining({ name: three, url: expect.stringMatching(/^amqp:\/\/127\.0\.0\.1:\d+$/) }),
  ])
  expect((await ask('GET', '/api/whoami')).headers.get('x-warren-node')).toBe(one)
  expect((await ask('POST', `/warren/nodes/${one}/kill`)).status).toBe(204)
  expect((await ask('POST', `/warren/nodes/${one}/kill`)).status).toBe(204)
  expect((await ask('GET', '/api/whoami')).headers.get('x-warren-node')).toBe(two)
  expect((await ask('POST', `/warren/nodes/${two}/stop`)).status).toBe(204)
  expect(states(await get('/warren/nodes'))).toEqual(['stopped', 'stopped', 'running'])
  expect((await ask('POST', `/warren/nodes/${one}/start`)).status).toBe(204)
  expect(states(await get('/warren/nodes'))).toEqual(['running', 'stopped', 'running'])
  expect((await ask('GET', '/api/whoami')).headers.get('x-warren-node')).toBe(one)
})

test('with no node running, only the control API answers', async () => {
  const { ask, get } = await site()
  for (const name of [one, two, three]) await ask('POST', `/warren/nodes/${name}/stop`)
  const { status, body } = await ask('GET', '/api/queues')
  expect([status, body]).toEqual([503, { error: 'node_down', reason: 'no node is running' }])
  expect(states(await get('/warren/nodes'))).toEqual(['stopped', 'stopped', 'stopped'])
  // The node that stopped first must wait for the one that stopped last.
  expect((await ask('POST', `/warren/nodes/${one}/start`)).status).toBe(204)
  expect(states(await get('/warren/nodes'))).toEqual(['waiting', 'stopped', 'stopped'])
  expect((await ask('GET', `/node/${one}/api/queues`)).body.reason).toBe(`node '${one}' is waiting`)
  expect((await ask('POST', `/warren/nodes/${three}/start`)).status).toBe(204)
  expect(states(await get('/warren/nodes'))).toEqual(['running', 'stopped', 'running'])
})

test('a started node takes clients when the request returns', async () => {
  const { ask, client } = await site()
  await ask('POST', `/warren/nodes/${two}/kill`)
  await ask('POST', `/warren/nodes/${two}/start`)
  const channel = await (await client(2)).createChannel()
  await channel.assertQueue('q')
})

test('an unknown node is a 404 with a sentence, an unknown verb a plain one', async () => {
  const { ask } = await site()
  const unknown = await ask('POST', '/warren/nodes/rabbit@node9/kill')
  expect([unknown.status, unknown.body.reason]).toEqual([
    404,
    `There is no node 'rabbit@node9'; the nodes are ${one}, ${two}, ${three}.`,
  ])
  expect((await ask('POST', `/warren/nodes/${one}/explode`)).body).toEqual(objectNotFound)
  const view = await ask('GET', '/node/rabbit@node9/api/queues')
  expect([view.status, view.body.reason]).toEqual([404, "there is no node 'rabbit@node9'"])
})

test('both sides of a partition are seen, each through a node of its own', async () => {
  const { ask, get, client } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await ask('PUT', '/api/policies/%2F/ha', { pattern: '^m', definition: { 'ha-mode': 'all' } })
  await channel.assertQueue('m1')
  await channel.assertQueue('p1')
  await put(channel, 'm1', 'before')
  expect((await ask('PUT', '/warren/partition', { groups: [[one], [two, three]] })).status).toBe(204)
  expect((await get('/warren/nodes')).map(({ island }: Json) => island)).toEqual([
    [one],
    [two, three],
    [two, three],
  ])
  await put(channel, 'm1', 'on the side of node1')

  const seen = async (node: string) =>
    (await get(`/node/${node}/api/queues?columns=name,node,state,slave_nodes,messages`)) as unknown
  expect(await seen(one)).toEqual([
    { name: 'm1', node: one, state: 'running', slave_nodes: [], messages: 2 },
    { name: 'p1', node: one, state: 'running', messages: 0 },
  ])
  expect(await seen(three)).toEqual([
    { name: 'm1', node: two, state: 'running', slave_nodes: [three], messages: 1 },
    { name: 'p1', node: one, state: 'down' },
  ])
  const nodes = async (node: string) => get(`/node/${node}/api/nodes?columns=name,running,partitions`)
  expect(await nodes(two)).toEqual([
    { name: one, running: false },
    { name: two, running: true, partitions: [] },
    { name: three, running: true, partitions: [] },
  ])

  expect((await ask('DELETE', '/warren/partition')).status).toBe(204)
  expect(await nodes(two)).toEqual([
    { name: one, running: false },
    { name: two, running: true, partitions: [one] },
    { name: three, running: true, partitions: [one] },
  ])
  expect((await get('/warren/nodes')).map(({ partitions }: Json) => partitions)).toEqual([
    [two, three],
    [one],
    [one],
  ])
})

test.each([
  [{}, 'The body must be {"groups": [[node, …], …]}, a list of lists of node names.'],
  [[], 'The body must be {"groups": [[node, …], …]}, a list of lists of node names.'],
  [{ groups: [] }, 'There must be at least one group.'],
  [{ groups: [[]] }, 'Each group must be a list of at least one node name.'],
  [{ groups: [one] }, 'Each group must be a list of at least one node name.'],
  [{ groups: [[one, 2]] }, 'Each group must be a list of at least one node name.'],
  [{ groups: [[one], [one]] }, "Node 'rabbit@node1' is named in two groups."],
  [{ groups: [['x']] }, "Unknown node 'x'; the nodes are rabbit@node1, rabbit@node2, rabbit@node3."],
])('the partition %j is refused', async (body, reason) => {
  const { ask, get } = await site()
  const answer = await ask('PUT', '/warren/partition', body)
  expect([answer.status, answer.body]).toEqual([400, { error: 'bad_request', reason }])
  expect((await get('/warren/links')).every(({ state }: Json) => state === 'up')).toBe(true)
})

test('links fall silent, one way or both, and nodes stand still: nobody is told, and the node answers nothing', async () => {
  const { ask, get } = await site()
  const states = async () =>
    Object.fromEntries(
      (await get('/warren/links')).map(({ from, to, state }: Json) => [`${from} ${to}`, state]),
    )
  expect((await ask('PUT', '/warren/silence', { groups: [[one]] })).status).toBe(204)
  expect(await states()).toMatchObject({ [`${one} ${two}`]: 'silent', [`${three} ${one}`]: 'silent' })
  expect((await get('/warren/nodes'))[0].island).toEqual([one, two, three])
  await ask('DELETE', '/warren/partition')
  expect((await ask('PUT', '/warren/silence', { node: one, from: [two] })).status).toBe(204)
  expect(await states()).toMatchObject({ [`${two} ${one}`]: 'silent', [`${one} ${two}`]: 'up' })
  await ask('DELETE', '/warren/partition')
  expect((await ask('PUT', '/warren/partition', { between: [one, two] })).status).toBe(204)
  expect(await states()).toMatchObject({ [`${two} ${one}`]: 'cut', [`${one} ${three}`]: 'up' })
  await ask('DELETE', '/warren/partition')
  expect((await ask('POST', `/warren/nodes/${two}/freeze`)).status).toBe(204)
  expect((await ask('GET', `/node/${two}/api/overview`)).status).toBe(503)
  expect((await get('/warren/nodes')).map(({ state }: Json) => state)).toEqual([
    'running',
    'frozen',
    'running',
  ])
  expect((await ask('POST', `/warren/nodes/${two}/thaw`)).status).toBe(204)
  expect((await ask('GET', `/node/${two}/api/overview`)).status).toBe(200)
})

test.each([
  [{ node: one }, "'from' must be a list of node names."],
  [{ node: 1, from: [two] }, "'node' must be a node name."],
  [{ node: one, from: [one] }, "No link between 'rabbit@node1' and 'rabbit@node1'."],
  [{ groups: [[one], [one]] }, "Node 'rabbit@node1' is named in two groups."],
])('the silence %j is refused', async (body, reason) => {
  const { ask, get } = await site()
  const answer = await ask('PUT', '/warren/silence', body)
  expect([answer.status, answer.body]).toEqual([400, { error: 'bad_request', reason }])
  expect((await get('/warren/links')).every(({ state }: Json) => state === 'up')).toBe(true)
})

test.each([
  [{ between: one }, "'between' must be a list of two node names."],
  [{ between: [one, two, three] }, "'between' must be a list of two node names."],
  [{ between: [one, one] }, "No link between 'rabbit@node1' and 'rabbit@node1'."],
])('the cut %j is refused', async (body, reason) => {
  const { ask } = await site()
  const answer = await ask('PUT', '/warren/partition', body)
  expect([answer.status, answer.body]).toEqual([400, { error: 'bad_request', reason }])
})

test('links tell their state and what has crossed them', async () => {
  const { ask, get, client } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await ask('PUT', '/api/policies/%2F/ha', {
    pattern: '^m',
    definition: { 'ha-mode': 'nodes', 'ha-params': [one, two] },
  })
  await channel.assertQueue('m1')
  await put(channel, 'm1', 'x'.repeat(5000))
  const links = await get('/warren/links')
  expect(links.map(({ from, to }: Json) => `${from} ${to}`)).toHaveLength(6)
  const bodies = (from: string, to: string) =>
    Object.values(links.find((link: Json) => link.from === from && link.to === to).meters).reduce(
      (total: number, meter: Json) => total + meter.bodies,
      0,
    )
  expect(bodies(one, two)).toBeGreaterThan(0)
  expect(bodies(one, three)).toBe(0)
  await ask('PUT', '/warren/partition', { groups: [[three]] })
  const cut = (await get('/warren/links')).filter(({ state }: Json) => state === 'cut')
  expect(cut.map(({ from, to }: Json) => `${from} ${to}`).sort()).toEqual(
    [`${one} ${three}`, `${two} ${three}`, `${three} ${one}`, `${three} ${two}`].sort(),
  )
})

test('events are told once, numbered, from where the reader left off', async () => {
  const { ask, get } = await site()
  const first = await get('/warren/events')
  expect(first.events.map(({ number }: Json) => number)).toEqual([...Array(first.next).keys()])
  expect(await get(`/warren/events?since=${first.next}`)).toEqual({
    next: first.next,
    dropped: 0,
    events: [],
  })
  await ask('POST', `/warren/nodes/${two}/kill`)
  const { events, next } = await get(`/warren/events?since=${first.next}`)
  expect(events[0]).toMatchObject({ number: first.next, kind: 'node-killed', node: two })
  expect(events.map(({ kind }: Json) => kind)).toContain('peer-down')
  expect(next).toBe(first.next + events.length)
  for (const since of ['x', '-1', '1.5', ''])
    expect((await ask('GET', `/warren/events?since=${since}`)).body.reason).toBe(
      "The parameter 'since' must be a whole number from 0 on.",
    )
})

test('a connection can be closed by name, and its client is told why', async () => {
  const { ask, get, client } = await site()
  const connection = await client(1)
  const told = new Promise<string>((resolve) =>
    connection.on('close', (error: Error) => resolve(error.message)),
  )
  const [{ name }] = await get('/api/connections')
  const path = `/api/connections/${encodeURIComponent(name)}`
  expect((await ask('DELETE', path, undefined, { 'x-reason': 'because' })).status).toBe(204)
  expect(await told).toContain('CONNECTION_FORCED - because')
  expect((await ask('DELETE', path)).status).toBe(404)
})
