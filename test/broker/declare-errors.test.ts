// Declarations the broker refuses: of something that exists and is different, and with arguments that are wrong
// (docs/observed.md §5.3). {q} {qa} {x} {no} in the texts stand for the names below.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Channel, ConfirmChannel, Options } from '../support/clients.ts'
import { session } from './session.ts'

const at = session('declare')

/** q: a durable queue. qa: one with arguments. x: a durable direct exchange. no: nothing. */
const n = { q: '', qa: '', x: '', no: '' }
const QA = { 'x-message-ttl': 1000, 'x-dead-letter-exchange': 'd1', 'x-foo': 1 }
let keeper: ConfirmChannel

beforeAll(async () => {
  for (const key of Object.keys(n) as (keyof typeof n)[]) n[key] = at.name(key)
  keeper = await at.connection.createConfirmChannel()
  await keeper.assertQueue(n.q, { durable: true })
  await keeper.assertQueue(n.qa, { durable: true, arguments: QA })
  await keeper.assertExchange(n.x, 'direct', { durable: true })
})

afterAll(async () => {
  for (const queue of [n.q, n.qa]) await keeper.deleteQueue(queue)
  await keeper.deleteExchange(n.x)
})

type Act = (channel: Channel) => unknown

const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, key: keyof typeof n) => n[key])

describe('declaring a queue that is different', () => {
  const differs = (arg: string, text: string) =>
    [406, '50.10', filled(`PRECONDITION_FAILED - inequivalent arg '${arg}' for queue ${text}`)] as const

  it('durable', async () => {
    const text = "'{q}' in vhost '/': received 'false' but current is 'true'"
    expect(await at.refused((c) => c.assertQueue(n.q, { durable: false }))).toEqual(differs('durable', text))
  })

  it('auto-delete', async () => {
    const text = "'{q}' in vhost '/': received 'true' but current is 'false'"
    expect(await at.refused((c) => c.assertQueue(n.q, { autoDelete: true }))).toEqual(
      differs('auto_delete', text),
    )
  })

  it.each([
    ['x-message-ttl', 1000, '1000', 'short'],
    ['x-max-length', 5, '5', 'byte'],
    ['x-max-length-bytes', 5, '5', 'byte'],
    ['x-expires', 60000, '60000', 'signedint'],
    ['x-expires', 4294967296, '4294967296', 'long'],
    ['x-max-priority', 3, '3', 'byte'],
    ['x-queue-mode', 'lazy', 'lazy', 'longstr'],
    ['x-overflow', 'drop-head', 'drop-head', 'longstr'],
    ['x-dead-letter-exchange', 'd', 'd', 'longstr'],
    ['x-single-active-consumer', true, 'true', 'bool'],
    ['x-queue-master-locator', 'random', 'random', 'longstr'],
    ['x-queue-version', 2, '2', 'byte'],
  ])('by an argument it did not have, %s = %j', async (arg, value, shown, type) => {
    const text = `'{q}' in vhost '/': received the value '${shown}' of type '${type}' but current is none`
    const act: Act = (c) => c.assertQueue(n.q, { durable: true, arguments: { [arg]: value } })
    expect(await at.refused(act)).toEqual(differs(arg, text))
  })

  it.each([
    ['x-message-ttl', 2000, "received '2000' but current is '1000'"],
    ['x-message-ttl', '1000', "received '1000' but current is '1000'"],
    ['x-message-ttl', undefined, "received none but current is the value '1000' of type 'short'"],
    ['x-dead-letter-exchange', 'd2', "received 'd2' but current is 'd1'"],
    ['x-dead-letter-exchange', undefined, "received none but current is the value 'd1' of type 'longstr'"],
  ])('by the argument %s = %j', async (arg, value, text) => {
    const act: Act = (c) => c.assertQueue(n.qa, { durable: true, arguments: { ...QA, [arg]: value } })
    expect(await at.refused(act)).toEqual(differs(arg, `'{qa}' in vhost '/': ${text}`))
  })

  it.each([
    ['x-queue-type classic', { 'x-queue-type': 'classic' }],
    ['an unknown argument', { 'x-unknown': 1 }],
  ])('but not by %s', async (_, args) => {
    const ok = await at.channel.assertQueue(n.q, { durable: true, arguments: args })
    expect(ok.queue).toBe(n.q)
  })
})

