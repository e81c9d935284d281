// The trace of messages: every step of each, in order, told by the library and by the control API, and bounded.
import { afterEach, expect, test } from 'vitest'
import { type RunningCluster, startCluster } from '../../index.ts'
import { MessageTrace } from '../../nodes/trace-messages.ts'
import { connect, consume, put, until } from '../support/clients.ts'

let cluster: RunningCluster | null = null
afterEach(async () => {
  await cluster?.stop()
  cluster = null
})

const tell = (trace: MessageTrace, queue?: string) =>
  [...trace.records(0, queue)].map(({ step, id, seq }) => `${step} ${id === 0 ? seq : id}`)

test('tells what became of each message of a queue', async () => {
  cluster = await startCluster({ nodes: 2, port: 0, adminPort: 0, trace: 'messages' })
  const trace = cluster.cluster.trace.messages!
  const connection = await connect(cluster.urls[0]!)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('seen', { maxLength: 3 })
  await channel.assertQueue('other')
  await put(channel, 'seen', 'a', 'b', 'c', 'd')
  const deliveries = await consume(channel, 'seen')
  const [b, c, d] = await deliveries.take(3)
  channel.ack(b!)
  channel.nack(c!, false, false)
  channel.nack(d!, false, true)
  const [again] = await deliveries.take(1)
  channel.ack(again!)
  await until(
    'the last acknowledgement',
    () => tell(trace).filter((step) => step.startsWith('acked')).length === 2,
  )
  const told = tell(trace, 'seen')
  const of = (id: number) => told.filter((step) => step.endsWith(` ${id}`) && !step.startsWith('confirmed'))
  expect([1, 2, 3, 4].map(of)).toEqual([
    ['published 1', 'maxlen 1'],
    ['published 2', 'delivered 2', 'acked 2'],
    ['published 3', 'delivered 3', 'rejected 3'],
    ['published 4', 'delivered 4', 'requeued 4', 'delivered 4', 'acked 4'],
  ])
  expect(told.filter((step) => step.startsWith('confirmed')).at(-1)).toBe('confirmed 4')
  expect(tell(trace, 'other')).toEqual([])

  const url = new URL('/warren/messages?queue=seen&since=2', cluster.adminUrl!)
  const answer = await fetch(url, { headers: { authorization: `Basic ${btoa('guest:guest')}` } })
  const { next, dropped, records } = (await answer.json()) as {
    next: number
    dropped: number
    records: object[]
  }
  expect([answer.status, next, dropped]).toEqual([200, trace.count, 0])
  expect(records).toEqual([...trace.records(2, 'seen')])
  await connection.close()
})

test("tells one message's journey through all queues that it went to", async () => {
  cluster = await startCluster({ nodes: 2, port: 0, adminPort: 0, trace: 'messages' })
  const connection = await connect(cluster.urls[1]!)
  const channel = await connection.createConfirmChannel()
  for (const queue of ['a', 'b']) {
    await channel.assertQueue(queue)
    await channel.bindQueue(queue, 'amq.fanout', '')
  }
  for (const text of ['first', 'second', 'third']) channel.publish('amq.fanout', '', Buffer.from(text))
  await channel.waitForConfirms()
  for (let i = 0; i < 2; i++) await channel.get('b', { noAck: true })
  const url = new URL('/warren/messages/%2F/a/2', cluster.adminUrl!)
  const answer = await fetch(url, { headers: { authorization: `Basic ${btoa('guest:guest')}` } })
  const { seq, queues } = (await answer.json()) as {
    seq: number
    queues: { queue: string; id: number; steps: { step: string }[] }[]
  }
  expect(seq).toBe(2)
  expect(queues.map(({ queue, id, steps }) => [queue, id, ...steps.map(({ step }) => step)])).toEqual([
    ['a', 2, 'published', 'confirmed'],
    ['b', 2, 'published', 'confirmed', 'got'],
  ])
  await connection.close()
})

test('is off unless it is asked for, and says so', async () => {
  cluster = await startCluster({ nodes: 1, port: 0, adminPort: 0 })
  expect(cluster.cluster.trace.messages).toBeNull()
  const answer = await fetch(new URL('/warren/messages', cluster.adminUrl!), {
    headers: { authorization: `Basic ${btoa('guest:guest')}` },
  })
  expect([answer.status, (await answer.json()) as unknown]).toEqual([
    400,
    { error: 'bad_request', reason: 'Messages are not traced: start Warren with --trace messages.' },
  ])
})

test('forgets the oldest records and counts them', () => {
  const trace = new MessageTrace(3)
  for (let id = 1; id <= 5; id++)
    trace.add(id, MessageTrace.stepNumber.got, 'n', '/', id % 2 ? 'odd' : 'even', id, 0, 0)
  expect([tell(trace), trace.dropped, trace.count]).toEqual([['got 3', 'got 4', 'got 5'], 2, 5])
  expect(tell(trace, 'odd')).toEqual(['got 3', 'got 5'])
  expect([...trace.records(4)].map(({ number }) => number)).toEqual([4])
})
