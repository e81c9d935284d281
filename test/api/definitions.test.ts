// Definitions of a whole cluster as a file: what a real RabbitMQ 3.10.8 exported, with every kind of object, is taken in and
// given out again with nothing lost; and nothing is ever half applied (docs/observed.md §23).

import { describe, expect, test } from 'vitest'
import { DefinitionsError } from '../../index.ts'
import { connect, queueExists } from '../support/clients.ts'
import { asSets, type Definitions, recordedDefinitions, recordedText } from '../support/definitions.ts'
import { type Site, site } from './support.ts'

const json = { 'content-type': 'application/json' }
const post = ({ ask }: Site, body: unknown, path = '') => ask('POST', `/api/definitions${path}`, body, json)

describe('what a real cluster exported', () => {
  test('over HTTP is imported and exported again with nothing lost or added', async () => {
    const here = await site()
    expect((await post(here, recordedText('cluster'))).status).toBe(204)
    expect(asSets(await here.get('/api/definitions'))).toEqual(asSets(recordedDefinitions()))
  })

  test('has its keys in the same order as our own export', async () => {
    const here = await site({ nodes: 1, definitions: recordedText('cluster') })
    const keys = (definitions: Definitions) =>
      Object.entries(definitions).map(([section, entries]) => [
        section,
        Array.isArray(entries) ? Object.keys(entries[0] ?? {}) : entries,
      ])
    expect(keys((await here.cluster.exportDefinitions()) as unknown as Definitions)).toEqual(
      keys(recordedDefinitions()),
    )
  })

  test('of one vhost is the same when that vhost is exported here', async () => {
    const here = await site()
    await post(here, recordedText('cluster'))
    const ours = await here.get('/api/definitions/shop')
    expect(asSets(ours)).toEqual(asSets(recordedDefinitions('vhost')))
    expect(Object.keys(ours)).toEqual(Object.keys(recordedDefinitions('vhost')))
  })

  test('of one vhost is imported into another', async () => {
    const here = await site()
    await here.ask('PUT', '/api/vhosts/other')
    expect((await post(here, recordedText('vhost'), '/other')).status).toBe(204)
    const text = recordedText('vhost').replaceAll('"vhost":"shop"', '"vhost":"other"')
    expect(asSets(await here.get('/api/definitions/other'))).toEqual(asSets(JSON.parse(text)))
  })

  test('by rabbitmqctl is imported, operator policies as lists of pairs and descriptions of vhosts included', async () => {
    const here = await site()
    const theirs = recordedDefinitions('rabbitmqctl')
    expect((await post(here, recordedText('rabbitmqctl'))).status).toBe(204)
    const ours: Definitions = await here.get('/api/definitions')
    const same = ['users', 'permissions', 'topic_permissions', 'policies'] as const
    for (const section of same)
      expect(asSets({ [section]: ours[section]! })).toEqual(asSets({ [section]: theirs[section]! }))
    // It leaves out internal exchanges, but not their bindings: those are passed over.
    expect(asSets({ exchanges: ours['exchanges']! })).toEqual(
      asSets({ exchanges: theirs['exchanges']!.map((exchange) => ({ ...exchange, internal: false })) }),
    )
    const dangling = ({ source, destination }: Record<string, unknown>) =>
      [source, destination].includes('h1')
    expect(asSets({ bindings: ours['bindings']! })).toEqual(
      asSets({ bindings: theirs['bindings']!.filter((binding) => !dangling(binding)) }),
    )
    expect(asSets({ queues: ours['queues']! })).toEqual(
      asSets({ queues: theirs['queues']!.map(({ type: _, ...queue }) => queue) }),
    )
    const described = await here.get('/api/vhosts?columns=name,metadata')
    expect(asSets({ vhosts: described })).toEqual(
      asSets({ vhosts: theirs['vhosts']!.map(({ name, metadata }) => ({ name, metadata })) }),
    )
    const caps = await here.get('/api/operator-policies')
    expect(caps.map(({ definition }: { definition: unknown }) => definition)).toEqual([
      { 'message-ttl': 3_600_000 },
      { expires: 3_600_000, 'max-length': 100 },
    ])
  })

  test('can be imported twice, the second time without a change', async () => {
    const here = await site({ nodes: 1, definitions: recordedText('cluster') })
    const before = asSets(await here.get('/api/definitions'))
    expect((await post(here, recordedText('cluster'))).status).toBe(204)
    expect(asSets(await here.get('/api/definitions'))).toEqual(before)
  })
})

