// What costs a client its whole connection, by frames and by methods (docs/observed.md §5.2, §5.3).

import { describe, expect, it } from 'vitest'
import { connectionError, ready, settled } from '../support/clients.ts'
import { session } from './session.ts'
import { frameBytes, headerBytes, type Wire } from './wire.ts'

const at = session('connection')

const publishing = (wire: Wire): void =>
  wire.method(1, 'BasicPublish', { exchange: '', routingKey: 'nowhere' })
/** A method frame from raw class, method and argument bytes. */
const raw = (channel: number, classId: number, methodId: number, args = ''): Buffer => {
  const ids = Buffer.alloc(4)
  ids.writeUInt16BE(classId, 0)
  ids.writeUInt16BE(methodId, 2)
  return frameBytes(1, channel, Buffer.concat([ids, Buffer.from(args, 'hex')]))
}

type Row = readonly [title: string, code: number, method: string, text: string, act: (wire: Wire) => void]

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows)('%s: %i for %s', async (_, code, method, text, act) => {
      const wire = await at.wire()
      act(wire)
      const refused = await wire.refused('ConnectionClose')
      expect([refused.code, `${refused.classId}.${refused.methodId}`, refused.text]).toEqual([
        code,
        method,
        text,
      ])
    })
  })
}

const NO_METHOD = 'UNEXPECTED_FRAME - expected method frame, got non method frame instead'
table('frames out of turn', [
  [
    'a body frame without a method',
    505,
    '0.0',
    NO_METHOD,
    (w) => w.write(frameBytes(3, 1, Buffer.from('x'))),
  ],
  ['a header frame without a method', 505, '0.0', NO_METHOD, (w) => w.write(headerBytes(1, 0))],
  [
    'a method where a header is due',
    505,
    '60.40',
    'UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead',
    (w) => {
      publishing(w)
      publishing(w)
    },
  ],
  [
    'a header of another class',
    505,
    '60.40',
    'UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead',
    (w) => {
      publishing(w)
      w.write(frameBytes(2, 1, Buffer.from('003200000000000000000000' + '0000', 'hex')))
    },
  ],
  [
    'a header with a weight',
    505,
    '60.40',
    'UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead',
    (w) => {
      publishing(w)
      w.write(frameBytes(2, 1, Buffer.from('003c34000000000000000000' + '0000', 'hex')))
    },
  ],
  [
    'a method where a body is due',
    505,
    '60.40',
    'UNEXPECTED_FRAME - expected content body, got non content body frame instead',
    (w) => {
      publishing(w)
      w.write(headerBytes(1, 5))
      publishing(w)
    },
  ],
])

table('frames that are none', [
  [
    'an unknown type',
    501,
    '0.0',
    'FRAME_ERROR - type 9, all octets = <<"x">>: unknown_frame',
    (w) => w.write(frameBytes(9, 1, Buffer.from('x'))),
  ],
  [
    'a wrong end octet',
    501,
    '0.0',
    'FRAME_ERROR - type 1, all octets = <<0,20,0,20,1>>: {invalid_frame_end_marker,0}',
    (w) => w.write(frameBytes(1, 1, Buffer.from('0014001401', 'hex'), 0)),
  ],
  [
    'a payload larger than frame_max',
    501,
    '0.0',
    'FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,140000,131064}',
    (w) => w.write(frameBytes(3, 1, Buffer.alloc(140_000))),
  ],
  [
    'arguments that cannot be decoded',
    501,
    '50.10',
    'FRAME_ERROR - cannot decode <<0,0,200,1>>',
    (w) => w.write(raw(1, 50, 10, '0000c801')),
  ],
])

const UNIMPLEMENTED = 'COMMAND_INVALID - unimplemented method'
table('methods in the wrong place', [
  [
    'connection.close on a channel',
    503,
    '10.50',
    UNIMPLEMENTED,
    (w) => w.method(1, 'ConnectionClose', { replyCode: 200, classId: 0, methodId: 0 }),
  ],
  [
    'a method only brokers send',
    503,
    '50.11',
    UNIMPLEMENTED,
    (w) => w.method(1, 'QueueDeclareOk', { queue: 'q', messageCount: 0, consumerCount: 0 }),
  ],
  [
    'channel.open on channel 0',
    504,
    '20.10',
    'CHANNEL_ERROR - unexpected method in connection state running',
    (w) => w.method(0, 'ChannelOpen'),
  ],
  [
    'channel.open twice',
    504,
    '20.10',
    "CHANNEL_ERROR - second 'channel.open' seen",
    (w) => w.method(1, 'ChannelOpen'),
  ],
  [
    'a method on a channel that is not open',
    504,
    '50.10',
    "CHANNEL_ERROR - expected 'channel.open'",
    (w) => w.method(7, 'QueueDeclare', { queue: 'q', arguments: {} }),
  ],
])

