// The members of every object of the HTTP API against those of a real RabbitMQ 3.10.8, down through nested objects.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '../../index.ts'
import { type ChannelModel, connect, consume, put } from '../support/clients.ts'
import { type Json, recorded, type Site, siteOf } from './support.ts'

/** Objects whose members are names given by users or nodes. */
const free = ['arguments', 'client_properties', 'cluster_state', 'socket_opts', 'effective_policy_definition']

/** The paths of all members; of a list those of its first object. */
function paths(value: Json, prefix = ''): string[] {
  if (Array.isArray(value)) return typeof value[0] === 'object' ? paths(value[0], `${prefix}[]`) : []
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value)
    .flatMap((name) => {
      const path = `${prefix}.${name}`
      return free.includes(name) ? [path] : [path, ...paths(value[name], path)]
    })
    .sort()
}

const keys = (value: object) => Object.keys(value).sort()

let cluster: RunningCluster
let site: Site
let client: ChannelModel

beforeAll(async () => {
  cluster = await startCluster({ nodes: 3, port: 0, adminPort: 0 })
  site = siteOf(cluster)
  await cluster.setPolicy({ name: 'ha', pattern: '^m\\.', definition: { 'ha-mode': 'all' } })
  client = await connect(cluster.urls[1]!)
  const channel = await client.createConfirmChannel()
  await channel.prefetch(7)
  await channel.assertQueue('m.sync')
  await channel.assertQueue('plain', { maxPriority: 3 })
  await channel.assertQueue('excl', { exclusive: true, autoDelete: true, durable: false })
  await channel.assertExchange('x.topic', 'topic', { alternateExchange: 'amq.fanout' })
  await channel.bindQueue('plain', 'x.topic', 'a.#', { foo: 'bar' })
  await channel.bindQueue('plain', 'amq.fanout', '')
  await put(channel, 'm.sync', 'one')
  await put(channel, 'plain', 'one')
  await consume(channel, 'm.sync', { consumerTag: 'ctag-2' })
  await consume(channel, 'plain', { consumerTag: 'ctag-1' })
})

afterAll(async () => {
  await client?.close()
  await cluster?.stop()
})

