// Every GET that was once made of a real cluster of three (test/data/api/shapes.json), made of Warren in the same situation:
// the same keys, with values of the same JSON types. Differences that are meant are in shape-differences.ts.

import { connect as amqpConnect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '../../index.ts'
import { type Channel, type ChannelModel, consume, put, until } from '../support/clients.ts'
import { differences } from './shape-differences.ts'
import { type Json, recorded, type Site, siteOf } from './support.ts'

interface Shape {
  readonly status: number
  /** JSON types by path; `[]` stands for every element of a list. */
  readonly types: Readonly<Record<string, string>>
}

const shapes = recorded('shapes') as Record<string, Shape>

/** What users put there is theirs. */
const opaque = ['arguments', 'value', 'definition', 'effective_policy_definition']

function typesOf(value: Json): Record<string, string> {
  const found = new Map<string, Set<string>>()
  const walk = (part: Json, path: string) => {
    const type = part === null ? 'null' : Array.isArray(part) ? 'list' : typeof part
    const types = found.get(path || '.') ?? new Set()
    found.set(path || '.', types.add(type))
    if (opaque.includes(path.split('.').at(-1)!)) return
    if (Array.isArray(part)) for (const item of part) walk(item, `${path}[]`)
    else if (type === 'object')
      for (const [name, item] of Object.entries(part))
        walk(item, `${path}.${/^rabbit@node\d$/.test(name) ? 'NODE' : name}`)
  }
  walk(value, '')
  return Object.fromEntries([...found].map(([path, types]) => [path, [...types].sort().join('|')]))
}

/** The path of a recording, in the order of its name; `down` ones were made without the third node. */
const paths: Readonly<Record<string, string>> = {
  'aliveness-test_VH': '/aliveness-test/%2F',
  auth: '/auth',
  'auth_attempts_r1@localhost': '/auth/attempts/rabbit@node1',
  bindings: '/bindings',
  'bindings_VH_e_x.topic_q_plain': '/bindings/%2F/e/x.topic/q/plain',
  channels: '/channels',
  channels_one: '/channels/CHANNEL',
  'cluster-name': '/cluster-name',
  connections: '/connections',
  connections_one: '/connections/CONNECTION',
  connections_one_channels: '/connections/CONNECTION/channels',
  consumers: '/consumers',
  definitions: '/definitions',
  definitions_VH: '/definitions/%2F',
  exchanges: '/exchanges',
  'exchanges_VH_x.fan_bindings_destination': '/exchanges/%2F/x.fan/bindings/destination',
  'exchanges_VH_x.topic': '/exchanges/%2F/x.topic',
  'exchanges_VH_x.topic_bindings_source': '/exchanges/%2F/x.topic/bindings/source',
  extensions: '/extensions',
  'feature-flags': '/feature-flags',
  'global-parameters': '/global-parameters',
  health_checks_alarms: '/health/checks/alarms',
  'health_checks_certificate-expiration_1_months': '/health/checks/certificate-expiration/1/months',
  'health_checks_local-alarms': '/health/checks/local-alarms',
  'health_checks_node-is-mirror-sync-critical': '/health/checks/node-is-mirror-sync-critical',
  'health_checks_node-is-quorum-critical': '/health/checks/node-is-quorum-critical',
  'health_checks_port-listener_1': '/health/checks/port-listener/1',
  'health_checks_port-listener_5701': '/health/checks/port-listener/AMQP',
  'health_checks_protocol-listener_amqp091': '/health/checks/protocol-listener/amqp091',
  'health_checks_protocol-listener_mqtt': '/health/checks/protocol-listener/mqtt',
  'health_checks_virtual-hosts': '/health/checks/virtual-hosts',
  healthchecks_node: '/healthchecks/node',
  nodes: '/nodes',
  'nodes_r1@localhost': '/nodes/rabbit@node1',
  'nodes_r1@localhost_memory': '/nodes/rabbit@node1/memory',
  'nodes_r1@localhost_memory_relative': '/nodes/rabbit@node1/memory/relative',
  nosuch: '/nosuch',
  'operator-policies': '/operator-policies',
  overview: '/overview',
  parameters: '/parameters',
  permissions: '/permissions',
  policies: '/policies',
  queues: '/queues',
  queues_VH: '/queues/%2F',
  queues_VH_excl: '/queues/%2F/excl',
  'queues_VH_m.sync': '/queues/%2F/m.sync',
  queues_VH_plain: '/queues/%2F/plain',
  queues_VH_plain_bindings: '/queues/%2F/plain/bindings',
  'queues_columns_name,messages': '/queues?columns=name,messages',
  queues_disable_stats_true: '/queues?disable_stats=true',
  queues_enable_queue_totals_true_disable_stats_true: '/queues?enable_queue_totals=true&disable_stats=true',
  queues_page_1_page_size_2: '/queues?page=1&page_size=2',
  queues_page_1_page_size_2_name_m_use_regex_true: '/queues?page=1&page_size=2&name=m&use_regex=true',
  queues_page_99: '/queues?page=99',
  queues_sort_name_sort_reverse_true_columns_name: '/queues?sort=name&sort_reverse=true&columns=name',
  rebalance_queues: '/rebalance/queues',
  stream_connections: '/stream/connections',
  'topic-permissions': '/topic-permissions',
  'user-limits': '/user-limits',
  users: '/users',
  users_guest: '/users/guest',
  users_guest_permissions: '/users/guest/permissions',
  'vhost-limits': '/vhost-limits',
  vhosts: '/vhosts',
  vhosts_VH: '/vhosts/%2F',
  vhosts_VH_permissions: '/vhosts/%2F/permissions',
  whoami: '/whoami',
}
const down: Readonly<Record<string, string>> = {
  'm.sync_r3_down': '/queues/%2F/m.sync',
  nodes_r3_down: '/nodes',
  overview_r3_down: '/overview',
  queues_r3_down: '/queues',
}
/** Made after the others: u1's mirrors are not synchronised, and the third node has returned. */
const last: Readonly<Record<string, string>> = {
  queues_VH_u1_unsynced: '/queues/%2F/u1',
  'm.sync_r3_back': '/queues/%2F/m.sync',
}

let cluster: RunningCluster
let site: Site
let consuming: Channel
const clients: ChannelModel[] = []
const seen = new Set<unknown>()

async function client(number: number, clientProperties = {}) {
  const connection = await amqpConnect(cluster.urls[number - 1]!, { clientProperties })
  connection.on('error', () => {})
  clients.push(connection)
  return connection.createConfirmChannel()
}

/** What there was in the recorded cluster, as far as shapes go. */
beforeAll(async () => {
  cluster = await startCluster({ nodes: 3, port: 0, adminPort: 0, statisticsMs: 20 })
  site = siteOf(cluster)
  await cluster.setPolicy({ name: 'ha', pattern: '^m\\.', definition: { 'ha-mode': 'all' }, priority: 2 })
  await site.ask('PUT', '/api/operator-policies/%2F/op', {
    pattern: '^m\\.',
    definition: { 'max-length': 10_000 },
    'apply-to': 'queues',
  })
  await site.ask('PUT', '/api/users/lim', { password: 'p', tags: '' })
  await site.ask('PUT', '/api/permissions/%2F/lim', { configure: '^lim', write: '^lim', read: '^lim' })
  const topic = { exchange: 'limt', write: '^a', read: '^a' }
  await site.ask('PUT', '/api/topic-permissions/%2F/lim', topic)
  await site.ask('PUT', '/api/cluster-name', { name: 'oracle' })
  await site.ask('PUT', '/api/queues/%2F/on3', { durable: true, node: 'rabbit@node3' })
  const other = await client(1, { connection_name: 'named' })
  await other.assertQueue('excl', { exclusive: true, autoDelete: true, durable: false })
  await other.assertExchange('x.fan', 'fanout')
  await other.assertExchange('x.topic', 'topic', { alternateExchange: 'x.fan' })
  await other.assertQueue('plain', { maxPriority: 3 })
  for (const name of ['aeq', 'aliveness-test']) {
    await other.assertQueue(name)
    await put(other, name, 'one')
    await other.get(name, { noAck: true })
  }
  await other.assertQueue('limq')
  await other.assertQueue('pq', { maxPriority: 5 })
  await other.assertQueue('u1')
  await put(other, 'u1', 'one', 'two')
  await other.bindQueue('plain', 'x.topic', 'a.#', { foo: 'bar' })
  await other.bindQueue('plain', 'x.topic', 'b.*')
  await other.bindExchange('x.fan', 'x.topic', '#')
  other.publish('x.topic', 'a.b', Buffer.from('x'))
  other.publish('', 'nowhere', Buffer.from('x'))
  other.publish('', 'nowhere', Buffer.from('x'), { mandatory: true })
  await other.waitForConfirms()
  const channel = await client(2)
  await channel.prefetch(7)
  await channel.assertQueue('m.sync')
  await put(other, 'm.sync', 'one', 'two')
  await consume(channel, 'm.sync', { consumerTag: 'ctag-2' })
  await consume(channel, 'plain', { consumerTag: 'ctag-1', priority: 4 })
  consuming = channel
  await looked()
})

afterAll(async () => {
  for (const connection of clients) await connection.close().catch(() => {})
  await cluster?.stop()
})

/** Once the sampler has found that nothing happens any more. */
const looked = () =>
  until('the sampler has looked', async () => {
    const all: Json[] = await site.get('/api/queues?columns=name,idle_since,state')
    return all.every(({ idle_since, state }) => state !== 'running' || idle_since !== undefined)
  })

async function compare(name: string, path: string): Promise<void> {
  const [connection] = await site.get('/api/connections?sort=node&sort_reverse=true')
  const [channel] = await site.get(`/api/connections/${encodeURIComponent(connection.name)}/channels`)
  const filled = path
    .replace('CONNECTION', encodeURIComponent(connection.name))
    .replace('CHANNEL', encodeURIComponent(channel.name))
    .replace('AMQP', new URL(cluster.urls[0]!).port)
  const { status, body } = await site.ask('GET', `/api${filled}`)
  expect(status).toBe(shapes[name]!.status)
  const [real, ours] = [shapes[name]!.types, typesOf(body)]
  const differing = [...new Set([...Object.keys(real), ...Object.keys(ours)])]
    .filter((key) => real[key] !== ours[key])
    .filter((key) => {
      const known = differences.find(
        (row) => row.of.some((start) => name.startsWith(start)) && row.path.test(key),
      )
      if (known !== undefined) seen.add(known)
      return known === undefined
    })
  const told = differing.map((key) => `${key}: ${real[key] ?? 'absent'}, here ${ours[key] ?? 'absent'}`)
  expect(told).toEqual([])
}

test('every recording has its path', () => {
  const named = [...Object.keys(paths), ...Object.keys(down), ...Object.keys(last)]
  expect(named.sort()).toEqual(Object.keys(shapes).sort())
})

test.each(Object.entries(paths))('%s', compare)

describe('without the third node', () => {
  beforeAll(async () => {
    // By then nobody consumed any more.
    await consuming.cancel('ctag-2')
    await consuming.cancel('ctag-1')
    await cluster.node(3).kill()
    await looked()
  })
  test.each(Object.entries(down))('%s', compare)
})

describe('when it has returned', () => {
  beforeAll(async () => {
    await cluster.node(3).start()
    await cluster.setPolicy({
      name: 'late',
      pattern: '^u1$',
      definition: { 'ha-mode': 'all', 'ha-sync-mode': 'manual' },
    })
    await until(
      'the statistics know',
      async () => (await site.get('/api/queues/%2F/u1')).idle_since !== undefined,
    )
  })
  test.each(Object.entries(last))('%s', compare)
})

test('every listed difference is one', () => {
  expect(differences.filter((row) => !seen.has(row))).toEqual([])
})