table('what is not implemented', [
  [
    'channel.flow that stops',
    540,
    '20.20',
    'NOT_IMPLEMENTED - active=false',
    (w) => w.method(1, 'ChannelFlow', { active: false }),
  ],
  [
    'an immediate publish',
    540,
    '60.40',
    'NOT_IMPLEMENTED - immediate=true',
    (w) => w.publish(1, { exchange: '', routingKey: 'k', immediate: true }, 'x'),
  ],
  [
    'a prefetch in bytes',
    540,
    '60.10',
    'NOT_IMPLEMENTED - prefetch_size!=0 (100)',
    (w) => w.method(1, 'BasicQos', { prefetchSize: 100 }),
  ],
  [
    'basic.recover without requeue',
    540,
    '60.110',
    'NOT_IMPLEMENTED - requeue=false',
    (w) => w.method(1, 'BasicRecover', { requeue: false }),
  ],
  [
    'basic.recover-async without requeue',
    540,
    '60.100',
    'NOT_IMPLEMENTED - requeue=false',
    (w) => w.method(1, 'BasicRecoverAsync', { requeue: false }),
  ],
])

table('what RabbitMQ answers by closing the connection', [
  [
    'an unknown exchange type',
    503,
    '40.10',
    "COMMAND_INVALID - unknown exchange type 'nosuch'",
    (w) => w.method(1, 'ExchangeDeclare', { exchange: 'e', type: 'nosuch', arguments: {} }),
  ],
  [
    'a consumer tag used twice on a channel',
    530,
    '60.20',
    "NOT_ALLOWED - attempt to reuse consumer tag 'dup'",
    (w) => {
      w.method(1, 'QueueDeclare', { queue: '', exclusive: true, nowait: true, arguments: {} })
      for (let i = 0; i < 2; i++) {
        w.method(1, 'BasicConsume', { queue: '', consumerTag: 'dup', nowait: true, arguments: {} })
      }
    },
  ],
])

describe('an x-queue-master-locator the broker does not know', () => {
  it.each(['foo', 1])('such as %j crashes the channel: 541', async (locator) => {
    const args = { 'x-queue-master-locator': locator }
    const refused = await connectionError(at.url, (c) => c.assertQueue(at.name(), { arguments: args }))
    expect(refused).toEqual({ code: 541, text: 'INTERNAL_ERROR' })
  })

  it('is not looked at for an exclusive queue', async () => {
    const queue = await at.queue({ 'x-queue-master-locator': 'foo' })
    expect((await at.channel.checkQueue(queue)).queue).toBe(queue)
  })
})

describe('the socket is closed without a word for', () => {
  it.each([
    ['a method of an unknown class', 99, 10],
    ['an unknown method of a known class', 50, 99],
  ])('%s', async (_, classId, methodId) => {
    const wire = await at.wire()
    wire.write(raw(1, classId, methodId))
    expect(await wire.closed()).toEqual([])
  })
})

describe('a body longer than its header says', () => {
  it('is swallowed: nothing is published and nothing closed', async () => {
    const queue = await at.sharedQueue()
    const wire = await at.wire()
    await wire.call(2, 'ChannelOpen', {}, 'ChannelOpenOk')
    wire.method(1, 'BasicPublish', { exchange: '', routingKey: queue })
    wire.write(headerBytes(1, 2))
    wire.write(frameBytes(3, 1, Buffer.from('xyz')))
    await wire.call(2, 'QueueDeclare', { queue: '', exclusive: true, arguments: {} }, 'QueueDeclareOk')
    await settled(at.channel, queue)
    expect(await ready(at.channel, queue)).toBe(0)
  })
})

describe('a frame too large is measured by what was negotiated', () => {
  it('as frame_max 4096', async () => {
    const wire = await at.wire({ frameMax: 4096 })
    wire.write(frameBytes(3, 1, Buffer.alloc(5000)))
    expect((await wire.refused('ConnectionClose')).text).toBe(
      'FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,5000,4088}',
    )
  })
})

describe('on one channel only', () => {
  it.each<[string, string, (wire: Wire) => void]>([
    ['tx.commit without tx.select', 'channel is not transactional', (w) => w.method(1, 'TxCommit')],
    ['tx.rollback without tx.select', 'channel is not transactional', (w) => w.method(1, 'TxRollback')],
  ])('%s is refused', async (_, text, act) => {
    const wire = await at.wire()
    act(wire)
    expect((await wire.refused('ChannelClose')).text).toBe(`PRECONDITION_FAILED - ${text}`)
  })

  it('confirm.select after tx.select is refused', async () => {
    const wire = await at.wire()
    await wire.call(1, 'TxSelect', {}, 'TxSelectOk')
    wire.method(1, 'ConfirmSelect')
    expect(await wire.refused('ChannelClose')).toEqual({
      code: 406,
      text: 'PRECONDITION_FAILED - cannot switch from tx to confirm mode',
      classId: 85,
      methodId: 10,
    })
  })

  it('tx.select after confirm.select is refused', async () => {
    const wire = await at.wire()
    await wire.call(1, 'ConfirmSelect', {}, 'ConfirmSelectOk')
    wire.method(1, 'TxSelect')
    expect(await wire.refused('ChannelClose')).toEqual({
      code: 406,
      text: 'PRECONDITION_FAILED - cannot switch from confirm to tx mode',
      classId: 90,
      methodId: 10,
    })
  })
})
