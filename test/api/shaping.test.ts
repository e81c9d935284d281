// Links and clients' sockets made slow, narrow, cut and whole again by request, and the cluster's clock.

import { expect, test } from 'vitest'
import { Bell } from '../support/clients.ts'
import { type Json, site } from './support.ts'

const [one, two, three] = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3'] as const
const path = `/warren/links/${one}/${two}`

async function linkOf(get: (path: string) => Promise<Json>, from: string, to: string): Promise<Json> {
  const links = await get('/warren/links')
  return links.find((link: Json) => link.from === from && link.to === to)
}

test('a link is made slow and narrow in one direction or both, and whole again', async () => {
  const { ask, get } = await site()
  const shape = async (from: string, to: string) => {
    const { delay_ms, bytes_per_second } = await linkOf(get, from, to)
    return [delay_ms, bytes_per_second]
  }
  expect((await ask('PUT', path, { delay_ms: 40 })).status).toBe(204)
  expect([await shape(one, two), await shape(two, one)]).toEqual([
    [40, null],
    [0, null],
  ])
  await ask('PUT', `${path}?direction=both`, { bytes_per_second: 5000 })
  expect([await shape(one, two), await shape(two, one)]).toEqual([
    [40, 5000],
    [0, 5000],
  ])
  await ask('DELETE', `${path}?direction=both`)
  expect([await shape(one, two), await shape(two, one)]).toEqual([
    [0, null],
    [0, null],
  ])
})

test('what goes over a slow link comes when the clock has come so far, and over a narrow one as much as fits', async () => {
  const { ask, client } = await site()
  await ask('PUT', '/warren/clock', { paused: true })
  const there = await (await client(1)).createChannel()
  await there.assertQueue('q')
  const here = await (await client(2)).createConfirmChannel()
  const depth = async () => (await there.checkQueue('q')).messageCount
  await ask('PUT', `/warren/links/${two}/${one}`, { delay_ms: 5000 })
  here.sendToQueue('q', Buffer.from('slow'))
  await here.checkExchange('amq.direct')
  await ask('POST', '/warren/clock/step', { ms: 4999 })
  expect(await depth()).toBe(0)
  await ask('POST', '/warren/clock/step', { ms: 1 })
  await here.waitForConfirms()
  expect(await depth()).toBe(1)
  await ask('PUT', `/warren/links/${two}/${one}`, { delay_ms: 0, bytes_per_second: 1000 })
  here.sendToQueue('q', Buffer.alloc(60_000))
  await here.checkExchange('amq.direct')
  await ask('POST', '/warren/clock/step', { ms: 59_000 })
  expect(await depth()).toBe(1)
  await ask('POST', '/warren/clock/step', { ms: 3000 })
  await here.waitForConfirms()
  expect(await depth()).toBe(2)
})

test('one link is cut and mended, another falls silent', async () => {
  const { ask, get } = await site({ partitionHandling: 'ignore' })
  await ask('PUT', path, { state: 'cut' })
  expect([(await linkOf(get, one, two)).state, (await linkOf(get, two, one)).state]).toEqual(['cut', 'cut'])
  expect((await linkOf(get, one, three)).state).toBe('up')
  await ask('PUT', path, { state: 'up' })
  expect((await linkOf(get, two, one)).state).toBe('up')
  await ask('PUT', path, { state: 'silent' })
  expect([(await linkOf(get, one, two)).state, (await linkOf(get, two, one)).state]).toEqual(['silent', 'up'])
})

