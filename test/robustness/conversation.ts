// A valid conversation as frames, and seeded ways to spoil it: whole frames dropped, doubled, swapped, moved to other
// channels, cut short or filled with noise, and single bytes changed, added and removed. Used by mutations.test.ts.

import { encodeProperties } from '../../nodes/amqp/content.ts'
import type { Field, Table } from '../../nodes/amqp/fields.ts'
import { Writer } from '../../nodes/amqp/writer.ts'

const text = (value: string): Field => ({ type: 'longstr', value })
const noFlags = { passive: false, durable: false, exclusive: false, autoDelete: false, nowait: false }
const noTable: Table = new Map()
const args: Table = new Map<string, Field>([
  ['x-max-length', { type: 'long', value: 50 }],
  ['x-dead-letter-exchange', text('')],
  ['x-dead-letter-routing-key', text('fuzz-dead')],
])
const headers: Table = new Map<string, Field>([
  ['CC', { type: 'array', value: [text('fuzz-dead')] }],
  [
    'deep',
    { type: 'table', value: new Map([['list', { type: 'array', value: [{ type: 'void', value: null }] }]]) },
  ],
  ['when', { type: 'timestamp', value: 1_700_000_000 }],
])

/** Everything a client may say, in order; the protocol header first. */
export function conversation(): Buffer[] {
  const frames: Buffer[] = [Buffer.from('AMQP\x00\x00\x09\x01', 'latin1')]
  const writer = new Writer()
  const add = () => {
    const bytes = writer.take()
    if (bytes !== null) frames.push(Buffer.from(bytes))
  }
  const say: Writer['method'] = (channel, name, fields) => {
    writer.method(channel, name, fields)
    add()
  }
  const publish = (
    exchange: string,
    routingKey: string,
    body: string,
    properties: Buffer,
    mandatory = false,
  ) => {
    say(1, 'basicPublish', { exchange, routingKey, mandatory, immediate: false })
    writer.content(1, properties, Buffer.from(body), 4096)
    add()
  }
  const plain = encodeProperties({ deliveryMode: 2, priority: 3, expiration: '5000' })
  say(0, 'connectionStartOk', {
    clientProperties: new Map([['product', text('fuzz')]]),
    mechanism: 'PLAIN',
    response: Buffer.from('\0guest\0guest'),
    locale: 'en_US',
  })
  say(0, 'connectionTuneOk', { channelMax: 10, frameMax: 4096, heartbeat: 5 })
  say(0, 'connectionOpen', { virtualHost: '/' })
  say(1, 'channelOpen', {})
  say(2, 'channelOpen', {})
  say(1, 'exchangeDeclare', {
    exchange: 'fuzz',
    type: 'topic',
    ...noFlags,
    internal: false,
    autoDelete: true,
    arguments: noTable,
  })
  say(1, 'queueDeclare', { queue: 'fuzz-q', ...noFlags, exclusive: true, arguments: args })
  say(1, 'queueDeclare', { queue: 'fuzz-dead', ...noFlags, exclusive: true, arguments: noTable })
  say(1, 'queueBind', {
    queue: 'fuzz-q',
    exchange: 'fuzz',
    routingKey: 'a.#',
    nowait: false,
    arguments: noTable,
  })
  say(1, 'confirmSelect', { nowait: false })
  publish('fuzz', 'a.b', 'first', plain)
  publish('', 'fuzz-q', '', encodeProperties({ headers }))
  publish('', 'nowhere', 'returned', plain, true)
  publish('fuzz', 'a', 'y'.repeat(9000), plain)
  say(2, 'basicQos', { prefetchSize: 0, prefetchCount: 2, global: false })
  say(2, 'basicQos', { prefetchSize: 0, prefetchCount: 5, global: true })
  say(2, 'basicConsume', {
    queue: 'fuzz-q',
    consumerTag: 'c',
    noLocal: false,
    noAck: false,
    exclusive: false,
    nowait: false,
    arguments: noTable,
  })
  say(2, 'basicAck', { deliveryTag: 1, multiple: false })
  say(2, 'basicNack', { deliveryTag: 2, multiple: false, requeue: true })
  say(2, 'basicRecover', { requeue: true })
  say(2, 'basicReject', { deliveryTag: 3, requeue: false })
  say(2, 'basicCancel', { consumerTag: 'c', nowait: false })
  say(1, 'basicGet', { queue: 'fuzz-dead', noAck: false })
  say(2, 'txSelect', {})
  say(2, 'txCommit', {})
  say(2, 'txRollback', {})
  say(1, 'queuePurge', { queue: 'fuzz-q', nowait: false })
  say(1, 'queueUnbind', { queue: 'fuzz-q', exchange: 'fuzz', routingKey: 'a.#', arguments: noTable })
  say(1, 'queueDelete', { queue: 'fuzz-q', ifUnused: false, ifEmpty: false, nowait: false })
  say(2, 'channelClose', { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 })
  say(0, 'connectionClose', { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 })
  return frames
}

