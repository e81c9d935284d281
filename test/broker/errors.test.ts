// Requests that cost a client its channel: code, text, and the class and method they are blamed on
// (docs/observed.md §5.2, §5.3). {q} {x} {no} in the texts stand for the names below.
// Declarations that are refused have a file of their own, declare-errors.test.ts.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Channel,
  type ConfirmChannel,
  connect,
  consume,
  getOne,
  type Options,
  put,
} from '../support/clients.ts'
import { session } from './session.ts'

const at = session('errors')

/** q: a durable queue. x: a durable direct exchange with q bound to it. no: nothing. */
const n = { q: '', x: '', no: '' }
let keeper: ConfirmChannel

beforeAll(async () => {
  for (const key of Object.keys(n) as (keyof typeof n)[]) n[key] = at.name(key)
  keeper = await at.connection.createConfirmChannel()
  await keeper.assertQueue(n.q, { durable: true })
  await keeper.assertExchange(n.x, 'direct', { durable: true })
  await keeper.bindQueue(n.q, n.x, 'k')
})

afterAll(async () => {
  await keeper.deleteQueue(n.q)
  await keeper.deleteExchange(n.x)
})

type Act = (channel: Channel) => unknown
type Row = readonly [title: string, code: number, method: string, text: string, act: Act]

const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, key: keyof typeof n) => n[key])

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows)('%s: %i for %s', async (_, code, method, text, act) => {
      expect(await at.refused(act)).toEqual([code, method, filled(text)])
    })
  })
}

const NO_QUEUE = "NOT_FOUND - no queue '{no}' in vhost '/'"
const NO_EXCHANGE = "NOT_FOUND - no exchange '{no}' in vhost '/'"

table('what does not exist', [
  ['declaring a queue passively', 404, '50.10', NO_QUEUE, (c) => c.checkQueue(n.no)],
  ['declaring an exchange passively', 404, '40.10', NO_EXCHANGE, (c) => c.checkExchange(n.no)],
  ['consuming from a queue', 404, '60.20', NO_QUEUE, (c) => consume(c, n.no)],
  ['getting from a queue', 404, '60.70', NO_QUEUE, (c) => c.get(n.no)],
  ['purging a queue', 404, '50.30', NO_QUEUE, (c) => c.purgeQueue(n.no)],
  ['binding a queue', 404, '50.20', NO_QUEUE, (c) => c.bindQueue(n.no, n.x, 'k')],
  ['binding to an exchange', 404, '50.20', NO_EXCHANGE, (c) => c.bindQueue(n.q, n.no, 'k')],
  ['binding an exchange from one', 404, '40.30', NO_EXCHANGE, (c) => c.bindExchange(n.x, n.no, 'k')],
  ['binding an exchange to one', 404, '40.30', NO_EXCHANGE, (c) => c.bindExchange(n.no, n.x, 'k')],
  ['publishing to an exchange', 404, '60.40', NO_EXCHANGE, (c) => c.publish(n.no, 'k', Buffer.from('x'))],
])

const NO_LAST = 'NOT_FOUND - no previously declared queue'
table('an empty queue name on a channel that has declared none', [
  ['passive declare', 404, '50.10', "NOT_FOUND - no queue '' in vhost '/'", (c) => c.checkQueue('')],
  ['consume', 404, '60.20', NO_LAST, (c) => consume(c, '')],
  ['get', 404, '60.70', NO_LAST, (c) => c.get('')],
  ['bind', 404, '50.20', NO_LAST, (c) => c.bindQueue('', n.x, 'k')],
  ['purge', 404, '50.30', NO_LAST, (c) => c.purgeQueue('')],
  ['delete', 404, '50.40', NO_LAST, (c) => c.deleteQueue('')],
])

const DEFAULT = 'ACCESS_REFUSED - operation not permitted on the default exchange'
table('the default exchange', [
  ['declaring it', 403, '40.10', DEFAULT, (c) => c.assertExchange('', 'direct')],
  ['declaring it passively', 403, '40.10', DEFAULT, (c) => c.checkExchange('')],
  ['deleting it', 403, '40.20', DEFAULT, (c) => c.deleteExchange('')],
  ['binding a queue to it', 403, '50.20', DEFAULT, (c) => c.bindQueue(n.q, '', 'k')],
  ['unbinding a queue from it', 403, '50.50', DEFAULT, (c) => c.unbindQueue(n.q, '', n.q)],
  ['binding an exchange from it', 403, '40.30', DEFAULT, (c) => c.bindExchange(n.x, '', 'k')],
  ['binding it to an exchange', 403, '40.30', DEFAULT, (c) => c.bindExchange('', n.x, 'k')],
])