test.each([
  ['PUT', path, { delay_ms: -1 }, 400],
  ['PUT', path, { delay_ms: '1' }, 400],
  ['PUT', path, { bytes_per_second: 0 }, 400],
  ['PUT', path, { state: 'broken' }, 400],
  ['PUT', path, { delay: 5 }, 400],
  ['PUT', path, [], 400],
  ['PUT', `${path}?direction=back`, { delay_ms: 5 }, 400],
  ['PUT', `/warren/links/${one}/${one}`, { delay_ms: 5 }, 404],
  ['PUT', `/warren/links/${one}/rabbit@node9`, { delay_ms: 5 }, 404],
  ['PUT', '/warren/clients/999999', { delay_ms: 5 }, 404],
  ['PUT', '/warren/clients/999999', { direction: 'up' }, 400],
  ['POST', '/warren/clients/999999/reset', undefined, 404],
  ['PUT', '/warren/clock', {}, 400],
  ['PUT', '/warren/clock', { speed: -1 }, 400],
  ['PUT', '/warren/clock', { paused: true, speed: 2 }, 400],
  ['POST', '/warren/clock/step', { ms: -1 }, 400],
  ['POST', '/warren/clock/step', { ms: 1e12 }, 400],
  ['PUT', '/warren/memory-limit', {}, 400],
  ['PUT', '/warren/memory-limit', { fraction: 1.5 }, 400],
  ['PUT', '/warren/memory-limit', { fraction: '0.4' }, 400],
  ['PUT', '/warren/memory-limit', { bytes: -1 }, 400],
  ['PUT', '/warren/memory-limit', { bytes: 1, fraction: 0.4 }, 400],
  ['PUT', '/warren/memory-limit', { limit: 1 }, 400],
  ['PUT', '/warren/partition-handling', { mode: 'x' }, 400],
  ['PUT', '/warren/partition-handling', { mode: 'autoheal', nodes: [] }, 400],
  ['PUT', '/warren/partition-handling', { mode: 'pause_if_all_down', nodes: ['rabbit@node9'] }, 400],
])('%s %s %j is refused with a sentence', async (method, where, body, status) => {
  const { ask, get } = await site()
  const before = await get('/warren/links')
  const answer = await ask(method, where, body)
  expect([answer.status, answer.body.reason]).toEqual([status, expect.stringMatching(/^[A-Z'].*\.$/)])
  expect(await get('/warren/links')).toEqual(before)
  expect(await get('/warren/clock')).toMatchObject({ speed: 1, paused: false })
})

test('a client is slowed, told of, made whole, and broken off', async () => {
  const { ask, get, client } = await site({ nodes: 1 })
  const connection = await client(1)
  const channel = await connection.createChannel()
  await channel.assertQueue('q')
  const [{ id, name }] = await get('/warren/clients')
  expect((await ask('PUT', `/warren/clients/${id}`, { delay_ms: 3_600_000 })).status).toBe(204)
  expect(await get('/warren/clients')).toEqual([
    expect.objectContaining({
      from_client: { delay_ms: 3_600_000, bytes_per_second: null },
      to_client: { delay_ms: 3_600_000, bytes_per_second: null },
    }),
  ])
  let answered = false
  const answer = channel.checkQueue('q').then(() => (answered = true))
  // Another client's round trip: by then the first one's would have come.
  await (await (await client(1)).createChannel()).checkQueue('q')
  expect(answered).toBe(false)
  expect((await ask('DELETE', `/warren/clients/${encodeURIComponent(name)}`)).status).toBe(204)
  await answer
  const bell = new Bell()
  let error: Error | undefined
  connection.on('error', (given) => {
    error = given
    bell.ring()
  })
  expect((await ask('POST', `/warren/clients/${id}/reset`)).status).toBe(204)
  await bell.until(
    () => error !== undefined,
    () => 'the client saw no reset',
  )
  expect((await get('/warren/clients')).map((one: Json) => one.id)).not.toContain(id)
})

test('a narrow socket loses nothing and changes no order', async () => {
  const { ask, get, client } = await site({ nodes: 1 })
  const channel = await (await client(1)).createConfirmChannel()
  await channel.assertQueue('q')
  const [{ id }] = await get('/warren/clients')
  await ask('PUT', `/warren/clients/${id}`, { bytes_per_second: 2_000_000, delay_ms: 1 })
  const seen: number[] = []
  const bell = new Bell()
  await channel.consume('q', (message) => {
    seen.push(message!.content.readUInt32BE(0))
    bell.ring()
  })
  const body = (i: number) => Buffer.alloc(1000, Buffer.from([0, 0, i >> 8, i & 255]))
  for (let i = 0; i < 300; i++) channel.sendToQueue('q', body(i))
  await channel.waitForConfirms()
  await bell.until(
    () => seen.length === 300,
    () => `only ${seen.length} of 300 came`,
  )
  expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => i))
})

test('the clock stands, is put forward, and messages expire by it', async () => {
  const { ask, get, client } = await site({ nodes: 1 })
  await ask('PUT', '/warren/clock', { paused: true })
  const channel = await (await client(1)).createChannel()
  await channel.assertQueue('q', { messageTtl: 60_000 })
  channel.sendToQueue('q', Buffer.from('x'))
  const depth = async () => (await channel.checkQueue('q')).messageCount
  expect(await depth()).toBe(1)
  const { now } = await get('/warren/clock')
  expect((await ask('POST', '/warren/clock/step', { ms: 59_999 })).body).toMatchObject({ now: now + 59_999 })
  expect(await depth()).toBe(1)
  await ask('POST', '/warren/clock/step', { ms: 1 })
  expect(await depth()).toBe(0)
  const resumed = (await ask('PUT', '/warren/clock', { paused: false })).body
  expect(resumed).toMatchObject({ paused: false, speed: 1 })
  expect(resumed.now).toBeGreaterThanOrEqual(now + 60_000)
})

test('another way of handling partitions holds from then on, for those there are too', async () => {
  const { ask, get } = await site({ partitionHandling: 'pause_minority' })
  const states = async () => (await get('/warren/nodes')).map(({ state }: Json) => state)
  await ask('PUT', '/warren/partition', { groups: [[one], [two, three]] })
  while ((await states())[0] !== 'paused') await new Promise(setImmediate)
  const { status, body } = await ask('PUT', '/warren/partition-handling', { mode: 'ignore' })
  expect([status, body]).toEqual([200, { mode: 'ignore' }])
  while ((await states())[0] !== 'running') await new Promise(setImmediate)
  expect(await get('/warren/partition-handling')).toEqual({ mode: 'ignore' })
})
