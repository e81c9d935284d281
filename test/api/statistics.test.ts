// Rates and the samples that graphs ask for: what the sampler keeps, and how requests show it (docs/observed.md §26).

import { expect, test } from 'vitest'
import { Samples } from '../../admin-ui/samples.ts'
import { put, until } from '../support/clients.ts'
import { type Json, site } from './support.ts'

const minute = 60_000
const row = (...values: number[]) => Float64Array.from(values)

test('samples say what was so at any moment since the first look, whether anything changed or not', () => {
  const samples = new Samples(['a', 'b'], 1, 1000, row(1, 10))
  samples.add(2000, row(1, 10), minute)
  samples.add(3000, row(4, 10), minute)
  expect([samples.value('a', 999), samples.value('a', 1000), samples.value('a', 2999)]).toEqual([null, 1, 1])
  expect([samples.value('a', 3000), samples.value('b', 9999), samples.value('c', 3000)]).toEqual([
    4,
    10,
    null,
  ])
  expect(samples.rate('a')).toBe(3)
  expect(samples.rate('b')).toBe(0)
  expect(samples.changedAt).toBe(3000)
  samples.unchanged(4000)
  expect([samples.rate('a'), samples.latest, samples.changedAt]).toEqual([0, 4000, 3000])
})

test('what does not change takes no room, and the past gets coarser', () => {
  const still = new Samples(['a'], 4, 0, row(1))
  const moving = new Samples(['a'], 4, 0, row(0))
  for (let at = 5000; at <= 24 * 60 * minute; at += 5000) {
    still.add(at, row(1), 10 * minute)
    moving.add(at, row(at), 10 * minute)
  }
  expect(still.size).toBe(4)
  // 10 minutes by 5 s, an hour by the minute, 8 hours by 10 minutes, a day by 30 minutes, and what was so before each.
  expect(moving.size).toBe(121 + 61 + 49 + 49)
  const now = 24 * 60 * minute
  for (const age of [5000, 5 * minute, 50 * minute, 400 * minute, 1400 * minute]) {
    const off = now - age - moving.value('a', now - age)!
    expect(off).toBeGreaterThanOrEqual(0)
    expect(off).toBeLessThan(30 * minute)
  }
  expect(moving.value('a', now - 5000)).toBe(now - 5000)
})

test('samples come newest first, at whole steps, with averages, for each kind that was asked for', async () => {
  const { client, get } = await site({ statisticsMs: 20 })
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('q')
  const ask = (path: string) => get(`${path}?lengths_age=4&lengths_incr=1&msg_rates_age=4&msg_rates_incr=2`)
  const seen = async () => (await ask('/api/queues/%2F/q')).messages_details as Json
  // As many as asked for, also of a queue that is younger.
  await until('it has been looked at', async () => (await seen()).samples.length === 5)
  await put(channel, 'q', ...Array.from({ length: 12 }, () => 'x'))
  await until('a later second is in sight', async () => (await seen()).samples[0]?.sample === 12)
  const entry = await ask('/api/queues/%2F/q')
  const { samples, avg, avg_rate, rate } = entry.messages_details
  const [newest, , oldest] = [samples[0], samples[1], samples.at(-1)]
  expect(newest.timestamp % 1000).toBe(0)
  expect(newest.timestamp - samples[1].timestamp).toBe(1000)
  expect(rate).toBe(newest.sample - samples[1].sample)
  expect(avg_rate).toBeCloseTo(
    ((newest.sample - oldest.sample) * 1000) / (newest.timestamp - oldest.timestamp),
  )
  expect(avg).toBeCloseTo(samples.reduce((sum: number, { sample }: Json) => sum + sample, 0) / samples.length)
  expect(Object.keys(entry.message_stats.publish_details).sort()).toEqual([
    'avg',
    'avg_rate',
    'rate',
    'samples',
  ])
  const overview = await ask('/api/overview')
  expect(overview.queue_totals.messages_details.samples[0].sample).toBeGreaterThanOrEqual(0)
  expect(overview.message_stats.publish_details.samples).toBeDefined()
  expect(overview.churn_rates.channel_created_details).toEqual({ rate: expect.any(Number) })
  expect((await get('/api/vhosts?lengths_age=4&lengths_incr=1'))[0].messages_details.samples).toBeDefined()
})

test.each([
  ['lengths_age=0&lengths_incr=0', 'age 0, incr 0'],
  ['msg_rates_age=60&msg_rates_incr=0', 'age 60, incr 0'],
  ['data_rates_age=-5&data_rates_incr=5', 'age -5, incr 5'],
  ['node_stats_age=1000000&node_stats_incr=1', 'age 1000000, incr 1'],
])('%s is refused', async (query, what) => {
  const { ask } = await site({ nodes: 1 })
  const { status, body } = await ask('GET', `/api/overview?${query}`)
  expect([status, body]).toEqual([400, { error: 'bad_request', reason: `Invalid range parameters: ${what}` }])
  expect((await ask('GET', '/api/overview?lengths_age=x&lengths_incr=5')).status).toBe(200)
})

test('an idle queue says since when, and forgotten statistics begin anew', async () => {
  const { client, get, ask } = await site({ statisticsMs: 20 })
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('q')
  await put(channel, 'q', 'x')
  await until('it is idle', async () => (await get('/api/queues/%2F/q')).idle_since !== undefined)
  const { idle_since } = await get('/api/queues/%2F/q')
  expect(idle_since).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
  expect(Math.abs(Date.parse(idle_since) - Date.now())).toBeLessThan(60_000)
  expect((await ask('DELETE', '/api/reset')).status).toBe(204)
  expect((await ask('DELETE', '/api/reset/rabbit@node9')).status).toBe(404)
})

test('what clients did is counted where they did it, and stays when they have gone', async () => {
  const { client, get } = await site({ nodes: 1 })
  const connection = await client(1)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('q')
  await put(channel, 'q', 'one', 'two')
  channel.publish('', 'nowhere', Buffer.from('x'))
  channel.publish('', 'nowhere', Buffer.from('x'), { mandatory: true })
  await channel.waitForConfirms()
  const message = await channel.get('q', { noAck: false })
  if (message !== false) channel.ack(message)
  await channel.get('q', { noAck: true })
  await channel.get('q', { noAck: true })
  const expected = {
    ...{ publish: 4, confirm: 4, drop_unroutable: 1, return_unroutable: 1 },
    ...{ get: 1, get_no_ack: 1, get_empty: 1, deliver_get: 2, ack: 1 },
  }
  const [entry] = await get('/api/channels')
  expect(entry.message_stats).toMatchObject(expected)
  const exchange = await get('/api/exchanges/%2F/amq.default')
  expect(exchange.message_stats).toMatchObject({ publish_in: 4, publish_out: 2 })
  await connection.close()
  const { message_stats, churn_rates, object_totals } = await get('/api/overview')
  expect(message_stats).toMatchObject(expected)
  expect(object_totals.connections).toBe(0)
  expect(churn_rates).toMatchObject({
    ...{ connection_created: 1, connection_closed: 1, channel_created: 1, channel_closed: 1 },
    ...{ queue_declared: 1, queue_created: 1, queue_deleted: 0 },
  })
  expect((await get('/api/vhosts/%2F')).message_stats).toMatchObject(expected)
  const [http, amqp] = await get('/api/auth/attempts/rabbit@node1')
  expect(amqp ?? http).toBeDefined()
})