const PREFIX = "contains reserved prefix 'amq.*'"
table('reserved names', [
  [
    'a queue',
    403,
    '50.10',
    `ACCESS_REFUSED - queue name 'amq.foo' ${PREFIX}`,
    (c) => c.assertQueue('amq.foo'),
  ],
  [
    'a queue, passively',
    404,
    '50.10',
    "NOT_FOUND - no queue 'amq.foo' in vhost '/'",
    (c) => c.checkQueue('amq.foo'),
  ],
  [
    'an exchange',
    403,
    '40.10',
    `ACCESS_REFUSED - exchange name 'amq.foo' ${PREFIX}`,
    (c) => c.assertExchange('amq.foo', 'direct'),
  ],
  [
    'deleting amq.direct',
    403,
    '40.20',
    "ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed",
    (c) => c.deleteExchange('amq.direct'),
  ],
  [
    'publishing to amq.rabbitmq.trace',
    403,
    '60.40',
    "ACCESS_REFUSED - cannot publish to internal exchange 'amq.rabbitmq.trace' in vhost '/'",
    (c) => c.publish('amq.rabbitmq.trace', 'k', Buffer.from('x')),
  ],
])

describe('a server-made name', () => {
  it('cannot be declared again, not even by its owner', async () => {
    const { queue } = await at.channel.assertQueue('', { exclusive: true })
    const text = `ACCESS_REFUSED - queue name '${queue}' ${PREFIX}`
    expect(await at.refused((c) => c.assertQueue(queue, { exclusive: true }))).toEqual([403, '50.10', text])
  })
})

describe('a delivery tag', () => {
  const tag = (deliveryTag: number) =>
    ({ fields: { deliveryTag } }) as unknown as Parameters<Channel['ack']>[0]
  const unknown = (deliveryTag: number) => `PRECONDITION_FAILED - unknown delivery tag ${deliveryTag}`

  it.each<[string, string, Act]>([
    ['acknowledged', '60.80', (c) => c.ack(tag(99))],
    ['acknowledged with multiple', '60.80', (c) => c.ack(tag(99), true)],
    ['negatively acknowledged', '60.120', (c) => c.nack(tag(99))],
    ['rejected', '60.90', (c) => c.reject(tag(99))],
  ])('that was never given is unknown when %s', async (_, method, act) => {
    expect(await at.refused(act)).toEqual([406, method, unknown(99)])
  })

  it('of 0 without multiple is unknown', async () => {
    expect(await at.refused((c) => c.ack(tag(0)))).toEqual([406, '60.80', unknown(0)])
  })

  it('is unknown after its acknowledgement', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, 'x')
    const act = async (c: Channel) => {
      const message = await getOne(c, queue)
      c.ack(message)
      c.ack(message)
    }
    expect(await at.refused(act)).toEqual([406, '60.80', unknown(1)])
  })

  it('of a delivery that needs no acknowledgement is unknown', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, 'x')
    const act = async (c: Channel) => c.ack(await getOne(c, queue, { noAck: true }))
    expect(await at.refused(act)).toEqual([406, '60.80', unknown(1)])
  })
})

describe("another connection's exclusive queue is locked for", () => {
  it.each<[string, string, (c: Channel, queue: string) => unknown]>([
    ['declare', '50.10', (c, queue) => c.assertQueue(queue, { exclusive: true })],
    ['declare as shared', '50.10', (c, queue) => c.assertQueue(queue)],
    ['passive declare', '50.10', (c, queue) => c.checkQueue(queue)],
    ['consume', '60.20', (c, queue) => consume(c, queue)],
    ['get', '60.70', (c, queue) => c.get(queue)],
    ['bind', '50.20', (c, queue) => c.bindQueue(queue, n.x, 'k')],
    ['unbind', '50.50', (c, queue) => c.unbindQueue(queue, n.x, 'bound')],
    ['purge', '50.30', (c, queue) => c.purgeQueue(queue)],
    ['delete', '50.40', (c, queue) => c.deleteQueue(queue)],
  ])('%s', async (_, method, act) => {
    const owner = await connect(at.url)
    const queue = at.name('locked')
    const channel = await owner.createChannel()
    await channel.assertQueue(queue, { exclusive: true })
    await channel.bindQueue(queue, n.x, 'bound')
    const text = `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`
    expect(await at.refused((c) => act(c, queue))).toEqual([405, method, text])
    await owner.close()
  })

  it('not even its own connection may declare a shared queue as exclusive', async () => {
    const text = `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${n.q}' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`
    expect(await at.refused((c) => c.assertQueue(n.q, { durable: true, exclusive: true }))).toEqual([
      405,
      '50.10',
      text,
    ])
  })
})

