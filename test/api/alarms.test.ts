// What the HTTP API says of a memory alarm: health checks, nodes and connections (docs/observed.md §5.4, §15). A limit of
// 1 MB makes an alarm that never ends; stock clients hear of it by an event.
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { until } from '../support/clients.ts'
import { site } from './support.ts'

const names = ['rabbit@node1', 'rabbit@node2', 'rabbit@node3']
const alarm = (node: string) => ({ node, resource: 'memory' })

it('with room enough all is well', async () => {
  const at = await site({ memoryLimit: 1 })
  expect(await at.get('/api/health/checks/alarms')).toEqual({ status: 'ok' })
  expect(await at.get('/api/health/checks/local-alarms')).toEqual({ status: 'ok' })
  const nodes = await at.get('/api/nodes')
  for (const { mem_alarm, mem_limit, mem_used } of nodes)
    expect([mem_alarm, mem_used > 10_000_000, mem_limit > mem_used]).toEqual([false, true, true])
})

it('under the alarm the checks fail and name every node, or the one that was asked', async () => {
  const at = await site({ memoryLimit: '1MB' })
  const all = await at.ask('GET', '/api/health/checks/alarms')
  expect([all.status, all.body]).toEqual([
    503,
    { alarms: names.map(alarm), reason: 'There are alarms in effect in the cluster', status: 'failed' },
  ])
  const local = await at.ask('GET', '/node/rabbit@node2/api/health/checks/local-alarms')
  expect([local.status, local.body]).toEqual([
    503,
    { alarms: [alarm('rabbit@node2')], reason: 'There are alarms in effect on the node', status: 'failed' },
  ])
  const nodes = await at.get('/api/nodes')
  for (const { mem_alarm, mem_limit } of nodes) expect([mem_alarm, mem_limit]).toEqual([true, 1_000_000])
})

it('connections are blocking until they publish, then blocked', async () => {
  const at = await site({ memoryLimit: '1MB' })
  const states = async () =>
    (await at.get('/api/connections')).map(({ state }: { state: string }) => state).sort()
  const [publisher] = [await at.client(1), await at.client(2)]
  expect(await states()).toEqual(['blocking', 'blocking'])
  const channel = await publisher!.createChannel()
  const told = once(publisher!, 'blocked')
  channel.sendToQueue('nowhere', Buffer.from('m'))
  expect(await told).toEqual(['low on memory'])
  await until('one is blocked', async () => (await states()).join() === 'blocked,blocking')
})

it('another limit begins the alarm and ends it, for publishers that wait too', async () => {
  const at = await site({ memoryLimit: 1 })
  const publisher = await at.client(1)
  const channel = await publisher.createConfirmChannel()
  await channel.assertQueue('q')
  const whole = await at.get('/warren/memory-limit')
  expect([whole.fraction, whole.bytes > 10_000_000]).toEqual([1, true])
  const set = await at.ask('PUT', '/warren/memory-limit', { bytes: 0 })
  expect([set.status, set.body]).toEqual([200, { bytes: 0, fraction: null }])
  const told = [once(publisher, 'blocked'), once(publisher, 'unblocked')]
  channel.sendToQueue('q', Buffer.from('m'))
  await told[0]
  const [node] = await at.get('/api/nodes')
  expect([node.mem_alarm, node.mem_limit]).toEqual([true, 0])
  expect((await at.ask('PUT', '/warren/memory-limit', { fraction: 1 })).body).toEqual(whole)
  await told[1]
  await channel.waitForConfirms()
  const kinds = (await at.get('/warren/events')).events.map(({ kind }: { kind: string }) => kind)
  expect(kinds.filter((kind: string) => kind.startsWith('memory'))).toEqual([
    ...['memory-limit-set', 'memory-alarm', 'memory-limit-set', 'memory-alarm-cleared'],
  ])
})