describe('declaring an exchange that is different', () => {
  it.each<[string, string, Options.AssertExchange, string]>([
    ['type', 'topic', {}, "received 'topic' but current is 'direct'"],
    ['durable', 'direct', { durable: false }, "received 'false' but current is 'true'"],
    ['auto_delete', 'direct', { autoDelete: true }, "received 'true' but current is 'false'"],
    ['internal', 'direct', { internal: true }, "received 'true' but current is 'false'"],
    [
      'alternate-exchange',
      'direct',
      { alternateExchange: 'zz' },
      "received the value 'zz' of type 'longstr' but current is none",
    ],
  ])('by its %s', async (arg, type, options, text) => {
    const expected = `PRECONDITION_FAILED - inequivalent arg '${arg}' for exchange '{x}' in vhost '/': ${text}`
    expect(await at.refused((c) => c.assertExchange(n.x, type, options))).toEqual([
      406,
      '40.10',
      filled(expected),
    ])
  })

  it('also when it is predeclared', async () => {
    const text =
      "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'amq.direct' in vhost '/': received 'topic' but current is 'direct'"
    expect(await at.refused((c) => c.assertExchange('amq.direct', 'topic'))).toEqual([406, '40.10', text])
  })

  it('but not by an unknown argument', async () => {
    await expect(at.channel.assertExchange(n.x, 'direct', { arguments: { foo: 1 } })).resolves.toBeDefined()
  })

  it('but not when a predeclared one is declared as it is', async () => {
    await expect(at.channel.assertExchange('amq.direct', 'direct')).resolves.toBeDefined()
  })
})

describe('an alternate exchange that is not text', () => {
  it('is refused', async () => {
    const text =
      "PRECONDITION_FAILED - invalid type 'byte' for arg 'alternate-exchange' in exchange '{no}' in vhost '/'"
    const act: Act = (c) => c.assertExchange(n.no, 'direct', { arguments: { 'alternate-exchange': 1 } })
    expect(await at.refused(act)).toEqual([406, '40.10', filled(text)])
  })
})

