// A frozen node over real sockets: they stay open and mute, and what was sent meanwhile is done when it is thawed.
import { connect } from 'amqplib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '../../index.ts'

let cluster: RunningCluster

beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, port: 0, adminPort: null, netTickMs: 3_600_000 })
})
afterAll(() => cluster.stop())

/** Lets the event loop go round so often that whatever was under way on loopback sockets has arrived. */
async function rounds(): Promise<void> {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('its clients, old and new, are answered nothing until it is thawed, and lose nothing', async () => {
  const old = await connect(cluster.urls[0]!)
  const channel = await old.createConfirmChannel()
  await channel.assertQueue('q')
  await cluster.node(1).freeze()
  expect(cluster.node(1).state).toBe('frozen')
  const done: string[] = []
  channel.sendToQueue('q', Buffer.from('x'.repeat(500_000)), {}, () => done.push('confirmed'))
  const opening = connect(cluster.urls[0]!).then((connection) => {
    done.push('opened')
    return connection
  })
  await rounds()
  expect(done).toEqual([])
  await cluster.node(1).thaw()
  await channel.waitForConfirms()
  const fresh = await opening
  expect(done.sort()).toEqual(['confirmed', 'opened'])
  expect((await channel.checkQueue('q')).messageCount).toBe(1)
  await Promise.all([old.close(), fresh.close()])
})

test('the other node goes on, but what it asks of the frozen one waits', async () => {
  const two = await connect(cluster.urls[1]!)
  const channel = await two.createConfirmChannel()
  await channel.assertQueue('own')
  await cluster.node(1).freeze()
  channel.sendToQueue('own', Buffer.from('a'))
  await channel.waitForConfirms()
  let answered = false
  const across = channel.checkQueue('q').then(() => {
    answered = true
  })
  await rounds()
  expect(answered).toBe(false)
  await cluster.node(1).thaw()
  await across
  await two.close()
})

test('killed while frozen it resets its clients', async () => {
  const one = await connect(cluster.urls[0]!)
  const ended = new Promise((resolve) => one.on('close', resolve))
  one.on('error', () => {})
  await cluster.node(1).freeze()
  await cluster.node(1).kill()
  await ended
  await cluster.node(1).start()
  await (await connect(cluster.urls[0]!)).close()
})