describe('a queue in use', () => {
  const USE = "ACCESS_REFUSED - queue '{q}' in vhost '/' in exclusive use"

  it('refuses an exclusive consumer', async () => {
    await consume(at.channel, n.q)
    expect(await at.refused((c) => consume(c, n.q, { exclusive: true }))).toEqual([403, '60.20', filled(USE)])
  })

  it('exclusively refuses any consumer', async () => {
    await consume(at.channel, n.q, { exclusive: true })
    expect(await at.refused((c) => consume(c, n.q))).toEqual([403, '60.20', filled(USE)])
  })

  it('is not deleted if-unused', async () => {
    await consume(at.channel, n.q)
    const text = filled("PRECONDITION_FAILED - queue '{q}' in vhost '/' in use")
    expect(await at.refused((c) => c.deleteQueue(n.q, { ifUnused: true }))).toEqual([406, '50.40', text])
  })

  it('is not deleted if-empty when it holds messages', async () => {
    const queue = await at.queue()
    await put(at.channel, queue, 'x')
    const text = `PRECONDITION_FAILED - queue '${queue}' in vhost '/' not empty`
    expect(await at.refused((c) => c.deleteQueue(queue, { ifEmpty: true }))).toEqual([406, '50.40', text])
  })

  it('keeps an exchange from being deleted if-unused', async () => {
    const text = filled("PRECONDITION_FAILED - exchange '{x}' in vhost '/' in use")
    expect(await at.refused((c) => c.deleteExchange(n.x, { ifUnused: true }))).toEqual([406, '40.20', text])
  })
})

const FOR_QUEUE = "for queue '{q}' in vhost '/'"
const argument =
  (name: string, value: unknown): Act =>
  (c) =>
    consume(c, n.q, { arguments: { [name]: value } })
table('a consumer argument', [
  [
    'x-priority that is no integer',
    406,
    '60.20',
    `PRECONDITION_FAILED - invalid arg 'x-priority' ${FOR_QUEUE}: "expected integer, got longstr"`,
    argument('x-priority', 'a'),
  ],
  [
    'x-stream-offset',
    406,
    '60.20',
    `PRECONDITION_FAILED - invalid arg 'x-stream-offset' ${FOR_QUEUE} of queue type rabbit_classic_queue`,
    argument('x-stream-offset', 'first'),
  ],
  [
    'x-cancel-on-ha-failover that is no boolean',
    406,
    '60.20',
    `PRECONDITION_FAILED - invalid arg 'x-cancel-on-ha-failover' ${FOR_QUEUE}: {unacceptable_type,longstr}`,
    argument('x-cancel-on-ha-failover', 'a'),
  ],
])

const send =
  (options: Options.Publish): Act =>
  (c) =>
    c.publish('', n.q, Buffer.from('x'), options)
table('a published message', [
  [
    'whose expiration is no number',
    406,
    '60.40',
    "PRECONDITION_FAILED - invalid expiration 'abc': no_integer",
    send({ expiration: 'abc' }),
  ],
  [
    'whose expiration is negative',
    406,
    '60.40',
    "PRECONDITION_FAILED - invalid expiration '-1': {value_negative,-1}",
    send({ expiration: '-1' }),
  ],
  [
    "with another user's id",
    406,
    '60.40',
    "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'",
    send({ userId: 'bob' }),
  ],
  [
    'whose CC is no list',
    406,
    '60.40',
    'PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,"CC",longstr}',
    send({ headers: { CC: 'a' } }),
  ],
])

const X_MATCH = 'PRECONDITION_FAILED - Invalid x-match field'
const match =
  (value: unknown): Act =>
  (c) =>
    c.bindQueue(n.q, 'amq.headers', '', { 'x-match': value })
table('a binding to a headers exchange', [
  [
    'with an unknown x-match',
    406,
    '50.20',
    `${X_MATCH} value <<"foo">>; expected all, any, all-with-x, or any-with-x`,
    match('foo'),
  ],
  [
    'with an x-match that is no text',
    406,
    '50.20',
    `${X_MATCH} type byte (value 1); expected longstr`,
    match(1),
  ],
])

describe('an error text', () => {
  it('longer than 255 bytes is cut', async () => {
    const name = n.no.padEnd(250, 'x')
    const whole = `NOT_FOUND - no queue '${name}' in vhost '/'`
    const [, , text] = await at.refused((c) => c.checkQueue(name))
    expect(text).toBe(`${whole.slice(0, 252)}...`)
  })
})

describe('no error is', () => {
  it.each<[string, Act]>([
    ['deleting a queue that does not exist', (c) => c.deleteQueue(n.no)],
    ['deleting an exchange that does not exist', (c) => c.deleteExchange(n.no)],
    ['unbinding what is not bound', (c) => c.unbindQueue(n.q, n.x, 'other')],
    ['unbinding from an exchange that does not exist', (c) => c.unbindQueue(n.q, n.no, 'k')],
    ['unbinding a queue that does not exist', (c) => c.unbindQueue(n.no, n.x, 'k')],
    ['cancelling a consumer that does not exist', (c) => c.cancel('nobody')],
    ['acknowledging all of nothing', (c) => c.ackAll()],
    ['a passive declare of amq.rabbitmq.trace', (c) => c.checkExchange('amq.rabbitmq.trace')],
    ["one's own user id", send({ userId: 'guest' })],
  ])('%s', async (_, act) => {
    await act(at.channel)
    expect((await at.channel.checkQueue(n.q)).queue).toBe(n.q)
  })
})
