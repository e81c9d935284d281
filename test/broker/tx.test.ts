// Transactions on a channel: publishes and acknowledgements that take effect together
// (docs/observed.md §5.2, §5.4).

import { beforeEach, describe, expect, it } from 'vitest'
import { drain, marks, put, ready, settled, until } from '../support/clients.ts'
import { session } from './session.ts'
import type { Wire } from './wire.ts'

const at = session('tx')
let wire: Wire
let queue: string

beforeEach(async () => {
  wire = await at.wire()
  queue = await at.sharedQueue()
  await wire.call(1, 'TxSelect', {}, 'TxSelectOk')
})

const commit = () => wire.call(1, 'TxCommit', {}, 'TxCommitOk')
const rollback = () => wire.call(1, 'TxRollback', {}, 'TxRollbackOk')
const send = (body: string, more: object = {}) =>
  wire.publish(1, { exchange: '', routingKey: queue, ...more }, body)

/** Takes the next message in the transaction; its delivery tag. */
async function take(): Promise<number> {
  wire.method(1, 'BasicGet', { queue })
  return (await wire.message('BasicGetOk')).fields['deliveryTag'] as number
}
/** A round trip on the transactional channel. */
const roundTrip = () =>
  wire.call(1, 'QueueDeclare', { queue, passive: true, arguments: {} }, 'QueueDeclareOk')

describe('a published message', () => {
  it('is in the queue only after the commit', async () => {
    send('1')
    send('2')
    await roundTrip()
    expect(await ready(at.channel, queue)).toBe(0)
    await commit()
    expect(marks(await drain(at.channel, queue))).toEqual(['1', '2'])
  })

  it('is dropped by a rollback', async () => {
    send('1')
    await rollback()
    send('2')
    await commit()
    expect(marks(await drain(at.channel, queue))).toEqual(['2'])
  })

  it('is dropped when the channel closes first', async () => {
    send('1')
    await wire.call(1, 'ChannelClose', { replyCode: 200, classId: 0, methodId: 0 }, 'ChannelCloseOk')
    await settled(at.channel, queue)
    expect(await ready(at.channel, queue)).toBe(0)
  })

  it('that is mandatory comes back at the commit, before its answer', async () => {
    send('1', { routingKey: at.name(), mandatory: true })
    await roundTrip()
    wire.method(1, 'TxCommit')
    expect((await wire.message('BasicReturn')).fields).toMatchObject({ replyCode: 312 })
    await wire.expect('TxCommitOk')
  })

  it('goes by the bindings there were when it was published', async () => {
    const exchange = await at.exchange('fanout')
    await at.channel.bindQueue(queue, exchange, '')
    send('bound', { exchange })
    await roundTrip()
    await at.channel.unbindQueue(queue, exchange, '')
    send('unbound', { exchange })
    await roundTrip()
    await at.channel.bindQueue(queue, exchange, '')
    await commit()
    expect(marks(await drain(at.channel, queue))).toEqual(['bound'])
  })

  it('goes to the queues that are left at the commit, also without its exchange', async () => {
    const exchange = await at.exchange('fanout')
    const other = await at.sharedQueue()
    await at.channel.bindQueue(queue, exchange, '')
    await at.channel.bindQueue(other, exchange, '')
    send('1', { exchange })
    send('2', { routingKey: other, mandatory: true })
    await roundTrip()
    await at.channel.deleteQueue(other)
    await at.channel.deleteExchange(exchange)
    wire.method(1, 'TxCommit')
    const answer = await wire.message('BasicReturn')
    await wire.expect('TxCommitOk')
    expect(Buffer.concat(answer.body).toString()).toBe('2')
    expect(marks(await drain(at.channel, queue))).toEqual(['1'])
  })

  it('to a missing exchange closes the channel at once', async () => {
    send('1', { exchange: at.name('missing') })
    expect(await wire.refused('ChannelClose')).toMatchObject({ code: 404, classId: 60, methodId: 40 })
  })
})