describe('an import', () => {
  test('is felt on every node: queues are led, mirrored and bound, users may log in', async () => {
    const here = await site()
    await post(here, {
      users: [{ name: 'ann', password: 'x', tags: '' }],
      vhosts: [{ name: 'v' }],
      permissions: [{ user: 'ann', vhost: 'v', configure: '.*', write: '.*', read: '.*' }],
      policies: [{ vhost: 'v', name: 'ha', pattern: '.', definition: { 'ha-mode': 'all' } }],
      queues: [{ vhost: 'v', name: 'q', durable: true, auto_delete: false, arguments: {} }],
      exchanges: [
        { vhost: 'v', name: 'x', type: 'fanout', durable: true, auto_delete: false, arguments: {} },
      ],
      bindings: [
        {
          vhost: 'v',
          source: 'x',
          destination: 'q',
          destination_type: 'queue',
          routing_key: '',
          arguments: {},
        },
      ],
    })
    const url = new URL(here.cluster.urls[2]!)
    url.username = 'ann'
    url.password = 'x'
    url.pathname = '/v'
    const client = await connect(url.href)
    const channel = await client.createConfirmChannel()
    channel.publish('x', '', Buffer.from('m'))
    await channel.waitForConfirms()
    expect((await channel.checkQueue('q')).messageCount).toBe(1)
    await client.close()
    expect((await here.get('/api/queues/v/q')).slave_nodes).toHaveLength(2)
  })

  test('with one bad entry changes nothing, wherever the entry stands', async () => {
    const here = await site({ nodes: 1 })
    const good = recordedDefinitions()
    const bad: Record<string, unknown> = {
      users: { name: 'zoe', tags: 5 },
      vhosts: {},
      permissions: { user: 'nobody', vhost: '/', configure: '', write: '', read: '' },
      topic_permissions: { user: 'alice', vhost: '/', exchange: 'e', write: '(', read: '' },
      parameters: { vhost: 'nowhere', component: 'shovel', name: 's', value: {} },
      global_parameters: { name: 'without value' },
      policies: { vhost: '/', name: 'p', pattern: '.', definition: { 'ha-mode': 'some' } },
      queues: { vhost: '/', name: 'q', durable: true, auto_delete: false, arguments: { 'x-max-length': -1 } },
      exchanges: { vhost: '/', name: 'x', type: 'none', durable: true, auto_delete: false, arguments: {} },
      bindings: { vhost: '/', source: 'amq.topic', destination: 'q', destination_type: 'none' },
    }
    expect(Object.keys(bad)).toEqual(Object.keys(good).slice(4))
    const before = await here.get('/api/definitions')
    for (const [section, entry] of Object.entries(bad)) {
      const answer = await post(here, { ...good, [section]: [...good[section]!, entry] })
      expect([section, answer.status, answer.body.error]).toEqual([section, 400, 'bad_request'])
      expect(await here.get('/api/definitions')).toEqual(before)
    }
  })

  test('may be larger than other bodies', async () => {
    const here = await site({ nodes: 1 })
    const queues = Array.from({ length: 12_000 }, (_, i) => ({
      vhost: '/',
      name: `queue number ${i} of a large cluster`,
      durable: true,
      auto_delete: false,
      arguments: { 'x-max-length': i },
    }))
    const body = JSON.stringify({ queues })
    expect(body.length).toBeGreaterThan(1_048_576)
    expect((await post(here, body)).status).toBe(204)
    expect((await here.get('/api/definitions')).queues).toHaveLength(12_000)
  })

  test('of queues that Warren does not emulate keeps them, and their bindings, for exports only', async () => {
    const here = await site({ nodes: 2 })
    const quorum = {
      name: 'q',
      vhost: '/',
      durable: true,
      auto_delete: false,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 },
    }
    const binding = {
      source: 'amq.topic',
      vhost: '/',
      destination: 'q',
      destination_type: 'queue',
      routing_key: 'k',
      arguments: {},
    }
    const answer = await post(here, { queues: [quorum], bindings: [binding, binding] })
    expect([answer.status, answer.headers.get('x-warren-not-emulated')]).toEqual([204, '1'])
    expect((await here.ask('GET', '/api/queues/%2F/q')).status).toBe(404)
    const kept = async () => {
      const { queues, bindings } = await here.get('/api/definitions')
      return { queues, bindings }
    }
    expect(await kept()).toEqual({ queues: [quorum], bindings: [binding] })
    await here.cluster.node(1).stop()
    await here.cluster.node(1).start()
    await post(here, { queues: [{ ...quorum, arguments: {} }] })
    expect(await kept()).toEqual({ queues: [quorum], bindings: [binding] })
    const client = await here.client(1)
    await (await client.createChannel()).assertQueue('q', { durable: true })
    expect(await kept()).toEqual({ queues: [{ ...quorum, arguments: {} }], bindings: [] })
  })

  test('of queues of other types judges their arguments and properties as a declaration does', async () => {
    const here = await site({ nodes: 1 })
    const quorum = { vhost: '/', name: 'q', durable: true, auto_delete: false }
    const refusal = async (queue: object) => {
      const { status, body } = await post(here, { queues: [{ ...quorum, ...queue }] })
      return [status, Buffer.from(body.reason[2]).toString()]
    }
    expect(await refusal({ durable: false, arguments: { 'x-queue-type': 'quorum' } })).toEqual([
      400,
      "invalid property 'non-durable' for queue 'q' in vhost '/'",
    ])
    expect(await refusal({ arguments: { 'x-queue-type': 'stream', 'x-max-priority': 5 } })).toEqual([
      400,
      "invalid arg 'x-max-priority' for queue 'q' in vhost '/' of queue type rabbit_stream_queue",
    ])
  })
})

