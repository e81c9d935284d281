// The Prometheus ports: names, types and labels as a real node's were recorded (test/oracle/ctl), every metric that the official
// RabbitMQ-Overview dashboard asks for, and figures that are those of the HTTP API.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Site, site } from './support.ts'

const data = (name: string) => readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8')

interface Metric {
  readonly type: string
  readonly labels: string[]
}

/** What a real node told, path by path below /metrics. */
const recorded = JSON.parse(data('prometheus.json')) as Record<string, Record<string, Metric>>
/** Where Warren tells other things, and why: patterns of names, the first that matches counts. */
const differences = JSON.parse(data('prometheus-differences.json')) as {
  missing: [pattern: string, why: string][]
  labels: [pattern: string, why: string][]
}

async function text(url: string, init?: RequestInit): Promise<string> {
  const answer = await fetch(url, init)
  expect(answer.status).toBe(200)
  return answer.text()
}

/** Samples by name and labels; names with their types. */
function parsed(told: string): { samples: Map<string, number>; metrics: Map<string, Metric> } {
  const samples = new Map<string, number>()
  const metrics = new Map<string, Metric>()
  for (const line of told.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    if (name !== undefined) {
      expect(metrics.has(name), `${name} is told twice`).toBe(false)
      metrics.set(name, { type: type!, labels: [] })
    }
    if (line === '' || line.startsWith('#')) continue
    const [, sample, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    expect(sample, `not the text format: ${line}`).toBeDefined()
    expect(Number.isFinite(Number(value)), line).toBe(true)
    const key = labels === '' ? sample! : `${sample}{${labels}}`
    expect(samples.has(key), `${key} is told twice`).toBe(false)
    samples.set(key, Number(value))
    const metric = metrics.get(sample!) ?? metrics.get(sample!.replace(/_(sum|count)$/, ''))
    const names = [...labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label).join(',')
    if (!metric!.labels.includes(names)) metric!.labels.push(names)
  }
  return { samples, metrics }
}

/** The scene in which a real cluster was recorded. */
async function stage(): Promise<Site> {
  const whole = await site()
  const channel = await (await whole.client(1)).createConfirmChannel()
  await channel.assertExchange('orders.in', 'topic')
  for (const queue of ['stock', 'full', 'served']) await channel.assertQueue(queue)
  await channel.bindQueue('stock', 'orders.in', 'order.#')
  for (let i = 0; i < 3; i++) channel.sendToQueue('full', Buffer.from('xx'))
  channel.publish('orders.in', 'order.new', Buffer.from('y'))
  await channel.waitForConfirms()
  await (await (await whole.client(2)).createChannel()).consume('served', () => {})
  return whole
}

const reason = (list: readonly (readonly [string, string])[], name: string) =>
  list.find(([pattern]) => new RegExp(`^(${pattern})$`).test(name))

test('has names, types and labels of a real node, but for what the list of differences explains', async () => {
  const { cluster } = await stage()
  // The summaries are about the scrapes before.
  for (const path of ['', '/per-object', '/detailed'])
    await text(`${cluster.metricsUrls[0]}${path}`, { headers: { 'accept-encoding': 'gzip' } })
  const used = new Set<string>()
  const wrong: string[] = []
  for (const [path, names] of Object.entries(recorded)) {
    const { metrics } = parsed(await text(`${cluster.metricsUrls[0]}${path}`))
    for (const [name, { type, labels }] of Object.entries(names)) {
      const here = metrics.get(name)
      if (here === undefined) {
        const why = reason(differences.missing, name)
        if (why === undefined) wrong.push(`${path}: ${name} is missing`)
        else used.add(`missing ${why[0]}`)
        continue
      }
      if (here.type !== type) wrong.push(`${path}: ${name} is a ${here.type}, not a ${type}`)
      if (labels.every((one) => here.labels.includes(one)) || labels.length === 0) continue
      const why = reason(differences.labels, name)
      if (why === undefined) wrong.push(`${path}: ${name} has labels ${here.labels}, not ${labels}`)
      else used.add(`labels ${why[0]}`)
    }
  }
  expect(wrong).toEqual([])
  const listed = (['missing', 'labels'] as const).flatMap((what) =>
    differences[what].map(([pattern]) => `${what} ${pattern}`),
  )
  expect([...used].sort(), 'a difference that is none any more').toEqual(listed.sort())
})

test('has data for every metric of the RabbitMQ-Overview dashboard, on every node', async () => {
  const { cluster } = await stage()
  const wanted = data('overview-dashboard-metrics.txt').trim().split('\n')
  expect(wanted.length).toBeGreaterThan(40)
  for (const url of cluster.metricsUrls) {
    const { samples } = parsed(await text(url))
    const names = new Set([...samples.keys()].map((key) => key.replace(/\{.*/, '')))
    expect(wanted.filter((name) => !names.has(name))).toEqual([])
  }
})

test('counts what clients did, on the nodes where they did it', async () => {
  const { cluster, client } = await stage()
  const [one, two] = await Promise.all(
    cluster.metricsUrls.slice(0, 2).map(async (url) => parsed(await text(url)).samples),
  )
  expect(one!.get('rabbitmq_queue_messages_ready')).toBe(4)
  expect(one!.get('rabbitmq_global_messages_received_total{protocol="amqp091"}')).toBe(4)
  expect(one!.get('rabbitmq_global_messages_confirmed_total{protocol="amqp091"}')).toBe(4)
  expect(one!.get('rabbitmq_queues_created_total')).toBe(3)
  expect(two!.get('rabbitmq_global_consumers{protocol="amqp091"}')).toBe(1)
  expect(two!.get('rabbitmq_queues')).toBe(0)
  expect(one!.get('erlang_vm_dist_send_bytes{peer="rabbit@node2"}')).toBe(
    two!.get('erlang_vm_dist_recv_bytes{peer="rabbit@node1"}'),
  )
  const connection = await client(2)
  const channel = await connection.createChannel()
  for (let i = 0; i < 2; i++) await channel.get('full', { noAck: i === 0 })
  await channel.get('stock', { noAck: false })
  await connection.close()
  const after = parsed(await text(cluster.metricsUrls[1]!)).samples
  const got = (how: string) =>
    after.get(
      `rabbitmq_global_messages_delivered_get_${how}_total{protocol="amqp091",queue_type="rabbit_classic_queue"}`,
    )
  expect([got('auto_ack'), got('manual_ack')]).toEqual([1, 2])
  expect(after.get('rabbitmq_connections_closed_total')).toBe(1)
})

test('tells of one family and one vhost when it is asked for them', async () => {
  const { cluster, ask, client } = await stage()
  await ask('PUT', '/api/vhosts/other')
  await ask('PUT', '/api/queues/other/o"q', { durable: true })
  await client(1)
  const detailed = async (query: string) =>
    [...parsed(await text(`${cluster.metricsUrls[0]}/detailed?${query}`)).samples.keys()].filter(
      (key) => !/^(telemetry|rabbitmq_(build|identity)_info)/.test(key),
    )
  expect(await detailed('')).toEqual([])
  expect(await detailed('family=queue_consumer_count&vhost=other')).toEqual([
    'rabbitmq_detailed_queue_consumers{vhost="other",queue="o\\"q"}',
  ])
  expect(await detailed('family=vhost_status&vhost=%2F&vhost=other')).toHaveLength(2)
})

test('tells what mirrors are missing and lack, and what the loss of the node would cost', async () => {
  const { cluster, client, get } = await site()
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('m')
  for (let i = 0; i < 5; i++) channel.sendToQueue('m', Buffer.from('x'), { persistent: i < 2 })
  await channel.waitForConfirms()
  const read = async () => parsed(await text(`${cluster.metricsUrls[0]}/per-object`)).samples
  const of = (samples: Map<string, number>, name: string) =>
    samples.get(`warren_${name}{vhost="/",queue="m",node="rabbit@node1"}`)
  const alone = await read()
  expect(of(alone, 'queue_mirrors_missing')).toBe(0)
  expect([of(alone, 'loss_messages'), of(alone, 'loss_queues_unavailable')]).toEqual([3, 1])
  await cluster.setPolicy({ name: 'm', pattern: '^m', definition: { 'ha-mode': 'exactly', 'ha-params': 4 } })
  const mirrored = await read()
  expect(of(mirrored, 'queue_mirrors_missing')).toBe(3)
  expect(of(mirrored, 'queue_unsynchronised_messages')).toBe(10)
  expect([of(mirrored, 'loss_messages'), of(mirrored, 'loss_queues_unavailable')]).toEqual([5, 0])
  const { messages, unavailable } = await get('/warren/nodes/rabbit@node1/cost')
  expect([messages, unavailable]).toEqual([5, 0])
  expect(mirrored.get('warren_link_bytes_total{peer="rabbit@node2",kind="sync"}')).toBe(0)
})

test('a node that is down does not answer with metrics, one that is added does, and other requests are refused', async () => {
  const { cluster } = await site()
  const [one] = cluster.metricsUrls
  expect((await fetch(one!, { method: 'POST' })).status).toBe(405)
  expect((await fetch(`${one}/nosuch`)).status).toBe(404)
  await cluster.node(1).kill()
  expect((await fetch(one!)).status).toBe(503)
  await cluster.node(1).start()
  expect((await fetch(one!)).status).toBe(200)
  await cluster.addNode()
  expect(cluster.metricsUrls).toHaveLength(4)
  expect(await text(cluster.metricsUrls[3]!)).toContain('rabbitmq_node="rabbit@node4"')
})