type Chance = () => number
const below = (chance: Chance, limit: number) => Math.floor(chance() * limit)

/** One spoiled copy of `frames`. */
export function mutateFrames(frames: readonly Buffer[], chance: Chance): Buffer[] {
  const spoiled: Buffer[] = frames.map((frame) => Buffer.from(frame))
  for (let times = 1 + below(chance, 4); times > 0; times--) {
    // The handshake is spoiled in one of ten cases only, or little would come after it.
    const from = chance() < 0.1 ? 0 : 4
    const at = from + below(chance, spoiled.length - from)
    const frame = spoiled[at]!
    switch (below(chance, 8)) {
      case 0:
        spoiled.splice(at, 1)
        break
      case 1:
        spoiled.splice(at, 0, Buffer.from(frame))
        break
      case 2:
        spoiled.push(...spoiled.splice(at, 1))
        break
      case 3:
        frame.writeUInt16BE(below(chance, 4), 1)
        break
      case 4:
        frame[0] = 1 + below(chance, 4)
        break
      case 5:
        // Another method, with these arguments.
        if (frame.length > 12) {
          frame.writeUInt16BE([10, 20, 40, 50, 60, 85, 90][below(chance, 7)]!, 7)
          frame.writeUInt16BE(10 * (1 + below(chance, 12)), 9)
        }
        break
      case 6:
        for (let i = 11; i < frame.length - 1; i++) if (chance() < 0.2) frame[i] = below(chance, 256)
        break
      case 7:
        spoiled[at] = cutShort(frame, chance)
    }
  }
  return spoiled
}

/** A frame that is shorter than it was and says so. */
function cutShort(frame: Buffer, chance: Chance): Buffer {
  const size = below(chance, Math.max(1, frame.length - 8))
  const short = Buffer.concat([frame.subarray(0, 7 + size), Buffer.from([0xce])])
  if (short.length > 7) short.writeUInt32BE(size, 3)
  return short
}

/** The conversation's bytes with a few of them changed, removed or added. */
export function mutateBytes(frames: readonly Buffer[], chance: Chance): Buffer {
  let bytes: Buffer = Buffer.concat(frames)
  const handshake = frames.slice(0, 4).reduce((sum, frame) => sum + frame.length, 0)
  for (let times = 1 + below(chance, 6); times > 0; times--) {
    const from = chance() < 0.1 ? 0 : handshake
    const at = from + below(chance, bytes.length - from)
    const kind = below(chance, 4)
    if (kind === 0) bytes[at] = below(chance, 256)
    else if (kind === 1) bytes[at] = bytes[at]! ^ (1 << below(chance, 8))
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(chance, 4))])
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([below(chance, 256)]), bytes.subarray(at)])
  }
  return bytes
}

/** Cuts `bytes` into chunks of any size. */
export function* chunks(bytes: Buffer, chance: Chance): IterableIterator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = chance() < 0.5 ? 1 + below(chance, 20) : 1 + below(chance, 2000)
    yield bytes.subarray(at, at + size)
    at += size
  }
}
