// Users and vhosts are the cluster's, not a node's: what is changed through one node is felt on all, survives them, and
// goes apart with the sides of a partition.

import { expect, test } from 'vitest'
import { type ChannelModel, connect, consume, queueExists } from '../support/clients.ts'
import { asGuest, type Site, send, site } from './support.ts'

const json = { 'content-type': 'application/json' }
const all = { configure: '.*', write: '.*', read: '.*' }

async function must({ ask }: Site, method: string, path: string, body?: unknown): Promise<void> {
  const answer = await ask(method, `/api${path}`, body, json)
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

/** A connection through node `number` to vhost `v`. */
function enter({ cluster }: Site, number: number, user = 'guest', vhost = 'v'): Promise<ChannelModel> {
  const url = new URL(cluster.urls[number - 1]!)
  url.username = url.password = user
  url.pathname = `/${vhost}`
  return connect(url.href)
}

const closed = (connection: ChannelModel): Promise<string> =>
  new Promise((resolve) => connection.once('close', (reason?: Error) => resolve(String(reason?.message))))

test('a vhost deleted through one node takes queues, consumers and connections of all nodes with it', async () => {
  const here = await site()
  await must(here, 'PUT', '/vhosts/v')
  await must(here, 'PUT', '/policies/v/ha', { pattern: '^m', definition: { 'ha-mode': 'all' } })
  const connections = await Promise.all([1, 2, 3].map((number) => enter(here, number)))
  const consumers = []
  for (const [i, connection] of connections.entries()) {
    const channel = await connection.createChannel()
    for (const name of [`plain${i}`, `mirrored${i}`]) {
      await channel.assertQueue(name)
      await channel.bindQueue(name, 'amq.fanout', '')
      consumers.push(await consume(channel, name))
    }
  }
  // One whose leader is away: only its record is left to go.
  const other = await (await enter(here, 3)).createChannel()
  await other.assertQueue('away')
  await here.cluster.node(3).kill()
  const gone = Promise.all(connections.slice(0, 2).map(closed))
  await must(here, 'DELETE', '/vhosts/v')
  for (const text of await gone) expect(text).toContain("CONNECTION_FORCED - vhost 'v' is deleted")
  for (const consumer of consumers.slice(0, 4)) await consumer.cancelled()
  const { definitions } = here.cluster.cluster.islands[0]!
  for (const records of [definitions.queues, definitions.exchanges])
    expect([...records.values()].filter(({ vhost }) => vhost === 'v')).toEqual([])
  expect(definitions.bindings.size).toBe(0)
  for (const number of [1, 2])
    expect(here.cluster.cluster.member(`rabbit@node${number}`).node!.leaders.size).toBe(0)

  await must(here, 'PUT', '/vhosts/v')
  await here.cluster.node(3).start()
  const back = await enter(here, 3)
  expect(await queueExists(back, 'away')).toBe(false)
  expect(await here.get('/api/queues/v')).toEqual([])
  await back.close()
})

test('limits count what is open on all nodes', async () => {
  const here = await site()
  await must(here, 'PUT', '/vhosts/v')
  await must(here, 'PUT', '/vhost-limits/v/max-connections', { value: 2 })
  const [one, two] = [await enter(here, 1), await enter(here, 2)]
  await expect(enter(here, 3)).rejects.toThrow()
  await two.close()
  const three = await enter(here, 3)
  await must(here, 'PUT', '/user-limits/guest/max-channels', { value: 1 })
  await three.createChannel()
  const ended = closed(one)
  await expect(one.createChannel()).rejects.toThrow()
  expect(await ended).toContain("number of channels opened for user 'guest'")
  await three.close()
})

test('a user deleted through one node is disconnected from all', async () => {
  const here = await site()
  await must(here, 'PUT', '/users/u', { password: 'u', tags: '' })
  await must(here, 'PUT', '/permissions/%2F/u', all)
  const connections = await Promise.all([1, 2, 3].map((number) => enter(here, number, 'u', '%2F')))
  const ends = Promise.all(connections.map(closed))
  await must(here, 'DELETE', '/users/u')
  for (const text of await ends) expect(text).toContain("CONNECTION_FORCED - user 'u' is deleted")
})

test('users, permissions and limits are there again after the whole cluster was down', async () => {
  const here = await site()
  await must(here, 'PUT', '/users/u', { password: 'u', tags: 'monitoring' })
  await must(here, 'PUT', '/vhosts/v', { description: 'kept' })
  await must(here, 'PUT', '/permissions/v/u', all)
  await must(here, 'PUT', '/topic-permissions/v/u', { ...all, exchange: 'amq.topic' })
  await must(here, 'PUT', '/vhost-limits/v/max-queues', { value: 9 })
  const paths = [
    '/users',
    '/permissions',
    '/topic-permissions',
    '/vhost-limits',
    '/vhosts?columns=name,description',
  ]
  const look = () => Promise.all(paths.map((path) => here.get(`/api${path}`)))
  const before = await look()
  for (const number of [1, 2, 3]) await here.cluster.node(number).kill()
  for (const number of [3, 2, 1]) await here.cluster.node(number).start()
  expect(await look()).toEqual(before)
  expect(JSON.stringify(before)).toContain('kept')
})

test('each side of a partition knows the users that were made there', async () => {
  const here = await site()
  await here.cluster.cut([[1], [2, 3]])
  const on = (node: number, method: string, path: string, body?: unknown) =>
    send(`${here.url}/node/rabbit@node${node}/api${path}`, method, body, { ...asGuest, ...json })
  expect((await on(1, 'PUT', '/users/left', { password: 'a', tags: '' })).status).toBe(201)
  expect((await on(2, 'PUT', '/users/right', { password: 'a', tags: '' })).status).toBe(201)
  const names = async (node: number) =>
    (await on(node, 'GET', '/users?columns=name')).body.map(({ name }: { name: string }) => name)
  expect(await names(1)).toEqual(['guest', 'left'])
  expect(await names(3)).toEqual(['guest', 'right'])
})