describe('the members are those of RabbitMQ', () => {
  test('in the overview', async () => {
    const ours = await site.get('/api/overview')
    expect(paths(ours)).toEqual(paths(recorded('overview').body))
    expect(ours).toMatchObject({ product_name: 'RabbitMQ', rabbitmq_version: '3.10.8', node: 'rabbit@node1' })
    expect(ours.object_totals).toEqual({ channels: 1, connections: 1, consumers: 2, exchanges: 8, queues: 3 })
    expect(ours.queue_totals).toMatchObject({ messages: 2, messages_unacknowledged: 2 })
  })

  test('in a running node', async () => {
    const [real] = recorded('nodes').body
    const ours = await site.get('/api/nodes/rabbit@node1')
    expect(keys(ours)).toEqual(keys(real))
    expect(keys(ours)).toHaveLength(93)
    expect(paths(ours.cluster_links)).toEqual(paths(real.cluster_links))
  })

  test('in a mirrored queue with a consumer', async () => {
    const ours = await site.get('/api/queues/%2F/m.sync')
    expect(paths(ours)).toEqual(paths(recorded('queue_mirrored').body))
    expect(ours).toMatchObject({
      node: 'rabbit@node2',
      slave_nodes: ['rabbit@node1', 'rabbit@node3'],
      synchronised_slave_nodes: ['rabbit@node1', 'rabbit@node3'],
      recoverable_slaves: ['rabbit@node1', 'rabbit@node3'],
      policy: 'ha',
      operator_policy: null,
      effective_policy_definition: { 'ha-mode': 'all' },
      messages_unacknowledged: 1,
      state: 'running',
    })
  })

  test('in a priority queue', async () => {
    const ours = await site.get('/api/queues/%2F/plain')
    const real = recorded('queue_prioritised').body
    expect(paths(ours)).toEqual(paths({ ...real, consumer_details: ours.consumer_details }))
    expect(ours.backing_queue_status.priority_lengths).toEqual({ 0: 0, 1: 0, 2: 0, 3: 0 })
    expect(ours).toMatchObject({ recoverable_slaves: null, effective_policy_definition: {} })
  })

  test('in an exclusive queue, which names its owner', async () => {
    const ours = await site.get('/api/queues/%2F/excl')
    // How long a queue has been idle is not kept.
    const { idle_since: _, ...real } = recorded('queue_exclusive').body
    expect(paths(ours)).toEqual(paths(real))
    expect(ours.owner_pid_details.name).toMatch(/^127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+$/)
  })

  test('in the bindings of a queue, which are in the same order', async () => {
    const ours = await site.get('/api/queues/%2F/plain/bindings')
    expect(paths(ours)).toEqual(paths(recorded('queue_bindings').body))
    expect(ours.map((binding: Json) => [binding.source, binding.properties_key])).toEqual([
      ['', 'plain'],
      ['amq.fanout', '~'],
      ['x.topic', expect.stringMatching(/^a\.%23~[\w-]{6}$/)],
    ])
  })

  test('in an exchange', async () => {
    // Nobody has published to it here.
    const { message_stats: _, ...real } = recorded('exchange').body
    expect(paths(await site.get('/api/exchanges/%2F/x.topic'))).toEqual(paths(real))
    const all = await site.get('/api/exchanges')
    const { message_stats, ...first } = recorded('exchanges').body[0]
    expect(paths(all[0].message_stats)).toEqual(paths(message_stats))
    expect(all[0]).toMatchObject(first)
    expect(all.map(({ name }: Json) => name)).toEqual([
      '',
      ...['amq.direct', 'amq.fanout', 'amq.headers', 'amq.match', 'amq.rabbitmq.trace', 'amq.topic'],
      'x.topic',
    ])
  })

  test('in a connection, listed and alone', async () => {
    const [listed] = await site.get('/api/connections')
    expect(paths([listed])).toEqual(paths(recorded('connections').body))
    const alone = await site.get(`/api/connections/${encodeURIComponent(listed.name)}`)
    expect(paths(alone)).toEqual(paths(recorded('connections_one').body))
    expect(alone).toMatchObject({ ssl_cipher: '', node: 'rabbit@node2', state: 'running', user: 'guest' })
    expect(listed.ssl_cipher).toBeNull()
    expect(listed.client_properties.product).toBe('amqplib')
  })

  test('in a channel, listed and alone', async () => {
    const [listed] = await site.get('/api/channels')
    const publisher = recorded('channels').body[1].message_stats
    const real = recorded('channels').body[0]
    const stats = { ...real.message_stats, ...publisher }
    expect(paths([listed])).toEqual(paths([{ ...real, message_stats: stats }]))
    expect(listed).toMatchObject({ number: 1, prefetch_count: 7, confirm: true, consumer_count: 2 })
    const alone = await site.get(`/api/channels/${encodeURIComponent(listed.name)}`)
    const { consumer_details: __, ...one } = recorded('channels_one').body
    expect(keys(alone)).toEqual(keys({ ...one, consumer_details: [] }))
    expect(alone.consumer_details).toHaveLength(2)
  })

  test('in a consumer', async () => {
    const ours = await site.get('/api/consumers')
    expect(paths(ours)).toEqual(paths(recorded('consumers').body))
    expect(ours.map((consumer: Json) => [consumer.consumer_tag, consumer.queue.name])).toEqual([
      ['ctag-2', 'm.sync'],
      ['ctag-1', 'plain'],
    ])
  })

  test('in a vhost and a policy', async () => {
    expect(paths(await site.get('/api/vhosts'))).toEqual(paths(recorded('vhosts').body))
    expect(await site.get('/api/policies')).toEqual([
      {
        vhost: '/',
        name: 'ha',
        pattern: '^m\\.',
        'apply-to': 'all',
        definition: { 'ha-mode': 'all' },
        priority: 0,
      },
    ])
    expect(paths(await site.get('/api/policies'))).toEqual(
      paths([{ ...recorded('policies').body[0], definition: { 'ha-mode': 'all' } }]),
    )
  })
})