describe('a queue argument', () => {
  const declare =
    (args: object): Act =>
    (c) =>
      c.assertQueue(n.no, { exclusive: true, arguments: args })

  it.each<[string, unknown, string]>([
    ['x-message-ttl', -1, '{value_negative,-1}'],
    ['x-message-ttl', 'a', '"expected integer, got longstr"'],
    ['x-message-ttl', 1.5, '"expected integer, got double"'],
    ['x-message-ttl', 31536000000000, '{value_too_large,31536000000000}'],
    ['x-expires', 0, '{value_zero,0}'],
    ['x-expires', -1, '{value_negative,-1}'],
    ['x-expires', 'a', '"expected integer, got longstr"'],
    ['x-max-length', -1, '{value_negative,-1}'],
    ['x-max-length', 'a', '"expected integer, got longstr"'],
    ['x-max-length-bytes', -1, '{value_negative,-1}'],
    ['x-max-length-bytes', 'a', '"expected integer, got longstr"'],
    ['x-max-priority', -1, '{value_negative,-1}'],
    ['x-max-priority', 256, '{max_value_exceeded,256}'],
    ['x-max-priority', 'a', '"expected integer, got longstr"'],
    ['x-queue-type', 'foo', '"unsupported queue type \'foo\'"'],
    ['x-queue-type', 1, '{unacceptable_type,byte}'],
    ['x-queue-mode', 'foo', '"unsupported queue mode \'foo\'"'],
    ['x-queue-mode', 1, '{unacceptable_type,byte}'],
    ['x-overflow', 'foo', 'invalid_overflow'],
    ['x-overflow', 1, '{unacceptable_type,byte}'],
    ['x-dead-letter-routing-key', 'k', 'routing_key_but_no_dlx_defined'],
    ['x-dead-letter-routing-key', 1, '{unacceptable_type,byte}'],
    ['x-single-active-consumer', 'a', '{unacceptable_type,longstr}'],
    ['x-single-active-consumer', 1, '{unacceptable_type,byte}'],
    ['x-queue-version', 3, '"unsupported queue version \'3\'"'],
    ['x-queue-version', 'a', '"expected integer, got longstr"'],
  ])('%s = %j is refused: %s', async (arg, value, detail) => {
    const text = `PRECONDITION_FAILED - invalid arg '${arg}' for queue '{no}' in vhost '/': ${detail}`
    expect(await at.refused(declare({ [arg]: value }))).toEqual([406, '50.10', filled(text)])
  })

  it.each<[string, unknown]>([
    ['x-queue-leader-locator', 'balanced'],
    ['x-delivery-limit', 3],
    ['x-max-age', '1h'],
    ['x-max-in-memory-length', 3],
    ['x-quorum-initial-group-size', 3],
    ['x-dead-letter-strategy', 'at-least-once'],
    ['x-stream-max-segment-size-bytes', 100],
  ])('%s is not for a classic queue', async (arg, value) => {
    const text = `PRECONDITION_FAILED - invalid arg '${arg}' for queue '{no}' in vhost '/' of queue type rabbit_classic_queue`
    expect(await at.refused(declare({ [arg]: value }))).toEqual([406, '50.10', filled(text)])
  })

  it('x-dead-letter-exchange must be text', async () => {
    const text =
      "PRECONDITION_FAILED - invalid type 'byte' for arg 'x-dead-letter-exchange' in queue '{no}' in vhost '/'"
    expect(await at.refused(declare({ 'x-dead-letter-exchange': 1 }))).toEqual([406, '50.10', filled(text)])
  })

  it.each<[string, object]>([
    ['x-message-ttl 2^32', { 'x-message-ttl': 4294967296 }],
    ['x-message-ttl 0', { 'x-message-ttl': 0 }],
    ['x-expires 2^32', { 'x-expires': 4294967296 }],
    ['x-max-length 0', { 'x-max-length': 0 }],
    ['x-max-length-bytes 0', { 'x-max-length-bytes': 0 }],
    ['x-max-priority 0', { 'x-max-priority': 0 }],
    ['x-max-priority 255', { 'x-max-priority': 255 }],
    ['x-queue-type classic', { 'x-queue-type': 'classic' }],
    ['x-queue-mode lazy', { 'x-queue-mode': 'lazy' }],
    ['x-queue-mode default', { 'x-queue-mode': 'default' }],
    ['x-overflow reject-publish', { 'x-overflow': 'reject-publish' }],
    ['x-overflow reject-publish-dlx', { 'x-overflow': 'reject-publish-dlx' }],
    ['x-dead-letter-exchange ""', { 'x-dead-letter-exchange': '' }],
    ['both dead-letter arguments', { 'x-dead-letter-exchange': 'd', 'x-dead-letter-routing-key': 'k' }],
    ['x-queue-version 1', { 'x-queue-version': 1 }],
    ['x-queue-version 2', { 'x-queue-version': 2 }],
    ['x-queue-master-locator min-masters', { 'x-queue-master-locator': 'min-masters' }],
    ['x-ha-policy, which means nothing', { 'x-ha-policy': 'all' }],
    ['x-consumer-timeout', { 'x-consumer-timeout': 1000 }],
    ['one nobody knows', { 'x-nobody-knows': [1, { a: 'b' }] }],
  ])('%s is accepted', async (_, args) => {
    const queue = await at.queue(args as Record<string, unknown>)
    expect((await at.channel.checkQueue(queue)).queue).toBe(queue)
  })
})