describe('the library', () => {
  test('starts from definitions: their users and vhosts instead of guest and /', async () => {
    const { cluster } = await site({
      definitions: {
        users: [{ name: 'boss', tags: ['administrator'], password: 'b' }],
        vhosts: [{ name: 'only' }],
        permissions: [{ user: 'boss', vhost: 'only', configure: '.*', write: '.*', read: '.*' }],
        queues: [{ vhost: 'only', name: 'q', durable: true, auto_delete: false, arguments: {} }],
      },
    })
    await expect(connect(cluster.urls[0]!)).rejects.toThrow(/ACCESS_REFUSED/)
    const client = await connect(
      cluster.urls[1]!.replace(/^amqp:\/\/(.*@)?([^/]+).*$/, 'amqp://boss:b@$2/only'),
    )
    expect(await queueExists(client, 'q')).toBe(true)
    await client.close()
    const { users, vhosts, global_parameters: globals } = await cluster.exportDefinitions()
    expect([users.map(({ name }) => name), vhosts]).toEqual([['boss'], [{ name: 'only' }]])
    expect(globals[0]).toEqual({ name: 'cluster_name', value: 'warren' })
  })

  test('gives out what another cluster then takes in', async () => {
    const one = await site({ nodes: 1, definitions: recordedText('cluster') })
    const other = await site({ nodes: 2 })
    const file = await one.cluster.exportDefinitions()
    await other.cluster.importDefinitions(file)
    await other.cluster.importDefinitions(JSON.stringify(file))
    expect(asSets(await other.get('/api/definitions'))).toEqual(asSets(await one.get('/api/definitions')))
  })

  test('names object, key and value of what it refuses', async () => {
    const { cluster } = await site({ nodes: 1 })
    const definition = { 'ha-mode': 'some' }
    const refused = cluster.importDefinitions({
      policies: [{ vhost: '/', name: 'p', pattern: '.', definition }],
    })
    const error = await refused.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DefinitionsError)
    expect((error as Error).message).toBe(
      `policy 'p' in vhost '/': definition.ha-mode: <<"some">> is not a valid ha-mode value`,
    )
    await expect(cluster.importDefinitions('[')).rejects.toThrow(/^the definitions: not JSON: /)
  })

  test('does not start with definitions that it refuses', async () => {
    await expect(site({ definitions: '{"queues":[{"name":"q"}]}' })).rejects.toThrow(
      "queue 'q': vhost: text is expected, not nothing",
    )
  })
})