describe('an acknowledgement', () => {
  it('takes effect at the commit', async () => {
    await put(at.channel, queue, '1', '2')
    wire.method(1, 'BasicAck', { deliveryTag: await take() })
    await commit()
    await wire.call(1, 'ChannelClose', { replyCode: 200, classId: 0, methodId: 0 }, 'ChannelCloseOk')
    expect(marks(await drain(at.channel, queue))).toEqual(['2'])
  })

  it('not committed is undone by the loss of the channel', async () => {
    await put(at.channel, queue, '1')
    wire.method(1, 'BasicAck', { deliveryTag: await take() })
    await roundTrip()
    wire.destroy()
    await until('back', async () => (await ready(at.channel, queue)) === 1)
    expect(marks(await drain(at.channel, queue))).toEqual(['1*'])
  })

  it('rolled back may be made again', async () => {
    await put(at.channel, queue, '1')
    const deliveryTag = await take()
    wire.method(1, 'BasicAck', { deliveryTag })
    await rollback()
    wire.method(1, 'BasicNack', { deliveryTag, requeue: true })
    await commit()
    expect(marks(await drain(at.channel, queue))).toEqual(['1*'])
  })

  it('rolled back may be made again, whatever was delivered without acknowledgement meanwhile', async () => {
    await put(at.channel, queue, '1', '2')
    const deliveryTag = await take()
    wire.method(1, 'BasicAck', { deliveryTag })
    wire.method(1, 'BasicGet', { queue, noAck: true })
    await wire.message('BasicGetOk')
    await rollback()
    wire.method(1, 'BasicNack', { deliveryTag, requeue: true })
    await commit()
    expect(marks(await drain(at.channel, queue))).toEqual(['1*'])
  })

  it('of an unknown tag closes the channel at once', async () => {
    wire.method(1, 'BasicAck', { deliveryTag: 7 })
    expect((await wire.refused('ChannelClose')).text).toBe('PRECONDITION_FAILED - unknown delivery tag 7')
  })

  it('made twice in one transaction closes the channel', async () => {
    await put(at.channel, queue, '1')
    const deliveryTag = await take()
    wire.method(1, 'BasicAck', { deliveryTag })
    wire.method(1, 'BasicAck', { deliveryTag })
    expect((await wire.refused('ChannelClose')).text).toBe('PRECONDITION_FAILED - unknown delivery tag 1')
  })

  it('by rejection requeues at the commit, not before', async () => {
    await put(at.channel, queue, '1')
    wire.method(1, 'BasicReject', { deliveryTag: await take(), requeue: true })
    await roundTrip()
    expect(await ready(at.channel, queue)).toBe(0)
    await commit()
    await until('back', async () => (await ready(at.channel, queue)) === 1)
  })
})

describe('tx.select', () => {
  it('may be repeated', async () => {
    send('1')
    await wire.call(1, 'TxSelect', {}, 'TxSelectOk')
    await commit()
    expect(await ready(at.channel, queue)).toBe(1)
  })

  it('is for its channel only', async () => {
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
    wire.publish(2, { exchange: '', routingKey: queue }, '1')
    await until('there', async () => (await ready(at.channel, queue)) === 1)
  })

  it('starts a new transaction after each commit', async () => {
    send('1')
    await commit()
    send('2')
    await rollback()
    expect(marks(await drain(at.channel, queue))).toEqual(['1'])
  })

  it('allows empty commits and rollbacks', async () => {
    await commit()
    await rollback()
    await commit()
  })
})

describe('a consumer in a transaction', () => {
  it('is sent messages without waiting for a commit', async () => {
    await put(at.channel, queue, '1')
    await wire.call(1, 'BasicConsume', { queue, arguments: {} }, 'BasicConsumeOk')
    expect((await wire.message('BasicDeliver')).body.map(String)).toEqual(['1'])
  })

  it('has its prefetch freed by the commit of an ack', async () => {
    await put(at.channel, queue, '1', '2')
    await wire.call(1, 'BasicQos', { prefetchCount: 1 }, 'BasicQosOk')
    await wire.call(1, 'BasicConsume', { queue, arguments: {} }, 'BasicConsumeOk')
    const { fields } = await wire.message('BasicDeliver')
    wire.method(1, 'BasicAck', { deliveryTag: fields['deliveryTag'] })
    await roundTrip()
    wire.method(1, 'TxCommit')
    const frames = [await wire.next(), await wire.next()]
    expect(frames.map((f) => f.name)).toContain('BasicDeliver')
  })
})
